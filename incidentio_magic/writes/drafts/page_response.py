"""A response to a page: acknowledge, cancel or snooze it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.writes.drafts.intents import Row, incident_row, intent_key, rfc3339, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.api import models

ACKNOWLEDGE: Final = "acknowledge"
CANCEL: Final = "cancel"
SNOOZE: Final = "snooze"

PAST: Final[Mapping[str, str]] = {ACKNOWLEDGE: "acknowledged", CANCEL: "cancelled", SNOOZE: "snoozed"}
"""The page's state afterwards, in words."""

AFTERWARDS: Final[Mapping[str, str]] = {ACKNOWLEDGE: "acked", CANCEL: "cancelled", SNOOZE: "snoozed"}
"""The escalation's status afterwards."""

OVER: Final = frozenset({"resolved", "expired", "cancelled"})
"""The statuses of an escalation that pages nobody again."""


@dataclass(frozen=True, repr=False)
class PageResponse:
    """A response to a page.

    Args:
        verb: `acknowledge`, `cancel` or `snooze`.
        escalation: The page as it was read.
        title: The page's title, masked if a related incident is private.
        incident: The incident that the page is about; None if there is none.
        until: When a snooze ends.
        reason: Why it is snoozed.
    """

    verb: str
    escalation: models.Escalation
    title: str = ""
    incident: models.Incident | None = None
    until: datetime | None = None
    reason: str = ""

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"{self.verb} {self.name}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"{self.name} was {PAST[self.verb]}"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents pages {self.incident.reference}" if self.incident else "%incidents pages"

    @property
    def name(self) -> str:
        """The page, for messages."""
        about = f" of {self.incident.reference}" if self.incident else ""
        return f"the page {self.title!r}{about}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        if self.verb == SNOOZE and self.until is None:
            return {"for": "a snooze needs a duration, such as --for 30m"}
        return {}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/escalations/{id}/actions/respond`; a cancellation has no body."""
        if self.verb == ACKNOWLEDGE:
            return {"response": "ack"}
        if self.verb == CANCEL or self.until is None:
            return {}
        details = {"snooze_until": rfc3339(self.until)}
        return {"response": "snooze", "snooze_details": details | ({"reason": r} if (r := tidy(self.reason)) else {})}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent; the service takes none."""
        return intent_key(self.verb, organisation, {"escalation_id": self.escalation.id})

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [incident_row(self.incident)] if self.incident else []
        rows += [("page", self.title, self.escalation.id), ("status", self.escalation.status, "")]
        if self.until is not None:
            rows.append(("until", f"{self.until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", ""))
        return rows + ([("reason", tidy(self.reason), "")] if tidy(self.reason) else [])

    def is_done(self, escalation: models.Escalation) -> bool:
        """Return whether a page is already in the state that this response leads to."""
        return escalation.status == AFTERWARDS[self.verb]
