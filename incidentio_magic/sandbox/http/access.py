"""API keys: each has roles, and each role carries scopes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.errors import Problem, RefusedError
from incidentio_magic.sandbox.http.scopes import SCOPES

if TYPE_CHECKING:
    from sqlite3 import Row

    from incidentio_magic.sandbox.records import Actor

ROLES = [
    "act_on_behalf_of_users", "api_keys_manage", "call_transcripts_viewer", "catalog_editor",
    "catalog_viewer", "documents_viewer", "escalation_creator", "global_access",
    "glossary_entries_manage", "heartbeats_ping", "incident_creator", "incident_editor",
    "incident_memberships_editor", "incident_workload_private_viewer", "incident_workload_viewer",
    "investigations_editor", "investigation_download", "manage_settings", "notification_methods_manage",
    "notification_methods_unredacted_viewer", "on_call_editor", "on_call_viewer", "pay_configs_editor",
    "pay_configs_viewer", "pay_reports_editor", "pay_reports_viewer", "policies_viewer",
    "policy_findings_manage", "postmortems_manage", "post_incident_flow_opt_out",
    "private_escalation_workflows_editor", "private_workflows_editor", "schedules_editor",
    "schedules_reader", "schedule_overrides_editor", "secrets_manage", "secrets_use",
    "security_settings_editor", "status_page_publisher", "status_page_viewer", "team_memberships_manage",
    "telemetry_data_source_update", "telemetry_query_restricted", "telemetry_viewer", "viewer",
    "workflows_editor", "workflows_viewer",
]  # fmt: skip
TRAINEE_ROLES = [
    "call_transcripts_viewer", "catalog_viewer", "documents_viewer", "escalation_creator", "incident_creator",
    "incident_editor", "incident_workload_viewer", "on_call_viewer", "postmortems_manage", "post_incident_flow_opt_out",
    "viewer", "workflows_viewer",
]  # fmt: skip


@dataclass(frozen=True)
class Key:
    """An API key and what it may do."""

    id: str
    name: str
    roles: list[str]
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The key as an actor."""
        return {"api_key": {"id": self.id, "name": self.name}}

    def may(self, scope: str) -> bool:
        """Return whether the key has a scope."""
        return scope in self.scopes

    def require(self, *scopes: str) -> None:
        """Refuse a request that needs any scope the key lacks.

        Raises:
            RefusedError: 403, naming every missing scope.
        """
        missing = [scope for scope in scopes if scope not in self.scopes]
        if missing:
            raise RefusedError(403, [Problem(lacking(scope), code="missing_scope") for scope in missing])


def hashed(secret: str) -> str:
    """Return the hash under which a key is stored."""
    return sha256(f"incidentio sandbox key {secret}".encode()).hexdigest()


def lacking(scope: str) -> str:
    """Return the message for a missing scope."""
    return f"This API key lacks the scope {scope}"


def key_from(row: Row) -> Key:
    """Read a key from its row."""
    roles = json.loads(row["roles"])
    scopes = json.loads(row["scopes"]) if row["scopes"] else [scope for role in roles for scope in SCOPES.get(role, [])]
    return Key(row["id"], row["name"], roles, frozenset(scopes))
