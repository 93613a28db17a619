"""Fields for long lists: type a part of the name, pick from what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ipywidgets import Box, Button, Combobox

from incidentio_magic.names.vocabulary import named
from incidentio_magic.widgets.fields import Field, label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class SearchField(Field):
    """One record found by its name, or none while nothing is typed.

    Args:
        name: Its name in the draft.
        label: What stands above it.
        kind: What is looked for, for the messages: "person".
        hint: What to know about it.
        placeholder: What to type.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        kind: str,
        changed: Callable[[Field], None],
        hint: str = "",
        placeholder: str = "",
    ) -> None:
        self._kind = kind
        self._records: Sequence[Any] = ()
        self._names: Callable[[Any], list[str]] = lambda record: [record.name]
        control = Combobox(
            description=label_of(label), placeholder=placeholder or "type to search", continuous_update=False
        )
        super().__init__(name, control, hint=hint, changed=changed)

    def offer(self, records: Sequence[Any], names: Callable[[Any], list[str]] = lambda record: [record.name]) -> None:
        """Offer `records`, each found by any of its names; the first one is shown."""
        self._records = records
        self._names = lambda record: list(dict.fromkeys([label_of(names(record)[0]), *names(record)]))
        with self.quietly():
            self.control.options = tuple(dict.fromkeys(label_of(names(record)[0]) for record in records))

    def read(self) -> Any:
        """Return the record whose name was typed, or None if nothing was.

        Raises:
            UnknownName: If no record has that name.
            AmbiguousName: If several have it.
        """
        typed = str(self.control.value).strip()
        return named(self._kind, typed, self._records, self._names) if typed else None

    def refuse(self, typed: str, _problem: str) -> None:
        """Show what was given as if it had been typed here: the field itself says what is wrong with it."""
        self.write(typed)
        self.touched = True

    def write(self, content: str) -> None:
        """Put a name into the field."""
        with self.quietly():
            self.control.value = content

    def clear(self) -> None:
        """Empty the field."""
        self.write("")
        super().clear()


class MultiSelectField(SearchField):
    """Some records, each found by its name and then shown with a button that takes it out again.

    Args:
        name: Its name in the draft.
        label: What stands above it.
        kind: What is looked for, for the messages: "person".
        hint: What to know about it.
        placeholder: What to type.
        changed: Called with the field when the user changes it.
    """

    nothing: ClassVar[Any] = ()

    def __init__(
        self,
        name: str,
        label: str,
        *,
        kind: str,
        changed: Callable[[Field], None],
        hint: str = "",
        placeholder: str = "",
    ) -> None:
        self._chosen: list[Any] = []
        self._chips = Box().add_class("incidentio-chips")
        super().__init__(name, label, kind=kind, changed=changed, hint=hint, placeholder=placeholder)
        self.children = (self.control, self._chips, self._note)

    @property
    def chosen(self) -> tuple[Any, ...]:
        """The chosen records."""
        return tuple(self._chosen)

    def read(self) -> tuple[Any, ...]:
        """Return the chosen records.

        Raises:
            UnknownName: If something is typed that names no record.
            AmbiguousName: If it names several.
        """
        super().read()
        return self.chosen

    def typed(self) -> Any:
        """Return the IDs of what is chosen, and what is typed besides."""
        return tuple(record.id for record in self._chosen), self.control.value

    def add(self, record: Any) -> None:
        """Choose one more record."""
        if all(chosen.id != record.id for chosen in self._chosen):
            self._chosen.append(record)
            name = label_of(self._names(record)[0])
            chip = Button(description=f"{name}  ✕", tooltip=f"take out {name}", disabled=self.control.disabled)
            chip.on_click(lambda _button: self.take_out(record))
            self._chips.children = (*self._chips.children, chip)

    def take_out(self, record: Any) -> None:
        """Choose one record less."""
        place = next((place for place, chosen in enumerate(self._chosen) if chosen.id == record.id), None)
        if place is None:
            return
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
        for record in (self.control, *self._chips.children):
            record.disabled = disabled

    def _drop(self, place: int) -> None:
        del self._chosen[place]
        chips = list(self._chips.children)
        dropped = chips.pop(place)
        self._chips.children = tuple(chips)
        close(dropped)

    def _observed(self, change: object) -> None:
        if self._quiet:
            return
        typed = str(self.control.value).strip()
        fitting = [
            record for record in self._records if typed.casefold() in {name.casefold() for name in self._names(record)}
        ]
        if len(fitting) == 1:
            self.add(fitting[0])
            self.write("")
        super()._observed(change)


def close(widget: Any) -> None:
    """Close a widget and everything inside it, so that neither the kernel nor the page keeps any of it."""
    for child in getattr(widget, "children", ()):
        close(child)
    for part in ("layout", "style"):
        inner = getattr(widget, part, None)
        if inner is not None and hasattr(inner, "comm"):
            inner.close()
    widget.close()
