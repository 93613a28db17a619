"""What no incident changes: the types of an organisation's people, severities, statuses, fields and all the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from incidentio_magic.sandbox.incident_forms import IncidentForm


class Identified(TypedDict):
    """Something that can be named by its identifier."""

    id: str


class Named(Identified):
    """Something that has a name, such as a team or a workflow."""

    name: str


class Ranked(Named):
    """Something that has a place in an order, such as a timestamp or a priority."""

    rank: int


class Dated(Named):
    """Something with the times at which it was made and changed."""

    created_at: str
    updated_at: str


class Severity(Dated):
    """A severity; a higher rank is worse."""

    description: str
    rank: int


class Status(Dated):
    """A status of incidents."""

    category: str
    description: str
    rank: int


class IncidentType(Dated):
    """A type of incidents; `create_in_triage` is `always` or `optional`."""

    description: str
    create_in_triage: str
    is_default: bool
    private_incidents_only: bool


class IncidentRole(Dated):
    """A role that people have in incidents."""

    role_type: str
    shortform: str
    description: str
    instructions: str


class UserRole(Named):
    """What a person may do in the organisation."""

    slug: str
    description: str


class Seats(TypedDict):
    """The licences of a person."""

    on_call: str
    response: str


class TeamMember(Named):
    """A person as a member of a team."""

    email: str
    slack_user_id: str


class UserText(TeamMember):
    """A person as part of something else."""

    role: str


class User(UserText):
    """A person."""

    base_role: UserRole
    custom_roles: list[UserRole]
    is_active: bool
    seats: Seats


# A duration between two timestamps; `from` is no name in Python.
DurationMetric = TypedDict("DurationMetric", {"id": str, "name": str, "from": str, "to": str})


class CatalogAttribute(Named):
    """An attribute of a catalog type."""

    type: str
    array: bool
    mode: str


class CatalogSchema(TypedDict):
    """The attributes of a catalog type."""

    version: int
    attributes: list[CatalogAttribute]


class CatalogTypeText(Dated):
    """What every version of the API says of a type of the catalog."""

    type_name: str
    description: str
    annotations: dict[str, str]
    categories: list[str]
    color: str
    icon: str
    is_editable: bool
    ranked: bool
    estimated_count: int
    schema: CatalogSchema


class CatalogType(CatalogTypeText):
    """A type of the catalog's entries."""

    engine_resource_type: str
    use_name_as_identifier: bool


class LiteralValue(TypedDict):
    """A value that is written out."""

    literal: str


class LabelledValue(LiteralValue):
    """A value with the text that is shown for it."""

    label: str


class AttributeValue(TypedDict):
    """The value of an attribute."""

    value: LabelledValue


class CatalogEntry(Dated):
    """An entry of the catalog; the values of its attributes go by the attributes' identifiers."""

    catalog_type_id: str
    aliases: list[str]
    external_id: str
    attribute_values: dict[str, AttributeValue]
    rank: int
    archived_at: NotRequired[str]


class CustomField(Dated):
    """A custom field; one with a catalog type takes its entries."""

    field_type: str
    description: str
    catalog_type_id: NotRequired[str]


class CustomFieldOption(TypedDict):
    """An option of a custom field."""

    id: str
    custom_field_id: str
    value: str
    sort_key: int


class Target(TypedDict):
    """Somebody whom a level pages."""

    id: str
    type: str
    urgency: str
    schedule_mode: NotRequired[str]


class Level(TypedDict):
    """The people who are paged together, and how long they have to answer."""

    ack_mode: str
    targets: list[Target]
    time_to_ack_seconds: int


class Repeat(TypedDict):
    """How often to begin again, and where."""

    repeat_times: int
    to_node: str


class PathNode(TypedDict):
    """A step of an escalation path: a level or a repetition, by its type."""

    id: str
    type: str
    level: NotRequired[Level]
    repeat: NotRequired[Repeat]


class PathText(Named):
    """In which order an escalation path pages."""

    kind: str
    path: list[PathNode]
    team_ids: list[str]


class EscalationPath(PathText):
    """Who is paged and in which order."""

    current_responders: list[str]


class AlertSource(Named):
    """Where alerts come from."""

    source_type: str


class Shift(TypedDict):
    """One person's time on call, from a rotation or an override."""

    entry_id: str
    rotation_id: str
    user: str
    start_at: str
    end_at: str


class Rotation(TypedDict):
    """Who follows whom on call, handed over at a local time.

    `days` lie between handovers; `hours` are the first and the last working hour, None for day and night.
    """

    id: str
    name: str
    first_handover: str
    days: int
    users: list[str]
    hours: list[str] | None
    weekdays: list[str]


class Schedule(TypedDict):
    """An on-call schedule with its rotations and overrides."""

    id: str
    name: str
    timezone: str
    team_ids: list[str]
    rotations: list[Rotation]
    overrides: list[Shift]
    created_at: str
    updated_at: str


class StatusPage(Named):
    """A page that customers read."""

    public_url: str


class ManagementMeta(TypedDict):
    """Where something is managed."""

    annotations: dict[str, str]
    managed_by: str


class StatusPageComponent(Named):
    """A component that a status page shows."""

    management_meta: ManagementMeta


class Organisation(TypedDict):
    """The whole vocabulary: each table by identifier."""

    teams: dict[str, Named]
    alert_sources: dict[str, AlertSource]
    workflows: dict[str, Named]
    severities: dict[str, Severity]
    incident_statuses: dict[str, Status]
    incident_types: dict[str, IncidentType]
    incident_roles: dict[str, IncidentRole]
    incident_timestamps: dict[str, Ranked]
    users: dict[str, User]
    duration_metrics: dict[str, DurationMetric]
    catalog_types: dict[str, CatalogType]
    catalog_entries: dict[str, CatalogEntry]
    custom_fields: dict[str, CustomField]
    custom_field_options: dict[str, CustomFieldOption]
    follow_up_categories: dict[str, Ranked]
    follow_up_priorities: dict[str, Ranked]
    escalation_paths: dict[str, EscalationPath]
    schedules: dict[str, Schedule]
    incident_forms: dict[str, IncidentForm]
    status_pages: dict[str, StatusPage]
    status_page_components: dict[str, StatusPageComponent]
