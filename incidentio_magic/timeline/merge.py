"""Merging: the sources in their order of authority; a later one fills or links, it never overwrites or repeats."""

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
        records: What was read about it; in any order.
    """
    weaving = EventMerge()
    add_activity(weaving, records)
    add_updates(weaving, records)
    add_escalations(weaving, records)
    add_alerts(weaving, records)
    add_tasks(weaving, records)
    add_timestamps(weaving, records)
    add_calls(weaving, records)
    add_postmortems(weaving, records)
    add_transcripts(weaving, records)
    add_workflows(weaving, records)
    status, severity = courses(records)
    events = (replace(one, status=status.at(one.at), severity=severity.at(one.at)) for one in weaving.events)
    return sorted(events, key=lambda one: (one.order, one.type))
