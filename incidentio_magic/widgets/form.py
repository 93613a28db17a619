"""The base of all forms: fields that show what is wrong, a button that sends, and a status line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import HTML

from incidentio_magic import errors
from incidentio_magic.widgets import markup, status
from incidentio_magic.widgets._form_state import Contents, FormState, Stage, Unresolved
from incidentio_magic.widgets._next_steps import NextSteps, next_form
from incidentio_magic.widgets._prefill import Prefill
from incidentio_magic.widgets._shared import close, shared, show_widget
from incidentio_magic.widgets.buttons import Buttons
from incidentio_magic.widgets.display import Display
from incidentio_magic.widgets.fields import Field, slug
from incidentio_magic.widgets.form_fields import FormFields
from incidentio_magic.widgets.parallel_reads import announced
from incidentio_magic.widgets.service_errors import by_form_field, field_of
from incidentio_magic.widgets.status import Status
from incidentio_magic.widgets.style import STYLE
from incidentio_magic.writes.guard import BANNER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from incidentio_magic.client import Incidents
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome

_READING: Final = "Reading the lists"


class Form(FormFields):
    """A form over a connection. It makes its drafts from the fields' values when the button is clicked.

    Args:
        client: The connection, or a function that returns the current connection.
        render: Renders the templates in messages.
        reference: The incident; if empty, the user chooses it in the form.
        on_sent: Called with the outcome of each write.
        lazy: Whether to read the lists only when the form is displayed, so that the form itself can show the wait.
        prefill: The initial values of the fields; see `Prefill`.
    """

    heading: ClassVar[str] = ""
    action: ClassVar[str] = ""
    another: ClassVar[str] = ""
    ends: ClassVar[bool] = False  # whether sending the form ends the incident
    in_order: ClassVar[bool] = False  # whether a failed write prevents the writes after it

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        reference: str = "",
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
        lazy: bool = False,
        **prefill: Any,
    ) -> None:
        self._connect: Callable[[], Incidents] = client if callable(client) else lambda: client
        self._render = render or (lambda content: content)
        self._works = "Markdown and {{ variables }} work." if render else "Markdown works."
        self._on_sent = on_sent or (lambda _outcome: None)
        self.prefill = Prefill(reference=reference, **prefill)
        self._client: Incidents | None = None
        self._trained = self._loaded = False
        self._lazy = lazy
        self._shown = Display()
        self.instead = f"{self.heading}: this form needs a front end that shows widgets."
        self.outcomes: dict[str, Outcome] = {}
        self.status = Status()
        self.head = HTML(STYLE + markup.heading(self.heading), **shared("html"))
        self.banner = HTML(**shared("html"))
        self.failure = HTML(**shared("html")).add_class("incidentio-failure")
        self.buttons = Buttons(
            self.action,
            self.another,
            submit=self.submit,
            again=lambda: self.submit(again=True),
            renew=self.renew,
            reload=self.reload,
        )
        self.next_steps = NextSteps(self._open_next, self.buttons.after)
        super().__init__()
        self.children = (
            self.head,
            self.banner,
            self.failure,
            self.body,
            self.effect_text,
            self.unknown_text,
            self.buttons,
            self.status,
            self.next_steps,
        )
        self.add_class("incidentio-form")
        self._show_parts(None)
        if not lazy:
            self.load()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: shown in a notebook"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget and, for front ends without widgets, an equivalent cell."""
        return {**super()._repr_mimebundle_(**options), "text/plain": self.instead}

    def _ipython_display_(self) -> None:
        """Show the form, then read the lists, so that the form itself can show the wait."""
        self._shown.show(self._repr_mimebundle_())
        self.load()
        self._lazy = False
        self.read_the_rest()

    # What each form defines

    def read_lists(self, client: Incidents) -> None:
        """Read the lists and offer them.

        Raises:
            IncidentioError: If a list that the form needs cannot be read.
        """
        raise NotImplementedError

    def read_the_rest(self) -> None:
        """Read the lists that are not needed to show the fields; called after the fields are shown."""

    def place_of(self, name: str) -> str:
        """Return the field that shows the service's errors about `name`."""
        return field_of(name)

    def written(self, draft: Draft) -> None:
        """Note that one of several drafts has been written."""

    def follow(self, on_sent: Callable[[Outcome], None]) -> None:
        """Also call `on_sent` with the outcome of each write."""
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
        """Read the lists, unless they have been read."""
        if not self._loaded:
            self._loaded = True
            self._open()

    def reload(self) -> None:
        """Read the lists again; typed and chosen values stay."""
        if self._client is not None:
            self._client.vocabulary.refresh()
        with self.buttons.held():
            self._open()
        self._show_buttons()

    def _open(self) -> None:
        """Read the lists and show the fields, or the error if the lists cannot be read.

        Fields already shown over the same connection stay, with their lists.
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
        if client is not before:
            self.state = replace(self.state, kept=None)
        self._show_parts(None)
        self.adapt()
        self.check()

    def _show_parts(self, error: errors.IncidentioError | None) -> None:
        """Show the fields if the lists have been read; show the error if reading failed."""
        message = ""
        if error is not None:
            message = markup.line("problem", error.message, role="alert") + markup.line("note", error.hint)
            if self._client is None:
                self.banner.value = ""
            else:
                message += markup.line("note", "The lists below may be out of date.")
        self.failure.value = message
        for part in (self.body, self.effect_text):
            show_widget(part, self._client is not None and not self.done)
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
        """Send the fields' drafts, once.

        Args:
            again: Whether to deliberately repeat what was already sent.
        """
        if self.comm is None:  # the form is closed: a board closed it with its row
            return
        self.load()
        if self.status.state == status.WORKING or self._client is None or (self.done and not again):
            return
        self.state = replace(self.state, stage=Stage.CHECKED, refused={})
        self._show_outcomes()
        if self._moved():
            return
        previews = self._previews()
        contents = self.check()
        if contents.problems:
            unplaced = [problem for name, problem in contents.problems.items() if name not in self.fields]
            fields = f"check {', '.join(map(self._label, contents.problems))}"
            self.status.say(status.NOT_SENT, "; ".join(unplaced) or f"{fields} above.")
            self._focus_on(contents.problems)
            self.state = replace(self.state, stage=Stage.HELD_BACK)
            return
        self.state = replace(self.state, kept=contents)
        if self._previews() != previews:
            self.status.say(
                status.NOT_SENT,
                "the notebook's variables have changed since the preview.",
                f"check the new preview, then press {self.action} again",
            )
            return
        self.state = replace(self.state, again=again or self.state.again)
        self._write(contents)

    def changed(self, field: Field) -> None:
        """React to a change, which may solve a problem that prevented sending."""
        if self.state.stage is Stage.HELD_BACK:
            self._show_outcomes()
        super().changed(field)

    def _show_outcomes(self) -> None:
        """Show only the outcomes of the writes that are done."""
        self.status.clear()
        for outcome in () if self.done else self.outcomes.values():
            self.status.outcome(outcome)

    def _moved(self) -> bool:
        """Return whether the notebook connected elsewhere after the lists were read; if so, read them again."""
        try:
            present = self._connect()
        except errors.IncidentioError as error:
            self.status.error(error)
            return True
        if present is self._client and present.training == self._trained:
            return False
        self._open()
        self.status.say(
            status.NOT_SENT,
            "the connection or its settings have changed since this form was opened.",
            f"check the fields, then press {self.action} again",
        )
        return True

    def _write(self, contents: Contents) -> None:
        if self.state.again:  # only writes that had been made before are repeated
            self.outcomes = {verb: outcome for verb, outcome in self.outcomes.items() if outcome.sent}
        failed = unknown = False
        self.state = replace(self.state, unresolved=None, stage=Stage.FAILED)
        try:
            with self.buttons.held():
                for draft in contents.drafts:
                    if draft.verb in self.outcomes:
                        continue
                    try:
                        self._write_one(draft)
                    except errors.IncidentioError as error:
                        failed = True
                        if isinstance(error, errors.OutcomeUnknown):
                            unknown = True
                            unresolved = Unresolved(contents.typed, error.message, error.hint)
                            self.state = replace(self.state, unresolved=unresolved)
                        self._failed(error, draft)
                        if self.in_order:
                            self._say_not_reached(contents.drafts, draft)
                            break
        except BaseException as broken:
            failed = unknown = True
            check = broken.hint if isinstance(broken, errors.Interrupted) else "look at the incident"
            self.state = replace(self.state, unresolved=Unresolved(contents.typed, "It was interrupted.", check))
            again = f"press {self.action} again: the same content is written only once"
            self.status.say(status.UNKNOWN, "it was interrupted.", again)
            raise
        finally:
            self.state = replace(
                self.state,
                kept=self.state.kept if unknown else None,
                stage=Stage.FAILED if failed else Stage.DONE,
                again=self.state.again and failed,
            )
            self._show_effect(replace(contents, problems={}))
            self._show_parts(None)
            if self.done:
                self._finish()

    def _focus_on(self, wrong: Mapping[str, str]) -> None:
        """Move the focus to the first visible field with a problem."""
        for field in _fields_in(self.body):
            if field.name in wrong and field.shown:
                self.status.focus(f"incidentio-{slug(field.name)}")
                return

    def _finish(self) -> None:
        """Replace the fields with the receipt and the next steps."""
        outcomes = list(self.outcomes.values())
        self._shown.settle(outcomes)
        self.status.focus("incidentio-outcomes")
        self.next_steps.offer(outcomes[-1].reference, closed=self.ends)

    def _open_next(self, kind: str, reference: str) -> Any:
        """Return the form for a next step."""
        options: dict[str, Any] = {"render": self._render, "on_sent": self._on_sent, "fixed": True}
        return next_form(kind)(self._connect, reference, **options)

    def _write_one(self, draft: Draft) -> None:
        self.status.working(f"Sending to {self.client.transport.host}")
        with announced(self.client, lambda line: self.status.working(line or "Sending")):
            outcome = self.client.send(draft, again=self.state.again)
        self.outcomes[draft.verb] = outcome
        self.failure.value = ""
        self.status.outcome(outcome)
        self._on_sent(outcome)
        self.written(draft)

    def _say_not_reached(self, drafts: Sequence[Draft], failed: Draft) -> None:
        """Show that the writes after a failed write were not sent."""
        for draft in drafts[drafts.index(failed) + 1 :]:
            again = f"correct it, then press {self.action} again"
            self.status.say(status.NOT_SENT, f"the {draft.verb} was not sent, because the write above failed.", again)

    def _failed(self, error: errors.IncidentioError, draft: Draft) -> None:
        refused = by_form_field(error, draft, self.fields, self.place_of)
        self.state = replace(self.state, refused={**self.state.refused, **refused})
        for name, problem in self.state.refused.items():
            self.fields[name].problem = problem
        self.status.error(error)
        self._focus_on(refused)

    def renew(self) -> None:
        """Start again with empty fields."""
        self.outcomes = {}
        self.state = FormState()
        for field in self.fields.values():
            field.disabled = False
            field.clear()
        self.status.clear()
        self.next_steps.withdraw()
        self._open()

    def close(self) -> None:
        """Close the form and everything inside it."""
        if self.comm is not None:
            for part in (*self.children, *self.fields.values()):  # not every field is placed in the form
                close(part)
            super().close()


def _fields_in(widget: Any) -> Iterator[Field]:
    if isinstance(widget, Field):
        yield widget
    else:
        for child in getattr(widget, "children", ()):
            yield from _fields_in(child)


def _banner(client: Incidents) -> str:
    identity = client.vocabulary.recent_identity()
    where = f"{identity.dashboard_url} with the key {identity.name}"
    return markup.line("where", where) + (markup.line("training", BANNER) if client.training else "")
