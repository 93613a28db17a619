"""The fields of a form: each holds a value and shows what is wrong with it beside itself."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import HTML, Checkbox, Dropdown, RadioButtons, Text, Textarea, VBox

from incidentio_magic.printable import one_line
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._control_state import state_of
from incidentio_magic.widgets._shared import is_shown, shared, show_widget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONGEST_LABEL: Final = 120


class Field(VBox):
    """A value with its label, its hint, and what is wrong with it.

    Args:
        name: Its name in the draft; problems are assigned by it.
        control: The widget that the user types or clicks into.
        watched: The trait of the control that holds the value.
        hint: Help text, shown while nothing is wrong.
        changed: Called with the field when the user changes it.
    """

    nothing: ClassVar[Any] = None  # the value while nothing is typed

    def __init__(
        self, name: str, control: Any, *, watched: str = "value", hint: str = "", changed: Callable[[Field], None]
    ) -> None:
        self.name = name
        self.control = control
        self.touched = False
        self.unmet = ""  # why the initial value is impossible; until the user changes the field
        self._hint = hint
        self._problem = ""
        self._quiet = 0
        self._changed = changed
        self._note = HTML(**shared("html")).add_class("incidentio-note")
        super().__init__([control, self._note], **shared())
        self.add_class("incidentio-field").add_class(f"incidentio-{slug(name)}")
        control.observe(self._observed, watched)
        control.observe(lambda _change: self._show(), watched)
        self._show()

    def read(self) -> Any:
        """Return the value.

        Raises:
            InputError: If the typed text is not a valid value.
        """
        raise NotImplementedError

    def typed(self) -> Any:
        """Return what was typed or chosen, to detect later changes."""
        return self.control.value

    def shown_value(self) -> str:
        """Return what was typed or chosen, in words."""
        return str(self.control.value)

    def refuse(self, _typed: str, problem: str) -> None:
        """Show why the initial value is impossible; it counts as a problem until the user changes the field.

        Args:
            problem: Why.
        """
        self.unmet = self.problem = problem

    def clear(self) -> None:
        """Clear the field."""
        self.touched = False
        self.unmet = ""
        self.problem = ""

    @property
    def label(self) -> str:
        """The label above the field."""
        return str(self.control.description)

    @property
    def hint(self) -> str:
        """The help text of the field."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        self._hint = hint
        self._show()

    @property
    def problem(self) -> str:
        """What is wrong with the value; empty if nothing is."""
        return self._problem

    @problem.setter
    def problem(self, problem: str) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        self._show()
        if problem:
            self.add_class("incidentio-wrong")
        else:
            self.remove_class("incidentio-wrong")

    @property
    def shown(self) -> bool:
        """Whether the field can be seen."""
        return is_shown(self)

    @shown.setter
    def shown(self, shown: bool) -> None:
        show_widget(self, shown)

    @property
    def disabled(self) -> bool:
        """Whether the value cannot be changed."""
        return bool(self.control.disabled)

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        self.control.disabled = disabled

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Change the control without treating it as a change by the user."""
        self._quiet += 1
        try:
            with self.control.hold_sync():
                yield
        finally:
            self._quiet -= 1

    def _show(self) -> None:
        problem, hint = self._problem, self._hint
        line = markup.line("problem", problem, role="alert") if problem else markup.line("hint", hint)
        self._note.value = line + markup.state(self._state())

    def _state(self) -> str:
        """Return the state that the kernel has received; see `_control_state`."""
        return state_of(self.control)

    def _observed(self, _change: object) -> None:
        if not self._quiet:
            self.unmet = ""
            self.touched = True
            self._changed(self)


class TextField(Field):
    """A text field of one or several lines.

    The text reaches the kernel when the focus leaves the field, not with every key, so a click on the button cannot
    overtake the last letters.

    Args:
        name: Its name in the draft.
        label: The label above it.
        lines: Whether it has several lines.
        placeholder: An example, shown while it is empty.
        hint: Help text.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        changed: Callable[[Field], None],
        lines: bool = False,
        placeholder: str = "",
        hint: str = "",
    ) -> None:
        kind = Textarea if lines else Text
        control = kind(description=label_of(label), placeholder=placeholder, continuous_update=False, **shared("text"))
        super().__init__(name, control, hint=hint, changed=changed)

    nothing: ClassVar[Any] = ""

    def read(self) -> str:
        """Return the text."""
        return str(self.control.value)

    def write(self, content: str) -> None:
        """Put a text into the field."""
        with self.quietly():
            self.control.value = content

    def clear(self) -> None:
        """Empty the field."""
        self.write("")
        super().clear()


