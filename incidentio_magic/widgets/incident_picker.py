"""The field that chooses the incident: the user types part of its reference or name, and chooses a match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Select, Text

from incidentio_magic.errors import IncidentioError, InputError
from incidentio_magic.widgets._shared import is_shown, shared, show_widget, small_button
from incidentio_magic.widgets.fields import Field, label_of
from incidentio_magic.widgets.labels import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.api import models

_ROWS: Final = 5
_REFERENCE: Final = re.compile(r"\S*\d\S*")


class IncidentPicker(Field):
    """A choice of an incident, searched while the user types or looked up by reference.

    Private names are neither shown nor searched, unless they may be shown. Text that does not match the chosen incident
    undoes the choice, so the box always shows what is chosen.

    Args:
        name: Its name in the draft.
        look_up: Returns the incident with a reference.
        list_all: Returns the incidents to choose from, if they have not been read yet.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        *,
        look_up: Callable[[str], models.Incident],
        list_all: Callable[[], list[models.Incident]],
        changed: Callable[[Field], None],
    ) -> None:
        self._look_up = look_up
        self._list_all = list_all
        self._is_listed = False
        self._lines: dict[str, str] = {}
        self._offered: list[models.Incident] = []
        self._entries: list[models.Incident | None] = []  # the rows of the list; None looks up the typed text
        self._chosen: models.Incident | None = None
        self._failure: IncidentioError | None = None
        self._show_private = False
        search = Text(
            description="Incident",
            placeholder="part of its name, or a reference like INC-123",
            continuous_update=False,
            **shared("text"),
        )
        self.matches = Select(options=[], rows=_ROWS, **shared("description")).add_class("incidentio-matches")
        self.remove = small_button("✕", "Choose another incident").add_class("incidentio-remove")
        self.remove.on_click(lambda _button: self._removed())
        super().__init__(name, search, changed=changed)
        self.children = (search, self.remove, self.matches, self._note)
        self.add_class("incidentio-search")
        self.matches.observe(self._picked, "index")
        search.on_msg(self._sent)

    @property
    def chosen(self) -> models.Incident | None:
        """The chosen incident, or None."""
        return self._chosen

    @property
    def offered(self) -> list[models.Incident]:
        """The incidents that can be chosen without a look-up."""
        return list(self._offered)

    def offer(
        self, incidents: Sequence[models.Incident] | None, *, show_private: bool, chosen: models.Incident | None = None
    ) -> None:
        """Offer incidents; the choice stays if it is still among them.

        Args:
            incidents: The incidents in order; if None, they are listed when the user searches, or by `offer_all`.
            show_private: Whether the names of private ones are shown.
            chosen: A new choice; it is offered first if it is not among the incidents.
        """
        self._show_private = show_private
        wanted = chosen or self._chosen
        self._is_listed = incidents is not None
        incidents = incidents or []
        known = {record.id: record for record in incidents}
        first = [chosen] if chosen is not None and chosen.id not in known else []
        self._offered = [*first, *incidents]
        self._lines = {incident.id: line_of(incident, show_private=show_private) for incident in self._offered}
        self._chosen = next(
            (incident for incident in self._offered if wanted is not None and incident.id == wanted.id), None
        )
        if self._chosen is not None:
            self._write(self._line(self._chosen))
        self._arrange()

    def offer_all(self) -> None:
        """Read the incidents to choose from, unless they have been read, and offer them.

        Raises:
            IncidentioError: If they cannot be read.
        """
        if not self._is_listed:
            self._read_all()
            self._arrange()
            self._changed(self)

    def _line(self, incident: models.Incident) -> str:
        return label_of(self._lines[incident.id])

    def read(self) -> models.Incident | None:
        """Return the chosen incident, or None if nothing is chosen and nothing is typed.

        Raises:
            IncidentioError: If the typed text was looked up and not found.
            InputError: If text is typed and no match is chosen yet.
        """
        if self._chosen is not None or not self._text():
            return self._chosen
        if self._failure is not None:
            raise self._failure
        raise InputError(
            "choose a match" if self._fitting() else "no incident in the list matches", hint=self._entering()
        )

    def typed(self) -> Any:
        """Return the ID of the chosen incident, else the typed text."""
        return self._chosen.id if self._chosen is not None else self._text()

    def shown_value(self) -> str:
        """Return the reference of the chosen incident."""
        return self._chosen.reference if self._chosen is not None else ""

    def refuse(self, typed: str, problem: str) -> None:
        """Show a given reference that was not found as if it had been typed."""
        self._write(typed)
        self._failure = InputError(problem)
        self.touched = True
        self._arrange()

    def clear(self) -> None:
        """Choose nothing."""
        self._chosen = self._failure = None
        self._write("")
        super().clear()

    @property
    def disabled(self) -> bool:
        """Whether the choice cannot be changed."""
        return bool(self.control.disabled)

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        self.control.disabled = self.matches.disabled = self.remove.disabled = disabled

    def _state(self) -> str:
        shown = len(self.matches.options) if is_shown(self.matches) else 0
        return f"{super()._state()},{shown}"

    def _text(self) -> str:
        return str(self.control.value).strip()

    def _write(self, content: str) -> None:
        with self.quietly():
            self.control.value = content

    def _fitting(self) -> list[models.Incident]:
        words = self._text().casefold().split()
        return [record for record in self._offered if all(word in self._lines[record.id].casefold() for word in words)]

    def _entering(self) -> str:
        return f"Enter looks up {self._text()}" if _REFERENCE.fullmatch(self._text()) else ""

    def _arrange(self) -> None:
        """Show the matches of the typed text, and keep the choice only if it is among them."""
        typed = self._text()
        settled = self._chosen is not None and typed == self._line(self._chosen)
        fitting = [self._chosen] if settled and self._chosen else self._fitting()
        exact = [incident for incident in fitting if incident.reference.casefold() == typed.casefold()]
        if exact:
            self._chosen = exact[0]
        elif self._chosen is not None and (not typed or all(incident.id != self._chosen.id for incident in fitting)):
            self._chosen = None
        looked_up: list[models.Incident | None] = [None] if not exact and not settled and self._entering() else []
        self._entries = [*fitting, *looked_up]
        texts = [
            label_of(self._lines[record.id]) if record else f"Look up {label_of(typed)} …" for record in self._entries
        ]
        total = f"{len(self._offered)} incident{'s' if len(self._offered) != 1 else ''}"
        count = f"{len(fitting)} of {total} match" if typed else total
        count = count if self._is_listed else "not read yet"
        self._quiet += 1
        try:
            with self.matches.hold_sync():
                self.matches.index = None
                self.matches.options = texts
                self.matches.description = count
                self.matches.index = next(
                    (place for place, record in enumerate(self._entries) if record and record is self._chosen), None
                )
        finally:
            self._quiet -= 1
        show_widget(self.matches, not settled)
        show_widget(self.remove, self._chosen is not None)
        chosen = "" if self._chosen is None or settled else f"chosen: {self._lines[self._chosen.id]}"
        self.hint = chosen or ("" if settled else self._entering())

    def _observed(self, _change: object) -> None:
        if self._quiet:
            return
        self._failure = None
        before = self._chosen
        self._list()
        self._arrange()
        self.touched = self.touched or (before is not None and self._chosen is None)
        if self._chosen is not before or self.problem:
            self._changed(self)

    def _list(self) -> None:
        """Read the incidents, unless they have been read; a failure is kept for `read`."""
        if self._is_listed:
            return
        try:
            self._read_all()
        except IncidentioError as error:
            self._failure = error

    def _read_all(self) -> None:
        listed = self._list_all()
        self._is_listed = True
        known = {incident.id for incident in self._offered}
        self._offered += [incident for incident in listed if incident.id not in known]
        self._lines |= {incident.id: line_of(incident, show_private=self._show_private) for incident in listed}

    def _removed(self) -> None:
        self._chosen = None
        self._write("")
        self._list()
        self._arrange()
        self.touched = True
        self._changed(self)

    def _picked(self, _change: object) -> None:
        if self._quiet or self.matches.index is None:
            return
        entry = self._entries[self.matches.index]
        if entry is None:
            self._find()
        else:
            self._choose(entry)

    def _sent(self, _search: object, content: dict[str, Any], _buffers: object) -> None:
        """Handle Enter: choose the only match, or look up the text."""
        if content.get("event") != "submit" or self._chosen is not None or not self._text():
            return
        fitting = self._fitting()
        if len(fitting) == 1:
            self._choose(fitting[0])
        elif self._entering():
            self._find()
        else:
            self.touched = True
            self._changed(self)

    def _choose(self, incident: models.Incident) -> None:
        self._chosen, self._failure = incident, None
        self._write(self._line(incident))
        self._arrange()
        self.touched = True
        self._changed(self)

    def _find(self) -> None:
        """Look up the typed text."""
        try:
            found = self._look_up(self._text())
        except IncidentioError as error:
            self._failure = error
            self._arrange()
        else:
            self._failure = None
            others = [record for record in self._offered if record.id != found.id]
            self.offer(others, show_private=self._show_private, chosen=found)
        self.touched = True
        self._changed(self)
