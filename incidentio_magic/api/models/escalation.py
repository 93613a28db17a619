"""Alerts, escalations and schedules."""

from __future__ import annotations

from msgspec import field

from incidentio_magic.api.models.incident import IncidentSlim
from incidentio_magic.api.models.organisation import Condition
from incidentio_magic.api.models.people import Actor, User
from incidentio_magic.api.models.record import NO_TIME, Moment, Named, Present, Record, Seconds


class PathTarget(Record, frozen=True):
    """A target that a level pages: a person, a schedule or a channel; `schedule_mode` selects people of a schedule."""

    id: Present
    type: Present
    urgency: str = ""
    schedule_mode: str | None = None
    selected_rota_id: str | None = None


class PathLevel(Record, frozen=True):
    """One level of an escalation path, and how long it may take to acknowledge."""

    targets: list[PathTarget] | None = None
    time_to_ack_seconds: Seconds | None = None


class PathBranch(Record, frozen=True):
    """A condition in an escalation path, and the steps for both cases."""

    conditions: list[Condition] | None = None
    then_path: list[PathNode] | None = None
    else_path: list[PathNode] | None = None


class PathRepeat(Record, frozen=True):
    """How often a path goes back to an earlier level."""

    repeat_times: int | None = None
    to_node: str | None = None


class PathDelay(Record, frozen=True):
    """A wait between two levels."""

    delay_seconds: Seconds | None = None


class PathHandover(Record, frozen=True):
    """The other escalation path that takes over."""

    escalation_path_id: Present


class PathNode(Record, frozen=True):
    """A step of an escalation path: exactly one of its kinds is set."""

    id: Present
    type: str = ""
    level: PathLevel | None = None
    if_else: PathBranch | None = None
    repeat: PathRepeat | None = None
    delay: PathDelay | None = None
    escalation_path: PathHandover | None = None


class EscalationPath(Named, frozen=True):
    """An escalation path: who to page, in which order. Source: `GET /v2/escalation_paths`."""

    current_responders: list[User] | None = None
    path: list[PathNode] | None = None


class EscalationEvent(Record, frozen=True):
    """One step of an escalation."""

    id: Present
    event: Present
    occurred_at: Moment
    urgency: str | None = None
    users: list[User] | None = None


class PriorityName(Record, frozen=True):
    """An escalation's priority."""

    name: Present


class Alert(Record, frozen=True):
    """An alert. Source: `GET /v2/alerts`, and wherever incidents and escalations mention one."""

    id: Present
    title: str = ""
    status: str = ""
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    alert_source_id: str | None = None
    deduplication_key: str | None = None
    description: str | None = None
    resolved_at: Moment | None = None
    source_url: str | None = None


class Escalation(Record, frozen=True):
    """A page and its history. Source: `GET /v2/escalations`."""

    id: Present
    title: str = ""
    status: str = ""
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    events: list[EscalationEvent] = field(default_factory=list)
    creator: Actor | None = None
    description: str | None = None
    escalation_path_id: str | None = None
    priority: PriorityName | None = None
    related_incidents: list[IncidentSlim] | None = None
    related_alerts: list[Alert] | None = None


class IncidentAlert(Record, frozen=True):
    """The link between an incident and an alert. Source: `GET /v2/incident_alerts`."""

    id: Present
    alert: Alert
    incident: IncidentSlim
    alert_route_id: str | None = None


class AlertSource(Named, frozen=True):
    """A source of alerts. Source: `GET /v2/alert_sources`."""

    source_type: str | None = None


class Shift(Record, frozen=True):
    """A time during which somebody is on call; nobody if `user` is None."""

    start_at: Moment
    end_at: Moment
    user: User | None = None
    entry_id: str | None = None
    rotation_id: str | None = None


class ShiftInForce(Shift, frozen=True):
    """A shift in force, and whether it comes from an override; the service lists the overrides separately."""

    is_override: bool = False


class ScheduleConfig(Record, frozen=True):
    """The rotations of a schedule; a rotation that changes is listed several times."""

    rotations: list[Named] | None = None


class Schedule(Named, frozen=True):
    """An on-call schedule. Source: `GET /v2/schedules`."""

    timezone: str | None = None
    config: ScheduleConfig | None = None
    permalink: str | None = None
    team_ids: list[str] | None = None
    current_shifts: list[Shift] | None = None
    next_shifts: list[Shift] | None = None


class ScheduleEntries(Record, frozen=True):
    """One page of a schedule; `final` is what is in force. Source: `GET /v2/schedule_entries`."""

    final: list[Shift] | None = None
    scheduled: list[Shift] | None = None
    overrides: list[Shift] | None = None
