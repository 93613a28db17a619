"""Merges the sources in their order of authority: a later source fills gaps or is linked; it never overwrites."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidentio_magic.timeline.activity import add_activity
from incidentio_magic.timeline.escalations import add_alerts, add_escalations
from incidentio_magic.timeline.other_sources import (
    add_calls,
    add_postmortems,
    add_tasks,
    add_transcripts,
    add_workflows,
)
from incidentio_magic.timeline.rows import EventMerge
from incidentio_magic.timeline.states import courses
from incidentio_magic.timeline.updates import add_timestamps, add_updates

if TYPE_CHECKING:
    from incidentio_magic.timeline.event import Event
    from incidentio_magic.timeline.records import Records


def merge(records: Records) -> list[Event]:
    """Return the events of an incident in order: by time, source, time of writing and ID.

    Args:
        records: What was read about it, in any order.
    """
    merged = EventMerge()
    add_activity(merged, records)
    add_updates(merged, records)
    add_escalations(merged, records)
    add_alerts(merged, records)
    add_tasks(merged, records)
    add_timestamps(merged, records)
    add_calls(merged, records)
    add_postmortems(merged, records)
    add_transcripts(merged, records)
    add_workflows(merged, records)
    status, severity = courses(records)
    events = (replace(event, status=status.at(event.at), severity=severity.at(event.at)) for event in merged.events)
    return sorted(events, key=lambda event: (event.order, event.type))
