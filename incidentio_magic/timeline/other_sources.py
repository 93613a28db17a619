"""Events from actions, follow-ups, calls and their transcripts, postmortem documents and workflow runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import actor_text
from incidentio_magic.timeline.event import Event
from incidentio_magic.timeline.records import unique

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.timeline.records import Records
    from incidentio_magic.timeline.rows import EventMerge, Key

# The maximum difference between the times that two sources give for the same event.
_CALL: Final = timedelta(minutes=1)  # a call begins before somebody records it
_DOCUMENT: Final = timedelta(seconds=5)
_RUN: Final = timedelta(minutes=1)  # a run is planned before it is carried out


def add_tasks(merged: EventMerge, records: Records) -> None:
    """Add when actions and follow-ups were created and completed."""
    for action in sorted(unique(records.actions), key=lambda action: action.id):
        _add_task(merged, records, "actions", action)
    for follow_up in sorted(unique(records.follow_ups), key=lambda follow_up: follow_up.id):
        _add_task(merged, records, "follow_ups", follow_up)


def _add_task(merged: EventMerge, records: Records, source: str, task: models.Action | models.FollowUp) -> None:
    what = "Action" if source == "actions" else "Follow-up"
    text = getattr(task, "title", "") or getattr(task, "description", "")
    issue = getattr(task, "external_issue_reference", None)
    actor, actor_kind = actor_text(task.creator)
    assignee = f"Assignee: {task.assignee.name}" if task.assignee else ""
    longer = getattr(task, "description", "") if source == "follow_ups" else ""
    created = Event(
        at=task.created_at,
        source=source,
        kind=source.removesuffix("s"),
        type="created",
        title=f"{what} created: {text}",
        entry_id=task.id,
        incident=records.reference(task.incident_id),
        recorded_at=task.created_at,
        detail="\n\n".join(filter(None, (longer, assignee))) or None,
        actor=actor,
        actor_kind=actor_kind,
        url=issue.issue_permalink if issue else None,
        about=task.id,
        private=records.is_private(task.incident_id),
    )
    _merge(merged, created, ("created", task.id))
    if task.completed_at:
        completed = Event(
            at=task.completed_at,
            source=source,
            kind=created.kind,
            type="completed",
            title=f"{what} completed: {text}",
            entry_id=task.id,
            incident=created.incident,
            recorded_at=task.completed_at,
            after="completed",
            url=created.url,
            about=task.id,
            private=created.private,
        )
        _merge(merged, completed, ("completed", task.id))


def add_calls(merged: EventMerge, records: Records) -> None:
    """Add when calls began and ended."""
    for call in sorted(unique(records.calls), key=lambda call: (call.started_at, call.id)):
        for kind, at in (("started", call.started_at), ("ended", call.ended_at)):
            if at is not None:
                _merge(merged, _of_call(call, kind, at, records), ("type", f"incident_call_{kind}"), within=_CALL)


def _of_call(call: models.CallSession, kind: str, at: datetime, records: Records) -> Event:
    return Event(
        at=at,
        source="calls",
        kind="call",
        type=kind,
        title=f"The call {kind}",
        entry_id=call.id,
        incident=records.reference(call.incident_id),
        recorded_at=at,
        about=call.id,
        private=records.is_private(call.incident_id),
    )


def add_postmortems(merged: EventMerge, records: Records) -> None:
    """Add when postmortem documents were created."""
    for document in sorted(unique(records.postmortems), key=lambda document: (document.created_at, document.id)):
        event = Event(
            at=document.created_at,
            source="postmortems",
            kind="postmortem",
            type=document.type or "postmortem_document",
            title=f"Postmortem: {document.title}",
            entry_id=document.id,
            incident=records.reference(document.incident_id),
            recorded_at=document.created_at,
            detail=f"Status: {document.status}",
            url=document.document_url or None,
            about=document.id,
            private=records.is_private(document.incident_id),
        )
        keys: list[Key] = [("type", f"postmortem{version}_changed") for version in ("_document_v2", "")]
        _merge(merged, event, *keys, within=_DOCUMENT)


def add_transcripts(merged: EventMerge, records: Records) -> None:
    """Add the transcripts of calls."""
    for entry in sorted(unique(records.transcripts), key=lambda entry: (entry.timestamp, entry.id)):
        merged.add(
            Event(
                at=entry.timestamp,
                source="transcripts",
                kind="transcript",
                type=entry.medium,
                title=entry.content,
                entry_id=entry.id,
                incident=records.incident.reference,
                recorded_at=entry.timestamp,
                actor=entry.participant_name or None,
                actor_kind="user" if entry.participant_name else None,
                private=records.incident.is_private,
            )
        )


def add_workflows(merged: EventMerge, records: Records) -> None:
    """Add workflow runs."""
    for run in sorted(unique(records.workflows), key=lambda run: (run.created_at, run.id)):
        name = run.workflow_name or run.workflow_id
        event = Event(
            at=run.created_at,
            source="workflows",
            kind="workflow",
            type="workflow_run",
            title=f"Workflow ran: {name}",
            entry_id=run.id,
            incident=records.reference(run.incident_id or records.incident.id),
            recorded_at=run.created_at,
            detail=_failures(run) or None,
            actor=name,
            actor_kind="workflow",
            about=run.workflow_id,
            private=records.is_private(run.incident_id or records.incident.id),
        )
        _merge(merged, event, ("ran", run.workflow_id), within=_RUN)


def _failures(run: models.WorkflowRun) -> str:
    steps: Sequence[models.StepProgress] = run.progress or ()
    failed = [f"- `{step.step}`: {step.error or step.status}" for step in steps if step.error]
    return "\n".join(([f"Failed: {run.error}"] if run.error else []) + failed)


def _merge(merged: EventMerge, event: Event, *keys: Key, within: timedelta | None = None) -> None:
    """Fill the existing row for the same event, or add a row."""
    for key in keys:
        place = merged.take(key, event.at, within=within)
        if place is not None:
            merged.fill(place, link=f"{event.source}:{event.entry_id}", **vars(event))
            return
    merged.add(event)
