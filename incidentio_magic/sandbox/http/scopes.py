"""Which scope each operation needs, and which scopes each role of an API key carries.

Operations and scopes are the service's own identifiers. Which role carries which scope is a guess from the roles'
names where the service says no more; a key made with exact scopes does not depend on it.
"""

from __future__ import annotations

import re

VIEW = "incidents.view"
VIEW_PRIVATE = "incidents.view_private"
VIEW_WORKLOAD = "incident_workloads.view"
SKIP_REVIEW = "incidents.opt_out_of_post_incident_flow"

# Method and path: the scope. None: any key may.
OPERATIONS: dict[str, str | None] = {
    "GET /v1/identity": None,
    "GET /v1/severities": "severities.view",
    "GET /v1/severities/{id}": "severities.view",
    "GET /v1/incident_statuses": "incident_statuses.view",
    "GET /v1/incident_statuses/{id}": "incident_statuses.view",
    "GET /v1/incident_types": "incident_types.view",
    "GET /v1/incident_types/{id}": "incident_types.view",
    "GET /v1/incident_roles": "incident_roles.view",
    "GET /v1/incident_roles/{id}": "incident_roles.view",
    "GET /v2/incident_roles": "incident_roles.view",
    "GET /v2/incident_roles/{id}": "incident_roles.view",
    "GET /v2/incident_timestamps": None,
    "GET /v2/incident_timestamps/{id}": None,
    "GET /v1/custom_fields": "custom_fields.view",
    "GET /v1/custom_fields/{id}": "custom_fields.view",
    "GET /v2/custom_fields": "custom_fields.view",
    "GET /v2/custom_fields/{id}": "custom_fields.view",
    "GET /v1/custom_field_options": "custom_fields.view",
    "GET /v1/custom_field_options/{id}": "custom_fields.view",
    "GET /v3/incident_forms": None,
    "GET /v3/incident_forms/{id}": None,
    "GET /v2/users": "users.view",
    "GET /v2/users/{id}": "users.view",
    "GET /v3/teams": "catalog_entries.view",
    "GET /v3/teams/{id}": "catalog_entries.view",
    "GET /v2/catalog_types": "catalog_types.view",
    "GET /v3/catalog_types": "catalog_types.view",
    "GET /v3/catalog_types/{id}": "catalog_types.view",
    "GET /v3/catalog_entries": "catalog_entries.view",
    "GET /v3/catalog_entries/{id}": "catalog_entries.view",
    "GET /v1/incidents": VIEW,
    "GET /v1/incidents/{id}": VIEW,
    "GET /v2/incidents": VIEW,
    "GET /v2/incidents/{id}": VIEW,
    "POST /v2/incidents": "incidents.create",
    "POST /v2/incidents/{id}/actions/edit": None,  # each property needs its own
    "POST /v2/incidents/{id}/actions/import_postmortem_document": "in_app_postmortems.import",
    "GET /v2/incident_updates": VIEW,
    "POST /v2/incident_updates": "incident_updates.create",
    "GET /v2/incident_activity_log_entries": VIEW,
    "GET /v2/incident_timeline_items": VIEW,
    "POST /v2/incident_timeline_items": "timeline_items.create",
    "PATCH /v2/incident_timeline_items/{id}": "timeline_items.update",
    "GET /v2/incident_participants": VIEW,
    "GET /v2/incident_participant_workloads": VIEW_WORKLOAD,
    "GET /v1/incident_relationships": VIEW,
    "GET /v1/incident_attachments": "attachments.view",
    "POST /v1/incident_attachments": "attachments.create",
    "GET /v2/call_sessions": "call_transcripts.view",
    "GET /v2/call_transcript_entries": "call_transcripts.view",
    "GET /v1/postmortem_documents": VIEW,
    "GET /v1/postmortem_documents/{id}": VIEW,
    "PUT /v1/postmortem_documents/{id}": "in_app_postmortems.update_status",
    "GET /v1/postmortem_documents/{id}/content": "in_app_postmortems.copy_as_markdown",
    "GET /v2/actions": "actions.view",
    "GET /v2/actions/{id}": "actions.view",
    "GET /v3/actions": "actions.view",
    "GET /v3/actions/{id}": "actions.view",
    "POST /v3/actions": "actions.create",
    "PUT /v3/actions/{id}": "actions.update",
    "GET /v2/follow_ups": "actions.view",
    "GET /v2/follow_ups/{id}": "actions.view",
    "GET /v3/follow_ups": "actions.view",
    "GET /v3/follow_ups/{id}": "actions.view",
    "POST /v3/follow_ups": "follow_ups.create",
    "PUT /v3/follow_ups/{id}": "follow_ups.update",
    "GET /v2/alerts": "alerts.view",
    "GET /v2/alerts/{id}": "alerts.view",
    "GET /v2/alert_sources": "alert_sources.view",
    "GET /v2/alert_sources/{id}": "alert_sources.view",
    "GET /v2/incident_alerts": "alerts.view",
    "GET /v2/escalations": "escalations.view",
    "GET /v2/escalations/{id}": "escalations.view",
    "POST /v2/escalations": "escalations.create",
    "POST /v2/escalations/{id}/actions/respond": "escalations.respond",
    "POST /v2/escalations/{id}/actions/cancel": "escalations.cancel",
    "GET /v2/escalation_paths": "escalation_paths.view",
    "GET /v2/escalation_paths/{id}": "escalation_paths.view",
    "GET /v2/schedules": "schedules.view",
    "GET /v2/schedules/{id}": "schedules.view",
    "GET /v2/schedule_entries": "schedules.view",
    "GET /v2/status_pages": None,
    "GET /v2/status_page_components": None,
    "GET /v2/status_page_incidents": None,
    "GET /v2/workflows": "workflows.view",
    "GET /v2/workflow_runs": "workflows.view",
}

