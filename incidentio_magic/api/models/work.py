"""Work during an incident and after it."""

from __future__ import annotations

from incidentio_magic.api.models.incident import ExternalIssue
from incidentio_magic.api.models.people import Actor, User
from incidentio_magic.api.models.record import NO_TIME, Moment, Named, Present, Record


class Action(Record, frozen=True):
    """Something to do during the incident. Source: `GET /v3/actions`."""

    id: Present
    incident_id: str = ""
    description: str = ""
    status: str = ""
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    creator: Actor | None = None
    assignee: User | None = None
    completed_at: Moment | None = None


class FollowUp(Record, frozen=True):
    """Something to do after the incident. Source: `GET /v3/follow_ups`."""

    id: Present
    incident_id: str = ""
    title: str = ""
    status: str = ""
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    creator: Actor | None = None
    assignee: User | None = None
    completed_at: Moment | None = None
    description: str | None = None
    labels: list[str] | None = None
    priority: Named | None = None
    category: Named | None = None
    assignee_team: Named | None = None
    external_issue_reference: ExternalIssue | None = None


class StepProgress(Record, frozen=True):
    """The progress of a step in a workflow run."""

    step: Present
    status: str = ""
    completed_at: Moment | None = None
    error: str | None = None


class WorkflowRun(Record, frozen=True):
    """A run of a workflow. Source: `GET /v2/workflow_runs`."""

    id: Present
    workflow_id: str = ""
    created_at: Moment = NO_TIME
    workflow_name: str | None = None
    incident_id: str | None = None
    error: str | None = None
    progress: list[StepProgress] | None = None
