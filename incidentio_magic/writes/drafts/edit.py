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

_Collections = tuple[
    tuple[FieldEntry, ...],
    "tuple[tuple[models.IncidentRole, models.User | None], ...]",
    "tuple[tuple[models.IncidentTimestamp, datetime], ...]",
]
_TIDY: Final = {"name": tidy, "summary": tidy_markdown, "call_url": tidy}


@dataclass(frozen=True, repr=False)
class Edit:
    """Properties of an incident about to be changed; only differences from `incident` are sent.

    Args:
        incident: The incident as it was read.
        name: A new name; None for no change.
        summary: A new summary; None for no change.
        call_url: A new call URL; None for no change.
        severity: A new severity; None for no change.
        status: A new status; None for no change.
        fields: Custom fields to set or unset.
        roles: Who takes which role; None empties the role.
        timestamps: Times to record.
        notify: Whether to notify the incident's channel.
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
        """Return the problems that prevent sending, by field."""
        problems = {}
        if not self.wanted():
            names = "name, summary, call_url, severity, status, field, role or timestamp"
            problems["changes"] = f"there is nothing to change: give a {names}"
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
        """Return the new value of each given property, by column name, comparable with `found`."""
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        wanted: dict[str, object] = {name: _TIDY[name](text) for name, text in texts.items() if text is not None}
        if self.severity:
            wanted["severity"] = self.severity.id
        if self.status:
            wanted["status"] = self.status.id
        wanted |= {self._label("field", entry.field): entry.comparable() for entry in self.fields}
        wanted |= {self._label("role", role): user.id if user else None for role, user in self.roles}
        return wanted | {self._label("at", stamp): at for stamp, at in self.timestamps}

    def found(self, incident: models.Incident) -> dict[str, object]:
        """Return `incident`'s value of each given property, comparable with `wanted`."""
        has: dict[str, object] = {
            "name": incident.name,
            "summary": tidy_markdown(incident.summary or ""),
            "call_url": incident.call_url or "",
            "severity": incident.severity.id if incident.severity else None,
            "status": incident.incident_status.id,
        }
        # By ID, because fields may share a name.
        values = {
            entry.custom_field.id: frozenset(map(value_of, entry.values))
            for entry in incident.custom_field_entries or ()
        }
        people = {
            assignment.role.id: assignment.assignee.id if assignment.assignee else None
            for assignment in incident.incident_role_assignments or ()
        }
        moments = {
            stamp.incident_timestamp.id: stamp.value.value if stamp.value else None
            for stamp in incident.incident_timestamp_values or ()
        }
        has |= {self._label("field", entry.field): values.get(entry.field.id, frozenset()) for entry in self.fields}
        has |= {self._label("role", role): people.get(role.id) for role, _user in self.roles}
        has |= {self._label("at", stamp): moments.get(stamp.id) for stamp, _at in self.timestamps}
        return {name: has[name] for name in self.wanted()}

    def _label(self, kind: str, record: models.Named) -> str:
        """Return the column name of a field, role or timestamp, with its ID if the edit has two with the same name."""
        records = [
            *(entry.field for entry in self.fields),
            *(role for role, _user in self.roles),
            *(stamp for stamp, _at in self.timestamps),
        ]
        alike = {other.id for other in records if type(other) is type(record) and other.name == record.name}
        return f"{kind}.{record.name} ({record.id})" if len(alike) > 1 else f"{kind}.{record.name}"

    def changed(self, incident: models.Incident) -> list[str]:
        """Return the properties of `incident` that differ from the wanted values."""
        wanted, found = self.wanted(), self.found(incident)
        return [name for name in wanted if not _same(wanted[name], found[name])]

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incidents/{id}/actions/edit`: the differences, and whether to notify."""
        differs = set(self.changed(self.incident))
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        body: dict[str, Any] = {
            name: _TIDY[name](text) for name, text in texts.items() if text is not None and name in differs
        }
        if self.severity and "severity" in differs:
            body["severity_id"] = self.severity.id
        if self.status and "status" in differs:
            body["incident_status_id"] = self.status.id
        body |= collections(*self._differing(differs))
        return {"incident": body, "notify_incident_channel": self.notify}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent; the service takes none for edits."""
        return intent_key(self.verb, organisation, {"id": self.incident.id, **self.payload()})

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs: only the differences."""
        differs = set(self.changed(self.incident))
        rows = [incident_row(self.incident)]
        texts = {"name": self.name, "summary": self.summary, "call_url": self.call_url}
        rows += [(name, _TIDY[name](text), "") for name, text in texts.items() if text is not None and name in differs]
        rows += named_rows(
            severity=self.severity if "severity" in differs else None,
            status=self.status if "status" in differs else None,
        )
        rows += collection_rows(*self._differing(differs))
        return [*rows, ("notify the channel", "yes" if self.notify else "no", "")]

    def _differing(self, differs: set[str]) -> _Collections:
        """Return the custom fields, roles and timestamps that differ."""
        return (
            tuple(entry for entry in self.fields if self._label("field", entry.field) in differs),
            tuple(pair for pair in self.roles if self._label("role", pair[0]) in differs),
            tuple(pair for pair in self.timestamps if self._label("at", pair[0]) in differs),
        )


def _same(wanted: object, found: object) -> bool:
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return abs((wanted - found).total_seconds()) < 1  # the service may drop fractions
    return wanted == found