ON_CALL = ["alerts.view", "alert_sources.view", "escalation_paths.view", "escalations.view", "schedules.view"]
SCOPES = {
    # Without the catalog and calls, as the vendor's own tools ask for further permissions to read those.
    "viewer": [
        VIEW, "actions.view", "alert_sources.view", "alerts.view", "attachments.view", "custom_fields.view",
        "escalation_paths.view", "escalations.view", "in_app_postmortems.copy_as_markdown", "incident_roles.view",
        "incident_statuses.view", "incident_types.view", "schedules.view", "severities.view", "users.view",
        "workflows.view",
    ],
    "global_access": [VIEW_PRIVATE],
    "incident_creator": ["incidents.create"],
    "incident_editor": [
        "incidents.update_name", "incidents.update_summary", "incidents.update_severity", "incidents.update_status",
        "incidents.update_custom_fields", "incidents.update_timestamps", "incidents.update_role_assignments",
        "incident_calls.create", "incident_calls.destroy", "incident_updates.create", "timeline_items.create",
        "timeline_items.update", "actions.create", "actions.update", "follow_ups.create", "follow_ups.update",
        "attachments.create",
    ],
    "escalation_creator": ["escalations.create", "escalations.respond", "escalations.cancel"],
    "on_call_viewer": ON_CALL,
    "on_call_editor": ON_CALL,
    "schedules_reader": ["schedules.view"],
    "schedules_editor": ["schedules.view"],
    "schedule_overrides_editor": ["schedules.view"],
    "call_transcripts_viewer": ["call_transcripts.view"],
    "catalog_viewer": ["catalog_entries.view", "catalog_types.view"],
    "catalog_editor": ["catalog_entries.view", "catalog_types.view"],
    "documents_viewer": ["in_app_postmortems.copy_as_markdown"],
    "postmortems_manage": [
        "in_app_postmortems.copy_as_markdown", "in_app_postmortems.import", "in_app_postmortems.update_status",
    ],
    "workflows_viewer": ["workflows.view"],
    "workflows_editor": ["workflows.view"],
    "incident_workload_viewer": [VIEW_WORKLOAD],
    "post_incident_flow_opt_out": [SKIP_REVIEW],
}  # fmt: skip


def operation(method: str, rule: str) -> str:
    """Return an operation's name, from the method and the rule of its route."""
    return f"{method} {re.sub(r'<[^>]+>', '{id}', rule)}"
