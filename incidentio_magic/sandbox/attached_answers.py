"""What belongs to incidents, as the API shows it: alerts, escalations, tasks, teams, schedules and status pages.

A member that may be None is left out of the answer where it is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from incidentio_magic.sandbox.attached_records import (
    AlertText,
    EventText,
    PageText,
    PostmortemHead,
    TaskState,
    TaskWords,
)
from incidentio_magic.sandbox.vocabulary import AlertSource, Named, PathText

if TYPE_CHECKING:
    from incidentio_magic.sandbox.answers import EntryText, ShownActor, SlimIncident
    from incidentio_magic.sandbox.attached_records import AlertValue
    from incidentio_magic.sandbox.vocabulary import Ranked, TeamMember, UserText


class ShownEvent(EventText):
    """What happened to an escalation, and to whom."""

    users: list[UserText] | None


class Priority(TypedDict):
    """How urgent an escalation is."""

    name: str


class ShownEscalation(PageText):
    """An escalation: who was paged, and what became of it."""

    id: str
    status: str
    created_at: str
    updated_at: str
    priority: Priority
    creator: ShownActor
    events: list[ShownEvent]
    related_alerts: list[SlimAlert]
    related_incidents: list[SlimIncident]


class ShownPath(PathText):
    """Who is paged and in which order."""

    current_responders: list[UserText]


class SlimAlert(AlertText):
    """An alert as part of something else."""

    resolved_at: str | None


class ShownAlert(SlimAlert):
    """An alert."""

    attributes: list[AlertValue]


class AlertLink(TypedDict):
    """An alert and the incident that it belongs to."""

    id: str
    alert: SlimAlert
    incident: SlimIncident


class TemplateText(TypedDict):
    """What an alert source takes a text from."""

    label: str
    reference: str


class AlertTemplate(TypedDict):
    """How an alert source makes alerts."""

    attributes: list[object]
    expressions: list[object]
    is_private: bool
    title: TemplateText
    description: TemplateText


class ShownSource(AlertSource):
    """Where alerts come from, and how they are made."""

    template: AlertTemplate


class ShownTask(TaskWords, TaskState):
    """An action or a follow-up; the older version of the API shows no category."""

    creator: ShownActor
    assignee: UserText | None
    assignee_team: Named | None
    category: NotRequired[Ranked | None]
    priority: Ranked | None


class ShownPostmortem(PostmortemHead):
    """A post-mortem document, without its text."""

    editors: list[UserText]


class ShownTeam(Named):
    """A team and its members."""

    catalog_entry: EntryText
    members: list[TeamMember]


class ShownShift(TypedDict):
    """One person's time on call."""

    entry_id: str
    fingerprint: str
    rotation_id: str
    start_at: str
    end_at: str
    user: UserText


class Handover(TypedDict):
    """How often a rotation is handed over."""

    interval: int
    interval_type: str


class WorkingInterval(TypedDict):
    """The working hours of a day."""

    weekday: str
    start_time: str
    end_time: str


class ShownRotation(Named):
    """Who follows whom on call."""

    handover_start_at: str
    handovers: list[Handover]
    layers: list[Named]
    users: list[UserText]
    working_intervals: list[WorkingInterval]


class ScheduleConfig(TypedDict):
    """The rotations of a schedule."""

    rotations: list[ShownRotation]


class ShownSchedule(Named):
    """An on-call schedule, who is on call now, and who is next."""

    timezone: str
    team_ids: list[str]
    annotations: dict[str, str]
    permalink: str
    config: ScheduleConfig
    created_at: str
    updated_at: str
    current_shifts: list[ShownShift]
    next_shifts: NotRequired[list[ShownShift]]


class ComponentStatus(TypedDict):
    """How a component of a status page is."""

    component_id: str
    component_status: str


class ComponentImpact(ComponentStatus):
    """Since when a component of a status page is affected, and until when."""

    start_at: str
    end_at: NotRequired[str]


class PublishedUpdate(TypedDict):
    """An update on a status page."""

    id: str
    status_page_incident_id: str
    incident_status: str
    message: str
    published_at: str
    component_statuses: list[ComponentStatus]


class PublishedIncident(Named):
    """An incident on a status page."""

    status_page_id: str
    incident_status: str
    published_at: str
    component_impacts: list[ComponentImpact]
    updates: list[PublishedUpdate]