class Choice(Field):
    """A choice of one record, in a drop-down list or as a list of buttons.

    Args:
        name: Its name in the draft.
        label: The label above it.
        empty: The entry for no record; without such an entry, nothing is chosen until the user chooses.
        buttons: Whether to show all entries at once, as buttons.
        hint: Help text.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        changed: Callable[[Field], None],
        empty: str = "",
        buttons: bool = False,
        hint: str = "",
    ) -> None:
        self._records: list[Any] = []
        control = (RadioButtons if buttons else Dropdown)(
            options=[], description=label_of(label), **shared("description")
        )
        super().__init__(name, control, watched="index", hint=hint, changed=changed)
        self._empty = empty

    def offer(self, records: Sequence[Any], label: Callable[[Any], str], *, empty: str | None = None) -> None:
        """Offer `records`; the choice stays if it is still among them.

        Args:
            records: The records in order; each has an id.
            label: Returns the label of a record.
            empty: A new label for the entry for no record.
        """
        chosen = self.read()
        if empty is not None:
            self._empty = empty
        before = [getattr(record, "id", record) for record in self._records]
        self._records = [*([None] if self._empty else []), *records]
        labels = tuple(self._empty if record is None else label_of(label(record)) for record in self._records)
        if labels == self.control.options and before == [getattr(record, "id", record) for record in self._records]:
            return  # the page stays unchanged: a refilled list would lose the keyboard focus
        with self.quietly():
            self.control.index = None
            self.control.options = labels
        self.choose(chosen)

    def offer_also(self, record: Any) -> None:
        """Offer one more record, labelled with its name."""
        chosen = self.read()
        self._records.append(record)
        with self.quietly():
            options = self.control.options
            self.control.index = None
            self.control.options = (*options, label_of(record.name))
        self.choose(chosen)

    @property
    def records(self) -> list[Any]:
        """The offered records."""
        return [record for record in self._records if record is not None]

    def read(self) -> Any:
        """Return the chosen record, or None."""
        index = self.control.index
        return None if index is None else self._records[index]

    def typed(self) -> Any:
        """Return the ID of what is chosen."""
        chosen = self.read()
        return getattr(chosen, "id", chosen)

    def shown_value(self) -> str:
        """Return the name of the chosen record."""
        chosen = self.read()
        return "" if chosen is None else str(getattr(chosen, "name", chosen))

    def refuse(self, typed: str, problem: str) -> None:
        """Choose nothing, not even the entry for no record, so that the user has to choose."""
        super().refuse(typed, problem)
        with self.quietly():
            self.control.index = None

    def choose(self, record: Any) -> None:
        """Choose a record or none; a record that is not offered counts as none."""
        wanted = getattr(record, "id", record)
        places = [place for place, record in enumerate(self._records) if getattr(record, "id", record) == wanted]
        with self.quietly():
            empty = 0 if self._empty and self._records and not self.unmet else None
            self.control.index = places[0] if places else empty

    def clear(self) -> None:
        """Choose nothing."""
        self.choose(None)
        super().clear()


class Confirmation(Field):
    """A box to tick.

    Args:
        name: Its name in the form.
        changed: Called with the field when the user changes it.
    """

    def __init__(self, name: str, *, changed: Callable[[Field], None]) -> None:
        super().__init__(name, Checkbox(indent=False, **shared("check")), changed=changed)

    @property
    def label(self) -> str:
        """The question beside the box."""
        return "Confirmation"

    def ask(self, question: str) -> None:
        """Ask the user to confirm `question`; a tick for another question is removed."""
        if question == self.control.description:
            return
        with self.quietly():
            self.control.description = question
            self.control.value = False

    def read(self) -> bool:
        """Return whether it is ticked."""
        return bool(self.control.value)

    def clear(self) -> None:
        """Remove the tick."""
        with self.quietly():
            self.control.value = False
        super().clear()


def label_of(name: str) -> str:
    """Return a name as a label: one line of limited length, and never empty."""
    return one_line(name, limit=LONGEST_LABEL) or "(no name)"


def slug(name: str) -> str:
    """Return a name as part of a CSS class."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
