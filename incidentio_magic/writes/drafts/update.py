"""An update about to be shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.writes.drafts.intents import (
    Row,
    incident_row,
    intent_key,
    named_rows,
    tidy_markdown,
)

if TYPE_CHECKING:
    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class Update:
    """An update about to be shared: a message, a new status, a new severity, or a combination of them."""

    verb: ClassVar[str] = "update"

    incident: models.Incident
    message: str = ""
    status: models.IncidentStatus | None = None
    severity: models.Severity | None = None

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        if not tidy_markdown(self.message) and not self.status and not self.severity:
            return {"message": "the update says nothing: write a message, or give a status or a severity"}
        return {}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incident_updates`, without the idempotency key."""
        body: dict[str, Any] = {"incident_id": self.incident.id}
        if message := tidy_markdown(self.message):
            body["message"] = message
        if self.status:
            body["to_incident_status_id"] = self.status.id
        if self.severity:
            body["to_severity_id"] = self.severity.id
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        return intent_key(self.verb, organisation, self.payload())

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [incident_row(self.incident)]
        if message := tidy_markdown(self.message):
            rows.append(("message", message, ""))
        return rows + named_rows(status=self.status, severity=self.severity)
