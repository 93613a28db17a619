"""Properties of an incident about to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from incidentio_magic.writes.drafts.intents import (
    Row,
    incident_row,
    intent_key,
    name_problem,
    named_rows,
    tidy,
    tidy_markdown,
)
from incidentio_magic.writes.drafts.parts import FieldEntry, collection_rows, collections, value_of

if TYPE_CHECKING:
    from incidentio_magic.api import models

_TIDY: Final = {"name": tidy, "summary": tidy_markdown, "call_url": tidy}


@dataclass(frozen=True, repr=False)
class Edit:
    """Properties of an incident about to be changed; only what differs from `incident` is sent.

    Args:
        incident: The incident as it was read.
        name: A new name, or None to leave it.
        summary: A new summary, or None to leave it.
        call_url: A new call address, or None to leave it.
        severity: A new severity, or None to leave it.
        status: A new status, or None to leave it.
        fields: Custom fields to set or unset.
        roles: Who takes which role; None empties it.
        timestamps: Moments to record.
        notify: Whether the responders are told in the incident's channel.
    """

    verb: ClassVar[str] = "edit"

    incident: models.Incident
    name: str | None = None
    summary: str | None = None
    call_url: str | None = None
    severity: models.Severity | None = None
    status: models.IncidentStatus | None = None
    fields: tuple[FieldEntry, ...] = ()
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...] = ()
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...] = ()
    notify: bool = False

    def problems(self) -> dict[str, str]:
        """Return what keeps it from being sent, by field."""
        problems = {}
        if not self.wanted():
            names = "name, summary, call_url, severity, status, field, role or timestamp"
            problems["changes"] = f"nothing to change was given: give a {names}"
        if self.name is not None and (problem := name_problem(self.name)):
            problems["name"] = problem
        for entry in self.fields:
            if problem := entry.problem():
                problems[f"field {entry.field.name}"] = problem
        for role, _user in self.roles:
            if role.role_type == "reporter":
                problems[f"role {role.name}"] = "the reporter can only be set when an incident is declared"
        return problems

    def wanted(self) -> dict[str, object]:
        """Return what each given property shall be, by column name, comparable with `found`."""
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        wanted: dict[str, object] = {name: _TIDY[name](text) for name, text in texts.items() if text is not None}
        if self.severity:
            wanted["severity"] = self.severity.id
        if self.status:
            wanted["status"] = self.status.id
        wanted |= {f"field.{entry.field.name}": entry.comparable() for entry in self.fields}
        wanted |= {f"role.{role.name}": user.id if user else None for role, user in self.roles}
        return wanted | {f"at.{stamp.name}": at for stamp, at in self.timestamps}

    def found(self, incident: models.Incident) -> dict[str, object]:
        """Return what `incident` has for each given property, comparable with `wanted`."""
        has: dict[str, object] = {
            "name": incident.name,
            "summary": tidy_markdown(incident.summary or ""),
            "call_url": incident.call_url or "",
            "severity": incident.severity.id if incident.severity else None,
            "status": incident.incident_status.id,
        }
        for entry in incident.custom_field_entries or ():
            has[f"field.{entry.custom_field.name}"] = frozenset(map(value_of, entry.values))
        for assignment in incident.incident_role_assignments or ():
            has[f"role.{assignment.role.name}"] = assignment.assignee.id if assignment.assignee else None
        for stamp in incident.incident_timestamp_values or ():
            has[f"at.{stamp.incident_timestamp.name}"] = stamp.value.value if stamp.value else None
        return {name: has.get(name, frozenset() if name.startswith("field.") else None) for name in self.wanted()}

    def changed(self, incident: models.Incident) -> list[str]:
        """Return the properties in which `incident` is not yet as wanted."""
        wanted, found = self.wanted(), self.found(incident)
        return [name for name in wanted if not _same(wanted[name], found[name])]

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incidents/{id}/actions/edit`: what differs, and whether to notify."""
        differs = set(self.changed(self.incident))
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        body: dict[str, Any] = {
            name: _TIDY[name](text) for name, text in texts.items() if text is not None and name in differs
        }
        if self.severity and "severity" in differs:
            body["severity_id"] = self.severity.id
        if self.status and "status" in differs:
            body["incident_status_id"] = self.status.id
        body |= collections(
            tuple(entry for entry in self.fields if f"field.{entry.field.name}" in differs),
            tuple(pair for pair in self.roles if f"role.{pair[0].name}" in differs),
            tuple(pair for pair in self.timestamps if f"at.{pair[0].name}" in differs),
        )
        return {"incident": body, "notify_incident_channel": self.notify}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent; the service takes none for edits."""
        return intent_key(self.verb, organisation, {"id": self.incident.id, **self.payload()})

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [incident_row(self.incident)]
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        rows += [(name, _TIDY[name](text), "") for name, text in texts.items() if text is not None]
        rows += named_rows(severity=self.severity, status=self.status)
        rows += collection_rows(self.fields, self.roles, self.timestamps)
        return [*rows, ("notify the channel", "yes" if self.notify else "no", "")]


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return abs((wanted - found).total_seconds()) < 1  # the service may drop fractions
    return wanted == found
