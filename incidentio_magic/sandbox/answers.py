"""What the API shows: the types of answers about incidents that differ from what is kept.

A member that may be None is left out of the answer where it is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from incidentio_magic.sandbox.attached_records import TimelineText
from incidentio_magic.sandbox.records import ActivityHead, Duration, PlainValue, UpdateText, Workload
from incidentio_magic.sandbox.vocabulary import Named

if TYPE_CHECKING:
    from incidentio_magic.sandbox.records import Debrief, NamedAlert, NamedKey
    from incidentio_magic.sandbox.vocabulary import (
        CustomFieldOption,
        IncidentRole,
        IncidentType,
        Ranked,
        Severity,
        Status,
        UserText,
    )


class ShownActor(TypedDict, total=False):
    """Who did something: one of these."""

    user: UserText
    workflow: Named
    alert: NamedAlert
    api_key: NamedKey


class EntryText(Named):
    """A catalog entry as part of something else."""

    external_id: str


class EntryValue(EntryText):
    """A catalog entry as the value of a field."""

    aliases: list[str]


class ShownValue(PlainValue, total=False):
    """One value of a custom field: one of these, by the field's type."""

    value_option: CustomFieldOption
    value_catalog_entry: EntryValue


class FieldText(Named):
    """A custom field as part of an incident."""

    description: str
    field_type: str
    options: list[CustomFieldOption]


class FieldEntry(TypedDict):
    """A custom field of an incident, and its values."""

    custom_field: FieldText
    values: list[ShownValue]


class RoleAssignment(TypedDict):
    """A role of an incident, and who has it."""

    role: IncidentRole
    assignee: UserText | None


class TimestampTime(TypedDict):
    """The time of a timestamp."""

    value: str


class TimestampValue(TypedDict):
    """A timestamp of an incident."""

    incident_timestamp: Ranked
    value: TimestampTime | None


class DurationValue(Duration):
    """A duration of an incident."""

    duration_metric: Named


class IncidentText(TypedDict):
    """What every version of the API shows of an incident."""

    id: str
    reference: str
    name: str
    summary: str | None
    mode: str
    visibility: str
    created_at: str
    updated_at: str
    permalink: str
    call_url: str | None
    creator: ShownActor
    incident_type: IncidentType
    severity: Severity | None
    incident_role_assignments: list[RoleAssignment]
    custom_field_entries: list[FieldEntry]
    slack_channel_id: str
    slack_channel_name: str
    slack_team_id: str
    postmortem_document_url: str | None


class ShownIncident(IncidentText):
    """An incident."""

    incident_status: Status
    last_activity_at: str
    slack_channel_url: str
    postmortem_document_ids: list[str] | None
    debriefs: list[Debrief]
    has_debrief: bool
    team_ids: list[str]
    incident_timestamp_values: list[TimestampValue]
    duration_metrics: list[DurationValue]


class MeasuredIncident(ShownIncident, Workload):
    """An incident with the time that people spent on it."""


class RelatedIncident(TypedDict):
    """An incident as another names it."""

    id: str
    external_id: int
    name: str


class SlimIncident(RelatedIncident):
    """An incident as part of something else."""

    reference: str
    summary: str | None
    status_category: str
    visibility: str


class Relationship(TypedDict):
    """An incident that is related to another."""

    id: str
    incident: RelatedIncident


class ShownUpdate(UpdateText):
    """What was shared about an incident, and what it changed."""

    new_incident_status: Status
    new_severity: Severity | None
    updater: ShownActor


class ShownEntry(ActivityHead):
    """An entry of the activity log; its content goes by its type."""

    id: str
    incident_id: str
    occurred_at: str
    content: dict[str, dict[str, object]] | None


class ShownItem(TimelineText):
    """An item of the curated timeline."""

    creator: ShownActor


class Participant(TypedDict):
    """A person who takes part in an incident, and how."""

    participant_type: str
    user: UserText


class ParticipantWorkload(Participant):
    """The minutes that a person spent on an incident, by the time of day."""

    workload: dict[str, float]
