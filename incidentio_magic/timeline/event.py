"""One event of a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.timeline.records import SOURCES

if TYPE_CHECKING:
    from datetime import datetime

BACKDATED_AFTER: Final = timedelta(minutes=5)
"""How long after it happened something is written down before it counts as backdated."""

_PLACES: Final = {name: place for place, name in enumerate(SOURCES)}


@dataclass(frozen=True)
class Event:
    """Something that happened in an incident.

    Args:
        at: When it happened.
        source: Where its row comes from: one of `SOURCES`.
        kind: What it is, normalised: one of `KINDS`.
        type: What the source calls it.
        title: What happened, in a line.
        entry_id: Its ID in the source.
        incident: The reference of the incident or stream it belongs to.
        recorded_at: When the service wrote it down; None if that is not known.
        detail: More about it, in Markdown.
        actor: Who did it.
        actor_kind: user, api_key, workflow or alert.
        before: What was, where something was changed.
        after: What is since then.
        status: The incident's status after it.
        severity: The incident's severity after it.
        curated: Whether somebody put it on the timeline.
        also_in: The rows of other sources that tell the same, each as `source:ID`.
        url: Where there is more about it.
        about: The ID of what it is about, such as an escalation; ties a page to its acknowledgement.
        private: Whether it tells of a private incident, whatever the incident is whose story it belongs to.
    """

    at: datetime
    source: str
    kind: str
    type: str
    title: str
    entry_id: str
    incident: str
    recorded_at: datetime | None
    detail: str | None = None
    actor: str | None = None
    actor_kind: str | None = None
    before: str | None = None
    after: str | None = None
    status: str | None = None
    severity: str | None = None
    curated: bool = False
    also_in: tuple[str, ...] = ()
    url: str | None = None
    about: str | None = None
    private: bool = False

    @property
    def backdated(self) -> bool:
        """Whether it was written down long after it happened."""
        return self.recorded_at is not None and self.recorded_at - self.at > BACKDATED_AFTER

    @property
    def order(self) -> tuple[object, ...]:
        """What timelines are sorted by: time, source, time of writing (unknown last), ID."""
        return (
            self.at,
            _PLACES[self.source],
            self.recorded_at is None,
            self.recorded_at or self.at,
            self.entry_id,
        )
