"""The fields of a form: what they stand for, what is wrong with them, and what will happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import HTML, VBox

from incidentio_magic import errors
from incidentio_magic.widgets import markup
from incidentio_magic.widgets.markdown_field import MarkdownField

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.widgets.fields import Field
    from incidentio_magic.writes.drafts import Draft

_NOTHING: Final = "—"


class FormFields(VBox):
    """Fields that together stand for drafts.

    While it is not known whether a draft was written, the fields stand for that same draft for as long as they stay
    as they are.
    """

    effect: ClassVar[str] = ""
    always: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._pending: tuple[dict[str, Any], list[Draft]] | None = None
        self._doubt: tuple[dict[str, Any], str, str] | None = None  # what was typed, what is not known, what to check
        self._unread: dict[str, str] = {}
        self._refused: dict[str, str] = {}  # what the service said, by field; until the user changes that field
        self._tried = self._again = False
        self.done = False
        self.fields: dict[str, Field] = {}
        self.effect_text = HTML().add_class("incidentio-effect")
        self.unknown_text = HTML().add_class("incidentio-unresolved")
        self.body = VBox(self.build()).add_class("incidentio-body")
        super().__init__()

    def build(self) -> list[Any]:
        """Make the fields, still without lists, and return what the form's body holds."""
        raise NotImplementedError

    def make(self) -> list[Draft]:
        """Return the drafts that the fields stand for.

        Raises:
            DraftError: If they stand for none; its fields say why.
        """
        raise NotImplementedError

    def adapt(self) -> None:
        """Fit the fields to one another after a change."""

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return what is wrong with a draft, by field of the form."""
        return draft.problems()

    def add(self, field: Any) -> Any:
        """Make a field part of the form, and return it."""
        self.fields[field.name] = field
        return field

    def changed(self, field: Field) -> None:
        """Take note that the user changed a field."""
        self._again = False
        self._refused.pop(field.name, None)
        self.adapt()
        self.check()

    def drafts(self) -> list[Draft]:
        """Return the drafts that would be sent now.

        Raises:
            DraftError: If the fields stand for none.
        """
        drafts = self._made()
        if self._unread:
            raise _draft_error(self._unread)
        return drafts

    def _made(self) -> list[Draft]:
        """Return the drafts as far as the fields can be read; `_unread` says which cannot."""
        self._unread = {}
        if self._pending is not None and self._pending[0] == self._typed():
            return self._pending[1]
        return self.make()

    def problems(self) -> dict[str, str]:
        """Return what keeps the form from being sent, by field."""
        try:
            found = {name: problem for draft in self._made() for name, problem in self.problems_of(draft).items()}
        except errors.DraftError as error:
            found = error.fields
        unmet = {name: field.unmet for name, field in self.fields.items() if field.unmet}
        return {**found, **self._unread, **unmet}

    def check(self) -> dict[str, str]:
        """Show what would happen, and beside each field that was touched what is wrong with it."""
        problems = self.problems()
        for name, field in self.fields.items():
            problem = problems.get(name, "") if field.touched or field.unmet or self._tried else ""
            field.problem = problem or self._refused.get(name, "")
        self._show_effect(problems)
        return problems

    def values(self) -> dict[str, Any]:
        """Return what the fields stand for, by name; for one that cannot be understood, what nothing typed stands for.

        What is wrong with those that cannot be understood is told with the other problems.
        """
        values = {}
        for name, field in self.fields.items():
            try:
                values[name] = field.read()
            except errors.IncidentioError as error:
                values[name] = field.nothing
                self._unread[name] = error_line(error)
        return values

    def given(self, name: str, typed: str, put: Callable[[], None]) -> None:
        """Put into a field what the form was opened with; if that is impossible, say so beside the field.

        Args:
            name: The field.
            typed: What was given, as it was typed; nothing happens if it is empty.
            put: Puts it into the field.
        """
        if not typed:
            return
        try:
            put()
        except errors.IncidentioError as error:
            self.fields[name].refuse(typed, error_line(error))

    def _typed(self) -> dict[str, Any]:
        return {name: field.typed() for name, field in self.fields.items()}

    def _seen(self) -> list[str]:
        return [field.seen for field in self.fields.values() if isinstance(field, MarkdownField)]

    def effects(self, drafts: list[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, as names and values."""
        rows = [(name, shown) for draft in drafts for name, shown, _identity in draft.rows()]
        first = [
            next((row for row in rows if row[0] == name and row[1]), (name, self.default_text(name)))
            for name in self.always
        ]
        return [*first, *(row for row in rows if row[0] not in self.always)]

    def default_text(self, _name: str) -> str:
        """Return what it means that nothing is said about a field."""
        return _NOTHING

    def _label(self, name: str) -> str:
        return self.fields[name].label if name in self.fields else name

    def _show_effect(self, problems: dict[str, str]) -> None:
        try:
            rows = self.effects(self._made())
        except errors.DraftError:
            rows = [(name, self.fields[name].shown_value() or self.default_text(name)) for name in self.always]
        missing, refused = (", ".join(map(self._label, names)) for names in (problems, self._refused))
        problem = f"Not ready yet: {missing}" if missing else f"Refused: {refused}" if refused else "Ready."
        problem = "Done." if self.done else problem
        self.effect_text.value = (
            markup.line("caption", self.effect) + markup.table(rows) + markup.line("missing", problem)
        )
        self._show_doubt()

    def _show_doubt(self) -> None:
        """Warn that what may have happened and what the fields now say are two different things."""
        if self._doubt is None or self._doubt[0] == self._typed():
            self.unknown_text.value = ""
            return
        _typed, unknown, check = self._doubt
        problem = f"What was sent before may have happened, and this is something else: it would come on top. {unknown}"
        self.unknown_text.value = markup.warning(problem, f"undo the change, then {check}")


def error_line(error: errors.IncidentioError) -> str:
    """Return what is wrong and what to do about it, in a line."""
    return f"{error.message.removesuffix('.')}; {error.hint}" if error.hint else error.message


def _draft_error(problems: dict[str, str]) -> errors.DraftError:
    problem = "; ".join(f"{name}: {message}" for name, message in problems.items())
    return errors.DraftError(problem, hint="nothing was sent", fields=problems)
