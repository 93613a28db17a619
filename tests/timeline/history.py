"""One recorded incident with every source, each record rendered by the model of the vendor's SDK."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from incident_io import models as sdk

from incidentio_magic.api import models
from incidentio_magic.timeline import Records

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ID = "01INC"
STATUSES = {
    name: {"id": f"ST-{name}", "name": name, "description": "", "category": category, "rank": rank}
    | dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    for rank, (name, category) in enumerate(
        [("Investigating", "live"), ("Fixing", "live"), ("Monitoring", "live"), ("Closed", "closed")]
    )
}
SEVERITIES = {
    name: {"id": f"SV-{name}", "name": name, "description": "", "rank": rank}
    | dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    for rank, name in enumerate(["Minor", "Major", "Critical"])
}


def user(name: str) -> dict[str, Any]:
    """Return a person as the service embeds one."""
    return {"id": f"U-{name}", "name": name, "email": f"{name.lower()}@example.com", "role": "responder"}


ALICE, BOB = user("Alice"), user("Bob")


def at(minutes: float) -> str:
    """Return the moment so many minutes after noon, as the service writes it."""
    return (NOON + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def slim(reference: str, visibility: str = "public") -> dict[str, Any]:
    """Return an incident as alerts and escalations mention it."""
    return {
        "id": f"ID-{reference}",
        "external_id": int(reference.partition("-")[2]),
        "reference": reference,
        "name": "Checkout fails",
        "status_category": "active",
        "visibility": visibility,
    }


def rendered(vendor: Any, ours: Any, record: dict[str, Any]) -> Any:
    """Return our record of what the vendor's model makes of one; nothing in it may be unknown to the vendor."""
    shown = vendor.from_dict(record)
    assert shown.additional_properties == {}
    return msgspec.convert(shown.to_dict(), ours)


def item(identity: str, minutes: float, title: str = "Seen", **more: Any) -> models.TimelineItem:
    """Return a timeline item."""
    record = {
        "id": identity, "incident_id": ID, "timestamp": at(minutes), "title": title, "creator": {"user": ALICE},
        "created_at": at(minutes), "updated_at": at(minutes),
    }  # fmt: skip
    return rendered(sdk.IncidentTimelineItemV2, models.TimelineItem, record | more)


def entry(
    identity: str, minutes: float, kind: str, content: dict[str, Any] | None = None, **more: Any
) -> models.ActivityLogEntry:
    """Return an entry of the activity log."""
    record = {
        "id": identity, "incident_id": ID, "occurred_at": at(minutes), "created_at": at(minutes), "type": kind,
        "title": kind.replace("_", " "),
    }  # fmt: skip
    if content is not None:
        record["content"] = {kind: content}
    return rendered(sdk.IncidentActivityLogEntryV2, models.ActivityLogEntry, record | more)


def update(identity: str, minutes: float, status: str, severity: str = "", **more: Any) -> models.IncidentUpdate:
    """Return an update, which has the status and the severity as they are after it."""
    record = {
        "id": identity, "incident_id": ID, "created_at": at(minutes), "new_incident_status": STATUSES[status],
        "updater": {"user": ALICE},
    }  # fmt: skip
    if severity:
        record["new_severity"] = SEVERITIES[severity]
    return rendered(sdk.IncidentUpdateV2, models.IncidentUpdate, record | more)


def escalation(identity: str, *events: tuple[str, str, float], **more: Any) -> models.Escalation:
    """Return an escalation with events of an ID, a name and the minutes at which they happened."""
    record = {
        "id": identity, "title": "Checkout fails", "description": "", "status": "triggered",
        "created_at": at(0), "updated_at": at(0),
        "creator": {"user": ALICE}, "priority": {"name": "P1"}, "related_incidents": [slim("INC-7")],
        "related_alerts": [],
        "events": [
            {"id": event, "event": name, "occurred_at": at(minutes)}
            | ({"users": [BOB]} if name in {"acked", "notified_users"} else {})
            | ({"urgency": "high"} if name == "notified_users" else {})
            for event, name, minutes in events
        ],
    }  # fmt: skip
    return rendered(sdk.EscalationV2, models.Escalation, record | more)


