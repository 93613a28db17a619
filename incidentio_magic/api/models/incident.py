"""Incidents and their parts."""

from __future__ import annotations

from typing import Final

from incidentio_magic.api.models.organisation import (
    NO_STATUS,
    CustomField,
    CustomFieldOption,
    IncidentRole,
    IncidentStatus,
    IncidentTimestamp,
    IncidentType,
    Severity,
)
from incidentio_magic.api.models.people import Actor, User
from incidentio_magic.api.models.record import NO_TIME, Digits, Moment, Named, Present, Record, Seconds

MASK: Final = "🔒 private"
"""The mask for text about a private incident, because notebooks are saved and shared."""


PRIVATE: Final = "private"


class CustomFieldValue(Record, frozen=True):
    """One value of a custom field; numbers are text, so that they keep their digits."""

    value_catalog_entry: Named | None = None
    value_link: str | None = None
    value_numeric: Digits | None = None
    value_option: CustomFieldOption | None = None
    value_text: str | None = None

    @property
    def text(self) -> str | None:
        """The value as text: the name of an entry or option, else the text, link or number."""
        option, entry = self.value_option, self.value_catalog_entry
        if option is not None and option.value:
            return option.value
        if entry is not None and entry.name:
            return entry.name
        return self.value_text or self.value_link or self.value_numeric or None


class CustomFieldEntry(Record, frozen=True):
    """A custom field of one incident with its values."""

    custom_field: CustomField
    values: list[CustomFieldValue]

    @property
    def texts(self) -> list[str]:
        """The values as texts, without empty values."""
        return [text for value in self.values or () if (text := value.text)]


class RoleAssignment(Record, frozen=True):
    """Who holds a role in one incident; nobody if `assignee` is None."""

    role: IncidentRole
    assignee: User | None = None


class TimestampValue(Record, frozen=True):
    """The moment of a timestamp, if it is set."""

    value: Moment | None = None


class IncidentTimestampValue(Record, frozen=True):
    """A timestamp of an incident."""

    incident_timestamp: IncidentTimestamp
    value: TimestampValue | None = None


class DurationMetric(Record, frozen=True):
    """A duration of one incident; `value_seconds` is stale unless `status` is `success`."""

    duration_metric: Named
    status: Present
    value_seconds: Seconds | None = None


class Debrief(Record, frozen=True):
    """A scheduled debrief."""

    id: Present
    start_at: Moment
    end_at: Moment


class ExternalIssue(Record, frozen=True):
    """An issue in an external tracker."""

    issue_name: Present
    issue_permalink: str = ""
    provider: str = ""


class Incident(Named, frozen=True, kw_only=True):
    """An incident. Source: `GET /v2/incidents`. An incident without a visibility counts as private."""

    reference: Present
    name: str = ""
    mode: str = ""
    visibility: Present = PRIVATE
    incident_status: IncidentStatus = NO_STATUS
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    creator: Actor | None = None
    severity: Severity | None = None
    incident_type: IncidentType | None = None
    summary: str | None = None
    last_activity_at: Moment | None = None
    incident_role_assignments: list[RoleAssignment] | None = None
    custom_field_entries: list[CustomFieldEntry] | None = None
    incident_timestamp_values: list[IncidentTimestampValue] | None = None
    duration_metrics: list[DurationMetric] | None = None
    debriefs: list[Debrief] | None = None
    has_debrief: bool | None = None
    permalink: str | None = None
    call_url: str | None = None
    slack_channel_id: str | None = None
    slack_channel_name: str | None = None
    slack_channel_url: str | None = None
    slack_team_id: str | None = None
    ms_teams_channel_url: str | None = None
    postmortem_document_ids: list[str] | None = None
    postmortem_document_url: str | None = None
    external_issue_reference: ExternalIssue | None = None
    workload_minutes_total: float | None = None
    workload_minutes_working: float | None = None
    workload_minutes_late: float | None = None
    workload_minutes_sleeping: float | None = None
    team_ids: list[str] | None = None

    @property
    def is_private(self) -> bool:
        """Whether only invited people may see it."""
        return self.visibility == PRIVATE

    def shown_name(self, *, show_private: bool) -> str:
        """Return the name, masked if the incident is private and `show_private` is false."""
        return MASK if self.is_private and not show_private else self.name

    @property
    def is_open(self) -> bool:
        """Whether people are still working on it: in triage, active or paused."""
        return self.incident_status.category in OPEN_CATEGORIES


OPEN_CATEGORIES = ("triage", "live", "paused")
CATEGORIES = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")
TEST: Final = "test"
MODES = ("standard", "retrospective", TEST, "tutorial")

# Inside alerts and escalations, the same categories have the dashboard's names.
_CATEGORY_NAMES = {"active": "live", "post-incident": "learning"}


def category_of(name: str) -> str:
    """Return the API's name of a status category, given that or the dashboard's name."""
    return _CATEGORY_NAMES.get(name, name)


class IncidentSlim(Named, frozen=True):
    """An incident as alerts and escalations mention it; its category names are the dashboard's."""

    reference: Present
    external_id: int | None = None
    status_category: str | None = None
    visibility: str | None = None
    summary: str | None = None


class RelatedIncident(Named, frozen=True):
    """An incident as a relationship mentions it; `external_id` is the number of its reference."""

    external_id: int | None = None


class IncidentRelationship(Record, frozen=True):
    """A relationship to another incident. Source: `GET /v1/incident_relationships`."""

    id: Present
    incident: RelatedIncident


class AttachedResource(Record, frozen=True):
    """What an attachment links to: a pull request, an issue, any address."""

    resource_type: Present
    title: str | None = None
    permalink: str | None = None
    external_id: str | None = None


class IncidentAttachment(Record, frozen=True):
    """A link attached to an incident. Source: `GET /v1/incident_attachments`."""

    id: Present
    resource: AttachedResource
    incident_id: str = ""
