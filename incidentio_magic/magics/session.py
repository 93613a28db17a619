"""The state of a notebook between cells: its connection, its sandbox and the current incident."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incidentio_magic.environment import KEY_VARIABLES
from incidentio_magic.errors import InputError, SettingsError, TemplateError
from incidentio_magic.magics._display import CellRuns
from incidentio_magic.magics._early import begin_list, uncollected
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    from incidentio_magic.api.transport import Transport
    from incidentio_magic.client import Incidents
    from incidentio_magic.sandbox import Sandbox
    from incidentio_magic.settings import Secret, Settings
    from incidentio_magic.widgets.board import Board
    from incidentio_magic.widgets.poller import Poller
    from incidentio_magic.writes.outcome import Outcome


class Kept:
    """The state that a session passes to the next one when the extension is reloaded: where writes go."""

    def __init__(
        self,
        sandbox: Sandbox | None,
        ledger: tempfile.TemporaryDirectory[str] | None,
        url: str,
        key: Secret | None,
        current: str,
    ) -> None:
        self.sandbox = sandbox
        self.ledger = ledger
        self.url = url
        self.key = key
        self.current = current


class Session:
    """The state behind the magics of one shell.

    Args:
        shell: The shell.
        options: Returns the configured options: fields of `Settings` by name.
        set_training: Switches training mode on or off.
        overdue: Returns how long an incident may go without an update, by severity name, as configured.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        options: Callable[[], dict[str, Any]],
        set_training: Callable[[bool], None],
        overdue: Callable[[], dict[str, str]] = dict,
    ) -> None:
        self.shell = shell
        self.set_training = set_training
        self.overdue = overdue
        self.runs = CellRuns(shell)
        self.current = ""
        self.sandbox: Sandbox | None = None
        self.poller: Poller | None = None  # the thread that refreshes all boards of the kernel
        self.boards: dict[str, Board] = {}  # the last form of each cell
        self._options = options
        self._client: Incidents | None = None
        self._everyone: Incidents | None = None  # which shows a facilitator the incidents of all trainees
        self._early: Transport | None = None  # the first client's transport, while its requests are sent early
        self._url = ""
        self._key: Secret | None = None
        self._stored: dict[str, Secret | None] = {}
        self._ledger: tempfile.TemporaryDirectory[str] | None = None
        self._waiting: Any = None
        self._has_moved = False  # since the last write; the next write names the organisation

    @property
    def settings(self) -> Settings:
        """The settings in force: from `%incidents connect`, then the configuration, then the environment."""
        from incidentio_magic.settings import Secret, Settings  # noqa: PLC0415  loads on first use

        settings = Settings.from_environment(os.environ)
        given = {name: value for name, value in self._options().items() if value not in ("", None)}
        for switch in ("training", "proxy"):  # the environment can switch it on, but not off
            given[switch] = getattr(settings, switch) or bool(given.get(switch))
        settings = replace(settings, **given)
        if self.sandbox is not None and self._ledger is not None:
            self.require_sandbox()
            # A sandbox starts empty, so the ledger of its writes does too.
            ledger = Path(self._ledger.name) / "ledger.jsonl"
            return replace(settings, base_url=self.sandbox.url, key=Secret(self.sandbox.key), ledger=ledger)
        if self._url:
            settings = replace(settings, base_url=self._url)
        if self._key:
            return replace(settings, key=self._key)
        if settings.key is None:
            if settings.base_url not in self._stored:  # the system's key store may be slow or prompt for a password
                from incidentio_magic.keystore import stored  # noqa: PLC0415  most keys are in a variable

                self._stored[settings.base_url] = stored(settings.base_url)
            settings = replace(settings, key=self._stored[settings.base_url])
        return settings

    @property
    def client(self) -> Incidents:
        """The client, connected when first needed.

        Raises:
            InputError: If its sandbox was stopped without the magic.
        """
        self.require_sandbox()
        if self._client is None:
            with uncollected("incidentio_magic.client"):
                from incidentio_magic.client import Incidents  # noqa: PLC0415  pandas and requests load on first use

            self._client = Incidents(self.settings, announce=self._announce, transport=self._early)
        return self._client

    def client_for(self, args: Namespace) -> Incidents:
        """Return the client, or with `--everyone` the one that shows a facilitator the incidents of all trainees.

        Raises:
            InputError: If `--everyone` was typed and this is not the sandbox of a class.
            PermissionDenied: If the key is not the facilitator's.
        """
        if not args.everyone:
            return self.client
        if self._everyone is None:
            self._everyone = self.client.for_everyone()
        return self._everyone

    def require_sandbox(self) -> None:
        """Raise an error if the notebook's sandbox was stopped without the magic.

        Raises:
            InputError: If it was stopped so.
        """
        if self.sandbox is not None and not self.sandbox.is_running:
            raise InputError(
                "The sandbox that this notebook was connected to has been stopped.",
                hint="%incidents sandbox starts a new one; %incidents sandbox stop connects as configured",
            )

    @contextmanager
    def listing_early(self, filters: Mapping[str, Any], limit: int | None) -> Iterator[None]:
        """Send the requests of the list that the caller will read, if the modules it needs are still to be imported.

        Args:
            filters: The filters of the list, as `client.incidents` takes them.
            limit: The maximum number of rows, or None.
        """
        if self._client is None:
            self.require_sandbox()
            self._early = begin_list(self.settings, filters, limit=limit, announce=self._announce)
        try:
            yield
        finally:
            if self._early is not None and self._early.early is not None:
                self._early.early.close()
            self._early = None

    @property
    def known(self) -> Incidents | None:
        """The client if it exists; for completion, which must not connect."""
        return self._client

    @property
    def writes_begun(self) -> int:
        """How many writes the current connection has begun to send."""
        return self._client.transport.writes_begun if self._client is not None else 0

    def disconnect(self, *, moved: bool = False) -> None:
        """Drop the connection; the next use makes a new connection with the settings in force.

        Args:
            moved: Whether writes go elsewhere from now on.
        """
        self._has_moved = self._has_moved or moved
        if self.poller is not None:
            self.poller.stop("The connection or its settings have changed.")
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._everyone is not None:
            self._everyone.close()
            self._everyone = None

    def connect(self, url: str, key: str) -> None:
        """Connect to `url` with `key` from now on; an empty string keeps the configured value."""
        from incidentio_magic.settings import Secret  # noqa: PLC0415  loads on first use

        self.stop_sandbox()
        self.disconnect(moved=True)
        self.current = ""
        self._url = url
        self._key = Secret(key) if key else None
        self._stored.clear()

    def start_sandbox(self, **options: Any) -> Sandbox:
        """Start a sandbox on this machine and connect to it.

        Raises:
            SettingsError: If the extra `sandbox` is not installed.
        """
        try:
            from incidentio_magic.sandbox import Sandbox  # noqa: PLC0415  an extra
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"The sandbox needs the package {error.name}, which is not installed.",
                hint='pip install "incidentio-magic[sandbox]"',
            ) from None
        sandbox = Sandbox(**options)
        sandbox.start()
        self.stop_sandbox()  # only now, because a mistyped option must not change the connection
        self.sandbox = sandbox
        self.forget()
        return sandbox

    def forget(self) -> None:
        """Reset the session for a sandbox in its initial state: no current incident, an empty ledger."""
        if self._ledger is not None:
            self._ledger.cleanup()
        self._ledger = tempfile.TemporaryDirectory(prefix="incidentio-")
        self.current = ""
        self.disconnect(moved=True)

    def stop_sandbox(self) -> None:
        """Stop the sandbox, if one is running, and connect as configured."""
        if self.sandbox is not None:
            self.disconnect(moved=True)
            self.sandbox.stop()
            self.sandbox = None
            self.current = ""
        if self._ledger is not None:
            self._ledger.cleanup()
            self._ledger = None

    def release(self) -> Kept:
        """Return where writes go, for the next session; a sandbox keeps running."""
        kept = Kept(self.sandbox, self._ledger, self._url, self._key, self.current)
        self.sandbox = self._ledger = None
        return kept

    def adopt(self, kept: Kept) -> None:
        """Continue from the previous session."""
        self.sandbox, self._ledger = kept.sandbox, kept.ledger
        self._url, self._key, self.current = kept.url, kept.key, kept.current

    def elsewhere(self) -> str:
        """Return a line about a connection that differs from the configured one and ends now; "" if there is none."""
        if self.sandbox is not None:
            return "The sandbox has stopped, its incidents are gone."
        if self._url or self._key:
            return f"No longer connected to {self.settings.base_url}."
        return ""

    def close(self) -> None:
        """Stop everything."""
        if self.poller is not None:
            self.poller.close("The extension was unloaded.")
            self.poller = None
        self.boards.clear()
        self.stop_sandbox()
        self.disconnect()

    def reference(self, given: str) -> str:
        """Return the given reference, else the current incident's.

        Raises:
            InputError: If there is neither.
        """
        if given or self.current:
            return given or self.current
        raise InputError(
            "No incident was given, and there is no current incident.",
            hint="give one, like INC-123, or make it current: %incidents use INC-123",
        )

    def render(self, text: str) -> str:
        """Return `text` rendered with the notebook's variables, for a form."""
        return self._rendered(text, here=False)

    def render_here(self, text: str) -> str:
        """Return `text` rendered with the names in scope where the current magic is called."""
        return self._rendered(text, here=True)

    def render_body(self, text: str) -> str:
        """Return a cell's text rendered as by `render_here`; errors mention `--raw`."""
        try:
            return self.render_here(text)
        except TemplateError as error:
            error.hint = error.hint or "nothing was sent"
            error.option_hint = "--raw sends the text as it is"
            raise

    def _rendered(self, text: str, *, here: bool) -> str:
        if "{{" in text or "{%" in text:
            from incidentio_magic.magics._scope import caller_scope, notebook_scope  # noqa: PLC0415  beside jinja2
            from incidentio_magic.templates import render  # noqa: PLC0415  jinja2 loads on first use

            scope = (caller_scope if here else notebook_scope)(self.shell)
            text = render(text, scope, unset=scope.unset, note=self.say)
        return self.without_key(text)

    def without_key(self, text: str) -> str:
        """Return `text`, which will be sent, after checking it for the API key.

        Raises:
            InputError: If it contains the API key.
        """
        settings = self.settings if self._client is None else self._client.settings
        keys = [os.environ.get(name, "").strip() for name in KEY_VARIABLES]
        keys += [secret.reveal() for secret in (self._key, settings.key) if secret]
        if any(key and key in text for key in keys):
            raise InputError("The text contains the API key; nothing was sent.", hint="take the key out of the text")
        return text

    def say(self, text: str) -> None:
        """Print a line below the cell, without the control characters that text from the service may contain."""
        print(printable(text))  # noqa: T201  this is the cell's output

    def receipt(self, outcome: Outcome, *, quiet: bool = False) -> pd.DataFrame:
        """Show how a write ended, immediately, and return its receipt.

        Args:
            outcome: How it ended.
            quiet: Whether to show nothing.
        """
        if not quiet:
            self._name_organisation()
            self.show(outcome)
        frame = outcome.to_frame(timezone=self.settings.timezone)
        return self.runs.hide(frame, lambda: self.show(outcome))

    def state(self, text: str, **facts: str | bool | int | None) -> pd.DataFrame:
        """Print a line and return its content as a frame of one row: a string, flag or count for each name."""
        from incidentio_magic.frames import Frames  # noqa: PLC0415  pandas loads on first use
        from incidentio_magic.frames.table import COUNT, FLAG, TEXT  # noqa: PLC0415

        kinds = {bool: FLAG, int: COUNT}
        columns = [(name, kinds.get(type(value), TEXT), [value]) for name, value in facts.items()]
        return self.summarise(text, Frames(timezone=self.settings.timezone).built(columns))

    def _name_organisation(self) -> None:
        """Say where the first write after a change of the connection went."""
        if self._has_moved:
            identity = self.client.vocabulary.identity()
            self.say(f"Organisation: {identity.dashboard_url}, with the key {identity.name!r}.")
            self._has_moved = False

    def summarise(self, text: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Print a line that summarises a frame, and return the frame, hidden from the cell's output."""
        self.say(text)
        return self.runs.hide(frame)

    def show(self, value: object) -> None:
        """Show a value below the cell, as richly as the front end can."""
        from IPython.display import display  # noqa: PLC0415

        shown: Any = display
        shown(value)

    def _announce(self, line: str) -> None:
        """Show that a request is waiting, and remove the line afterwards."""
        if getattr(self.shell, "kernel", None) is None:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{line[:width]:<{width}}\r")
            sys.stderr.flush()
            return
        from IPython.display import display  # noqa: PLC0415

        show: Any = display
        content = {"text/plain": line}
        if self._waiting is None:
            if line:
                self._waiting = show(content, raw=True, display_id=True)
            return
        self._waiting.update(content, raw=True)
        if not line:
            self._waiting = None
