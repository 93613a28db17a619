"""What belongs to an incident: timeline items, escalations, actions and follow-ups, post-mortems, attachments."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from incidentio_magic.sandbox.incidentio._activity import ActivityLog
from incidentio_magic.sandbox.records import members

if TYPE_CHECKING:
    from incidentio_magic.sandbox.attached_records import (
        Alert,
        Attachment,
        Escalation,
        EscalationEvent,
        Page,
        PostmortemDocument,
        Task,
        TaskText,
        TimelineItem,
    )
    from incidentio_magic.sandbox.records import ActivityContent, Actor, Incident, NamedAlert

TaskTable = Literal["actions", "follow_ups"]
TASK_KINDS: dict[TaskTable, Literal["action", "follow_up"]] = {"actions": "action", "follow_ups": "follow_up"}


class Belongings(ActivityLog):
    """Writes what belongs to incidents, and what the activity log says of it."""

    def touch(self, incident: Incident, at: str) -> None:
        """Note that an incident changed."""
        incident["updated_at"] = incident["last_activity_at"] = at

    def item(
        self,
        incident_id: str,
        at: str,
        actor: Actor,
        *,
        timestamp: str,
        title: str,
        description: str | None = None,
        activity_log_id: str | None = None,
    ) -> TimelineItem:
        """Put an item on the timeline and return it."""
        item: TimelineItem = {
            "id": self.identity(at),
            "incident_id": incident_id,
            "timestamp": timestamp,
            "title": title,
            "description": description or None,
            "activity_log_id": activity_log_id,
            "creator": actor,
            "created_at": at,
            "updated_at": at,
        }
        self.keep_item(item)
        return item

    def keep_item(self, item: TimelineItem) -> None:
        """Write a timeline item's row."""
        self.store.put_document("incident_timeline_items", item)

    def keep_alert(self, alert: Alert) -> None:
        """Write an alert's row."""
        self.store.put_document("alerts", alert)

    def attach_alert(self, incident_id: str, alert: NamedAlert, at: str) -> None:
        """Attach an alert to an incident."""
        link = {"id": self.identity(at), "incident_id": incident_id, "alert_id": alert["id"], "document": {}}
        self.store.put("incident_alerts", link)
        content: ActivityContent = {"alert_id": alert["id"]}
        self.record(incident_id, at, "alert_attached_to_incident", f"Alert attached: {alert['title']}", content)

    def escalate(self, page: Page, at: str, actor: Actor, idempotency_key: str | None = None) -> Escalation:
        """Page people: write the escalation, its first events, and the entry on its incident.

        Args:
            page: its title, description, path or users, and the incident and alert it is about.
            at: when.
            actor: who.
            idempotency_key: the idempotency key of the request.
        """
        creator: Actor = {**actor}
        creator.pop("api_key", None)
        escalation: Escalation = {
            **page,
            "id": self.identity(at),
            "created_at": at,
            "updated_at": at,
            "status": "triggered",
            "creator": creator,
            "events": [],
        }
        self.add_event(escalation, at, "triggered")
        self.add_event(escalation, at, "notified_users", urgency="high", users=page["user_ids"])
        self.keep_escalation(escalation, idempotency_key)
        if page["incident_id"]:
            content: ActivityContent = {
                "escalation_id": escalation["id"],
                "escalation_path_id": page["escalation_path_id"],
                "escalated_to_users": page["user_ids"],
                "creator": actor,
            }
            title = f"Escalated: {page['title']}"
            self.record(page["incident_id"], at, "escalation_created", title, content)
        return escalation

    def add_event(
        self, escalation: Escalation, at: str, name: str, *, urgency: str | None = None, users: list[str] | None = None
    ) -> None:
        """Add an event to an escalation.

        Args:
            escalation: the escalation, whose row is not written.
            at: when.
            name: what happened.
            urgency: how people were notified; None if nobody was.
            users: the users it concerns; None if it concerns nobody in particular.
        """
        event: EscalationEvent = {"id": self.identity(at), "event": name, "occurred_at": at}
        if urgency is not None:
            event["urgency"] = urgency
        if users is not None:
            event["users"] = users
        escalation["events"].append(event)

    def answer_page(self, escalation: Escalation, at: str, status: str) -> None:
        """Acknowledge, snooze or cancel an escalation.

        Args:
            escalation: the escalation; its row is written again.
            at: when.
            status: `acked`, `snoozed` or `cancelled`.
        """
        escalation.update({"status": status, "updated_at": at})
        if status != "snoozed":  # the service has no event for a snooze
            self.add_event(escalation, at, status)
        row = self.store.row("SELECT idempotency_key FROM escalations WHERE id = ?", (escalation["id"],))
        self.keep_escalation(escalation, row["idempotency_key"] if row else None)
        if status == "acked" and escalation["incident_id"]:
            content: ActivityContent = {"escalation_id": escalation["id"]}
            title = f"Acknowledged: {escalation['title']}"
            self.record(escalation["incident_id"], at, "escalation_acknowledged", title, content)

    def keep_escalation(self, escalation: Escalation, idempotency_key: str | None = None) -> None:
        """Write an escalation's row."""
        row = {
            **members(escalation, "id", "created_at", "updated_at", "status", "escalation_path_id", "incident_id"),
            "alert_id": escalation.get("alert_id"),
            "idempotency_key": idempotency_key,
            "document": escalation,
        }
        self.store.put("escalations", row)

    def task(self, table: TaskTable, text: TaskText, incident_id: str, at: str, actor: Actor) -> Task:
        """Write a new action or follow-up, and the entry on its incident.

        Args:
            table: `actions` or `follow_ups`.
            text: what is to be done, and everything else that is known about it.
            incident_id: its incident.
            at: when.
            actor: who.
        """
        task: Task = {
            **text,
            "id": self.identity(at),
            "incident_id": incident_id,
            "status": "outstanding",
            "creator": actor,
            "created_at": at,
            "updated_at": at,
        }
        self.keep_task(table, task)
        kind = TASK_KINDS[table]
        content: ActivityContent = {**_about(table, task), "actor": actor}
        self.record(incident_id, at, f"{kind}_created", f"{_task_name(table)} created: {_task_text(task)}", content)
        return task

    def change_task(self, table: TaskTable, before: Task, task: Task, at: str, actor: Actor) -> Task:
        """Write a changed action or follow-up, and the entry on its incident if its status moved."""
        task["updated_at"] = at
        if task["status"] == "completed":
            task.setdefault("completed_at", at)
        else:
            task.pop("completed_at", None)
        self.keep_task(table, task)
        if task["status"] != before["status"]:
            self.record_task(table, task, before["status"], task["status"].replace("_", " "), actor)
        return task

    def record_task(self, table: TaskTable, task: Task, status_before: str, word: str, actor: Actor) -> None:
        """Add the entry of a task whose status moved.

        Args:
            table: `actions` or `follow_ups`.
            task: the task, with its new status; `updated_at` is when it changed.
            status_before: the status it had.
            word: the new status in words.
            actor: who.
        """
        kind = TASK_KINDS[table]
        content: ActivityContent = {
            **_about(table, task),
            "previous_status": status_before,
            "new_status": task["status"],
            "updater": actor,
        }
        title = f"{_task_name(table)} {word}: {_task_text(task)}"
        self.record(task["incident_id"], task["updated_at"], f"{kind}_updated", title, content)

    def keep_task(self, table: TaskTable, task: Task) -> None:
        """Write the row of an action or a follow-up."""
        self.store.put_document(table, task)

    def write_up(  # noqa: PLR0917  as the others, with two more that are rarely given
        self,
        incident: Incident,
        at: str,
        title: str,
        markdown: str,
        status: str = "in_progress",
        editors: list[str] | None = None,
    ) -> PostmortemDocument:
        """Attach a post-mortem document to the incident and return it."""
        document_id = self.identity(at)
        document: PostmortemDocument = {
            "id": document_id,
            "incident_id": incident["id"],
            "title": title,
            "markdown": markdown,
            "status": status,
            "type": "in_app",
            "editors": editors or [],
            "exported_urls": [],
            "created_at": at,
            "updated_at": at,
            "document_url": f"{incident['permalink']}/post-mortems/{document_id}",
        }
        self.keep_postmortem(document)
        incident.setdefault("postmortem_document_ids", []).append(document_id)
        self.touch(incident, at)
        self.record(incident["id"], at, "postmortem_document_v2_changed", f"Post-mortem: {title}")
        return document

    def keep_postmortem(self, document: PostmortemDocument) -> None:
        """Write the row of a postmortem document."""
        self.store.put_document("postmortem_documents", document)

    def relate(self, first: str, second: str) -> None:
        """Relate two incidents to each other; a relation that exists stays as it is."""
        for incident_id, related_id in ((first, second), (second, first)):
            row = {"id": self._derived(incident_id, related_id), "incident_id": incident_id, "related_id": related_id}
            self.store.put("incident_relationships", row)

    def attach(self, incident_id: str, place: object, resource_type: str, external_id: str, title: str) -> Attachment:
        """Attach something external to an incident and return the attachment.

        Args:
            incident_id: the incident.
            place: what distinguishes this attachment from the incident's others.
            resource_type: what it is.
            external_id: its identifier or address.
            title: its title.
        """
        attachment: Attachment = {
            "id": self._derived(incident_id, place),
            "incident_id": incident_id,
            "resource": {
                "external_id": external_id,
                "permalink": external_id,
                "resource_type": resource_type,
                "title": title,
            },
        }
        self.store.put_document("incident_attachments", attachment)
        return attachment

    def _derived(self, incident_id: str, place: object) -> str:
        """Return an identifier derived from the incident's: without the counter, other identifiers stay the same."""
        digest = sha256(f"{incident_id} {place}".encode()).hexdigest().upper()
        return f"{incident_id[:10]}{digest[:16]}"


def _about(table: TaskTable, task: Task) -> ActivityContent:
    return {"action_id": task["id"]} if table == "actions" else {"follow_up_id": task["id"]}


def _task_name(table: TaskTable) -> str:
    return TASK_KINDS[table].replace("_", "-").capitalize()


def _task_text(task: Task) -> str:
    return task.get("title") or task.get("description") or ""
