"""Fields for long lists: the user types part of the name and chooses a match; only matches reach the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ipywidgets import Box, Select, Text

from incidentio_magic.errors import AmbiguousName, IncidentioError, UnknownName
from incidentio_magic.widgets._shared import close, shared, show_widget, small_button
from incidentio_magic.widgets.fields import Field, label_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.widgets._sources import Source

_FEW: Final = 12
_ALL: Final = "Search the whole list …"


class SearchField(Field):
    """A choice of one record by name, or None while nothing is typed. The box shows the chosen record.

    Args:
        name: Its name in the draft.
        label: The label above it.
        kind: The kind of record, for messages: "person", or "option of Affected service".
        source: The source of the records.
        hint: Help text.
        placeholder: The text in the empty box.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        kind: str,
        source: Source,
        changed: Callable[[Field], None],
        hint: str = "",
        placeholder: str = "",
    ) -> None:
        self._kind = kind
        self.source = source
        self._choice: Any = None
        self._failure: IncidentioError | None = None
        self._offered: list[Any] = []
        self._matches: Select | None = None
        self._remove: Any = None
        control = Text(
            description=label_of(label),
            placeholder=placeholder or "type to search",
            continuous_update=False,
            **shared("text"),
        )
        super().__init__(name, control, hint=hint, changed=changed)
        self.add_class("incidentio-search")
        control.on_msg(self._entered)

    @property
    def matches(self) -> Select:
        """The list of matches below the box, created when it is first needed."""
        if self._matches is None:
            self._matches = Select(options=[], **shared("description")).add_class("incidentio-matches")
            self._matches.observe(self._picked, "index")
            self._arrange()
        return self._matches

    def read(self) -> Any:
        """Return the chosen record, or None if nothing is typed.

        Raises:
            UnknownName: If no record has this name.
            AmbiguousName: If several records have it, or the typed name is incomplete.
        """
        text = self._text()
        if self._choice is not None or not text:
            return self._choice
        raise self._failure or self._problem_of(text)

    def typed(self) -> Any:
        """Return the ID of the chosen record, else the typed text."""
        return self._choice.id if self._choice is not None else self._text()

    def shown_value(self) -> str:
        """Return the name of the chosen record."""
        return str(getattr(self._choice, "name", ""))

    def refuse(self, typed: str, _problem: str) -> None:
        """Show the initial value as if it had been typed; the field itself says what is wrong."""
        self.search(typed)
        self.touched = True

    def choose(self, record: Any) -> None:
        """Choose a record, or none."""
        self._choice, self._failure = record, None
        self._write("" if record is None else label_of(self.source.label(record)))
        self._offer([])

    def search(self, text: str) -> None:
        """Choose the record with exactly the typed name, else offer the matches."""
        self._write(text)
        self._search()

    def clear(self) -> None:
        """Empty the field."""
        self.choose(None)
        super().clear()

    @property
    def disabled(self) -> bool:
        """Whether the choice cannot be changed."""
        return bool(self.control.disabled)

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        for widget in (self.control, self._remove, self._matches):
            if widget is not None:
                widget.disabled = disabled

    def _text(self) -> str:
        return str(self.control.value).strip()

    def _write(self, text: str) -> None:
        with self.quietly():
            self.control.value = text

    def _search(self, *, entered: bool = False) -> None:
        """Choose or offer the records that match the text in the box.

        Args:
            entered: Whether Enter was pressed, which chooses the only match or starts a look-up.
        """
        text = self._text()
        self._choice = self._failure = None
        if not text:
            self._offer([])
            return
        try:
            exact = self.source.look_up(text) if entered else self.source.index.exact(text)
            fitting = self.source.index.search(text)
            if not exact and not fitting and self.source.partial and not entered:
                exact = self.source.look_up(text)
        except IncidentioError as error:
            self._failure = error
            self._offer([])
            return
        sole = exact if len(exact) == 1 else fitting if entered and len(fitting) == 1 else []
        if sole:
            self._take(sole[0], fitting)
        else:
            self._offer(exact if len(exact) > 1 else fitting)

    def _take(self, record: Any, fitting: list[Any]) -> None:
        """Choose the record that the text names; the text stays while the user is still typing."""
        self._choice = record
        self._offer([other for other in fitting if other.id != record.id])

    def _offer(self, records: list[Any]) -> None:
        self._offered = records
        if records or self._matches is not None:
            options = [label_of(self.source.label(record)) for record in records]
            if self.source.partial and self._text() and self._choice is None:
                options.append(_ALL)
            self._quiet += 1
            try:
                with self.matches.hold_sync():
                    self.matches.index = None
                    self.matches.options = options
                    self.matches.rows = max(2, len(options))
            finally:
                self._quiet -= 1
            show_widget(self.matches, bool(options))
        if self._choice is not None and self._remove is None:
            self._remove = small_button("✕", f"Remove what is chosen for {self.label}").add_class("incidentio-remove")
            self._remove.on_click(lambda _button: self._removed())
            self._arrange()
        if self._remove is not None:
            show_widget(self._remove, self._choice is not None)
        self._show()

    def _state(self) -> str:
        shown = len(self._matches.options) if self._matches is not None else 0
        return f"{super()._state()},{shown}"

    def _arrange(self) -> None:
        """Assemble the field from the parts that exist."""
        parts = [self.control, self._remove, self._matches, self._note]
        self.children = tuple(part for part in parts if part is not None)

    def _removed(self) -> None:
        self.choose(None)
        self.touched = True
        self._changed(self)

    def _picked(self, _change: object) -> None:
        if self._quiet or self.matches.index is None:
            return
        place = self.matches.index
        if place < len(self._offered):
            self.choose(self._offered[place])
        else:
            try:
                self.source.read_all()
            except IncidentioError as error:
                self._failure = error
            else:
                self._search()
        self._after_search()

    def _entered(self, _control: object, content: dict[str, Any], _buffers: object) -> None:
        """Choose the only match after Enter."""
        if content.get("event") == "submit" and self._text() and self._choice is None:
            self._search(entered=True)
            self._settle()
            self.touched = True
            self._changed(self)

    def _settle(self) -> None:
        """Put the chosen record's label into the box."""
        if self._choice is not None:
            self.choose(self._choice)

    def _observed(self, _change: object) -> None:
        if self._quiet:
            return
        self._search()
        self._after_search()

    def _after_search(self) -> None:
        self.unmet = ""
        # Matches are offered below; while the user types, only text without any match is a mistake.
        self.touched = self.touched or self._choice is not None or not self._offered
        self._changed(self)

    def _problem_of(self, text: str) -> IncidentioError:
        """Return the problem of a text that names no record."""
        if len(self._offered) > 1 and self.source.look_up(text):
            return AmbiguousName(f"{len(self._offered)} have the name '{text}'", hint="choose one below")
        if self._offered:
            hint = "choose one below" if len(self._offered) > 1 else "choose it below, or press Enter"
            return UnknownName(f"'{text}' is not complete", hint=hint)
        near = self.source.index.close_to(text)
        if near:
            hint = f"did you mean {' or '.join(near)}?"
        elif self.source.partial:
            hint = "search the whole list, or type the exact name"
        else:
            count = len(self.source.index)
            hint = f"there are {count} to choose from" if count else "there are none, or this key may not see them"
            if 0 < count <= _FEW and self._kind != "person":
                hint = f"there are: {', '.join(map(self.source.label, self.source.index.search('', count)))}"
        article = "an" if self._kind[:1] in "aeiou" else "a"
        return UnknownName(f"'{text}' is not {article} {self._kind}", hint=hint)


