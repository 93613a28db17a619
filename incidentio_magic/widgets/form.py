"""What all forms share: fields that say what is wrong, one button, and a line that says how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import HTML

from incidentio_magic import errors
from incidentio_magic.widgets import markup, status
from incidentio_magic.widgets.buttons import Buttons
from incidentio_magic.widgets.display import show
from incidentio_magic.widgets.form_fields import FormFields
from incidentio_magic.widgets.parallel_reads import announced
from incidentio_magic.widgets.search_fields import close
from incidentio_magic.widgets.service_errors import by_form_field, field_of
from incidentio_magic.widgets.status import Status
from incidentio_magic.widgets.style import STYLE
from incidentio_magic.writes.guard import BANNER

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.client import Incidents
    from incidentio_magic.widgets.fields import Field
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome

_READING: Final = "Reading the lists"


class Form(FormFields):
    """A form over one connection; its drafts are made of what the fields hold when the button is clicked.

    Args:
        client: The connection, or what returns the present one.
        render: Computes the templates in messages.
        on_sent: Called with how each write ended.
        lazy: Whether the lists are read only when the form is shown, so that it can say itself what it waits for.
    """

    heading: ClassVar[str] = ""
    action: ClassVar[str] = ""
    another: ClassVar[str] = ""

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
        lazy: bool = False,
    ) -> None:
        self._connect: Callable[[], Incidents] = client if callable(client) else lambda: client
        self._render = render or (lambda content: content)
        self._works = "Markdown and {{ variables }} work." if render else "Markdown works."
        self._on_sent = on_sent or (lambda _outcome: None)
        self._client: Incidents | None = None
        self._trained = self._loaded = self._held_back = False
        self.instead = f"{self.heading}: this form needs a front end that shows widgets."
        self.outcomes: dict[str, Outcome] = {}
        self.status = Status()
        self.banner = HTML()
        self.failure = HTML().add_class("incidentio-failure")
        self.buttons = Buttons(
            self.action,
            self.another,
            submit=self.submit,
            again=lambda: self.submit(again=True),
            renew=self.renew,
            reload=self.reload,
        )
        super().__init__()
        self.children = (
            HTML(STYLE + markup.line("head", self.heading)),
            self.banner,
            self.failure,
            self.body,
            self.effect_text,
            self.unknown_text,
            self.buttons,
            self.status,
        )
        self.add_class("incidentio-form")
        self._show_parts(None)
        if not lazy:
            self.load()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: shown in a notebook"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and for front ends without widgets the cell that does the same."""
        return {**super()._repr_mimebundle_(**options), "text/plain": self.instead}

    def _ipython_display_(self) -> None:
        """Show the form first and read the lists then, so that it says itself what it waits for."""
        show(self._repr_mimebundle_())
        self.load()

    # What each form says for itself

    def read_lists(self, client: Incidents) -> None:
        """Read the lists and offer them.

        Raises:
            IncidentioError: If one without which the form is of no use cannot be read.
        """
        raise NotImplementedError

    def place_of(self, name: str) -> str:
        """Return which field shows what the service says about its field `name`."""
        return field_of(name)

    def written(self, draft: Draft) -> None:
        """Take note that one of several drafts is written."""

    def follow(self, on_sent: Callable[[Outcome], None]) -> None:
        """Call `on_sent` too with how each write ended."""
        before = self._on_sent

        def both(outcome: Outcome) -> None:
            before(outcome)
            on_sent(outcome)

        self._on_sent = both

    # Opening

    @property
    def client(self) -> Incidents:
        """The connection whose lists are shown."""
        if self._client is None:
            raise errors.SettingsError("The form is not connected.", hint="try again to connect")
        return self._client

    def load(self) -> None:
        """Read the lists, unless that was done."""
        if not self._loaded:
            self._loaded = True
            self._open()

    def reload(self) -> None:
        """Read the lists anew; what is typed and chosen stays."""
        if self._client is not None:
            self._client.vocabulary.refresh()
        with self.buttons.held():
            self._open()
        self._show_buttons()

    def _open(self) -> None:
        """Read the lists and show the fields, or why they cannot be read.

        Fields that were shown over the same connection before stay, with the lists as they were.
        """
        before = self._client
        try:
            self._client = client = self._connect()
            self.status.working(_READING)
            with announced(client, lambda line: self.status.working(line or _READING)):
                self.read_lists(client)
                self.banner.value = _banner(client)
        except errors.IncidentioError as error:
            self._client = before if self._client is before else None
            self._show_parts(error)
            return
        except KeyboardInterrupt:
            self._client = before if self._client is before else None
            self._show_parts(errors.InputError("Reading the lists was stopped."))
            raise errors.Interrupted("Stopped; nothing was written.") from None
        finally:
            self.status.rest()
        self._trained = client.training
        self._pending = self._pending if client is before else None
        self._show_parts(None)
        self.adapt()
        self.check()

    def _show_parts(self, error: errors.IncidentioError | None) -> None:
        """Show the fields if the lists are read, and why they cannot be read, if they cannot."""
        message = ""
        if error is not None:
            message = markup.line("problem", error.message, role="alert") + markup.line("note", error.hint)
            if self._client is None:
                self.banner.value = ""
            else:
                message += markup.line("note", "The lists below are as they were read before.")
        self.failure.value = message
        for part in (self.body, self.effect_text):
            part.layout.display = None if self._client else "none"
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.buttons.show(
            connected=self._client is not None,
            failed=bool(self.failure.value),
            done=self.done,
            replayed=any(not outcome.sent for outcome in self.outcomes.values()),
        )

    # Sending

    def submit(self, *, again: bool = False) -> None:
        """Send what the fields stand for, once.

        Args:
            again: Whether to repeat deliberately what was already sent.
        """
        self.load()
        if self.status.state == status.WORKING or self._client is None or (self.done and not again):
            return
        self._tried = True
        self._refused = {}
        self._show_outcomes()
        if self._moved():
            return
        seen = self._seen()
        if problems := self.check():
            elsewhere = "; ".join(message for name, message in problems.items() if name not in self.fields)
            self.status.say(status.NOT_SENT, elsewhere or f"look at {', '.join(map(self._label, problems))} above.")
            self._held_back = True
            return
        drafts = self.drafts()
        self._pending = (self._typed(), drafts)
        if self._seen() != seen:
            self.status.say(
                status.NOT_SENT,
                "the notebook's variables have changed since the preview.",
                "look at the new preview, then click again",
            )
            return
        self._again = again or self._again
        self._write(drafts)

    def changed(self, field: Field) -> None:
        """Take note that the user changed a field; what it was held back for may be mended."""
        if self._held_back:
            self._show_outcomes()
        super().changed(field)

    def _show_outcomes(self) -> None:
        """Say how those of several writes have ended that are done, and nothing else."""
        self._held_back = False
        self.status.clear()
        for outcome in () if self.done else self.outcomes.values():
            self.status.outcome(outcome)

    def _moved(self) -> bool:
        """Tell whether the notebook has connected elsewhere since the lists were read; if so read them anew."""
        try:
            present = self._connect()
        except errors.IncidentioError as error:
            self.status.error(error)
            return True
        if present is self._client and present.training == self._trained:
            return False
        self._open()
        self.status.say(
            status.NOT_SENT, "the connection or its settings have changed since this form was opened.", "look it over"
        )
        return True

    def _write(self, drafts: list[Draft]) -> None:
        if self.done:  # only what turned out to be written before is repeated
            self.outcomes = {verb: outcome for verb, outcome in self.outcomes.items() if outcome.sent}
        failed = unknown = False
        self._doubt = None
        try:
            with self.buttons.held():
                for draft in drafts:
                    if draft.verb in self.outcomes:
                        continue
                    try:
                        self._write_one(draft)
                    except errors.IncidentioError as error:
                        failed = True
                        if isinstance(error, errors.OutcomeUnknown):
                            unknown = True
                            self._doubt = (self._typed(), error.message, error.hint)
                        self._failed(error, draft)
        except BaseException as broken:
            failed = unknown = True
            check = broken.hint if isinstance(broken, errors.Interrupted) else "look at the incident"
            self._doubt = (self._typed(), "It broke off.", check)
            self.status.say(status.UNKNOWN, "it broke off.", "click again: the same content is written only once")
            raise
        finally:
            if not unknown:
                self._pending = None
            self.done = not failed
            self._again = self._again and failed
            self._show_effect({})
            self._show_buttons()

    def _write_one(self, draft: Draft) -> None:
        self.status.working(f"Sending to {self.client.transport.host}")
        with announced(self.client, lambda line: self.status.working(line or "Sending")):
            outcome = self.client.send(draft, again=self._again)
        self.outcomes[draft.verb] = outcome
        self.failure.value = ""
        self.status.outcome(outcome)
        self._on_sent(outcome)
        self.written(draft)

    def _failed(self, error: errors.IncidentioError, draft: Draft) -> None:
        self._refused |= by_form_field(error, draft, self.fields, self.place_of)
        for name, message in self._refused.items():
            self.fields[name].problem = message
        self.status.error(error)

    def renew(self) -> None:
        """Begin a new one with empty fields."""
        self.outcomes = {}
        self._pending = self._doubt = None
        self._refused = {}
        self._tried = self._again = self._held_back = False
        for field in self.fields.values():
            field.disabled = False
            field.clear()
        self.status.clear()
        self.done = False
        self._open()

    def close(self) -> None:
        """Close the form and everything inside it."""
        if self.comm is not None:
            for child in self.children:
                close(child)
            self.layout.close()
            super().close()


def _banner(client: Incidents) -> str:
    identity = client.vocabulary.identity()
    where = f"{identity.dashboard_url} with the key {identity.name}"
    return markup.line("where", where) + (markup.line("training", BANNER) if client.training else "")
