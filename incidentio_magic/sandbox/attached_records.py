"""What belongs to an incident: the types of its timeline items, alerts, escalations, tasks, calls and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from incidentio_magic.sandbox.vocabulary import Named

if TYPE_CHECKING:
    from incidentio_magic.sandbox.records import Actor
    from incidentio_magic.sandbox.vocabulary import LabelledValue


class TimelineItem(TypedDict):
    """An item of the curated timeline, written by hand or promoted from the activity log."""

    id: str
    incident_id: str
    timestamp: str
    title: str
    description: str | None
    activity_log_id: str | None
    creator: Actor
    created_at: str
    updated_at: str


class AlertAttribute(Named):
    """What an alert can say besides its text."""

    type: str
    array: bool
    required: bool


class AlertValue(TypedDict):
    """What an alert says of an attribute."""

    attribute: AlertAttribute
    value: LabelledValue


class Alert(TypedDict):
    """An alert."""

    id: str
    alert_source_id: str
    title: str
    description: str
    deduplication_key: str
    source_url: str
    status: str
    alert_group_ids: list[str]
    attributes: list[AlertValue]
    created_at: str
    updated_at: str
    resolved_at: NotRequired[str]


class EscalationEvent(TypedDict):
    """What happened to an escalation."""

    id: str
    event: str
    occurred_at: str
    urgency: NotRequired[str]
    users: NotRequired[list[str]]


class Page(TypedDict):
    """What people are paged about, and who."""

    title: str
    description: str
    escalation_path_id: str | None
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


class TaskText(TypedDict, total=False):
    """What is to be done: an action has a description, a follow-up the rest, too."""

    title: str | None
    description: str | None
    assignee: str | None
    assignee_team: str | None
    category: str | None
    priority: str | None
    labels: list[str] | None
    external_issue_reference: IssueReference
    completed_at: str


class Task(TaskText):
    """An action or a follow-up of an incident."""

    id: str
    incident_id: str
    status: str
    creator: Actor
    created_at: str
    updated_at: str


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


class PostmortemDocument(TypedDict):
    """A post-mortem document."""

    id: str
    incident_id: str
    title: str
    markdown: str
    status: str
    type: str
    editors: list[str]
    exported_urls: list[str]
    created_at: str
    updated_at: str
    document_url: str


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
