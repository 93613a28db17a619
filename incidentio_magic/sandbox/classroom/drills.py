"""Drills: scheduled acts of simulated colleagues and alerts, kept in the store until they are due."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from incidentio_magic.sandbox.incidentio.clock import parsed, shown, written
from incidentio_magic.sandbox.incidentio.organisation import named

if TYPE_CHECKING:
    from sqlite3 import Row

    from incidentio_magic.sandbox.incidentio.state import State

Record = dict[str, Any]

KINDS = ("alert", "report", "message")
ENDINGS = {"decline": "Declined", "cancel": "Canceled", "merge": "Merged"}
NEVER = "9999"


class Drills:
    """Starts drills, and does what is due.

    Args:
        service: the state that drills change.
    """

    def __init__(self, service: State) -> None:
        self._service = service
        self._next = ""  # when the next act is due, so that most requests need not ask the store

    def forget(self) -> None:
        """Ask the store anew what is due; it has been changed by others."""
        self._next = ""

    def start(self, key_id: str, name: str, document: Record, acts: list[Record]) -> str:
        """Start a drill for a key, inside the caller's transaction, and return its identifier.

        Args:
            key_id: whose drill.
            name: what it is called.
            document: kept for the client that started it.
            acts: what happens, each with its seconds `after` the start.
        """
        service = self._service
        now = service.now()
        at = written(now)
        identity = service.journal.identity(at)
        for running in self._rows("key_id = ? AND ended_at IS NULL", key_id):
            self.stop(running["id"])
        columns = {"id": identity, "key_id": key_id, "started_at": at, "ended_at": None}
        service.store.put(
            "drills", {**columns, "document": {"name": name, "document": document, "opened": [], "alerts": []}}
        )
        for act in acts:
            due = written(now + timedelta(seconds=act["after"]))
            planned: Record = {"id": service.journal.identity(at), "drill_id": identity, "due_at": due, "done": 0}
            service.store.put("acts", {**planned, "document": act})
        service.keep()
        self._next = ""
        return identity

    def stop(self, identity: str) -> None:
        """End a drill, inside the caller's transaction; what it still planned never happens."""
        row = self._row(identity)
        if row is not None and row["ended_at"] is None:
            at = written(self._service.now())
            self._put(row, {"ended_at": at}, json.loads(row["document"]))

    def perform(self) -> None:
        """Do everything that is due by now, each as of its own time."""
        service = self._service
        if written(service.now()) < self._next:
            return
        with service.store.writing():
            now = written(service.now())
            for row in service.store.rows(
                "SELECT acts.id, acts.due_at, acts.drill_id, acts.document FROM acts JOIN drills"
                " ON drills.id = acts.drill_id"
                " WHERE acts.done = 0 AND acts.due_at <= ? AND drills.ended_at IS NULL ORDER BY acts.due_at, acts.id",
                (now,),
            ):
                act = json.loads(row["document"])
                drill = self._row(row["drill_id"])
                if drill is not None:
                    self._act(drill, act, row["due_at"])
                columns = {name: row[name] for name in ("id", "drill_id", "due_at")}
                service.store.put("acts", {**columns, "done": 1, "document": act})
            following = service.store.row(
                "SELECT min(acts.due_at) AS due FROM acts JOIN drills ON drills.id = acts.drill_id"
                " WHERE acts.done = 0 AND drills.ended_at IS NULL"
            )
            service.keep()
            self._next = (following["due"] if following else None) or NEVER

    def declared(self, key_id: str, incident: Record, at: str) -> None:
        """Attach the alerts that fired before to the first incident of a drill, inside the caller's transaction."""
        for row in self._rows("key_id = ? AND ended_at IS NULL", key_id):
            if self._incidents(row) == [incident["id"]]:
                for alert in json.loads(row["document"])["alerts"]:
                    self._attach(incident["id"], alert, at)

    def of(self, key_id: str | None) -> list[Record]:
        """Return a key's drills, or everybody's; the newest first."""
        rows = self._rows("1") if key_id is None else self._rows("key_id = ?", key_id)
        return [self.shown(row) for row in rows]

    def find(self, identity: str, key_id: str | None) -> Record | None:
        """Return a drill, if it is this key's or any may be seen."""
        row = self._row(identity)
        return self.shown(row) if row is not None and key_id in (None, row["key_id"]) else None

    def end_incident(self, drill: Record, incident_id: str, ending: str, into: str | None) -> bool:
        """Let a colleague decline, cancel or merge one of the drill's incidents; return whether that was possible.

        The service offers this in its dashboard only. The caller holds the transaction.
        """
        journal, incidents = self._service.journal, drill["incident_ids"]
        if incident_id not in incidents or (ending == "merge" and (into not in incidents or into == incident_id)):
            return False
        incident = self._service.store.document("incidents", incident_id) or {}
        status = named(journal.organisation["incident_statuses"], ENDINGS[ending])
        at, actor = written(self._service.clock.next()), {"user": self._person("")}
        update = journal.change(incident, at, actor, status_id=status["id"], merged_into=into)
        journal.save(incident)
        if into:
            content = {"source_incident": incident_id, "incident_update_id": update["id"], "merger": actor}
            journal.record(into, at, "incident_merged", f"INC-{incident['number']} was merged in", content)
            journal.relate(incident_id, into)
        self._service.accept()
        return True

    def shown(self, row: Row) -> Record:
        """Describe a drill: whose it is, its incidents, and what has happened so far."""
        store, document = self._service.store, json.loads(row["document"])
        key = store.row("SELECT name FROM keys WHERE id = ?", (row["key_id"],))
        done = store.rows(
            "SELECT due_at, document FROM acts WHERE drill_id = ? AND done = 1 ORDER BY due_at, id", (row["id"],)
        )
        feed = [json.loads(act["document"]) | {"at": shown(act["due_at"])} for act in done]
        return {
            "id": row["id"],
            "name": document["name"],
            "key": {"id": row["key_id"], "name": key["name"] if key else ""},
            "started_at": shown(row["started_at"]),
            "ended_at": row["ended_at"] and shown(row["ended_at"]),
            "now": shown(written(self._service.now())),
            "document": document["document"],
            "incident_ids": self._incidents(row),
            "feed": feed,
        }

    def _row(self, identity: str) -> Row | None:
        return self._service.store.row("SELECT * FROM drills WHERE id = ?", (identity,))

    def _rows(self, clause: str, *values: object) -> list[Row]:
        query = f"SELECT * FROM drills WHERE {clause} ORDER BY started_at DESC, id DESC"  # noqa: S608  ours
        return self._service.store.rows(query, values)

    def _put(self, row: Row, changes: Record, document: Record) -> None:
        columns = {name: row[name] for name in ("id", "key_id", "started_at", "ended_at")}
        self._service.store.put("drills", {**columns, **changes, "document": document})

    def _incidents(self, row: Row) -> list[str]:
        """Return the drill's incidents: the test ones that its key declared meanwhile, and those its alerts opened."""
        opened = set(json.loads(row["document"])["opened"])
        rows = self._service.store.rows(
            "SELECT id, json_extract(document, '$.creator.api_key.id') AS creator FROM incidents"
            " WHERE mode = 'test' AND created_at >= ? AND created_at <= ? ORDER BY created_at, number",
            (row["started_at"], row["ended_at"] or NEVER),
        )
        return [found["id"] for found in rows if found["id"] in opened or found["creator"] == row["key_id"]]

    def _act(self, drill: Row, act: Record, at: str) -> None:
        incidents = self._incidents(drill)
        incident = self._service.store.document("incidents", incidents[0]) if incidents else None
        if act["kind"] == "alert":
            self._alert(drill, act, at, incident)
        elif incident is not None:
            journal, actor = self._service.journal, {"user": self._person(act["who"])}
            title = f"{act['who']}: {act['title']}"
            entry = journal.record(incident["id"], at, "slack_pin", f"Pinned: {title}")
            journal.item(
                incident["id"], at, actor, timestamp=at, title=title, description=act["text"], activity_log_id=entry
            )
            incident["last_activity_at"] = at
            journal.save(incident)

    def _alert(self, drill: Row, act: Record, at: str, incident: Record | None) -> None:
        journal = self._service.journal
        sources = list(journal.organisation["alert_sources"].values())
        source = next((source for source in sources if source["name"] == act["who"]), sources[0])
        identity = journal.identity(at)
        alert: Record = {
            "id": identity,
            "alert_source_id": source["id"],
            "title": act["title"],
            "description": act["text"],
            "deduplication_key": f"drill-{identity}",
            "source_url": f"https://monitors.example.com/{identity}",
            "status": "firing",
            "alert_group_ids": [],
            "attributes": [],
            "created_at": at,
            "updated_at": at,
        }
        names = ("id", "created_at", "updated_at", "status", "alert_source_id", "deduplication_key")
        journal.store.put("alerts", {**{name: alert[name] for name in names}, "document": alert})
        if act["opens"]:
            incident = self._open(drill, act, at)
        if incident is not None:
            self._attach(incident["id"], {"id": identity, "title": act["title"]}, at)
        else:
            document = json.loads(drill["document"])
            document["alerts"].append({"id": identity, "title": act["title"]})
            self._put(drill, {}, document)

    def _attach(self, incident_id: str, alert: Record, at: str) -> None:
        journal = self._service.journal
        link = {"id": journal.identity(at), "incident_id": incident_id, "alert_id": alert["id"]}
        journal.store.put("incident_alerts", {**link, "document": {}})
        title, content = f"Alert attached: {alert['title']}", {"alert_id": alert["id"]}
        journal.record(incident_id, at, "alert_attached_to_incident", title, content)

    def _open(self, drill: Row, act: Record, at: str) -> Record:
        """Let an alert open a test incident, in triage."""
        journal, organisation = self._service.journal, self._service.organisation
        number = self._service.store.count("SELECT coalesce(max(number), 0) + 1 FROM incidents")
        incident: Record = {
            "number": number,
            "name": act["title"],
            "summary": act["text"],
            "mode": "test",
            "visibility": "public",
            "incident_type_id": next(
                kind["id"] for kind in organisation["incident_types"].values() if kind["is_default"]
            ),
            "incident_status_id": named(organisation["incident_statuses"], "Triage")["id"],
            "severity_id": None,
        }
        journal.open(incident, at, {"workflow": next(iter(organisation["workflows"]))})
        journal.save(incident)
        document = json.loads(drill["document"])
        document["opened"].append(incident["id"])
        self._put(drill, {}, document)
        return incident

    def _person(self, name: str) -> str:
        users = self._service.organisation["users"].values()
        return str(next((user["id"] for user in users if user["name"] == name), next(iter(users))["id"]))

    def elapsed(self, drill: Record) -> float:
        """Return the seconds since a drill began."""
        return (self._service.now() - parsed(drill["started_at"])).total_seconds()
