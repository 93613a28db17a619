"""Every change of an incident: it is made here and recorded in the activity log."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio import rules
from incidentio_magic.sandbox.incidentio.belongings import Belongings
from incidentio_magic.sandbox.incidentio.organisation import DASHBOARD, SLACK_TEAM
from incidentio_magic.sandbox.records import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import (
        ActivityContent,
        Actor,
        Declaration,
        FieldValue,
        Incident,
        IncidentUpdate,
    )
    from incidentio_magic.sandbox.vocabulary import DurationMetric, Organisation, Status

NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class Journal(Belongings):
    """Changes incidents and writes down what changed."""

    def __init__(self, store: Store, organisation: Organisation, seed: int) -> None:
        super().__init__(store, organisation, seed)
        self._timestamp_ids = {stamp["name"]: stamp["id"] for stamp in organisation["incident_timestamps"].values()}
        self._metrics: defaultdict[str, list[DurationMetric]] = defaultdict(list)  # by the timestamps they depend on
        for metric in organisation["duration_metrics"].values():
            self._metrics[metric["from"]].append(metric)
            self._metrics[metric["to"]].append(metric)

    def open(self, declaration: Declaration, at: str, actor: Actor, *, message: str | None = None) -> Incident:
        """Declare an incident: fill in what was left out, and write its first update and entries.

        Args:
            declaration: the incident as it was declared.
            at: when.
            actor: who.
            message: the first update's message.

        Returns:
            The incident; its row is not written yet.
        """
        number, name = declaration["number"], declaration["name"]
        slug = NOT_IN_A_SLUG.sub("-", name.lower()).strip("-")[:40]
        incident: Incident = {
            **declaration,
            "id": self.identity(at),
            "created_at": at,
            "updated_at": at,
            "last_activity_at": at,
            "creator": actor,
            "slack_channel_id": declaration.get("slack_channel_id", f"C0SANDBOX{number:05d}"),
            "slack_channel_name": declaration.get("slack_channel_name", f"inc-{number}-{slug}".rstrip("-")),
            "slack_team_id": declaration.get("slack_team_id", SLACK_TEAM),
            "permalink": f"{DASHBOARD}/incidents/{number}",
            "durations": {},
            "participants": {},
            "debriefs": [],
            "notifications": 0,
        }
        incident["timestamps"].setdefault(self._timestamp_ids["Reported at"], at)
        self._measure(incident, self.organisation["duration_metrics"].values())
        if incident["mode"] != "retrospective":
            self.record(incident["id"], at, "incident_channel_created", f"Created #{incident['slack_channel_name']}")
        self._announce(incident, at, actor, None, None, message)
        for role, user in incident["roles"].items():
            self._role_update(incident, at, actor, role, None, user)
        return incident

    def save(self, incident: Incident) -> None:
        """Write the incident's row."""
        severity = self.organisation["severities"].get(incident["severity_id"] or "")
        row = {
            **members(incident, "id", "number", "created_at", "updated_at", "mode", "visibility"),
            "severity_id": severity and severity["id"],
            "severity_rank": severity and severity["rank"],
            "incident_status_id": incident["incident_status_id"],
            "status_category": self.status(incident)["category"],
            "incident_type_id": incident["incident_type_id"],
            "notifications": incident["notifications"],
            "document": incident,
        }
        self.store.put("incidents", row)

    def status(self, incident: Incident) -> Status:
        """Return the incident's status."""
        return self.organisation["incident_statuses"][incident["incident_status_id"]]

    def change(
        self,
        incident: Incident,
        at: str,
        actor: Actor,
        *,
        status_id: str | None = None,
        severity_id: str | None = None,
        message: str | None = None,
        merged_into: str | None = None,
    ) -> IncidentUpdate:
        """Share an update that may move the status, the severity or both, and return it."""
        before, severity_before = self.status(incident), incident["severity_id"]
        incident["incident_status_id"] = status_id or incident["incident_status_id"]
        incident["severity_id"] = severity_id or severity_before
        self.touch(incident, at)
        return self._announce(incident, at, actor, before, severity_before, message, merged_into)

    def _announce(  # noqa: PLR0917  one caller each
        self,
        incident: Incident,
        at: str,
        actor: Actor,
        before: Status | None,
        severity_before: str | None,
        message: str | None,
        merged_into: str | None = None,
    ) -> IncidentUpdate:
        after, severity = self.status(incident), incident["severity_id"]
        update: IncidentUpdate = {
            "id": self.identity(at),
            "incident_id": incident["id"],
            "created_at": at,
            "new_incident_status": after["id"],
            "new_severity": severity,
            "updater": actor,
            "message": message,
            "merged_into_incident_id": merged_into,
        }
        self.store.put_document("incident_updates", update)
        content: ActivityContent = {"id": update["id"], "message": message, "updater": actor}
        has_moved = before is None or before["id"] != after["id"]
        if has_moved:
            content["previous_status"] = before and before["id"]
            content["new_status"] = after["id"]
        if severity != severity_before:
            content["previous_severity"] = severity_before
            content["new_severity"] = severity
        self.record(incident["id"], at, "incident_update", "Shared an update", content)
        if has_moved and before is not None:
            moved: ActivityContent = {"previous_status": before["id"], "new_status": after["id"], "updater": actor}
            title = f"Status changed from {before['name']} to {after['name']}"
            self.record(incident["id"], at, "status_change", title, moved)
        if has_moved:
            self._stamp(incident, at, rules.stamps(before, after))
        return update

    def _stamp(self, incident: Incident, at: str, names: list[str]) -> None:
        for name in names:
            stamp = self._timestamp_ids[name]
            if stamp not in incident["timestamps"]:
                incident["timestamps"][stamp] = at
                self.record(incident["id"], at, "incident_timestamp_occurred", f"{name} was set")
                self._measure(incident, self._metrics[stamp])

    def _measure(self, incident: Incident, metrics: Iterable[DurationMetric]) -> None:
        """Measure some of the incident's durations again."""
        timestamps, durations = incident["timestamps"], incident["durations"]
        for metric in metrics:
            start, end = timestamps.get(metric["from"]), timestamps.get(metric["to"])
            durations[metric["id"]] = rules.duration(start, end, durations.get(metric["id"]))

    def rename(self, incident: Incident, at: str, actor: Actor, name: str) -> None:
        """Give the incident another name."""
        content: ActivityContent = {"previous_name": incident["name"], "new_name": name, "updater": actor}
        incident["name"] = name
        self.touch(incident, at)
        self.record(incident["id"], at, "incident_rename", f"Renamed to {name}", content)

    def summarise(self, incident: Incident, at: str, actor: Actor, summary: str) -> None:
        """Give the incident another summary."""
        content: ActivityContent = {"previous_summary": incident["summary"], "new_summary": summary, "updater": actor}
        incident["summary"] = summary
        self.touch(incident, at)
        self.record(incident["id"], at, "summary_update", "Updated the summary", content)

    def call(self, incident: Incident, at: str, url: str) -> None:
        """Attach another call to the incident."""
        incident["call_url"] = url
        self.touch(incident, at)
        self.record(incident["id"], at, "call_url_changed", "Changed the call URL")

    def assign(self, incident: Incident, at: str, actor: Actor, role: str, user: str | None) -> None:
        """Give a role to somebody, or to nobody."""
        previous = incident["roles"].get(role)
        if user is None:
            incident["roles"].pop(role, None)
        else:
            incident["roles"][role] = user
        self.touch(incident, at)
        self._role_update(incident, at, actor, role, previous, user)

    def _role_update(  # noqa: PLR0917  one caller each
        self, incident: Incident, at: str, actor: Actor, role: str, previous: str | None, user: str | None
    ) -> None:
        if user:
            incident["participants"][user] = "responder"
        name = self.organisation["incident_roles"][role]["name"]
        title = f"{name} is now {self.organisation['users'][user]['name']}" if user else f"{name} is now nobody"
        content: ActivityContent = {"role": role, "previous_assignee": previous, "new_assignee": user, "updater": actor}
        self.record(incident["id"], at, "role_update", title, content)

    def fill(self, incident: Incident, at: str, actor: Actor, field: str, values: list[FieldValue]) -> None:
        """Set a custom field to these values, or to none."""
        previous = incident["fields"].get(field, [])
        if values:
            incident["fields"][field] = values
        else:
            incident["fields"].pop(field, None)
        self.touch(incident, at)
        content: ActivityContent = {
            "custom_field": field,
            "previous_values": previous,
            "new_values": values,
            "updater": actor,
        }
        title = f"{self.organisation['custom_fields'][field]['name']} changed"
        self.record(incident["id"], at, "custom_field_value_update", title, content)

    def time(self, incident: Incident, at: str, actor: Actor, stamp: str, value: str | None) -> None:
        """Set a timestamp by hand, or unset it."""
        previous = incident["timestamps"].get(stamp)
        self.touch(incident, at)
        if value is None:
            incident["timestamps"].pop(stamp, None)
        else:
            incident["timestamps"][stamp] = value
            content: ActivityContent = {
                "incident_timestamp": stamp,
                "previous_value": previous,
                "new_value": value,
                "updater": actor,
            }
            name = self.organisation["incident_timestamps"][stamp]["name"]
            self.record(incident["id"], at, "incident_timestamp_set", f"{name} was set", content)
        self._measure(incident, self._metrics[stamp])
