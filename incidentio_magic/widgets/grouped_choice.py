"""A choice of one record, shown in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, RadioButtons

from incidentio_magic.widgets import markup
from incidentio_magic.widgets._control_state import state_of
from incidentio_magic.widgets._shared import shared, show_widget
from incidentio_magic.widgets.fields import Field, label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class GroupedChoice(Field):
    """A choice of one record from several groups of buttons; nothing is chosen until the user chooses.

    Args:
        name: Its name in the draft.
        label: The label above it.
        titles: The title above each group.
        changed: Called with the field when the user changes it.
    """

    def __init__(self, name: str, label: str, titles: Sequence[str], *, changed: Callable[[Field], None]) -> None:
        self._label = label
        self._records: dict[str, list[Any]] = {title: [] for title in titles}
        self.groups = {
            title: RadioButtons(options=[], description=label_of(title), **shared("description")) for title in titles
        }
        groups = Box(list(self.groups.values()), **shared()).add_class("incidentio-grid").add_class("incidentio-groups")
        super().__init__(name, groups, watched="children", changed=changed)
        self.children = (HTML(markup.line("label", label), **shared("html")), groups, self._note)
        for title, group in self.groups.items():
            group.observe(lambda _change, title=title: self._picked(title), "index")

    def offer(self, groups: Mapping[str, Sequence[Any]], label: Callable[[Any], str]) -> None:
        """Offer records; the choice stays if it is still among them. An empty group is hidden.

        Args:
            groups: The records by group title; each has an id.
            label: Returns the label of a record.
        """
        chosen = self.read()
        with self.quietly():
            for title, group in self.groups.items():
                self._records[title] = list(groups.get(title, ()))
                group.index = None
                group.options = [label_of(label(record)) for record in self._records[title]]
                show_widget(group, bool(self._records[title]))
        self.choose(chosen)

    @property
    def records(self) -> list[Any]:
        """The offered records."""
        return [record for records in self._records.values() for record in records]

    @property
    def label(self) -> str:
        """The label above the field."""
        return self._label

    def _state(self) -> str:
        return ",".join(map(state_of, self.groups.values()))

    def read(self) -> Any:
        """Return the chosen record, or None."""
        chosen = [self._records[title][group.index] for title, group in self.groups.items() if group.index is not None]
        return chosen[0] if chosen else None

    def typed(self) -> Any:
        """Return the ID of what is chosen."""
        return getattr(self.read(), "id", None)

    def shown_value(self) -> str:
        """Return the name of the chosen record."""
        return str(getattr(self.read(), "name", ""))

    def choose(self, record: Any) -> None:
        """Choose a record or none; a record that is not offered counts as none."""
        wanted = getattr(record, "id", None)
        with self.quietly():
            for title, group in self.groups.items():
                places = [place for place, record in enumerate(self._records[title]) if record.id == wanted]
                group.index = places[0] if places else None
        self._show()

    def clear(self) -> None:
        """Choose nothing."""
        self.choose(None)
        super().clear()

    @property
    def disabled(self) -> bool:
        """Whether the choice cannot be changed."""
        return any(group.disabled for group in self.groups.values())

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        for group in self.groups.values():
            group.disabled = disabled

    def _picked(self, title: str) -> None:
        if self._quiet or self.groups[title].index is None:
            return
        self.choose(self._records[title][self.groups[title].index])
        self._observed(None)