class MultiSelectField(SearchField):
    """A choice of several records by name; each is shown with a button that removes it.

    Args:
        name: Its name in the draft.
        label: The label above it.
        kind: The kind of record, for messages: "person".
        source: The source of the records.
        hint: Help text.
        placeholder: The text in the empty box.
        changed: Called with the field when the user changes it.
    """

    nothing: ClassVar[Any] = ()

    def __init__(self, name: str, label: str, **options: Any) -> None:
        self._chosen: list[Any] = []
        self._chips = Box(**shared()).add_class("incidentio-chips")
        super().__init__(name, label, **options)
        self._arrange()

    @property
    def chosen(self) -> tuple[Any, ...]:
        """The chosen records."""
        return tuple(self._chosen)

    def read(self) -> tuple[Any, ...]:
        """Return the chosen records.

        Raises:
            UnknownName: If the typed text names no record.
            AmbiguousName: If it names several records.
        """
        super().read()
        return self.chosen

    def typed(self) -> Any:
        """Return the IDs of the chosen records, and any typed text."""
        return tuple(record.id for record in self._chosen), self._text()

    def shown_value(self) -> str:
        """Return the names of the chosen records."""
        return ", ".join(record.name for record in self._chosen)

    def choose(self, record: Any) -> None:
        """Add a record to the choice; None only clears the box."""
        super().choose(None)  # cleared first, so that the next name can be typed as soon as this record appears
        if record is not None and all(chosen.id != record.id for chosen in self._chosen):
            self._chosen.append(record)
            name = label_of(self.source.label(record))
            chip = small_button(f"{name}  ✕", f"Remove {name}")
            chip.disabled = bool(self.control.disabled)
            chip.on_click(lambda _button: self.take_out(record))
            self._chips.children = (*self._chips.children, chip)
            self._show()

    add = choose

    def take_out(self, record: Any) -> None:
        """Remove a record from the choice."""
        place = next((place for place, chosen in enumerate(self._chosen) if chosen.id == record.id), None)
        if place is not None:
            self._drop(place)
            self.touched = True
            self._changed(self)

    def clear(self) -> None:
        """Choose nothing."""
        while self._chosen:
            self._drop(0)
        super().clear()

    @property
    def disabled(self) -> bool:
        """Whether the choice cannot be changed."""
        return bool(self.control.disabled)

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        for widget in (self.control, *self._chips.children):
            widget.disabled = disabled

    def _drop(self, place: int) -> None:
        del self._chosen[place]
        chips = list(self._chips.children)
        dropped = chips.pop(place)
        self._chips.children = tuple(chips)
        close(dropped)

    def _arrange(self) -> None:
        parts = [self.control, self._matches, self._chips, self._note]
        self.children = tuple(part for part in parts if part is not None)

    def _take(self, record: Any, fitting: list[Any]) -> None:
        """Add the record that the text names, unless a longer name may still be typed."""
        if len(fitting) > 1:
            self._offer(fitting)
        else:
            self.choose(record)
