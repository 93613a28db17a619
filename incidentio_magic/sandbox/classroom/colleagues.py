"""Actions of alerts and simulated colleagues in a drill, and the closing of leftovers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio.clock import written
from incidentio_magic.sandbox.incidentio.organisation import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.sandbox.attached_records import Alert, Escalation
    from incidentio_magic.sandbox.class_records import Act, KeptDrill
    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import ActivityContent, Actor, Declaration, Incident

KINDS = ("alert", "report", "message", "status_page")
ENDINGS = {"decline": "Declined", "cancel": "Canceled", "merge": "Merged"}
OPEN_CATEGORIES = ("triage", "live", "learning", "paused")
PAGING = ("delayed", "pending", "pending_repeat", "snoozed", "triggered")
LEFT_OPEN = "The drill has ended; this incident was left open."


class Colleagues:
    """Acts on the incidents of drills; the caller holds the transaction.

    Args:
        state: the state that they change.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def act(self, act: Act, at: str, incident: Incident | None, drill: KeptDrill) -> None:
        """Perform a planned act.

        Args:
            act: the planned act.
            at: its time.
            incident: the drill's first incident, if there is one.
            drill: the drill; what alerts fire and open is added to it.
        """
        if act["kind"] == "alert":
            self._alert(act, at, incident, drill)
        elif incident is not None:
            journal = self._state.journal
            actor: Actor = {"user": self.person(act["who"])}
            title = f"{act['who']}: {act['title']}"
            journal.record(incident["id"], at, "slack_pin", f"Pinned: {title}")
            entry_id = journal.entry_id("slack_pin")
            journal.item(
                incident["id"], at, actor, timestamp=at, title=title, description=act["text"], activity_log_id=entry_id
            )
            incident["last_activity_at"] = at
            journal.save(incident)

    def _alert(self, act: Act, at: str, incident: Incident | None, drill: KeptDrill) -> None:
        journal = self._state.journal
        sources = list(journal.organisation["alert_sources"].values())
        source = next((source for source in sources if source["name"] == act["who"]), sources[0])
        identity = journal.identity(at)
        alert: Alert = {
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
        journal.keep_alert(alert)
        self._state.give(identity, drill["members"])
        drill["fired"].append(identity)
        if act["opens"]:
            incident = self._open(act, at, drill)
        if incident is not None:
            journal.attach_alert(incident["id"], {"id": identity, "title": act["title"]}, at)
        else:
            drill["alerts"].append({"id": identity, "title": act["title"]})

    def _open(self, act: Act, at: str, drill: KeptDrill) -> Incident:
        """Let an alert open a test incident, in triage."""
        journal, organisation = self._state.journal, self._state.organisation
        number = self._state.store.count("SELECT coalesce(max(number), 0) + 1 FROM incidents")
        declaration: Declaration = {
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
            "roles": {},
            "fields": {},
            "timestamps": {},
        }
        incident = journal.open(declaration, at, self._automation())
        journal.save(incident)
        self._state.give(incident["id"], drill["members"])
        drill["opened"].append(incident["id"])
        return incident

    def end(self, incident: Incident, ending: str, into: str | None) -> None:
        """Decline, cancel or merge an incident, which the service offers in its dashboard only."""
        journal = self._state.journal
        status = named(journal.organisation["incident_statuses"], ENDINGS[ending])
        at = written(self._state.clock.next())
        actor: Actor = {"user": self.person("")}
        update = journal.change(incident, at, actor, status_id=status["id"], merged_into=into)
        journal.save(incident)
        if into:
            content: ActivityContent = {
                "source_incident": incident["id"],
                "incident_update_id": update["id"],
                "merger": actor,
            }
            journal.record(into, at, "incident_merged", f"INC-{incident['number']} was merged in", content)
            journal.relate(incident["id"], into)

    def close_leftovers(self, incident_ids: Iterable[str], alert_ids: Iterable[str], at: str) -> None:
        """Close the incidents that are still open, cancel their pages, and resolve the alerts that still fire."""
        store, journal = self._state.store, self._state.journal
        statuses = journal.organisation["incident_statuses"]
        for incident_id in incident_ids:
            incident = store.document("incidents", incident_id)
            category = journal.status(incident)["category"] if incident else ""
            if incident is None or category not in OPEN_CATEGORIES:
                continue
            status = named(statuses, "Canceled" if category == "triage" else "Closed")
            journal.change(incident, at, self._automation(), status_id=status["id"], message=LEFT_OPEN)
            journal.save(incident)
            for row in store.rows("SELECT document FROM escalations WHERE incident_id = ?", (incident_id,)):
                page: Escalation = json.loads(row["document"])
                if page["status"] in PAGING:
                    journal.answer_page(page, at, "cancelled")
        for alert_id in alert_ids:
            alert = store.document("alerts", alert_id)
            if alert is not None and alert["status"] == "firing":
                alert.update({"status": "resolved", "resolved_at": at, "updated_at": at})
                journal.keep_alert(alert)

    def _automation(self) -> Actor:
        return {"workflow": next(iter(self._state.organisation["workflows"]))}

    def person(self, name: str) -> str:
        """Return the ID of the person with this name; if there is none, of the first person."""
        users = self._state.organisation["users"].values()
        return str(next((user["id"] for user in users if user["name"] == name), next(iter(users))["id"]))
