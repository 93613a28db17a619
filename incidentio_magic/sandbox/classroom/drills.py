"""Drills: their players, planned acts and past acts, all kept in the store."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.classroom.colleagues import Colleagues
from incidentio_magic.sandbox.incidentio.clock import parsed, shown, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from sqlite3 import Row

    from incidentio_magic.sandbox.class_records import Act, Drill, KeptDrill, Plan
    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import Incident, NamedKey

NEVER = "9999"
MEMBER = (
    "(key_id = ? OR EXISTS (SELECT 1 FROM json_each(drills.document, '$.members') AS member WHERE member.value = ?))"
)
DUE = "acts.done = 0 AND drills.ended_at IS NULL AND json_extract(drills.document, '$.paused_at') IS NULL"
# Leftovers are closed after the end of the drill, so that the closing is not scored.
AFTERWARDS = timedelta(milliseconds=1)


class Drills:
    """Starts, pauses and stops drills, and performs their acts when they are due.

    Args:
        service: the state that drills change.
    """

    def __init__(self, service: State) -> None:
        self._service = service
        self._colleagues = Colleagues(service)
        self._next = ""  # when the next act is due, so that most requests need not ask the store

    def start(self, members: Sequence[str], plan: Plan, *, team: str = "", practice: bool = False) -> str:
        """Start a drill, inside the caller's transaction, and return its ID; other drills of its members end.

        Args:
            members: the keys that play it; several share one drill.
            plan: what happens in it.
            team: the name of the team that shares it; empty if it is not shared.
            practice: whether a trainee of a class starts it, not the facilitator.
        """
        service = self._service
        for member in members:
            for running in self._running(member):
                self.stop(running["id"])
        now = service.now()
        at = written(now)
        identity = service.journal.identity(at)
        kept: KeptDrill = {
            "name": plan.name,
            "document": plan.document,
            "opened": [],
            "alerts": [],
            "fired": [],
            "pauses": [],
            "members": list(members),
            "team": team,
            "practice": practice,
        }
        columns = {"id": identity, "key_id": "" if team else members[0], "started_at": at, "ended_at": None}
        service.store.put("drills", {**columns, "document": kept})
        for act in plan.acts:
            due = written(now + timedelta(seconds=act["after"]))
            planned = {"id": service.journal.identity(at), "drill_id": identity, "due_at": due, "done": 0}
            service.store.put("acts", {**planned, "document": act})
        service.keep()
        self._next = ""
        return identity

    def stop(self, identity: str) -> None:
        """End a drill, inside the caller's transaction; its remaining acts are dropped and its leftovers closed."""
        row = self._row(identity)
        if row is None or row["ended_at"] is not None:
            return
        now = self._service.now()
        kept = _kept(row)
        _end_pause(kept, written(now))
        self._put(row, kept, ended_at=written(now))
        ended = self._row(identity)
        if ended is not None:
            incidents = self._incidents(ended)
            found = [self._service.store.document("incidents", incident) for incident in incidents]
            kept["names"] = {incident["id"]: incident["name"] for incident in found if incident}
            self._put(ended, kept)
            after = written(now + AFTERWARDS)
            self._colleagues.close_leftovers(incidents, kept.get("fired", ()), after)
        self._service.keep()

    def pause(self, identity: str) -> None:
        """Pause a drill, inside the caller's transaction: none of its acts happens until it is resumed."""
        row = self._row(identity)
        if row is not None and row["ended_at"] is None:
            kept = _kept(row)
            kept.setdefault("paused_at", written(self._service.now()))
            self._put(row, kept)

    def resume(self, identity: str) -> None:
        """Resume a paused drill, inside the caller's transaction; its remaining acts are delayed by the pause."""
        row = self._row(identity)
        if row is None:
            return
        kept = _kept(row)
        if "paused_at" not in kept:
            return
        now = self._service.now()
        delay = now - parsed(kept["paused_at"])
        for act in self._service.store.rows("SELECT * FROM acts WHERE drill_id = ? AND done = 0", (identity,)):
            later = written(parsed(act["due_at"]) + delay)
            self._service.store.put("acts", {**dict(act), "due_at": later})
        _end_pause(kept, written(now))
        self._put(row, kept)
        self._next = ""

    def perform(self) -> None:
        """Perform all acts that are due, each at its planned time."""
        service = self._service
        if written(service.now()) < self._next:
            return
        with service.store.writing():
            due = service.store.rows(
                "SELECT acts.* FROM acts JOIN drills ON drills.id = acts.drill_id"  # noqa: S608  ours
                f" WHERE {DUE} AND acts.due_at <= ? ORDER BY acts.due_at, acts.id",
                (written(service.now()),),
            )
            for row in due:
                self._perform(row)
            following = service.store.row(
                f"SELECT min(acts.due_at) AS due FROM acts JOIN drills ON drills.id = acts.drill_id WHERE {DUE}"  # noqa: S608
            )
            if due:
                service.keep()
            self._next = (following["due"] if following else None) or NEVER

    def _perform(self, due: Row) -> None:
        drill = self._row(due["drill_id"])
        if drill is not None:
            act: Act = json.loads(due["document"])
            incidents = self._incidents(drill)
            incident = self._service.store.document("incidents", incidents[0]) if incidents else None
            kept = _kept(drill)
            kept.setdefault("fired", [])
            kept.setdefault("members", self._members(drill))
            self._colleagues.act(act, due["due_at"], incident, kept)
            self._put(drill, kept)
        self._service.store.put("acts", {**dict(due), "done": 1})

    def declared(self, key_id: str, incident: Incident, at: str) -> None:
        """Say whose a new incident is, inside the caller's transaction.

        The first of a drill gets the alerts that fired before it.
        """
        if key_id in self._service.trainee_ids:
            self._service.give(incident["id"], [key_id])
        for row in self._running(key_id):
            kept = _kept(row)
            if incident["mode"] == "test" and self._service.trainee_ids:
                self._service.give(incident["id"], self._members(row))
            if self._incidents(row) == [incident["id"]]:
                for alert in kept["alerts"]:
                    self._service.journal.attach_alert(incident["id"], alert, at)

    def of(self, key_id: str | None) -> list[Drill]:
        """Return a key's drills, or everyone's, newest first."""
        rows = self._rows("1") if key_id is None else self._rows(MEMBER, key_id, key_id)
        return [self.shown(row) for row in rows]

    def running_with(self, key_id: str) -> list[Drill]:
        """Return the drills that a key plays now."""
        return [self.shown(row) for row in self._running(key_id)]

    def running(self) -> list[Drill]:
        """Return every drill that has not ended, the newest first."""
        return [self.shown(row) for row in self._rows("ended_at IS NULL")]

    def newest(self) -> list[Drill]:
        """Return the newest drill of each player; a shared drill once."""
        seen: set[str] = set()
        found = []
        for row in self._service.store.rows(
            "SELECT id, key_id, json_extract(document, '$.members') AS members FROM drills"
            " ORDER BY started_at DESC, id DESC"
        ):
            members = json.loads(row["members"]) if row["members"] else [row["key_id"]]
            if not seen.issuperset(members):
                found.append(row["id"])
                seen.update(members)
        return [drill for identity in found if (drill := self.find(identity, None)) is not None]

    def find(self, identity: str, key_id: str | None) -> Drill | None:
        """Return a drill, if this key plays it or any may be seen."""
        row = self._row(identity)
        if row is None or (key_id is not None and key_id not in self._members(row)):
            return None
        return self.shown(row)

    def end_incident(self, drill: Drill, incident_id: str, ending: str, into: str | None) -> bool:
        """Let a colleague decline, cancel or merge one of the drill's incidents; return whether that was possible.

        The caller holds the transaction.
        """
        incidents = drill["incident_ids"]
        if incident_id not in incidents or (ending == "merge" and (into not in incidents or into == incident_id)):
            return False
        incident = self._service.store.document("incidents", incident_id)
        if incident is None:
            return False
        self._colleagues.end(incident, ending, into)
        self._service.accept()
        return True

    def shown(self, row: Row) -> Drill:
        """Describe a drill: who plays it, its incidents, and what has happened so far."""
        kept = _kept(row)
        done = self._service.store.rows(
            "SELECT due_at, document FROM acts WHERE drill_id = ? AND done = 1 ORDER BY due_at, id", (row["id"],)
        )
        acts: list[tuple[Act, str]] = [(json.loads(act["document"]), shown(act["due_at"])) for act in done]
        members: list[NamedKey] = [{"id": member, "name": self._key_name(member)} for member in self._members(row)]
        return {
            "id": row["id"],
            "name": kept["name"],
            "key": {"id": row["key_id"] or row["id"], "name": kept.get("team") or members[0]["name"]},
            "members": members,
            "team": kept.get("team", ""),
            "practice": kept.get("practice", False),
            "names": kept.get("names", {}),
            "started_at": shown(row["started_at"]),
            "ended_at": row["ended_at"] and shown(row["ended_at"]),
            "paused_at": shown(kept["paused_at"]) if "paused_at" in kept else None,
            "pauses": [[shown(begun), shown(ended)] for begun, ended in kept.get("pauses", ())],
            "now": shown(written(self._service.now())),
            "document": kept["document"],
            "incident_ids": self._incidents(row),
            "feed": [{**act, "at": at} for act, at in acts],
        }

    def elapsed(self, drill: Drill) -> float:
        """Return the seconds that a drill has run, without its pauses."""
        end = parsed(drill["paused_at"] or drill["ended_at"] or drill["now"])
        return (end - parsed(drill["started_at"])).total_seconds() - sum(map(_seconds, drill["pauses"]))

    def _key_name(self, key_id: str) -> str:
        row = self._service.store.row("SELECT name FROM keys WHERE id = ?", (key_id,))
        return row["name"] if row else ""

    def _members(self, row: Row) -> list[str]:
        return _kept(row).get("members") or [row["key_id"]]

    def _running(self, key_id: str) -> list[Row]:
        return self._rows(f"{MEMBER} AND ended_at IS NULL", key_id, key_id)

    def _row(self, identity: str) -> Row | None:
        return self._service.store.row("SELECT * FROM drills WHERE id = ?", (identity,))

    def _rows(self, clause: str, *values: object) -> list[Row]:
        query = f"SELECT * FROM drills WHERE {clause} ORDER BY started_at DESC, id DESC"  # noqa: S608  ours
        return self._service.store.rows(query, values)

    def _put(self, row: Row, kept: KeptDrill, *, ended_at: str | None = None) -> None:
        columns = {name: row[name] for name in ("id", "key_id", "started_at")}
        self._service.store.put("drills", {**columns, "ended_at": ended_at or row["ended_at"], "document": kept})

    def _incidents(self, row: Row) -> list[str]:
        """Return the test incidents that its members declared during it, and those that its alerts opened."""
        opened, members = set(_kept(row)["opened"]), self._members(row)
        rows = self._service.store.rows(
            "SELECT id, json_extract(document, '$.creator.api_key.id') AS creator FROM incidents"
            " WHERE mode = 'test' AND created_at >= ? AND created_at <= ? ORDER BY created_at, number",
            (row["started_at"], row["ended_at"] or NEVER),
        )
        return [found["id"] for found in rows if found["id"] in opened or found["creator"] in members]


def _kept(row: Row) -> KeptDrill:
    kept: KeptDrill = json.loads(row["document"])
    return kept


def _end_pause(kept: KeptDrill, at: str) -> None:
    """End a drill's pause, if there is one."""
    begun = kept.pop("paused_at", None)
    if begun is not None:
        kept["pauses"] = [*kept.get("pauses", ()), [begun, at]]


def _seconds(pause: list[str]) -> float:
    moments: list[datetime] = [parsed(text) for text in pause]
    return (moments[1] - moments[0]).total_seconds()
