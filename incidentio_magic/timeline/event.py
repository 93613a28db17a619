"""An event of a timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.moments import between
from incidentio_magic.timeline.records import SOURCES

if TYPE_CHECKING:
    from datetime import datetime

BACKDATED_AFTER: Final = timedelta(minutes=5)
"""The delay between an event and its recording after which it counts as backdated."""

_PLACES: Final = {name: place for place, name in enumerate(SOURCES)}


@dataclass(frozen=True)
class Event:
    """Something that happened in an incident.

    Args:
        at: When it happened.
        source: The source of its row, from `SOURCES`.
        kind: Its normalised kind, from `KINDS`.
        type: Its type in the source.
        title: What happened, in one line.
        entry_id: Its ID in the source.
        incident: The reference of the incident or stream it belongs to.
        recorded_at: When the service recorded it; None if unknown.
        detail: Details, in Markdown.
        actor: Who did it.
        actor_kind: user, api_key, workflow or alert.
        before: The value before a change.
        after: The value after a change.
        status: The incident's status after it.
        severity: The incident's severity after it.
        curated: Whether somebody added it to the curated timeline.
        also_in: The records of other sources about the same event, each as `source:ID`.
        url: A link with more about it.
        about: The ID of its subject, such as an escalation; it connects a page with its acknowledgement.
        private: Whether it is about a private incident, even on the timeline of another incident.
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
    private: bool = field(kw_only=True)  # a source that forgot it would show what must be masked

    @property
    def backdated(self) -> bool:
        """Whether it was recorded long after it happened."""
        span = between(self.at, self.recorded_at)
        return span is not None and span > BACKDATED_AFTER

    @property
    def order(self) -> tuple[object, ...]:
        """The sort key of timelines: time, source, time of recording (unknown last), ID."""
        return (
            self.at,
            _PLACES[self.source],
            self.recorded_at is None,
            self.recorded_at or self.at,
            self.entry_id,
        )
