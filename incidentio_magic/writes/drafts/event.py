"""An item about to be added to a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.writes.drafts.intents import (
    Row,
    incident_row,
    intent_key,
    rfc3339,
    tidy,
    tidy_markdown,
)

if TYPE_CHECKING:
    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class Event:
    """An item about to be added to an incident's timeline.

    Args:
        incident: The incident.
        title: What happened, in one line.
        at: When it happened.
        description: Details, in Markdown.
        typed: The typed text of a relative time ("20m", or "" for now), None for a fixed time. The intent includes the
            text, not the moment: the same text is the same intent when the cell runs again later.
    """

    verb: ClassVar[str] = "event"

    incident: models.Incident
    title: str
    at: datetime
    description: str = ""
    typed: str | None = None

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        return {} if tidy(self.title) else {"title": "a title is needed: the first line says what happened"}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/incident_timeline_items`, without the idempotency key."""
        body = {"incident_id": self.incident.id, "title": tidy(self.title), "timestamp": rfc3339(self.at)}
        if description := tidy_markdown(self.description):
            body["description"] = description
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        payload = self.payload()
        if self.typed is not None:
            payload["timestamp"] = self.typed
        return intent_key(self.verb, organisation, payload)

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [incident_row(self.incident), ("at", f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", "")]
        rows.append(("title", tidy(self.title), ""))
        return rows + (
            [("description", tidy_markdown(self.description), "")] if tidy_markdown(self.description) else []
        )
