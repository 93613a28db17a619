"""Renders rows as the API does: identifiers become the objects they name, and nothing is null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from incidentio_magic.sandbox.incidentio.clock import shown
from incidentio_magic.sandbox.incidentio.rules import SLIM_CATEGORIES
from incidentio_magic.sandbox.records import members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Row

    from incidentio_magic.sandbox.attached_records import (
        Alert,
        Escalation,
        EscalationEvent,
        PostmortemDocument,
        Task,
        TimelineItem,
    )
    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import (
        ActivityBody,
        ActivityContent,
        Actor,
        FieldValue,
        Incident,
        IncidentUpdate,
        Record,
    )
    from incidentio_magic.sandbox.vocabulary import CustomField, EscalationPath, Organisation, Ranked

USER = ("id", "name", "email", "slack_user_id", "role")
PLAIN = (
    "id", "name", "summary", "mode", "visibility", "created_at", "updated_at", "permalink", "call_url",
    "slack_channel_id", "slack_channel_name", "slack_team_id", "postmortem_document_ids",
    "postmortem_document_url", "debriefs",
)  # fmt: skip
MOMENTS = {
    "created_at", "updated_at", "completed_at", "started_at", "ended_at", "occurred_at", "timestamp",
    "resolved_at", "scheduled_at", "enqueued_at", "cancelled_at",
}  # fmt: skip


def without_nulls(record: Mapping[str, object]) -> Record:
    """Leave out nulls, and format each time as the API does."""
    return {
        name: shown(value) if name in MOMENTS and isinstance(value, str) else value
        for name, value in record.items()
        if value is not None
    }


class Renderer:
    """Shows rows.

    Args:
        store: looks up embedded incidents and alerts.
        organisation: the vocabulary.
    """

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self.store = store
        self.organisation = organisation
        fields = organisation["custom_fields"].items()
        self._fields = {identity: self._field(field) for identity, field in fields}
        # How each member of an activity log entry's content is rendered.
        self._parts: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(("updater", "actor", "creator", "merger"), self.actor),
            **dict.fromkeys(("previous_assignee", "new_assignee", "acknowledger"), self.user),
            "escalated_to_users": lambda users: [self.user(user) for user in users],
            **dict.fromkeys(("previous_values", "new_values"), self.values),
            **dict.fromkeys(("previous_value", "new_value"), shown),
            **dict.fromkeys(("previous_status", "new_status"), organisation["incident_statuses"].__getitem__),
            **dict.fromkeys(("previous_severity", "new_severity"), organisation["severities"].__getitem__),
            "custom_field": self._fields.__getitem__,
            "source_incident": self.slim,
            "role": organisation["incident_roles"].__getitem__,
            "incident_timestamp": organisation["incident_timestamps"].__getitem__,
        }

    def _field(self, field: CustomField) -> Record:
        options = self.organisation["custom_field_options"].values()
        return {
            **members(field, "id", "name", "description", "field_type"),
            "options": [option for option in options if option["custom_field_id"] == field["id"]],
        }

    def moment(self, text: str) -> str:
        """Show a stored time."""
        return shown(text)

    def user(self, identity: str) -> Record:
        """Show an embedded user."""
        return members(self.organisation["users"][identity], *USER)

    def actor(self, actor: Actor) -> Record:
        """Show who did something."""
        if "user" in actor:
            return {"user": self.user(actor["user"])}
        if "workflow" in actor:
            return {"workflow": self.organisation["workflows"][actor["workflow"]]}
        return {**actor}

    def values(self, values: list[FieldValue]) -> list[Record]:
        """Show a custom field's values."""
        return [self._value(value) for value in values]

    def _value(self, value: FieldValue) -> Record:
        if "value_option_id" in value:
            return {"value_option": self.organisation["custom_field_options"][value["value_option_id"]]}
        if "value_catalog_entry_id" in value:
            entry = self.organisation["catalog_entries"][value["value_catalog_entry_id"]]
            return {"value_catalog_entry": members(entry, "id", "name", "aliases", "external_id")}
        return {**value}

    def incident(self, incident: Incident, *, workload: bool = True) -> Record:
        """Show an incident.

        Args:
            incident: the stored document.
            workload: whether to include the time people spent.
        """
        organisation = self.organisation
        known: Mapping[str, object] = incident
        shown_incident = without_nulls({name: known.get(name) for name in PLAIN}) | {
            "reference": f"INC-{incident['number']}",
            "last_activity_at": shown(incident["last_activity_at"]),
            "creator": self.actor(incident["creator"]),
            "incident_status": organisation["incident_statuses"][incident["incident_status_id"]],
            "incident_type": organisation["incident_types"][incident["incident_type_id"]],
            "team_ids": self._teams(incident),
            "has_debrief": bool(incident["debriefs"]),
            "slack_channel_url": f"https://sandbox.slack.com/archives/{incident['slack_channel_id']}",
            "incident_role_assignments": [
                without_nulls({"role": role, "assignee": self._user(incident["roles"].get(identity))})
                for identity, role in organisation["incident_roles"].items()
            ],
            "custom_field_entries": [
                {"custom_field": field, "values": self.values(incident["fields"].get(identity, []))}
                for identity, field in self._fields.items()
            ],
            "incident_timestamp_values": [
                self._stamp(stamp, incident["timestamps"].get(identity))
                for identity, stamp in organisation["incident_timestamps"].items()
            ],
            "duration_metrics": [
                without_nulls(
                    {
                        "duration_metric": {"id": identity, "name": metric["name"]},
                        **incident["durations"][identity],
                    }
                )
                for identity, metric in organisation["duration_metrics"].items()
                if identity in incident["durations"]
            ],
        }
        if incident["severity_id"]:
            shown_incident["severity"] = organisation["severities"][incident["severity_id"]]
        if workload:
            shown_incident |= dict(incident.get("workload", {}))
        return shown_incident

    def _user(self, identity: str | None) -> Record | None:
        return self.user(identity) if identity else None

    def _stamp(self, stamp: Ranked, value: str | None) -> Record:
        return {"incident_timestamp": stamp} | ({"value": {"value": shown(value)}} if value else {})

    def _teams(self, incident: Incident) -> list[str]:
        names = [
            self.organisation["catalog_entries"][value["value_catalog_entry_id"]]["name"]
            for values in incident["fields"].values()
            for value in values
            if "value_catalog_entry_id" in value
        ]
        return [team["id"] for team in self.organisation["teams"].values() if team["name"] in names]

    def slim(self, identity: str) -> Record:
        """Show an embedded incident, whose status categories have other names."""
        incident = self.store.document("incidents", identity)
        if incident is None:
            raise KeyError(identity)
        category = self.organisation["incident_statuses"][incident["incident_status_id"]]["category"]
        return without_nulls(
            {
                "id": identity,
                "external_id": incident["number"],
                "reference": f"INC-{incident['number']}",
                "name": incident["name"],
                "summary": incident["summary"],
                "status_category": SLIM_CATEGORIES.get(category, category),
                "visibility": incident["visibility"],
            }
        )

    def update(self, update: IncidentUpdate) -> Record:
        """Show an incident update."""
        severity = update["new_severity"]
        return without_nulls(
            {
                **update,
                "new_incident_status": self.organisation["incident_statuses"][update["new_incident_status"]],
                "new_severity": self.organisation["severities"][severity] if severity else None,
                "updater": self.actor(update["updater"]),
            }
        )

    def entry(self, row: Row) -> Record:
        """Show an activity log entry."""
        body: ActivityBody = json.loads(row["document"])
        entry = {name: row[name] for name in ("id", "incident_id", "occurred_at")} | body
        content = body.get("content")
        if content is not None:
            entry["content"] = {body["type"]: self.content(body["type"], content)}
        return without_nulls(entry)

    def content(self, kind: str, content: ActivityContent) -> Record:
        """Show the content of an activity log entry of this type."""
        shown_content: Record = {}
        for name, value in content.items():
            if value is None:
                continue
            shown_content[name] = self._part(kind, name, value)
        if kind == "custom_field_value_update":
            shown_content["previous_values_count"] = len(content["previous_values"])
            shown_content["new_values_count"] = len(content["new_values"])
        return shown_content

    def _part(self, kind: str, name: str, value: Any) -> Any:
        if name in ("previous_status", "new_status") and kind not in ("incident_update", "status_change"):
            return value
        return self._parts[name](value) if name in self._parts else value

    def item(self, item: TimelineItem) -> Record:
        """Show a timeline item."""
        return without_nulls({**item, "creator": self.actor(item["creator"])})

    def alert(self, alert: Alert) -> Record:
        """Show an embedded alert."""
        return without_nulls({name: value for name, value in alert.items() if name != "attributes"})

    def escalation(self, escalation: Escalation, incidents: list[str]) -> Record:
        """Show an escalation.

        Args:
            escalation: the stored document.
            incidents: the related incidents that this key may see.
        """
        alert = self.store.document("alerts", escalation.get("alert_id") or "")
        names = ("id", "title", "description", "status", "escalation_path_id", "created_at", "updated_at")
        return without_nulls(members(escalation, *names)) | {
            "priority": {"name": "P1"},
            "creator": self.actor(escalation["creator"]),
            "events": [self._event(event) for event in escalation["events"]],
            "related_alerts": [self.alert(alert)] if alert else [],
            "related_incidents": [self.slim(incident) for incident in incidents],
        }

    def _event(self, event: EscalationEvent) -> Record:
        users = {"users": [self.user(user) for user in event["users"]]} if "users" in event else {}
        return without_nulls({**event, **users})

    def path(self, path: EscalationPath) -> Record:
        """Show an escalation path."""
        return {**path, "current_responders": [self.user(user) for user in path["current_responders"]]}

    def task(self, task: Task) -> Record:
        """Show an action or a follow-up."""
        organisation = self.organisation
        shown_task = without_nulls(task) | {"creator": self.actor(task["creator"])}
        if assignee := task.get("assignee"):
            shown_task["assignee"] = self.user(assignee)
        if team := task.get("assignee_team"):
            shown_task["assignee_team"] = organisation["teams"][team]
        if category := task.get("category"):
            shown_task["category"] = organisation["follow_up_categories"][category]
        if priority := task.get("priority"):
            shown_task["priority"] = organisation["follow_up_priorities"][priority]
        return shown_task

    def postmortem(self, document: PostmortemDocument) -> Record:
        """Show a post-mortem document, without its text."""
        listed: Record = {name: value for name, value in document.items() if name != "markdown"}
        return without_nulls(listed | {"editors": [self.user(user) for user in document["editors"]]})
