"""What all forms share: fields that say what is wrong, one button, and a line that says how it stands."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import HTML, Box, Button, VBox

from incidentio_magic import errors
from incidentio_magic.widgets import markup, status
from incidentio_magic.widgets.finding import close
from incidentio_magic.widgets.loading import announced
from incidentio_magic.widgets.status import Status
from incidentio_magic.widgets.style import STYLE
from incidentio_magic.widgets.written import Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.client import Incidents
    from incidentio_magic.drafts import Draft
    from incidentio_magic.outcomes import Outcome
    from incidentio_magic.widgets.fields import Field

_NOTHING: Final = "—"

# What the service calls the fields.
_SERVICE_NAMES: Final = {
    "severity_id": "severity",
    "to_severity_id": "severity",
    "incident_type_id": "type",
    "incident_status_id": "status",
    "to_incident_status_id": "status",
    "incident_id": "incident",
    "escalation_path_id": "to",
    "user_ids": "to",
}


class Form(VBox):
    """A form over one connection.

    A draft is made of what the fields hold when the button is clicked. While it is not known whether a draft was
    written, the same draft is tried again for as long as the fields stay as they are.

    Args:
        client: The connection, or what returns the present one.
        render: Computes the templates in messages.
        on_sent: Called with how each write ended.
    """

    heading: ClassVar[str] = ""
    action: ClassVar[str] = ""
    another: ClassVar[str] = ""
    effect: ClassVar[str] = ""
    always: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        client: Incidents | Callable[[], Incidents],
        *,
        render: Callable[[str], str] | None = None,
        on_sent: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._connect: Callable[[], Incidents] = client if callable(client) else lambda: client
        self._render = render or (lambda content: content)
        self._on_sent = on_sent or (lambda _outcome: None)
        self._client: Incidents | None = None
        self._pending: tuple[dict[str, Any], list[Draft]] | None = None
        self._tried = False
        self._again = False
        self.done = False
        self.fields: dict[str, Field] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.status = Status()
        self.banner = HTML()
        self.failure = HTML().add_class("incidentio-failure")
        self.submit_button = _button(self.action, "incidentio-submit", self.submit, "primary")
        self.again_button = _button("Send it once more", "incidentio-again", lambda: self.submit(again=True))
        self.new_button = _button(self.another, "incidentio-new", self.renew)
        self.reload_button = _button("Refresh lists", "incidentio-reload", self.reload)
        self.effect_text = HTML().add_class("incidentio-effect")
        self.body = VBox(self.build()).add_class("incidentio-body")
        actions = Box([self.submit_button, self.again_button, self.new_button, self.reload_button])
        super().__init__(
            [
                HTML(STYLE + markup.line("head", self.heading)),
                self.banner,
                self.failure,
                self.body,
                self.effect_text,
                actions.add_class("incidentio-actions"),
                self.status,
            ]
        )
        self.add_class("incidentio-form")
        self._open(first=True)

    # What each form says for itself

    def build(self) -> list[Any]:
        """Make the fields, still without lists, and return what the form's body holds."""
        raise NotImplementedError

    def read_lists(self, client: Incidents) -> None:
        """Read the lists and offer them.

        Raises:
            IncidentioError: If one without which the form is of no use cannot be read.
        """
        raise NotImplementedError

    def make(self) -> list[Draft]:
        """Return the drafts that the fields stand for.

        Raises:
            DraftError: If they stand for none; its fields say why.
        """
        raise NotImplementedError

    def adapt(self) -> None:
        """Fit the fields to one another after a change."""

    def place_of(self, name: str) -> str:
        """Return which field shows what the service says about its field `name`."""
        return _SERVICE_NAMES.get(name, name)

    def written(self, draft: Draft) -> None:
        """Take note that one of several drafts is written."""

    # Opening

    @property
    def client(self) -> Incidents:
        """The connection whose lists are shown."""
        if self._client is None:
            raise errors.SettingsError("The form is not connected.", hint="try again to connect")
        return self._client

    def add(self, field: Any) -> Any:
        """Make a field part of the form, and return it."""
        self.fields[field.name] = field
        return field

    def changed(self, _field: Field) -> None:
        """Take note that the user changed a field."""
        self._again = False
        self.adapt()
        self.check()

    def reload(self) -> None:
        """Read the lists anew; what is typed and chosen stays."""
        if self._client is not None:
            self._client.vocabulary.refresh()
        self.reload_button.disabled = True
        try:
            self._open()
        finally:
            self.reload_button.disabled = False

    def _open(self, *, first: bool = False) -> None:
        """Read the lists and show the fields, or why they cannot be read."""
        before = self._client
        try:
            self._client = client = self._connect()
            with nullcontext() if first else announced(client, self.status.working):
                self.read_lists(client)
                self.banner.value = _banner(client)
        except errors.IncidentioError as error:
            self._client = None
            self._show_failure(error)
            return
        if self.status.state == status.WORKING:
            self.status.clear()
        self._pending = self._pending if client is before else None
        self._show_failure(None)
        self.adapt()
        self.check()

    def _show_failure(self, error: errors.IncidentioError | None) -> None:
        if error is not None:
            self.banner.value = ""
        said = markup.line("problem", error.message, role="alert") + markup.line("note", error.hint) if error else ""
        self.failure.value = said
        self.reload_button.description = "Try again" if error else "Refresh lists"
        for part in (self.body, self.effect_text):
            part.layout.display = "none" if error else None
        self._show_buttons()

    def _show_buttons(self) -> None:
        connected = self._client is not None
        replayed = any(not one.sent for one in self.outcomes.values())
        self.submit_button.disabled = self.done
        for button, needed in (
            (self.submit_button, connected),
            (self.again_button, connected and self.done and replayed),
            (self.new_button, connected and self.done),
        ):
            button.layout.display = None if needed else "none"

    # Checking

    def drafts(self) -> list[Draft]:
        """Return the drafts that would be sent now.

        Raises:
            DraftError: If the fields stand for none.
        """
        if self._pending is not None and self._pending[0] == self._typed():
            return self._pending[1]
        return self.make()

    def problems(self) -> dict[str, str]:
        """Return what keeps the form from being sent, by field."""
        try:
            drafts = self.drafts()
        except errors.DraftError as error:
            return error.fields
        return {name: said for draft in drafts for name, said in draft.problems().items()}

    def check(self) -> dict[str, str]:
        """Show what would happen, and beside each field that was touched what is wrong with it."""
        problems = self.problems()
        for name, field in self.fields.items():
            field.problem = problems.get(name, "") if field.touched or self._tried else ""
        self._show_effect(problems)
        return problems

    def values(self, *names: str) -> dict[str, Any]:
        """Return what the fields stand for, by name.

        Raises:
            DraftError: If what is typed into some of them cannot be understood.
        """
        values, problems = {}, {}
        for name in names:
            try:
                values[name] = self.fields[name].read()
            except errors.IncidentioError as error:
                problems[name] = "; ".join(part for part in (error.message, error.hint) if part)
        if problems:
            raise _draft_error(problems)
        return values

    def _typed(self) -> dict[str, Any]:
        return {name: field.typed() for name, field in self.fields.items()}

    def _seen(self) -> list[str]:
        return [field.seen for field in self.fields.values() if isinstance(field, Written)]

    def effects(self, drafts: list[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, as names and values."""
        rows = [(name, shown) for draft in drafts for name, shown, _identity in draft.rows()]
        first = [
            next((row for row in rows if row[0] == name and row[1]), (name, self.unsaid(name))) for name in self.always
        ]
        return [*first, *(row for row in rows if row[0] not in self.always)]

    def unsaid(self, _name: str) -> str:
        """Return what it means that nothing is said about a field."""
        return _NOTHING

    def _label(self, name: str) -> str:
        return self.fields[name].label if name in self.fields else name

    def _show_effect(self, problems: dict[str, str]) -> None:
        try:
            rows = self.effects(self.drafts())
        except errors.DraftError:
            rows = [(name, self.unsaid(name)) for name in self.always]
        missing = ", ".join(map(self._label, problems))
        said = f"Not ready yet: {missing}" if missing else "Done." if self.done else "Ready."
        self.effect_text.value = markup.line("caption", self.effect) + markup.table(rows) + markup.line("missing", said)

    # Sending

    def __repr__(self) -> str:
        return f"{type(self).__name__}: shown in a notebook"

    def submit(self, *, again: bool = False) -> None:
        """Send what the fields stand for, once.

        Args:
            again: Whether to repeat deliberately what was already sent.
        """
        if self.status.state == status.WORKING or self._client is None or (self.done and not again):
            return
        self._tried = True
        self.status.clear()
        for outcome in () if self.done else self.outcomes.values():
            self.status.outcome(outcome)
        if self._moved():
            return
        seen = self._seen()
        if problems := self.check():
            elsewhere = "; ".join(said for name, said in problems.items() if name not in self.fields)
            self.status.say(status.NOT_SENT, elsewhere or f"look at {', '.join(map(self._label, problems))} above.")
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

    def _moved(self) -> bool:
        """Tell whether the notebook has connected elsewhere since the lists were read; if so read them anew."""
        try:
            present = self._connect()
        except errors.IncidentioError as error:
            self.status.error(error)
            return True
        if present is self._client:
            return False
        self._open()
        self.status.say(
            status.NOT_SENT, "the connection or its settings have changed since this form was opened.", "look it over"
        )
        return True

    def _write(self, drafts: list[Draft]) -> None:
        buttons = (self.submit_button, self.again_button, self.new_button, self.reload_button)
        for button in buttons:
            button.disabled = True
        if self.done:  # only what turned out to be written before is repeated
            self.outcomes = {verb: one for verb, one in self.outcomes.items() if one.sent}
        failed = unknown = False
        try:
            for draft in drafts:
                if draft.verb in self.outcomes:
                    continue
                try:
                    self._write_one(draft)
                except errors.IncidentioError as error:
                    failed = True
                    unknown = unknown or isinstance(error, errors.OutcomeUnknown)
                    self._failed(error)
        except BaseException:
            failed = unknown = True
            self.status.say(status.UNKNOWN, "it broke off.", "click again: the same content is written only once")
            raise
        finally:
            for button in buttons:
                button.disabled = False
            if not unknown:
                self._pending = None
            self.done = not failed
            self._again = self._again and failed
            if self.done:
                self._show_effect({})
            self._show_buttons()

    def _write_one(self, draft: Draft) -> None:
        self.status.working(f"Sending to {self.client.transport.host}")
        with announced(self.client, lambda line: self.status.working(line or "Sending")):
            outcome = self.client.send(draft, again=self._again)
        self.outcomes[draft.verb] = outcome
        self.status.outcome(outcome)
        self._on_sent(outcome)
        self.written(draft)

    def _failed(self, error: errors.IncidentioError) -> None:
        for name, said in error.fields.items():
            if (place := self.place_of(name)) in self.fields:
                self.fields[place].problem = said
        self.status.error(error)

    def renew(self) -> None:
        """Begin a new one with empty fields."""
        self.outcomes = {}
        self._pending = None
        self._tried = self._again = False
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


def _button(label: str, kind: str, act: Callable[[], None], style: str = "") -> Button:
    button = Button(description=label, button_style=style).add_class(kind)
    button.on_click(lambda _button: act())
    return button


def _banner(client: Incidents) -> str:
    identity = client.vocabulary.identity()
    where = f"{identity.dashboard_url} with the key {identity.name}"
    training = "Training mode: only test incidents are declared and written to." if client.settings.training else ""
    return markup.line("where", where) + (markup.line("training", training) if training else "")


def _draft_error(problems: dict[str, str]) -> errors.DraftError:
    said = "; ".join(f"{name}: {message}" for name, message in problems.items())
    return errors.DraftError(said, hint="nothing was sent", fields=problems)
