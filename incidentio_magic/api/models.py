"""The API's records. Unknown fields are ignored, unknown enum values kept; absent and null are the same thing.

Fields that the published contract requires are required here too: an answer without them is reported, not guessed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset; one without could not be compared with any other."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """Base of all records: an immutable value whose repr shows no text, since it may be private."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'reference', getattr(self, 'id', ''))})"


class PaginationMeta(Record, frozen=True):
    """Where a list goes on: the next cursor, the page size in force, and the total if the service knows it."""

    after: str | None = None
    page_size: int | None = None
    total_record_count: int | None = None


class Named(Record, frozen=True):
    """Anything with an id and a name."""

    id: str
    name: str


class Identity(Record, frozen=True):
    """Who the API key is. Source: `GET /v1/identity`."""

    name: str
    dashboard_url: str
    roles: list[str] = []
    team_roles: list[str] | None = None
    teams: list[Named] | None = None


class Severity(Named, frozen=True):
    """A severity; a lower rank is less severe. Source: `GET /v1/severities`."""

    rank: int
    description: str | None = None


class IncidentStatus(Named, frozen=True):
    """A status and its category. Source: `GET /v1/incident_statuses`."""

    category: str
    rank: int
    description: str | None = None


class IncidentType(Named, frozen=True):
    """An incident type. Source: `GET /v1/incident_types`."""

    is_default: bool = False
    private_incidents_only: bool = False
    create_in_triage: str | None = None
    description: str | None = None


class IncidentRole(Named, frozen=True):
    """A role people take in an incident: lead, reporter or custom. Source: `GET /v2/incident_roles`."""

    role_type: str | None = None
    shortform: str | None = None
    description: str | None = None
    instructions: str | None = None


class IncidentTimestamp(Named, frozen=True):
    """A moment the organisation records for incidents. Source: `GET /v2/incident_timestamps`."""

    rank: int = 0


class User(Named, frozen=True):
    """A person. Source: `GET /v2/users` and wherever people appear."""

    email: str | None = None
    slack_user_id: str | None = None
    is_active: bool | None = None
    base_role: Named | None = None


class Actor(Record, frozen=True):
    """Who did something: exactly one of these is set."""

    user: User | None = None
    api_key: Named | None = None
    workflow: Named | None = None
    alert: AlertActor | None = None


class AlertActor(Record, frozen=True):
    """An alert that did something."""

    id: str
    title: str


class CustomField(Named, frozen=True):
    """A custom field's definition. Source: `GET /v2/custom_fields`."""

    field_type: str
    description: str | None = None
    catalog_type_id: str | None = None


class CustomFieldOption(Record, frozen=True):
    """One option of a select field. Source: `GET /v1/custom_field_options`."""

    id: str
    value: str
    custom_field_id: str | None = None
    sort_key: int | None = None


class CustomFieldValue(Record, frozen=True):
    """One value of a custom field; numbers arrive as text."""

    value_catalog_entry: Named | None = None
    value_link: str | None = None
    value_numeric: str | None = None
    value_option: CustomFieldOption | None = None
    value_text: str | None = None


class CustomFieldEntry(Record, frozen=True):
    """A custom field of one incident with its values."""

    custom_field: CustomField
    values: list[CustomFieldValue]


class RoleAssignment(Record, frozen=True):
    """Who holds a role in one incident; nobody if `assignee` is None."""

    role: IncidentRole
    assignee: User | None = None


class TimestampValue(Record, frozen=True):
    """The moment of a timestamp, if it is set."""

    value: Moment | None = None


class IncidentTimestampValue(Record, frozen=True):
    """A timestamp of one incident."""

    incident_timestamp: IncidentTimestamp
    value: TimestampValue | None = None


class DurationMetric(Record, frozen=True):
    """A duration of one incident; `value_seconds` is stale unless `status` is `success`."""

    duration_metric: Named
    status: str
    value_seconds: int | None = None


class Debrief(Record, frozen=True):
    """A scheduled debrief."""

    id: str
    start_at: Moment
    end_at: Moment


class ExternalIssue(Record, frozen=True):
    """An issue in somebody else's tracker."""

    issue_name: str
    issue_permalink: str
    provider: str


class Incident(Named, frozen=True):
    """An incident. Source: `GET /v2/incidents`."""

    reference: str
    mode: str
    visibility: str
    incident_status: IncidentStatus
    created_at: Moment
    updated_at: Moment
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
        return self.visibility == "private"

    @property
    def is_open(self) -> bool:
        """Whether people still work on it: in triage, active or paused."""
        return self.incident_status.category in OPEN_CATEGORIES


OPEN_CATEGORIES = ("triage", "live", "paused")
CATEGORIES = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")
MODES = ("standard", "retrospective", "test", "tutorial")

# Inside alerts and escalations the same categories carry the dashboard's names.
_CATEGORY_NAMES = {"active": "live", "post-incident": "learning"}


