"""What belongs to an incident: the types of its timeline items, alerts, escalations, tasks, calls and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from incidentio_magic.sandbox.vocabulary import Named

if TYPE_CHECKING:
    from incidentio_magic.sandbox.records import Actor
    from incidentio_magic.sandbox.vocabulary import LabelledValue


class TimelineText(TypedDict):
    """What an item of the curated timeline says."""

    id: str
    incident_id: str
    timestamp: str
    title: str
    description: str | None
    activity_log_id: str | None
    created_at: str
    updated_at: str


class TimelineItem(TimelineText):
    """An item of the curated timeline, written by hand or promoted from the activity log."""

    creator: Actor


class AlertAttribute(Named):
    """What an alert can say besides its text."""

    type: str
    array: bool
    required: bool


class AlertValue(TypedDict):
    """What an alert says of an attribute."""

    attribute: AlertAttribute
    value: LabelledValue


class AlertText(TypedDict):
    """What an alert says."""

    id: str
    alert_source_id: str
    title: str
    description: str
    deduplication_key: str
    source_url: str
    status: str
    alert_group_ids: list[str]
    created_at: str
    updated_at: str


class Alert(AlertText):
    """An alert."""

    attributes: list[AlertValue]
    resolved_at: NotRequired[str]


class EventText(TypedDict):
    """What happened to an escalation, and when."""

    id: str
    event: str
    occurred_at: str
    urgency: NotRequired[str]


class EscalationEvent(EventText):
    """What happened to an escalation, and to whom."""

    users: NotRequired[list[str]]


class PageText(TypedDict):
    """What people are paged about."""

    title: str
    description: str
    escalation_path_id: str | None


class Page(PageText):
    """What people are paged about, and who."""

    user_ids: list[str]
    incident_id: str | None
    alert_id: NotRequired[str | None]


class Escalation(Page):
    """An escalation: who was paged, and what became of it."""

    id: str
    status: str
    creator: Actor
    events: list[EscalationEvent]
    created_at: str
    updated_at: str


class IssueReference(TypedDict):
    """The issue that a follow-up was exported to."""

    issue_name: str
    issue_permalink: str
    provider: str


class TaskWords(TypedDict, total=False):
    """What is to be done, without what names another record: an action has a description, a follow-up the rest, too."""

    title: str | None
    description: str | None
    labels: list[str] | None
    external_issue_reference: IssueReference
    completed_at: str


class TaskText(TaskWords, total=False):
    """What is to be done, by whom and how soon."""

    assignee: str | None
    assignee_team: str | None
    category: str | None
    priority: str | None


class TaskState(TypedDict):
    """How far a task is."""

    id: str
    incident_id: str
    status: str
    created_at: str
    updated_at: str


class Task(TaskText, TaskState):
    """An action or a follow-up of an incident."""

    creator: Actor


class CallSession(TypedDict):
    """A call about an incident."""

    id: str
    incident_id: str
    started_at: str
    ended_at: NotRequired[str]


class TranscriptEntry(TypedDict):
    """What was said or typed in a call."""

    id: str
    timestamp: str
    content: str
    medium: str
    participant_name: str


class WorkflowStep(TypedDict):
    """A step of a workflow run."""

    step: str
    status: str
    completed_at: str
    error: NotRequired[str]


class WorkflowRun(TypedDict):
    """A run of a workflow for an incident."""

    id: str
    workflow_id: str
    workflow_name: str
    workflow_version_id: str
    workflow_version_number: int
    incident_id: str
    incident_reference: str
    progress: list[WorkflowStep]
    created_at: str
    updated_at: str
    scheduled_at: str
    enqueued_at: str
    error: NotRequired[str]


class PostmortemHead(TypedDict):
    """A post-mortem document without its text."""

    id: str
    incident_id: str
    title: str
    status: str
    type: str
    exported_urls: list[str]
    created_at: str
    updated_at: str
    document_url: str


class PostmortemDocument(PostmortemHead):
    """A post-mortem document."""

    markdown: str
    editors: list[str]


class AttachedResource(TypedDict):
    """Something external that is attached to an incident."""

    external_id: str
    permalink: str
    resource_type: str
    title: str


class Attachment(TypedDict):
    """An attachment of an incident."""

    id: str
    incident_id: str
    resource: AttachedResource
