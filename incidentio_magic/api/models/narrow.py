"""Incidents with only the parts for a narrow table or a metric, decoded in a third of the time and memory."""

from __future__ import annotations

from incidentio_magic.api.models.incident import PRIVATE
from incidentio_magic.api.models.record import NO_TIME, Moment, Named, Present, Record, Seconds


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
