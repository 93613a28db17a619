"""Rows under construction: each fact is one row; a later source of the same fact fills the row or is linked from it."""

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
    """The rows of one timeline, by what other sources can find them with."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._found_by: dict[Key, list[int]] = {}

    def add(self, event: Event, *keys: Key) -> int:
        """Add a row and return its place.

        Args:
            event: The row.
            keys: What a later source may find it with.
        """
        self.events.append(event)
        place = len(self.events) - 1
        self.name(place, *keys)
        return place

    def name(self, place: int, *keys: Key) -> None:
        """Let the row at `place` be found with these keys too."""
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
        """Return the place of the row that is found with `key`, once: it stands for one other record only.

        Args:
            key: What it is found with.
            at: If several are, the one nearest to this moment is meant.
            within: How far from `at` it may be; None for any distance.
            fits: Whether a row may be meant at all.
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
        """Return the latest row that is found with `key` and fits, without taking it."""
        fitting = [event for place in self._found_by.get(key, ()) if fits(event := self.events[place])]
        return max(fitting, key=lambda event: (event.recorded_at or event.at, event.entry_id), default=None)

    def fill(self, place: int, *, link: str = "", **known: object) -> None:
        """Fill what the row at `place` does not say yet, and name the row that it absorbs.

        Args:
            place: Which row.
            link: The absorbed row, as `source:ID`.
            known: What the absorbed row says, by field; an actor brings its kind along.
        """
        event = self.events[place]
        missing = {name: known[name] for name in _FILLED if known.get(name) and getattr(event, name) is None}
        if "actor" in missing:
            missing["actor_kind"] = known.get("actor_kind")
        if event.before is None and event.after is None:  # one source gives a change as a whole
            missing |= {name: known.get(name) for name in ("before", "after")}
        missing["private"] = event.private or bool(known.get("private"))
        links = (*event.also_in, link) if link else event.also_in
        self.events[place] = replace(event, also_in=links, **missing)  # type: ignore[arg-type]
