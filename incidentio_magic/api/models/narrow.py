"""Incidents with only the parts for a narrow table or a metric, decoded in a third of the time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import force_setattr

from incidentio_magic.api.models.incident import PRIVATE
from incidentio_magic.api.models.record import NO_TIME, Moment, Named, Present, Record, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable


class NarrowStatus(Record, frozen=True):
    """A status of a narrow incident; unknown if it is absent."""

    name: str = ""
    category: str = ""


class NarrowRole(Record, frozen=True):
    """A role of a narrow incident."""

    role_type: str | None = None


class NarrowUser(Record, frozen=True):
    """A person of a narrow incident."""

    name: str = ""


class NarrowAssignment(Record, frozen=True):
    """Who holds a role in a narrow incident."""

    role: NarrowRole
    assignee: NarrowUser | None = None

    @property
    def is_lead(self) -> bool:
        """Whether this person leads the incident."""
        return self.role.role_type == "lead" and self.assignee is not None


class NarrowIncident(Record, frozen=True, kw_only=True):
    """An incident with the columns of a narrow table. Source: `GET /v2/incidents`."""

    id: Present
    reference: Present
    name: str = ""
    mode: str = ""
    visibility: Present = PRIVATE
    incident_status: NarrowStatus = NarrowStatus()
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    severity: Named | None = None
    incident_type: Named | None = None
    incident_role_assignments: list[NarrowAssignment] | None = None
    permalink: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether only invited people may see it."""
        return self.visibility == PRIVATE


class CommonParts:
    """Makes the incidents of a list share equal parts, so that they take a third of the memory."""

    def __init__(self) -> None:
        self._parts: dict[Any, Any] = {}

    def share(self, incidents: Iterable[NarrowIncident]) -> None:
        """Replace the parts of incidents by equal parts of earlier incidents, and leave only the lead of the roles.

        Args:
            incidents: Incidents that nothing else has seen yet.
        """
        known = self._parts.setdefault
        for incident in incidents:
            force_setattr(incident, "mode", known(incident.mode, incident.mode))
            force_setattr(incident, "visibility", known(incident.visibility, incident.visibility))
            force_setattr(incident, "incident_status", known(incident.incident_status, incident.incident_status))
            force_setattr(incident, "severity", known(incident.severity, incident.severity))
            force_setattr(incident, "incident_type", known(incident.incident_type, incident.incident_type))
            lead = next((held for held in incident.incident_role_assignments or () if held.is_lead), None)
            force_setattr(incident, "incident_role_assignments", known((lead,), [lead] if lead else None))


class Identified(Record, frozen=True):
    """A record of which only the ID is needed."""

    id: Present


class NarrowMoment(Record, frozen=True):
    """The moment of a timestamp of a measured incident, if it is set."""

    value: Moment | None = None


class NarrowTimestampValue(Record, frozen=True):
    """A timestamp of a measured incident."""

    incident_timestamp: Identified
    value: NarrowMoment | None = None


class NarrowMetric(Record, frozen=True):
    """A duration of a measured incident."""

    duration_metric: Named
    status: Present
    value_seconds: Seconds | None = None


class MeasuredIncident(NarrowIncident, frozen=True, kw_only=True):
    """An incident with the parts that its durations are computed from. Source: `GET /v2/incidents`."""

    incident_timestamp_values: list[NarrowTimestampValue] | None = None
    duration_metrics: list[NarrowMetric] | None = None
    team_ids: list[str] | None = None