def alert(identity: str, fired: float, resolved: float | None = None, *, link: str = "") -> models.IncidentAlert:
    """Return the link of an alert to the incident."""
    alert = {
        "id": identity, "title": "Errors above 5%", "status": "firing", "alert_source_id": "S1",
        "deduplication_key": "D1", "created_at": at(fired), "updated_at": at(fired), "description": "5xx",
        "source_url": "https://monitors.example.com/1",
    }  # fmt: skip
    if resolved is not None:
        alert |= {"status": "resolved", "resolved_at": at(resolved)}
    record = {"id": link or f"L-{identity}", "alert": alert, "incident": slim("INC-7")}
    return rendered(sdk.IncidentAlertV2, models.IncidentAlert, record)


def action(identity: str, created: float, completed: float | None = None) -> models.Action:
    """Return an action."""
    record = {
        "id": identity, "incident_id": ID, "description": "Roll back", "status": "outstanding",
        "created_at": at(created), "updated_at": at(created), "creator": {"user": ALICE}, "assignee": BOB,
    }  # fmt: skip
    if completed is not None:
        record |= {"status": "completed", "completed_at": at(completed)}
    return rendered(sdk.ActionV3, models.Action, record)


def follow_up(identity: str, created: float, completed: float | None = None) -> models.FollowUp:
    """Return a follow-up."""
    record = {
        "id": identity, "incident_id": ID, "title": "Write a runbook", "description": "How to roll back.",
        "status": "outstanding", "created_at": at(created), "updated_at": at(created), "creator": {"user": ALICE},
        "labels": [],
        "external_issue_reference": {
            "issue_name": "OPS-1", "issue_permalink": "https://issues.example.com/OPS-1", "provider": "jira",
        },
    }  # fmt: skip
    if completed is not None:
        record |= {"status": "completed", "completed_at": at(completed)}
    return rendered(sdk.FollowUpV3, models.FollowUp, record)


def call(identity: str, started: float, ended: float | None = None) -> models.CallSession:
    """Return a call."""
    record = {"id": identity, "incident_id": ID, "started_at": at(started)}
    if ended is not None:
        record["ended_at"] = at(ended)
    return rendered(sdk.CallSessionV2, models.CallSession, record)


def document(identity: str, created: float) -> models.PostmortemDocument:
    """Return a postmortem document's card."""
    record = {
        "id": identity, "incident_id": ID, "title": "INC-7: Checkout fails", "status": "in_progress",
        "created_at": at(created), "updated_at": at(created), "type": "in_app", "exported_urls": [], "editors": [],
        "document_url": "https://app.incident.io/org/incidents/7/post-mortems/P1",
    }  # fmt: skip
    return rendered(sdk.PostmortemDocumentV1, models.PostmortemDocument, record)


def printed(identity: str, minutes: float, text: str) -> models.CallTranscriptEntry:
    """Return what somebody said in a call."""
    record = {
        "id": identity, "timestamp": at(minutes), "content": text, "medium": "spoken", "participant_name": "Alice",
    }  # fmt: skip
    return rendered(sdk.CallTranscriptEntryV2, models.CallTranscriptEntry, record)


def run(identity: str, minutes: float, *, error: str = "") -> models.WorkflowRun:
    """Return a workflow run."""
    step = {"step": "slack.post_message", "status": "complete", "completed_at": at(minutes)}
    record: dict[str, Any] = {
        "id": identity, "workflow_id": "W1", "workflow_name": "Announce", "workflow_version_id": "W1",
        "workflow_version_number": 1, "incident_id": ID, "incident_reference": "INC-7", "progress": [step],
        **dict.fromkeys(("created_at", "updated_at", "scheduled_at"), at(minutes)),
    }  # fmt: skip
    if error:
        step |= {"status": "error", "error": error}
        record["error"] = error
    return rendered(sdk.WorkflowRunSlimV2, models.WorkflowRun, record)


def incident(**more: Any) -> models.Incident:
    """Return the incident: INC-7, declared at noon; timestamps are minutes after noon by name."""
    stamps = more.pop("stamps", {})
    record = {
        "id": ID, "reference": "INC-7", "name": "Checkout fails", "mode": "standard", "visibility": "public",
        "incident_status": STATUSES["Monitoring"], "severity": SEVERITIES["Major"],
        "created_at": at(0), "updated_at": at(60), "creator": {"user": ALICE}, "custom_field_entries": [],
        "incident_role_assignments": [], "slack_channel_id": "C1", "slack_team_id": "T1",
        "last_activity_at": at(60), "team_ids": [],
        "incident_timestamp_values": [
            {"incident_timestamp": {"id": f"TS-{name}", "name": name, "rank": 1}}
            | ({} if minutes is None else {"value": {"value": at(minutes)}})
            for name, minutes in stamps.items()
        ],
    }  # fmt: skip
    return rendered(sdk.IncidentV2, models.Incident, record | more)


