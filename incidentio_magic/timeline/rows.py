"""Merges records that describe the same event: each event is one row, which later sources fill or are linked from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from incidentio_magic.timeline.event import Event

_FILLED: Final = ("recorded_at", "detail", "actor", "url", "about")
Key = tuple[str, str]


class EventMerge:
    """The rows of a timeline, indexed by the keys by which other sources find them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._found_by: dict[Key, list[int]] = {}

    def add(self, event: Event, *keys: Key) -> int:
        """Add a row and return its place.

        Args:
            event: The row.
            keys: The keys by which later sources find it.
        """
        self.events.append(event)
        place = len(self.events) - 1
        self.name(place, *keys)
        return place

    def name(self, place: int, *keys: Key) -> None:
        """Add keys to the row at `place`."""
        for key in keys:
            self._found_by.setdefault(key, []).append(place)

    def take(
        self,
        key: Key,
        at: datetime | None = None,
        *,
        within: timedelta | None = None,
        fits: Callable[[Event], bool] = lambda _event: True,
    ) -> int | None:
        """Return the position of the row with `key`, once, because a row absorbs at most one other record per key.

        Args:
            key: The key.
            at: If several rows match, the nearest to this moment is returned.
            within: How far from `at` it may be; None for no limit.
            fits: Returns whether a row qualifies.
        """
        places = self._found_by.get(key, [])
        fitting = [place for place in places if fits(self.events[place])]
        if at is not None:
            fitting.sort(key=lambda place: abs(self.events[place].at - at))
            if within is not None:
                fitting = [place for place in fitting if abs(self.events[place].at - at) <= within]
        if not fitting:
            return None
        places.remove(fitting[0])
        return fitting[0]

    def last(self, key: Key, *, fits: Callable[[Event], bool]) -> Event | None:
        """Return the latest qualifying row with `key`, without taking it."""
        fitting = [event for place in self._found_by.get(key, ()) if fits(event := self.events[place])]
        return max(fitting, key=lambda event: (event.recorded_at or event.at, event.entry_id), default=None)

    def fill(self, place: int, *, link: str = "", **known: object) -> None:
        """Fill empty values of the row at `place`, and link the record that it absorbs.

        Args:
            place: Which row.
            link: The absorbed record, as `source:ID`.
            known: The absorbed record's values, by field; an actor comes with its kind.
        """
        event = self.events[place]
        missing = {name: known[name] for name in _FILLED if known.get(name) and getattr(event, name) is None}
        if "actor" in missing:
            missing["actor_kind"] = known.get("actor_kind")
        if event.before is None and event.after is None:  # a change comes as a whole from a single source
            missing |= {name: known.get(name) for name in ("before", "after")}
        missing["private"] = event.private or bool(known.get("private"))
        links = (*event.also_in, link) if link else event.also_in
        self.events[place] = replace(event, also_in=links, **missing)  # type: ignore[arg-type]
