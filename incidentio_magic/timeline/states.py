"""The status and the severity of an incident at any moment, from its updates and its activity log."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from incidentio_magic.timeline.content import content_of, shown

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.timeline.records import Records


class _Step(NamedTuple):
    """A change of a property; `before` is None if it is unknown or if there was no value."""

    at: datetime
    id: str
    update_id: str
    before: str | None
    after: str


class Course:
    """The values of a property over time.

    Args:
        steps: Its changes, in any order.
    """

    def __init__(self, steps: list[_Step]) -> None:
        steps = sorted(steps, key=lambda step: (step.at, step.id))
        self._moments = [step.at for step in steps]
        self._values = [_before(steps), *(step.after for step in steps)]

    def at(self, moment: datetime) -> str | None:
        """Return the value after all changes up to `moment`; None if unknown."""
        return self._values[bisect_right(self._moments, moment)]


def _before(steps: list[_Step]) -> str | None:
    """Return the value before the first change, which only the activity log has."""
    if not steps:
        return None
    first = steps[0]
    same = (step.before for step in steps if step is first or (first.update_id and step.update_id == first.update_id))
    return next(filter(None, same), None)


def courses(records: Records) -> tuple[Course, Course]:
    """Return the courses of the incident's own status and severity, without its streams'."""
    status: list[_Step] = []
    severity: list[_Step] = []
    for entry in records.activity:
        if entry.incident_id != records.incident.id or entry.type not in {"incident_update", "status_change"}:
            continue
        content = content_of(entry)
        update_id = shown(content.get("id")) or ""
        for steps, name in ((status, "status"), (severity, "severity")):
            before, after = shown(content.get(f"previous_{name}")), shown(content.get(f"new_{name}"))
            if after:
                steps.append(_Step(entry.occurred_at, entry.id, update_id, before, after))
    for update in records.updates:
        if update.incident_id == records.incident.id:
            at, identity = update.created_at, update.id
            status.append(_Step(at, identity, identity, None, update.new_incident_status.name))
            if update.new_severity:
                severity.append(_Step(at, identity, identity, None, update.new_severity.name))
    return Course(status), Course(severity)