def declared() -> models.ActivityLogEntry:
    """Return the entry of the declaration."""
    content = {
        "id": "U0",
        "new_status": STATUSES["Investigating"],
        "new_severity": SEVERITIES["Minor"],
        "updater": {"user": ALICE},
    }
    return entry("A0", 0, "incident_update", content | {"message": "We see errors."})


def moved(
    identity: str, update_id: str, minutes: float, before: str, after: str, **content: Any
) -> models.ActivityLogEntry:
    """Return the entry of an update that moved the status."""
    reported = {
        "id": update_id,
        "previous_status": STATUSES[before],
        "new_status": STATUSES[after],
        "updater": {"user": BOB},
    }
    return entry(identity, minutes, "incident_update", reported | content)


def changed(identity: str, minutes: float, before: str, after: str) -> models.ActivityLogEntry:
    """Return the second entry that a status move writes."""
    reported = {"previous_status": STATUSES[before], "new_status": STATUSES[after], "updater": {"user": BOB}}
    return entry(identity, minutes, "status_change", reported)


def whole() -> Records:
    """Return a history in which every source tells something, much of it twice."""
    return Records(
        incident(stamps={"Reported at": 0, "Impact started at": -30, "Fixed at": 40, "Closed at": None}),
        timeline=[
            item("T1", -20, "A deploy", created_at=at(30)),
            item("T2", 20, "Fixing: rolled back", activity_log_id="A4", description="By **hand**."),
        ],
        activity=[
            declared(),
            entry(
                "A1",
                2,
                "escalation_created",
                {"escalation_id": "E1", "creator": {"user": ALICE}, "escalated_to_users": [BOB]},
            ),
            entry("A2", 5, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
            entry("A3", 1, "alert_attached_to_incident", {"alert_id": "AL1"}),
            moved("A4", "U1", 20, "Investigating", "Fixing", message="Rolling back."),
            changed("A5", 20, "Investigating", "Fixing"),
            entry("A6", 10, "action_created", {"action_id": "AC1", "actor": {"user": ALICE}}),
            entry(
                "A7",
                25,
                "action_updated",
                {
                    "action_id": "AC1",
                    "previous_status": "outstanding",
                    "new_status": "completed",
                    "updater": {"user": BOB},
                },
            ),
            entry("A8", 40, "incident_timestamp_occurred", title="Fixed at was set"),
            entry(
                "A9",
                15,
                "incident_timestamp_set",
                {
                    "incident_timestamp": {"id": "TS-Impact started at", "name": "Impact started at", "rank": 1},
                    "new_value": at(-30),
                    "updater": {"user": BOB},
                },
            ),
            entry("A10", 6, "incident_call_started"),
            entry("A11", 39, "incident_call_ended"),
            entry("A12", 50, "postmortem_document_v2_changed"),
            entry(
                "A13",
                3,
                "workflow_ran",
                {"event_title": "Announce", "creator": {"workflow": {"id": "W1", "name": "Announce"}}},
            ),
            entry("A14", 41, "sandwich_ordered", title="Somebody ordered sandwiches"),
            entry(
                "A15",
                12,
                "role_update",
                {
                    "role": {
                        "id": "R1",
                        "name": "Lead",
                        "description": "",
                        "instructions": "",
                        "role_type": "lead",
                        "shortform": "lead",
                        "required": False,
                        **dict.fromkeys(("created_at", "updated_at"), at(-900)),
                    },
                    "new_assignee": BOB,
                    "updater": {"user": ALICE},
                },
            ),
        ],
        updates=[
            update("U0", 0, "Investigating", "Minor", message="We see errors."),
            update("U1", 20, "Fixing", "Minor", message="Rolling back."),
            update("U2", 40, "Monitoring", "Major", message="Fixed."),
        ],
        escalations=[
            escalation(
                "E1",
                ("EV1", "triggered", 2),
                ("EV2", "notified_users", 2),
                ("EV3", "acked", 5),
                ("EV4", "resolved", 40),
            ),
        ],
        alerts=[alert("AL1", -3, 41)],
        actions=[action("AC1", 10, 25)],
        follow_ups=[follow_up("F1", 45, 900)],
        calls=[call("C1", 6.2, 39.1)],
        postmortems=[document("P1", 50)],
        transcripts=[printed("S1", 8, "Can we roll back?")],
        workflows=[run("R1", 3)],
    )