def category_of(name: str) -> str:
    """Return the API's name of a status category, for the API's or the dashboard's name of it."""
    return _CATEGORY_NAMES.get(name, name)


class IncidentSlim(Named, frozen=True):
    """An incident as alerts and escalations mention it; its category names are the dashboard's."""

    reference: str
    external_id: int | None = None
    status_category: str | None = None
    visibility: str | None = None
    summary: str | None = None


class IncidentUpdate(Record, frozen=True):
    """An update shared with the responders. Source: `GET /v2/incident_updates`."""

    id: str
    incident_id: str
    created_at: Moment
    new_incident_status: IncidentStatus
    updater: Actor | None = None
    message: str | None = None
    new_severity: Severity | None = None
    merged_into_incident_id: str | None = None


class TimelineItem(Record, frozen=True):
    """An item of the curated timeline. Source: `GET /v2/incident_timeline_items`."""

    id: str
    incident_id: str
    timestamp: Moment
    title: str
    created_at: Moment
    updated_at: Moment
    creator: Actor | None = None
    description: str | None = None
    activity_log_id: str | None = None


class ActivityLogEntry(Record, frozen=True):
    """An entry of the activity log; `content` depends on `type`. Source: `GET /v2/incident_activity_log_entries`."""

    id: str
    incident_id: str
    occurred_at: Moment
    created_at: Moment
    type: str
    title: str
    content: dict[str, Any] | None = None


class EscalationEvent(Record, frozen=True):
    """One step of an escalation."""

    id: str
    event: str
    occurred_at: Moment
    urgency: str | None = None
    users: list[User] | None = None


class PriorityName(Record, frozen=True):
    """An escalation's priority."""

    name: str


class Alert(Record, frozen=True):
    """An alert as incidents and escalations mention it."""

    id: str
    title: str
    status: str
    created_at: Moment
    updated_at: Moment
    alert_source_id: str | None = None
    deduplication_key: str | None = None
    description: str | None = None
    resolved_at: Moment | None = None
    source_url: str | None = None


class Escalation(Record, frozen=True):
    """A page and its history. Source: `GET /v2/escalations`."""

    id: str
    title: str
    status: str
    created_at: Moment
    updated_at: Moment
    events: list[EscalationEvent]
    creator: Actor | None = None
    description: str | None = None
    escalation_path_id: str | None = None
    priority: PriorityName | None = None
    related_incidents: list[IncidentSlim] | None = None
    related_alerts: list[Alert] | None = None


class EscalationPath(Named, frozen=True):
    """Whom to page, in which order. Source: `GET /v2/escalation_paths`."""

    current_responders: list[User] | None = None


class IncidentAlert(Record, frozen=True):
    """The link between an incident and an alert. Source: `GET /v2/incident_alerts`."""

    id: str
    alert: Alert
    incident: IncidentSlim
    alert_route_id: str | None = None


class Action(Record, frozen=True):
    """Something to do during the incident. Source: `GET /v3/actions`."""

    id: str
    incident_id: str
    description: str
    status: str
    created_at: Moment
    updated_at: Moment
    creator: Actor | None = None
    assignee: User | None = None
    completed_at: Moment | None = None


class FollowUp(Record, frozen=True):
    """Something to do after the incident. Source: `GET /v3/follow_ups`."""

    id: str
    incident_id: str
    title: str
    status: str
    created_at: Moment
    updated_at: Moment
    creator: Actor | None = None
    assignee: User | None = None
    completed_at: Moment | None = None
    description: str | None = None
    labels: list[str] | None = None
    priority: Named | None = None
    category: Named | None = None
    assignee_team: Named | None = None
    external_issue_reference: ExternalIssue | None = None


class CallSession(Record, frozen=True):
    """A call of the responders. Source: `GET /v2/call_sessions`."""

    id: str
    incident_id: str
    started_at: Moment
    ended_at: Moment | None = None


class PostmortemDocument(Record, frozen=True):
    """A postmortem document's card. Source: `GET /v1/postmortem_documents`."""

    id: str
    incident_id: str
    title: str
    status: str
    created_at: Moment
    document_url: str | None = None
    type: str | None = None
    updated_at: str | None = None
    exported_urls: list[str] | None = None
    editors: list[User] | None = None


class Participant(Record, frozen=True):
    """Somebody who took part in an incident."""

    user: User
    participant_type: str


class Participants(Record, frozen=True):
    """Who took part, helping or watching. Source: `GET /v2/incident_participants`."""

    active: list[Participant]
    passive: list[Participant]


class CatalogEntry(Named, frozen=True):
    """An entry of the catalog. Source: `GET /v3/catalog_entries`."""

    catalog_type_id: str | None = None
    aliases: list[str] | None = None
    external_id: str | None = None
    rank: int | None = None
    archived_at: Moment | None = None
