"""The permission that an API key needs for a request, as a scope and with its name in the dashboard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VIEW: Final = "incidents.view"

# Each operation that this client uses, with its scope in the contract (`x-rbac-scopes`); None means any key. Editing an
# incident needs a scope for each property; the service's message names the missing one.
SCOPES: Final[Mapping[str, str | None]] = {
    "GET /v1/custom_field_options": "custom_fields.view",
    "GET /v1/identity": None,
    "GET /v1/incident_attachments": "attachments.view",
    "GET /v1/incident_relationships": _VIEW,
    "GET /v1/incident_statuses": "incident_statuses.view",
    "GET /v1/incident_types": "incident_types.view",
    "GET /v1/postmortem_documents": _VIEW,
    "GET /v1/postmortem_documents/{id}": _VIEW,
    "GET /v1/postmortem_documents/{id}/content": "in_app_postmortems.copy_as_markdown",
    "GET /v1/severities": "severities.view",
    "GET /v2/alert_sources": "alert_sources.view",
    "GET /v2/alerts": "alerts.view",
    "GET /v2/call_sessions": "call_transcripts.view",
    "GET /v2/call_transcript_entries": "call_transcripts.view",
    "GET /v2/custom_fields": "custom_fields.view",
    "GET /v2/escalation_paths": "escalation_paths.view",
    "GET /v2/escalations": "escalations.view",
    "GET /v2/escalations/{id}": "escalations.view",
    "GET /v2/incident_activity_log_entries": _VIEW,
    "GET /v2/incident_alerts": "alerts.view",
    "GET /v2/incident_participant_workloads": "incident_workloads.view",
    "GET /v2/incident_participants": _VIEW,
    "GET /v2/incident_roles": "incident_roles.view",
    "GET /v2/incident_timeline_items": _VIEW,
    "GET /v2/incident_timestamps": None,
    "GET /v2/incident_updates": _VIEW,
    "GET /v2/incidents": _VIEW,
    "GET /v2/incidents/{id}": _VIEW,
    "GET /v2/schedule_entries": "schedules.view",
    "GET /v2/schedules": "schedules.view",
    "GET /v2/status_page_incidents": None,
    "GET /v2/users": "users.view",
    "GET /v2/workflow_runs": "workflows.view",
    "GET /v2/workflows": "workflows.view",
    "GET /v3/actions": "actions.view",
    "GET /v3/actions/{id}": "actions.view",
    "GET /v3/catalog_entries": "catalog_entries.view",
    "GET /v3/follow_ups": "actions.view",
    "GET /v3/follow_ups/{id}": "actions.view",
    "GET /v3/incident_forms": None,
    "GET /v3/teams": "catalog_entries.view",
    "POST /v1/incident_attachments": "attachments.create",
    "POST /v2/escalations": "escalations.create",
    "POST /v2/escalations/{id}/actions/cancel": "escalations.cancel",
    "POST /v2/escalations/{id}/actions/respond": "escalations.respond",
    "POST /v2/incident_timeline_items": "timeline_items.create",
    "POST /v2/incident_updates": "incident_updates.create",
    "POST /v2/incidents": "incidents.create",
    "POST /v2/incidents/{id}/actions/edit": None,
    "POST /v2/incidents/{id}/actions/import_postmortem_document": "in_app_postmortems.import",
    "POST /v3/actions": "actions.create",
    "POST /v3/follow_ups": "follow_ups.create",
    "PUT /v1/postmortem_documents/{id}": "in_app_postmortems.update_status",
    "PUT /v3/actions/{id}": "actions.update",
    "PUT /v3/follow_ups/{id}": "follow_ups.update",
}


@dataclass(frozen=True)
class Permission:
    """A permission of an API key.

    Args:
        role: Its name in `/v1/identity`.
        words: Its name in the dashboard, under Settings → API keys.
    """

    role: str
    words: str

    def __str__(self) -> str:
        return f'"{self.words}" (role {self.role})'


# The dashboard's words for viewer, incident_creator, incident_editor, global_access, catalog_viewer, escalation_creator
# and post_incident_flow_opt_out are quoted from the vendor's own documents. The others are guesses from the roles'
# names: if one is wrong, the role that stands beside it still says what to look for.
VIEWER: Final = Permission("viewer", "View data, like public incidents and organisation settings")
CREATOR: Final = Permission("incident_creator", "Create incidents")
EDITOR: Final = Permission("incident_editor", "Edit incidents")
PRIVATE: Final = Permission("global_access", "View all incident data, including private incidents")
CATALOG: Final = Permission("catalog_viewer", "View catalog types and entries")
ESCALATIONS: Final = Permission("escalation_creator", "Create and manage escalations")
OPT_OUT: Final = Permission("post_incident_flow_opt_out", "Close incidents by opting out of post-incident flow")
CALLS: Final = Permission("call_transcripts_viewer", "View call transcripts")
POSTMORTEMS: Final = Permission("postmortems_manage", "Manage post-mortems")
WORKLOADS: Final = Permission("incident_workload_viewer", "View incident workload")

# If the contract does not say which permission includes a scope, this is a guess. If it is wrong, the advice lacks a
# permission, but still shows the scope from the service's own message.
_CARRIED: Final[Mapping[str, Permission]] = {
    **{scope: VIEWER for scope in SCOPES.values() if scope and scope.endswith(".view")},
    "actions.create": EDITOR,
    "actions.update": EDITOR,
    "attachments.create": EDITOR,
    "call_transcripts.view": CALLS,
    "catalog_entries.view": CATALOG,
    "escalations.cancel": ESCALATIONS,
    "escalations.create": ESCALATIONS,
    "escalations.respond": ESCALATIONS,
    "follow_ups.create": EDITOR,
    "follow_ups.update": EDITOR,
    "in_app_postmortems.copy_as_markdown": VIEWER,
    "in_app_postmortems.import": POSTMORTEMS,
    "in_app_postmortems.update_status": POSTMORTEMS,
    "incident_updates.create": EDITOR,
    "incident_workloads.view": WORKLOADS,
    "incidents.create": CREATOR,
    "incidents.opt_out_of_post_incident_flow": OPT_OUT,
    "incidents.view_private": PRIVATE,
    "timeline_items.create": EDITOR,
}
_EDITS: Final = "incidents.update_"
_SCOPE: Final = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)+\b")


def operation(method: str, path: str) -> str:
    """Return the name of an operation in `SCOPES`: its path with `{id}` for an identifier.

    Args:
        method: The HTTP method.
        path: The path, without the query.
    """
    version, _, rest = path.lstrip("/").partition("/")
    resource, *parts = rest.split("/")
    return f"{method} /{'/'.join((version, resource, *('{id}' for _ in parts[:1]), *parts[1:]))}"


def missing(method: str, path: str, message: str = "") -> dict[str, Permission]:
    """Return each scope that a refused request lacks, with the permission that includes it.

    Args:
        method: The HTTP method.
        path: The path, without the query.
        message: The service's message; the scopes that it names come first.
    """
    named = {scope: permission for scope in _SCOPE.findall(message) if (permission := permission_for(scope))}
    scope = SCOPES.get(operation(method, path))
    if not named and scope and (permission := permission_for(scope)):
        return {scope: permission}
    return named


def permission_for(scope: str) -> Permission | None:
    """Return the permission that includes a scope, or None if unknown."""
    return EDITOR if scope.startswith(_EDITS) else _CARRIED.get(scope)


def advice(permissions: Iterable[Permission]) -> str:
    """Return the hint about missing permissions, in one clause."""
    wanted = list(dict.fromkeys(permissions))
    return f"give this API key the permission{'s' * (len(wanted) > 1)} {' and '.join(map(str, wanted))}"
