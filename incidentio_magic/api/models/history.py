"""What happened in an incident, and what was written about it."""

from __future__ import annotations

from typing import Any

from incidentio_magic.api.models.organisation import NO_STATUS, IncidentStatus, Severity
from incidentio_magic.api.models.people import Actor, User
from incidentio_magic.api.models.record import NO_TIME, Moment, Present, Record


class IncidentUpdate(Record, frozen=True):
    """An update shared with the responders. Source: `GET /v2/incident_updates`."""

    id: Present
    incident_id: str = ""
    created_at: Moment = NO_TIME
    new_incident_status: IncidentStatus = NO_STATUS
    updater: Actor | None = None
    message: str | None = None
    new_severity: Severity | None = None
    merged_into_incident_id: str | None = None


class TimelineItem(Record, frozen=True):
    """An item of the curated timeline. Source: `GET /v2/incident_timeline_items`."""

    id: Present
    incident_id: str = ""
    timestamp: Moment = NO_TIME
    title: str = ""
    created_at: Moment = NO_TIME
    updated_at: Moment = NO_TIME
    creator: Actor | None = None
    description: str | None = None
    activity_log_id: str | None = None


class ActivityLogEntry(Record, frozen=True):
    """An entry of the activity log; `content` depends on `type`. Source: `GET /v2/incident_activity_log_entries`."""

    id: Present
    incident_id: str = ""
    occurred_at: Moment = NO_TIME
    created_at: Moment = NO_TIME
    type: str = ""
    title: str = ""
    content: dict[str, Any] | None = None


class CallSession(Record, frozen=True):
    """A call of the responders. Source: `GET /v2/call_sessions`."""

    id: Present
    incident_id: str = ""
    started_at: Moment = NO_TIME
    ended_at: Moment | None = None


class PostmortemDocument(Record, frozen=True):
    """A postmortem document's card. Source: `GET /v1/postmortem_documents`."""

    id: Present
    incident_id: str = ""
    title: str = ""
    status: str = ""
    created_at: Moment = NO_TIME
    document_url: str | None = None
    type: str | None = None
    updated_at: str | None = None
    exported_urls: list[str] | None = None
    editors: list[User] | None = None


class CallTranscriptEntry(Record, frozen=True):
    """What a participant of a call said or wrote. Source: `GET /v2/call_transcript_entries`."""

    id: Present
    timestamp: Moment = NO_TIME
    content: str = ""
    medium: str = ""
    participant_name: str = ""
