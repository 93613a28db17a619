"""The kinds of events, independent of the sources' names for them."""

from __future__ import annotations

from typing import Final

KINDS: Final = (
    "declaration",
    "update",
    "status",
    "severity",
    "merge",
    "page",
    "notification",
    "acknowledgement",
    "escalation",
    "alert",
    "action",
    "follow_up",
    "role",
    "field",
    "timestamp",
    "incident",
    "call",
    "transcript",
    "message",
    "note",
    "workflow",
    "postmortem",
    "status_page",
    "channel",
    "investigation",
    "other",
)

_TYPES: Final = {
    "update": ("incident_update",),
    "status": ("status_change",),
    "merge": ("incident_merged",),
    "page": ("escalation_created", "incident_escalate", "pagerduty_incident_triggered"),
    "acknowledgement": ("escalation_acknowledged", "pagerduty_incident_acknowledged"),
    "escalation": ("pagerduty_incident_resolved",),
    "alert": (
        "alert_attached_to_incident",
        "alert_group_attached_to_incident",
        "alert_group_detached_from_incident",
        "slack_infer_sentry",
    ),
    "action": ("action_created", "action_updated", "actions_shared_in_channel"),
    "follow_up": ("follow_up_created", "follow_up_updated", "follow_ups_shared_in_channel"),
    "role": ("role_update", "handover"),
    "field": ("custom_field_value_update",),
    "timestamp": ("incident_timestamp_occurred", "incident_timestamp_set"),
    "incident": (
        "incident_rename",
        "incident_type_changed",
        "incident_visibility_changed",
        "summary_update",
        "incident_attachment_added",
        "incident_attachment_removed",
        "external_issue_comment_synced",
        "scrub",
    ),
    "call": (
        "call_url_changed",
        "incident_call_created",
        "incident_call_ended",
        "incident_call_participants_updated",
        "incident_call_recall_bot_status_changed",
        "incident_call_started",
        "scribe_added",
        "scribe_removed",
    ),
    "transcript": (
        "incident_call_transcript_current_topic_generated",
        "incident_call_transcript_key_moment_generated",
        "incident_call_transcript_message",
        "incident_call_transcript_summary_generated",
    ),
    "message": (
        "microsoft_teams_announcement_reply",
        "microsoft_teams_image",
        "microsoft_teams_message",
        "microsoft_teams_pinned_channel_message",
        "slack_image",
        "slack_message",
        "slack_pin",
    ),
    "workflow": ("workflow_ran",),
    "postmortem": ("postmortem_changed", "postmortem_document_v2_changed"),
    "status_page": ("atlassian_statuspage_update", "status_page_incident_linked", "status_page_incident_updated"),
    "channel": (
        "incident_channel_created",
        "incident_channel_join",
        "incident_channel_leave",
        "incident_membership_revoked",
    ),
    "investigation": ("investigation_hypothesis_update", "user_intent_declared"),
}
_KIND_OF: Final = {kind_type: kind for kind, types in _TYPES.items() for kind_type in types}

_ESCALATION: Final = {
    "triggered": "page",
    "notified_users": "notification",
    "notified_channels": "notification",
    "acked": "acknowledgement",
}


def of_activity(activity_type: str) -> str:
    """Return the kind of an activity log entry by its type; `other` for an unknown type."""
    return _KIND_OF.get(activity_type, "other")


def of_escalation(event: str) -> str:
    """Return the kind of an escalation's event."""
    return _ESCALATION.get(event, "escalation")
