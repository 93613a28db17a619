"""An incident about to be declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.writes.drafts.intents import (
    PRIVATE,
    PUBLIC,
    Row,
    intent_key,
    name_problem,
    named_rows,
    tidy,
    tidy_markdown,
)
from incidentio_magic.writes.drafts.parts import FieldEntry, collection_rows, collections

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class Declaration:
    """An incident about to be declared.

    Args:
        name: The incident's name: what is wrong, in one line.
        summary: Details, in Markdown.
        severity: Its severity; needed unless it starts in triage.
        type: Its type, or None for the organisation's default.
        status: Its initial status; if None, the service chooses.
        mode: standard, retrospective, test or tutorial.
        visibility: public or private.
        fields: Custom fields.
        roles: Who takes which role.
        timestamps: Times to record.
        typed: The typed text of relative timestamps, by timestamp ID. The intent includes the text, not the moment:
            "20m" is the same intent when the cell runs again later.
    """

    verb: ClassVar[str] = "declare"

    name: str
    summary: str = ""
    severity: models.Severity | None = None
    type: models.IncidentType | None = None
    status: models.IncidentStatus | None = None
    mode: str = "standard"
    visibility: str = PUBLIC
    fields: tuple[FieldEntry, ...] = ()
    roles: tuple[tuple[models.IncidentRole, models.User], ...] = ()
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def starts_in_triage(self) -> bool:
        """Whether it will be declared into triage, which needs no severity."""
        if self.status is not None:
            return self.status.category == "triage"
        return self.type is not None and self.type.create_in_triage == "always"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        problems = {}
        if problem := name_problem(self.name):
            problems["name"] = problem
        if self.severity is None and not self.starts_in_triage:
            problems["severity"] = "a severity is needed to open an incident"
        if self.type and self.type.private_incidents_only and self.visibility != PRIVATE:
            problems["visibility"] = f"incidents of the type {self.type.name} are always private"
        for entry in self.fields:
            if problem := entry.problem():
                problems[f"field {entry.field.name}"] = problem
        return problems

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incidents`, without the idempotency key."""
        body: dict[str, Any] = {"name": tidy(self.name), "visibility": self.visibility, "mode": self.mode}
        if summary := tidy_markdown(self.summary):
            body["summary"] = summary
        if self.severity:
            body["severity_id"] = self.severity.id
        if self.type:
            body["incident_type_id"] = self.type.id
        if self.status:
            body["incident_status_id"] = self.status.id
        return body | collections(self.fields, self.roles, self.timestamps)

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        payload = self.payload()
        typed = dict(self.typed)
        for entry in payload.get("incident_timestamp_values", ()):
            entry["value"] = typed.get(entry["incident_timestamp_id"], entry["value"])
        return intent_key(self.verb, organisation, payload)

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [("name", tidy(self.name), "")]
        if summary := tidy_markdown(self.summary):
            rows.append(("summary", summary, ""))
        rows += named_rows(severity=self.severity, type=self.type, status=self.status)
        rows += [("mode", self.mode, ""), ("visibility", self.visibility, "")]
        return rows + collection_rows(self.fields, self.roles, self.timestamps)
