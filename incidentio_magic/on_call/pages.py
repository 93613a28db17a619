"""The course of a page: who was paged, who acknowledged it and how fast, and whether it is still waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import PRIVATE

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.api import models

WAITING: Final = ("triggered", "pending", "pending_repeat", "delayed", "snoozed")
ACKNOWLEDGED: Final = ("acked",)
STATUSES: Final = (*WAITING, *ACKNOWLEDGED, "resolved", "expired", "cancelled")
GROUPS: Final = {"waiting": WAITING, "acknowledged": ACKNOWLEDGED}
"""Names for groups of statuses."""


@dataclass(frozen=True)
class PageStory:
    """The course of a page.

    Args:
        escalation: The page.
        label: The label to type: `INC-7#2`, or its ID.
        path: The name of the escalation path; None if people were paged directly, or the path cannot be read.
    """

    escalation: models.Escalation
    label: str
    path: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.escalation.status in WAITING

    @property
    def is_private(self) -> bool:
        """Whether it is about a private incident."""
        return any(incident.visibility == PRIVATE for incident in self.escalation.related_incidents or ())

    @property
    def incidents(self) -> str | None:
        """The references of the incidents that it is about."""
        related = self.escalation.related_incidents or ()
        return ", ".join(dict.fromkeys(incident.reference for incident in related)) or None

    @property
    def paged_at(self) -> datetime:
        """When it began to page; if no event says so, when it was created."""
        return min(self._moments("triggered"), default=self.escalation.created_at)

    @property
    def acknowledged_at(self) -> datetime | None:
        """When it was first acknowledged; None if nobody has acknowledged it."""
        return min(self._moments("acked"), default=None)

    @property
    def paged(self) -> str | None:
        """The people notified, in order."""
        return self._people("notified_users")

    @property
    def acknowledged_by(self) -> str | None:
        """Who acknowledged it; None if nobody has, or the service does not say who."""
        return self._people("acked")

    def _moments(self, event: str) -> list[datetime]:
        return [happened.occurred_at for happened in self.escalation.events if happened.event == event]

    def _people(self, event: str) -> str | None:
        happened = sorted(self.escalation.events, key=lambda event: (event.occurred_at, event.id))
        names = [user.name for step in happened if step.event == event for user in step.users or ()]
        return ", ".join(dict.fromkeys(names)) or None
