"""Which status and severity an incident had at any moment, from its updates and its activity log."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from incidentio_magic.timeline.content import content_of, shown

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.timeline.records import Records

_Steps = list[tuple["datetime", str, str | None, str | None]]


class Course:
    """How one property went on in time.

    Args:
        steps: For each change its moment, its ID, what was before (None if not known) and what is after it.
    """

    def __init__(self, steps: _Steps) -> None:
        known = sorted((one for one in steps if one[3] is not None), key=itemgetter(0, 1))
        self._moments = [one[0] for one in known]
        first = next((one[2] for one in known if one[0] == known[0][0] and one[2]), None)
        self._values = [first, *(one[3] for one in known)]

    def at(self, moment: datetime) -> str | None:
        """Return the value after everything that happened up to `moment`; None if it is not known."""
        return self._values[bisect_right(self._moments, moment)]


def courses(records: Records) -> tuple[Course, Course]:
    """Return the courses of the incident's own status and severity; its streams have their own."""
    status: _Steps = []
    severity: _Steps = []
    for entry in records.activity:
        if entry.incident_id != records.incident.id or entry.type not in {"incident_update", "status_change"}:
            continue
        content = content_of(entry)
        for steps, name in ((status, "status"), (severity, "severity")):
            before, after = shown(content.get(f"previous_{name}")), shown(content.get(f"new_{name}"))
            steps.append((entry.occurred_at, entry.id, before, after))
    for update in records.updates:
        if update.incident_id == records.incident.id:
            status.append((update.created_at, update.id, None, update.new_incident_status.name))
            if update.new_severity:
                severity.append((update.created_at, update.id, None, update.new_severity.name))
    return Course(status), Course(severity)
