"""The fields of a form: their drafts, their problems, and a preview of what will happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ipywidgets import HTML, VBox

from incidentio_magic import errors
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._form_state import Contents, FormState, Stage
from incidentio_magic.widgets._shared import shared
from incidentio_magic.widgets.markdown_field import MarkdownField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from incidentio_magic.widgets.fields import Field
    from incidentio_magic.writes.drafts import Draft


class FormFields(VBox):
    """Fields that together make drafts.

    While it is unknown whether a draft was written, unchanged fields keep making that same draft.
    """

    effect: ClassVar[str] = ""
    always: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.state = FormState()
        self.fields: dict[str, Field] = {}
        self.effect_text = HTML(**shared("html")).add_class("incidentio-effect")
        self.unknown_text = HTML(**shared("html")).add_class("incidentio-unresolved")
        self.body = VBox(self.build(), **shared()).add_class("incidentio-body")
        super().__init__(**shared())

    def build(self) -> list[Any]:
        """Create the fields, before any list is read, and return the content of the form's body."""
        raise NotImplementedError

    def make(self, values: Mapping[str, Any]) -> list[Draft]:
        """Return the drafts made from the fields.

        Args:
            values: The value of each field, by name.

        Raises:
            DraftError: If they make no draft; its `fields` say why.
        """
        raise NotImplementedError

    def adapt(self) -> None:
        """Adapt the fields to each other after a change."""

    def problems_of(self, draft: Draft) -> dict[str, str]:
        """Return the problems of a draft, by form field."""
        return draft.problems()

    def more_problems(self, problems: dict[str, str]) -> dict[str, str]:
        """Return the problems, including those that only the form knows, by field."""
        return problems

    @property
    def done(self) -> bool:
        """Whether everything is written."""
        return self.state.stage is Stage.DONE

    def add(self, field: Any) -> Any:
        """Add a field to the form, and return it."""
        self.fields[field.name] = field
        return field

    def changed(self, field: Field) -> None:
        """React to a change of a field by the user."""
        refused = {name: problem for name, problem in self.state.refused.items() if name != field.name}
        stage = Stage.CHECKED if self.state.stage is Stage.HELD_BACK else self.state.stage
        self.state = replace(self.state, again=False, refused=refused, stage=stage)
        self.adapt()
        self.check()

    def contents(self) -> Contents:
        """Return the current content of the fields."""
        typed = {name: field.typed() for name, field in self.fields.items()}
        if self.state.kept is not None and self.state.kept.typed == typed:
            return self.state.kept
        values, unreadable = self._read()
        try:
            drafts = self.make(values)
            found = {name: problem for draft in drafts for name, problem in self.problems_of(draft).items()}
        except errors.DraftError as error:
            drafts, found = [], error.fields
        unmet = {name: field.unmet for name, field in self.fields.items() if field.unmet}
        return Contents(typed, tuple(drafts), self.more_problems({**found, **unreadable, **unmet}))

    def problems(self) -> Mapping[str, str]:
        """Return the problems that prevent sending, by field."""
        return self.contents().problems

    def check(self) -> Contents:
        """Show the preview, and the problem of each field that the user has touched."""
        contents = self.contents()
        for name, field in self.fields.items():
            due = field.touched or field.unmet or self.state.was_submitted
            field.problem = (contents.problems.get(name, "") if due else "") or self.state.refused.get(name, "")
        self._show_effect(contents)
        return contents

    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the values of the fields, and the problems of fields that cannot be understood, by name."""
        values, unreadable = {}, {}
        for name, field in self.fields.items():
            try:
                values[name] = field.read()
            except errors.IncidentioError as error:
                values[name] = field.nothing
                unreadable[name] = error_line(error)
        return values, unreadable

    def given(self, name: str, typed: str, put: Callable[[], None]) -> None:
        """Put an initial value into a field; if it is impossible, say so beside the field.

        Args:
            name: The field.
            typed: The initial value as it was typed; nothing happens if it is empty.
            put: Puts the value into the field.
        """
        if not typed:
            return
        try:
            put()
        except errors.IncidentioError as error:
            self.fields[name].refuse(typed, error_line(error))

    def _previews(self) -> list[str]:
        return [field.seen for field in self.fields.values() if isinstance(field, MarkdownField)]

    def effects(self, drafts: Sequence[Draft]) -> list[tuple[str, str]]:
        """Return what will happen, as names and values; defaults are left out."""
        rows = [(name, value) for draft in drafts for name, value, _id in draft.rows()]
        first = [row for name in self.always for row in rows if row[0] == name and row[1]]
        return [*first, *(row for row in rows if row[0] not in self.always)]

    def _label(self, name: str) -> str:
        return self.fields[name].label if name in self.fields else name

    def _show_effect(self, contents: Contents) -> None:
        if contents.drafts:
            rows = self.effects(contents.drafts)
        else:
            values = [(name, self.fields[name].shown_value()) for name in self.always]
            rows = [(name, value) for name, value in values if value]
        missing, refused = (", ".join(map(self._label, names)) for names in (contents.problems, self.state.refused))
        readiness = f"Not ready yet: {missing}" if missing else f"Refused: {refused}" if refused else "Ready."
        recap = markup.recap(self.effect, rows) if rows else ""
        self.effect_text.value = recap + markup.line("missing", "Done." if self.done else readiness)
        self._show_unresolved(contents)

    def _show_unresolved(self, contents: Contents) -> None:
        """Warn that the fields now differ from the write whose outcome is unknown."""
        unresolved = self.state.unresolved
        if unresolved is None or unresolved.typed == contents.typed:
            self.unknown_text.value = ""
            return
        warning = "The earlier write may have happened. This is a different write, and would be sent in addition."
        self.unknown_text.value = markup.warning(
            f"{warning} {unresolved.message}", f"undo the change, then {unresolved.check}"
        )


def error_line(error: errors.IncidentioError) -> str:
    """Return an error's message and hint in one line."""
    return f"{error.message.removesuffix('.')}; {error.hint}" if error.hint else error.message
