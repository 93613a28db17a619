"""What the sandbox keeps: the types of its incidents and of everything that belongs to them.

A member that names another record holds its identifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

# JSON of others, such as a request's body as it was received: the sandbox does not know its members.
JsonObject = dict[str, Any]


def members(record: Mapping[str, object], *names: str) -> dict[str, object]:
    """Return some members of a record."""
    return {name: record[name] for name in names}


class PaginationMeta(TypedDict):
    """Where a list goes on, as each page says it."""

    page_size: int
    after: NotRequired[str]
    total_record_count: NotRequired[int]


class NamedKey(TypedDict):
    """The API key that did something."""

    id: str
    name: str


class NamedAlert(TypedDict):
    """The alert that did something, or that waits for its incident."""

    id: str
    title: str


class Actor(TypedDict, total=False):
    """Who did something: one of these."""

    user: str
    workflow: str
    alert: NamedAlert
    api_key: NamedKey


class PlainValue(TypedDict, total=False):
    """A value of a custom field that is a text: one of these, by the field's type."""

    value_text: str
    value_link: str
    value_numeric: str


class FieldValue(PlainValue, total=False):
    """One value of a custom field: one of these, by the field's type."""

    value_option_id: str
    value_catalog_entry_id: str


class Duration(TypedDict):
    """A duration between two timestamps, as it was measured last."""

    status: str
    value_seconds: int | None


class Debrief(TypedDict):
    """A meeting about an incident."""

    id: str
    start_at: str
    end_at: str


class Workload(TypedDict):
    """The minutes that people spent on an incident."""

    workload_minutes_working: float
    workload_minutes_late: float
    workload_minutes_sleeping: float
    workload_minutes_total: float


class SparseIncident(TypedDict, total=False):
    """The members that an incident may lack."""

    slack_channel_id: str
    slack_channel_name: str
    slack_team_id: str
    call_url: str
    workload: Workload
    postmortem_document_url: str
    postmortem_document_ids: list[str]


class Declaration(SparseIncident):
    """An incident as it is declared; `roles`, `fields` and `timestamps` go by identifier."""

    number: int
    name: str
    summary: str | None
    mode: str
    visibility: str
    incident_type_id: str
    incident_status_id: str
    severity_id: str | None
    roles: dict[str, str]
    fields: dict[str, list[FieldValue]]
    timestamps: dict[str, str]


class Incident(Declaration):
    """An incident; `durations` go by identifier, `participants` are people and how they take part."""

    id: str
    created_at: str
    updated_at: str
    last_activity_at: str
    creator: Actor
    permalink: str
    durations: dict[str, Duration]
    participants: dict[str, str]
    debriefs: list[Debrief]
    notifications: int


class UpdateText(TypedDict):
    """What was shared about an incident."""

    id: str
    incident_id: str
    created_at: str
    message: str | None
    merged_into_incident_id: str | None


class IncidentUpdate(UpdateText):
    """What was shared about an incident, and what it changed."""

    new_incident_status: str
    new_severity: str | None
    updater: Actor


class ActivityContent(TypedDict, total=False):
    """What an entry of the activity log carries: some of these, by its type."""

    id: str
    message: str | None
    updater: Actor
    actor: Actor
    creator: Actor
    merger: Actor
    previous_status: str | None
    new_status: str
    previous_severity: str | None
    new_severity: str | None
    previous_name: str
    new_name: str
    previous_summary: str | None
    new_summary: str
    role: str
    previous_assignee: str | None
    new_assignee: str | None
    custom_field: str
    previous_values: list[FieldValue]
    new_values: list[FieldValue]
    incident_timestamp: str
    previous_value: str | None
    new_value: str
    alert_id: str
    action_id: str
    follow_up_id: str
    escalation_id: str
    escalation_path_id: str | None
    escalated_to_users: list[str]
    acknowledger: str
    event_title: str
    source_incident: str
    incident_update_id: str


class ActivityHead(TypedDict):
    """What an entry of the activity log is about."""

    type: str
    title: str
    created_at: str


class ActivityBody(ActivityHead):
    """An entry of the activity log, without the incident it belongs to."""

    content: NotRequired[ActivityContent | None]
