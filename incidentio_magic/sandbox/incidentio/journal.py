"""What happens to incidents: each change is made here, and leaves its trace in the activity log."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio import rules
from incidentio_magic.sandbox.incidentio.identifiers import Identifiers
from incidentio_magic.sandbox.incidentio.organisation import DASHBOARD, SLACK_TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.sandbox.incidentio.organisation import Organisation
    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import Record


# The counter of its identifier, its time, type, title and content.
PastEntry = tuple[int, str, str, str, "Record | None"]


class Journal:
    """Changes incidents and writes down what changed.

    Args:
        store: where the rows go; the caller holds the transaction.
        organisation: the vocabulary.
        seed: decides the identifiers of new objects.
    """

    def __init__(self, store: Store, organisation: Organisation, seed: int) -> None:
        self.store = store
        self.organisation = organisation
        self.seed = seed
        self._identifiers = Identifiers(seed)
        self._timestamp_ids = {stamp["name"]: stamp["id"] for stamp in organisation["incident_timestamps"].values()}
        self.counter = int(store.setting("counter") or 0)
        # The time and the counter of the last entry of each type, for what is promoted to the timeline right after it.
        self._last_entries: dict[str, tuple[str, int]] = {}
        # The entries that each incident gets within a block of `together`.
        self._together: defaultdict[str, list[PastEntry]] | None = None
        store.define("identifier", self._identifiers.make)

    def identity(self, at: str) -> str:
        """Return a new identifier for something made at this time."""
        self.counter += 1
        return self._identifiers.make(at, self.counter)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write the entries that each incident gets within the block as one row, which is faster than one row each.

        The row holds what an entry is made of: nearly all entries of a long history are never read.
        """
        self._together = defaultdict(list)
        try:
            yield
            for incident_id, entries in self._together.items():
                counter, at, *_ = entries[0]
                entry_id = self._identifiers.make(at, counter)
                columns = {"id": entry_id, "incident_id": incident_id, "number": len(entries), "entries": entries}
                self.store.put("past_activity", columns)
        finally:
            self._together = None

    def record(self, incident_id: str, at: str, kind: str, title: str, content: Record | None = None) -> None:
        """Add an entry to the activity log."""
        self.counter += 1
        self._last_entries[kind] = (at, self.counter)
        if self._together is not None:
            self._together[incident_id].append((self.counter, at, kind, title, content))
            return
        body: Record = {"type": kind, "title": title, "created_at": at}
        if content is not None:
            body["content"] = content
        entry = {"id": self.entry_id(kind), "incident_id": incident_id, "occurred_at": at, "document": body}
        self.store.put("incident_activity_log_entries", entry)

    def entry_id(self, kind: str) -> str:
        """Return the identifier of the last entry of this type."""
        return self._identifiers.make(*self._last_entries[kind])

    def open(self, incident: Record, at: str, actor: Record, *, message: str | None = None) -> None:
        """Declare an incident: fill in what was left out, and write its first update and entries.

        Args:
            incident: its number, name, mode, visibility, type, status, severity and whatever else is known.
            at: when.
            actor: who.
            message: the first update's message.
        """
        number = incident["number"]
        slug = re.sub(r"[^a-z0-9]+", "-", incident["name"].lower()).strip("-")[:40]
        defaults: Record = {
            "id": self.identity(at),
            "created_at": at,
            "creator": actor,
            "slack_channel_id": f"C0SANDBOX{number:05d}",
            "slack_channel_name": f"inc-{number}-{slug}".rstrip("-"),
            "slack_team_id": SLACK_TEAM,
            "permalink": f"{DASHBOARD}/incidents/{number}",
            "roles": {},
            "fields": {},
            "timestamps": {},
            "durations": {},
            "participants": {},
            "debriefs": [],
            "notifications": 0,
        }
        for name, value in defaults.items():
            incident.setdefault(name, value)
        self.touch(incident, at)
        incident["timestamps"].setdefault(self._timestamp_ids["Reported at"], at)
        if incident["mode"] != "retrospective":
            self.record(incident["id"], at, "incident_channel_created", f"Created #{incident['slack_channel_name']}")
        self._announce(incident, at, actor, None, None, message)
        for role, user in incident["roles"].items():
            self._role_update(incident, at, actor, role, None, user)

    def touch(self, incident: Record, at: str) -> None:
        """Note that an incident changed."""
        incident["updated_at"] = incident["last_activity_at"] = at

    def save(self, incident: Record) -> None:
        """Write the incident's row."""
        severity = self.organisation["severities"].get(incident.get("severity_id") or "")
        row = {
            **{name: incident[name] for name in ("id", "number", "created_at", "updated_at", "mode", "visibility")},
            "severity_id": severity and severity["id"],
            "severity_rank": severity and severity["rank"],
            "incident_status_id": incident["incident_status_id"],
            "status_category": self.status(incident)["category"],
            "incident_type_id": incident["incident_type_id"],
            "notifications": incident["notifications"],
            "document": incident,
        }
        self.store.put("incidents", row)

    def status(self, incident: Record) -> Record:
        """Return the incident's status."""
        return self.organisation["incident_statuses"][incident["incident_status_id"]]

    def change(
        self,
        incident: Record,
        at: str,
        actor: Record,
        *,
        status_id: str | None = None,
        severity_id: str | None = None,
        message: str | None = None,
        merged_into: str | None = None,
    ) -> Record:
        """Share an update that may move the status, the severity or both, and return it."""
        before, severity_before = self.status(incident), incident.get("severity_id")
        incident["incident_status_id"] = status_id or incident["incident_status_id"]
        incident["severity_id"] = severity_id or severity_before
        self.touch(incident, at)
        return self._announce(incident, at, actor, before, severity_before, message, merged_into)

    def _announce(  # noqa: PLR0917  one caller each
        self,
        incident: Record,
        at: str,
        actor: Record,
        before: Record | None,
        severity_before: str | None,
        message: str | None,
        merged_into: str | None = None,
    ) -> Record:
        after, severity = self.status(incident), incident.get("severity_id")
        update: Record = {
            "id": self.identity(at),
            "incident_id": incident["id"],
            "created_at": at,
            "new_incident_status": after["id"],
            "new_severity": severity,
            "updater": actor,
            "message": message,
            "merged_into_incident_id": merged_into,
        }
        self.store.put(
            "incident_updates",
            {"id": update["id"], "incident_id": incident["id"], "created_at": at, "document": update},
        )
        content: Record = {"id": update["id"], "message": message, "updater": actor}
        if before is None or before["id"] != after["id"]:
            content |= {"previous_status": before and before["id"], "new_status": after["id"]}
        if severity != severity_before:
            content |= {"previous_severity": severity_before, "new_severity": severity}
        self.record(incident["id"], at, "incident_update", "Shared an update", content)
        if before is not None and before["id"] != after["id"]:
            moved = {"previous_status": before["id"], "new_status": after["id"], "updater": actor}
            title = f"Status changed from {before['name']} to {after['name']}"
            self.record(incident["id"], at, "status_change", title, moved)
        if before is None or before["id"] != after["id"]:
            self._stamp(incident, at, rules.stamps(before, after))
        return update

    def _stamp(self, incident: Record, at: str, names: list[str]) -> None:
        changed = not incident["durations"]
        for name in names:
            stamp = self._timestamp_ids[name]
            if stamp not in incident["timestamps"]:
                incident["timestamps"][stamp] = at
                self.record(incident["id"], at, "incident_timestamp_occurred", f"{name} was set")
                changed = True
        if changed:
            self.measure(incident)

    def measure(self, incident: Record) -> None:
        """Measure the incident's durations anew."""
        incident["durations"] = rules.durations(self.organisation, incident["timestamps"], incident["durations"])

    def rename(self, incident: Record, at: str, actor: Record, name: str) -> None:
        """Give the incident another name."""
        content = {"previous_name": incident["name"], "new_name": name, "updater": actor}
        incident["name"] = name
        self.touch(incident, at)
        self.record(incident["id"], at, "incident_rename", f"Renamed to {name}", content)

    def summarise(self, incident: Record, at: str, actor: Record, summary: str) -> None:
        """Give the incident another summary."""
        content = {"previous_summary": incident.get("summary"), "new_summary": summary, "updater": actor}
        incident["summary"] = summary
        self.touch(incident, at)
        self.record(incident["id"], at, "summary_update", "Updated the summary", content)

    def call(self, incident: Record, at: str, url: str) -> None:
        """Attach another call to the incident."""
        incident["call_url"] = url
        self.touch(incident, at)
        self.record(incident["id"], at, "call_url_changed", "Changed the call URL")

    def assign(self, incident: Record, at: str, actor: Record, role: str, user: str | None) -> None:
        """Give a role to somebody, or to nobody."""
        previous = incident["roles"].get(role)
        if user is None:
            incident["roles"].pop(role, None)
        else:
            incident["roles"][role] = user
        self.touch(incident, at)
        self._role_update(incident, at, actor, role, previous, user)

    def _role_update(  # noqa: PLR0917  one caller each
        self, incident: Record, at: str, actor: Record, role: str, previous: str | None, user: str | None
    ) -> None:
        if user:
            incident["participants"][user] = "responder"
        name = self.organisation["incident_roles"][role]["name"]
        title = f"{name} is now {self.organisation['users'][user]['name']}" if user else f"{name} is now nobody"
        content = {"role": role, "previous_assignee": previous, "new_assignee": user, "updater": actor}
        self.record(incident["id"], at, "role_update", title, content)

    def fill(self, incident: Record, at: str, actor: Record, field: str, values: list[Record]) -> None:
        """Set a custom field to these values, or to none."""
        previous = incident["fields"].get(field, [])
        if values:
            incident["fields"][field] = values
        else:
            incident["fields"].pop(field, None)
        self.touch(incident, at)
        content = {"custom_field": field, "previous_values": previous, "new_values": values, "updater": actor}
        title = f"{self.organisation['custom_fields'][field]['name']} changed"
        self.record(incident["id"], at, "custom_field_value_update", title, content)

    def time(self, incident: Record, at: str, actor: Record, stamp: str, value: str | None) -> None:
        """Set a timestamp by hand, or unset it."""
        previous = incident["timestamps"].get(stamp)
        self.touch(incident, at)
        if value is None:
            incident["timestamps"].pop(stamp, None)
        else:
            incident["timestamps"][stamp] = value
            content = {
                "incident_timestamp": stamp,
                "previous_value": previous,
                "new_value": value,
                "updater": actor,
            }
            name = self.organisation["incident_timestamps"][stamp]["name"]
            self.record(incident["id"], at, "incident_timestamp_set", f"{name} was set", content)
        self.measure(incident)

    def item(
        self,
        incident_id: str,
        at: str,
        actor: Record,
        *,
        timestamp: str,
        title: str,
        description: str | None = None,
        activity_log_id: str | None = None,
    ) -> Record:
        """Put an item on the timeline and return it."""
        item: Record = {
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

    def keep_item(self, item: Record) -> None:
        """Write a timeline item's row."""
        columns = {name: item[name] for name in ("id", "incident_id", "timestamp")}
        self.store.put("incident_timeline_items", {**columns, "document": item})

    def escalate(self, escalation: Record, at: str, actor: Record, idempotency_key: str | None = None) -> Record:
        """Page people: write the escalation, its first events, and the entry on its incident.

        Args:
            escalation: its title, description, path or users, and the incident and alert it is about.
            at: when.
            actor: who.
            idempotency_key: the key it was asked for with.
        """
        escalation |= {"id": self.identity(at), "created_at": at, "updated_at": at, "status": "triggered"}
        escalation["creator"] = {kind: who for kind, who in actor.items() if kind != "api_key"}
        paged = {"event": "notified_users", "urgency": "high", "users": escalation["user_ids"]}
        escalation["events"] = [
            {"id": self.identity(at), "occurred_at": at, **event} for event in ({"event": "triggered"}, paged)
        ]
        self.keep_escalation(escalation, idempotency_key)
        if escalation.get("incident_id"):
            content = {
                "escalation_id": escalation["id"],
                "escalation_path_id": escalation.get("escalation_path_id"),
                "escalated_to_users": escalation["user_ids"],
                "creator": actor,
            }
            title = f"Escalated: {escalation['title']}"
            self.record(escalation["incident_id"], at, "escalation_created", title, content)
        return escalation

    def answer_page(self, escalation: Record, at: str, status: str) -> None:
        """Acknowledge, snooze or cancel an escalation.

        Args:
            escalation: the escalation, kept again with its new status.
            at: when.
            status: `acked`, `snoozed` or `cancelled`.
        """
        escalation |= {"status": status, "updated_at": at}
        if status != "snoozed":  # the service has no event for a snooze
            escalation["events"].append({"id": self.identity(at), "event": status, "occurred_at": at})
        row = self.store.row("SELECT idempotency_key FROM escalations WHERE id = ?", (escalation["id"],))
        self.keep_escalation(escalation, row["idempotency_key"] if row else None)
        if status == "acked" and escalation.get("incident_id"):
            content = {"escalation_id": escalation["id"]}
            title = f"Acknowledged: {escalation['title']}"
            self.record(escalation["incident_id"], at, "escalation_acknowledged", title, content)

    def task(self, table: str, document: Record, at: str, actor: Record) -> Record:
        """Write a new action or follow-up, and the entry on its incident.

        Args:
            table: `actions` or `follow_ups`.
            document: its incident, texts and whatever else is known.
            at: when.
            actor: who.
        """
        kind = table[:-1]
        document |= {"id": self.identity(at), "status": "outstanding", "creator": actor, "created_at": at}
        self.keep_task(table, document | {"updated_at": at})
        text = document.get("title") or document["description"]
        content = {f"{kind}_id": document["id"], "actor": actor}
        title = f"{kind.replace('_', '-').capitalize()} created: {text}"
        self.record(document["incident_id"], at, f"{kind}_created", title, content)
        return document | {"updated_at": at}

    def change_task(self, table: str, before: Record, document: Record, at: str, actor: Record) -> Record:
        """Write a changed action or follow-up, and the entry on its incident if its status moved."""
        kind, status = table[:-1], document["status"]
        document["updated_at"] = at
        if status == "completed":
            document.setdefault("completed_at", at)
        else:
            document.pop("completed_at", None)
        self.keep_task(table, document)
        if status != before["status"]:
            content = {
                f"{kind}_id": document["id"],
                "previous_status": before["status"],
                "new_status": status,
                "updater": actor,
            }
            text = document.get("title") or document["description"]
            title = f"{kind.replace('_', '-').capitalize()} {status.replace('_', ' ')}: {text}"
            self.record(document["incident_id"], at, f"{kind}_updated", title, content)
        return document

    def keep_task(self, table: str, document: Record) -> None:
        """Write the row of an action or a follow-up."""
        columns = {name: document[name] for name in ("id", "incident_id", "created_at", "updated_at")}
        self.store.put(table, {**columns, "document": document})

    def keep_escalation(self, escalation: Record, idempotency_key: str | None = None) -> None:
        """Write an escalation's row."""
        names = ("id", "created_at", "updated_at", "status", "escalation_path_id", "incident_id", "alert_id")
        columns = {name: escalation.get(name) for name in names}
        self.store.put("escalations", {**columns, "idempotency_key": idempotency_key, "document": escalation})

    def write_up(self, incident: Record, at: str, title: str, markdown: str, **more: object) -> Record:
        """Attach a post-mortem document to the incident and return it."""
        document: Record = {
            "id": self.identity(at),
            "incident_id": incident["id"],
            "title": title,
            "markdown": markdown,
            "status": "in_progress",
            "type": "in_app",
            "editors": [],
            "exported_urls": [],
            "created_at": at,
            "updated_at": at,
            **more,
        }
        document["document_url"] = f"{incident['permalink']}/post-mortems/{document['id']}"
        self.keep_postmortem(document)
        incident.setdefault("postmortem_document_ids", []).append(document["id"])
        self.touch(incident, at)
        self.record(incident["id"], at, "postmortem_document_v2_changed", f"Post-mortem: {title}")
        return document

    def keep_postmortem(self, document: Record) -> None:
        """Write the row of a postmortem document."""
        columns = {name: document[name] for name in ("id", "incident_id", "created_at")}
        self.store.put("postmortem_documents", {**columns, "document": document})

    def relate(self, first: str, second: str) -> None:
        """Relate two incidents to each other; a relation that exists stays as it is."""
        for incident, related in ((first, second), (second, first)):
            columns = {"id": self._derived(incident, related), "incident_id": incident, "related_id": related}
            self.store.put("incident_relationships", columns)

    def attach(self, incident_id: str, place: object, resource_type: str, external_id: str, title: str) -> Record:
        """Attach something external to an incident and return the attachment.

        Args:
            incident_id: the incident.
            place: what distinguishes this attachment from the incident's others.
            resource_type: what it is.
            external_id: its identifier or address.
            title: its title.
        """
        resource = {
            "external_id": external_id,
            "permalink": external_id,
            "resource_type": resource_type,
            "title": title,
        }
        made: Record = {"id": self._derived(incident_id, place), "incident_id": incident_id, "resource": resource}
        columns = {"id": made["id"], "incident_id": incident_id, "document": made}
        self.store.put("incident_attachments", columns)
        return made

    def _derived(self, incident_id: str, place: object) -> str:
        """Return an identifier that follows from the incident: it needs no counter, so nothing else moves."""
        digest = sha256(f"{incident_id} {place}".encode()).hexdigest().upper()
        return f"{incident_id[:10]}{digest[:16]}"
