"""Renders rows as the API does: identifiers become the objects they name, and nothing is null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from incidentio_magic.sandbox.incidentio.clock import shown
from incidentio_magic.sandbox.incidentio.rules import SLIM_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from sqlite3 import Row

    from incidentio_magic.sandbox.answers import (
        DurationValue,
        FieldText,
        MeasuredIncident,
        RoleAssignment,
        ShownActor,
        ShownEntry,
        ShownIncident,
        ShownItem,
        ShownUpdate,
        ShownValue,
        SlimIncident,
        TimestampValue,
    )
    from incidentio_magic.sandbox.attached_answers import (
        ShownEscalation,
        ShownEvent,
        ShownPath,
        ShownPostmortem,
        ShownTask,
        SlimAlert,
    )
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
        Duration,
        FieldValue,
        Incident,
        IncidentUpdate,
    )
    from incidentio_magic.sandbox.vocabulary import (
        CustomField,
        DurationMetric,
        EscalationPath,
        IncidentRole,
        Organisation,
        Ranked,
        UserText,
    )

Shown = TypeVar("Shown", bound="Mapping[str, object]")
MOMENTS = {
    "created_at", "updated_at", "completed_at", "started_at", "ended_at", "occurred_at", "timestamp",
    "resolved_at", "scheduled_at", "enqueued_at", "cancelled_at",
}  # fmt: skip


def without_nulls(record: Shown) -> Shown:
    """Leave out nulls, and format each time as the API does."""
    answer = {
        name: shown(value) if name in MOMENTS and isinstance(value, str) else value
        for name, value in record.items()
        if value is not None
    }
    return cast("Shown", answer)  # here a type becomes JSON


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
        self._parts: dict[str, Callable[[Any], object]] = {
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

    def _field(self, field: CustomField) -> FieldText:
        options = self.organisation["custom_field_options"].values()
        return {
            "id": field["id"],
            "name": field["name"],
            "description": field["description"],
            "field_type": field["field_type"],
            "options": [option for option in options if option["custom_field_id"] == field["id"]],
        }

    def moment(self, text: str) -> str:
        """Show a stored time."""
        return shown(text)

    def user(self, identity: str) -> UserText:
        """Show an embedded user."""
        user = self.organisation["users"][identity]
        return {
            "id": user["id"],
            "name": user["name"],
            "email": user["email"],
            "slack_user_id": user["slack_user_id"],
            "role": user["role"],
        }

    def actor(self, actor: Actor) -> ShownActor:
        """Show who did something; nobody of an escalation that a key made."""
        if "user" in actor:
            return {"user": self.user(actor["user"])}
        if "workflow" in actor:
            return {"workflow": self.organisation["workflows"][actor["workflow"]]}
        if "alert" in actor:
            return {"alert": actor["alert"]}
        return {"api_key": actor["api_key"]} if "api_key" in actor else {}

    def values(self, values: list[FieldValue]) -> list[ShownValue]:
        """Show a custom field's values."""
        return [self._value(value) for value in values]

    def _value(self, value: FieldValue) -> ShownValue:
        if "value_option_id" in value:
            return {"value_option": self.organisation["custom_field_options"][value["value_option_id"]]}
        if "value_catalog_entry_id" in value:
            entry = self.organisation["catalog_entries"][value["value_catalog_entry_id"]]
            return {
                "value_catalog_entry": {
                    "id": entry["id"],
                    "name": entry["name"],
                    "aliases": entry["aliases"],
                    "external_id": entry["external_id"],
                }
            }
        if "value_text" in value:
            return {"value_text": value["value_text"]}
        if "value_link" in value:
            return {"value_link": value["value_link"]}
        return {"value_numeric": value["value_numeric"]}

    def incident(self, incident: Incident, *, workload: bool = True) -> ShownIncident:
        """Show an incident.

        Args:
            incident: the stored document.
            workload: whether to include the time people spent.
        """
        organisation = self.organisation
        severity_id = incident["severity_id"]
        complete: ShownIncident = {
            "id": incident["id"],
            "name": incident["name"],
            "summary": incident["summary"],
            "mode": incident["mode"],
            "visibility": incident["visibility"],
            "created_at": incident["created_at"],
            "updated_at": incident["updated_at"],
            "permalink": incident["permalink"],
            "call_url": incident.get("call_url"),
            "slack_channel_id": incident["slack_channel_id"],
            "slack_channel_name": incident["slack_channel_name"],
            "slack_team_id": incident["slack_team_id"],
            "postmortem_document_ids": incident.get("postmortem_document_ids"),
            "postmortem_document_url": incident.get("postmortem_document_url"),
            "debriefs": incident["debriefs"],
            "reference": f"INC-{incident['number']}",
            "last_activity_at": shown(incident["last_activity_at"]),
            "creator": self.actor(incident["creator"]),
            "incident_status": organisation["incident_statuses"][incident["incident_status_id"]],
            "incident_type": organisation["incident_types"][incident["incident_type_id"]],
            "team_ids": self._teams(incident),
            "has_debrief": bool(incident["debriefs"]),
            "slack_channel_url": f"https://sandbox.slack.com/archives/{incident['slack_channel_id']}",
            "incident_role_assignments": [
                self._assignment(role, incident["roles"].get(identity))
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
                self._duration(metric, incident["durations"][identity])
                for identity, metric in organisation["duration_metrics"].items()
                if identity in incident["durations"]
            ],
            "severity": organisation["severities"][severity_id] if severity_id else None,
        }
        shown_incident = without_nulls(complete)
        if workload and "workload" in incident:
            measured: MeasuredIncident = {**shown_incident, **incident["workload"]}
            return measured
        return shown_incident

    def _assignment(self, role: IncidentRole, user: str | None) -> RoleAssignment:
        assignment: RoleAssignment = {"role": role, "assignee": self._user(user)}
        return without_nulls(assignment)

    def _duration(self, metric: DurationMetric, duration: Duration) -> DurationValue:
        value: DurationValue = {"duration_metric": {"id": metric["id"], "name": metric["name"]}, **duration}
        return without_nulls(value)

    def _user(self, identity: str | None) -> UserText | None:
        return self.user(identity) if identity else None

    def _stamp(self, stamp: Ranked, value: str | None) -> TimestampValue:
        timestamp: TimestampValue = {"incident_timestamp": stamp, "value": {"value": shown(value)} if value else None}
        return without_nulls(timestamp)

    def _teams(self, incident: Incident) -> list[str]:
        names = [
            self.organisation["catalog_entries"][value["value_catalog_entry_id"]]["name"]
            for values in incident["fields"].values()
            for value in values
            if "value_catalog_entry_id" in value
        ]
        return [team["id"] for team in self.organisation["teams"].values() if team["name"] in names]

    def slim(self, identity: str) -> SlimIncident:
        """Show an embedded incident, whose status categories have other names."""
        incident = self.store.document("incidents", identity)
        if incident is None:
            raise KeyError(identity)
        category = self.organisation["incident_statuses"][incident["incident_status_id"]]["category"]
        slim_incident: SlimIncident = {
            "id": identity,
            "external_id": incident["number"],
            "reference": f"INC-{incident['number']}",
            "name": incident["name"],
            "summary": incident["summary"],
            "status_category": SLIM_CATEGORIES.get(category, category),
            "visibility": incident["visibility"],
        }
        return without_nulls(slim_incident)

    def update(self, update: IncidentUpdate) -> ShownUpdate:
        """Show an incident update."""
        severity = update["new_severity"]
        shown_update: ShownUpdate = {
            **update,
            "new_incident_status": self.organisation["incident_statuses"][update["new_incident_status"]],
            "new_severity": self.organisation["severities"][severity] if severity else None,
            "updater": self.actor(update["updater"]),
        }
        return without_nulls(shown_update)

    def entry(self, row: Row) -> ShownEntry:
        """Show an activity log entry."""
        body: ActivityBody = json.loads(row["document"])
        content = body.get("content")
        entry: ShownEntry = {
            "id": row["id"],
            "incident_id": row["incident_id"],
            "occurred_at": row["occurred_at"],
            "type": body["type"],
            "title": body["title"],
            "created_at": body["created_at"],
            "content": None if content is None else {body["type"]: self.content(body["type"], content)},
        }
        return without_nulls(entry)

    def content(self, kind: str, content: ActivityContent) -> dict[str, object]:
        """Show the content of an activity log entry of this type."""
        shown_content: dict[str, object] = {}
        for name, value in content.items():
            if value is None:
                continue
            shown_content[name] = self._part(kind, name, value)
        if kind == "custom_field_value_update":
            shown_content["previous_values_count"] = len(content["previous_values"])
            shown_content["new_values_count"] = len(content["new_values"])
        return shown_content

    def _part(self, kind: str, name: str, value: object) -> object:
        if name in ("previous_status", "new_status") and kind not in ("incident_update", "status_change"):
            return value
        return self._parts[name](value) if name in self._parts else value

    def item(self, item: TimelineItem) -> ShownItem:
        """Show a timeline item."""
        shown_item: ShownItem = {**item, "creator": self.actor(item["creator"])}
        return without_nulls(shown_item)

    def alert(self, alert: Alert) -> SlimAlert:
        """Show an embedded alert."""
        slim_alert: SlimAlert = {
            "id": alert["id"],
            "alert_source_id": alert["alert_source_id"],
            "title": alert["title"],
            "description": alert["description"],
            "deduplication_key": alert["deduplication_key"],
            "source_url": alert["source_url"],
            "status": alert["status"],
            "alert_group_ids": alert["alert_group_ids"],
            "created_at": alert["created_at"],
            "updated_at": alert["updated_at"],
            "resolved_at": alert.get("resolved_at"),
        }
        return without_nulls(slim_alert)

    def escalation(self, escalation: Escalation, incidents: list[str]) -> ShownEscalation:
        """Show an escalation.

        Args:
            escalation: the stored document.
            incidents: the related incidents that this key may see.
        """
        alert = self.store.document("alerts", escalation.get("alert_id") or "")
        shown_escalation: ShownEscalation = {
            "id": escalation["id"],
            "title": escalation["title"],
            "description": escalation["description"],
            "status": escalation["status"],
            "escalation_path_id": escalation["escalation_path_id"],
            "created_at": escalation["created_at"],
            "updated_at": escalation["updated_at"],
            "priority": {"name": "P1"},
            "creator": self.actor(escalation["creator"]),
            "events": [self._event(event) for event in escalation["events"]],
            "related_alerts": [self.alert(alert)] if alert else [],
            "related_incidents": [self.slim(incident) for incident in incidents],
        }
        return without_nulls(shown_escalation)

    def _event(self, event: EscalationEvent) -> ShownEvent:
        users = [self.user(user) for user in event["users"]] if "users" in event else None
        shown_event: ShownEvent = {**event, "users": users}
        return without_nulls(shown_event)

    def path(self, path: EscalationPath) -> ShownPath:
        """Show an escalation path."""
        return {**path, "current_responders": [self.user(user) for user in path["current_responders"]]}

    def task(self, task: Task) -> ShownTask:
        """Show an action or a follow-up."""
        organisation = self.organisation
        team, category, priority = task.get("assignee_team"), task.get("category"), task.get("priority")
        shown_task: ShownTask = {
            **task,
            "creator": self.actor(task["creator"]),
            "assignee": self._user(task.get("assignee")),
            "assignee_team": organisation["teams"][team] if team else None,
            "category": organisation["follow_up_categories"][category] if category else None,
            "priority": organisation["follow_up_priorities"][priority] if priority else None,
        }
        return without_nulls(shown_task)

    def postmortem(self, document: PostmortemDocument) -> ShownPostmortem:
        """Show a post-mortem document, without its text."""
        listed: ShownPostmortem = {
            "id": document["id"],
            "incident_id": document["incident_id"],
            "title": document["title"],
            "status": document["status"],
            "type": document["type"],
            "editors": [self.user(user) for user in document["editors"]],
            "exported_urls": document["exported_urls"],
            "created_at": document["created_at"],
            "updated_at": document["updated_at"],
            "document_url": document["document_url"],
        }
        return without_nulls(listed)
