"""Determines when an incident was first paged, acknowledged and alerted, or why it was not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from incidentio_magic.api.models import NO_TIME
from incidentio_magic.frames.moments import UNSET, microseconds
from incidentio_magic.metrics.definitions import ACKNOWLEDGED, ALERTED, PAGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from incidentio_magic.api.models import Escalation, IncidentAlert

NOT_PAGED: Final = "not_paged"
WAITING: Final = "open"
EXPIRED: Final = "page_expired"
CANCELLED: Final = "page_cancelled"
NO_ALERT: Final = "no_alert"
UNKNOWN: Final = "missing"

_PAGES: Final = frozenset({"triggered", "notified_users", "notified_channels"})
_WAITING: Final = frozenset({"pending", "triggered", "snoozed", "delayed", "pending_repeat"})
_ENDS: Final = {"expired": EXPIRED, "cancelled": CANCELLED, "resolved": CANCELLED}
_FIRST_REASON: Final = (WAITING, EXPIRED, CANCELLED, UNKNOWN)  # with several pages, the first of these reasons counts


@dataclass
class _Pages:
    """The pages about one incident."""

    paged: list[int] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)


class Paging:
    """The times of each incident's first page, acknowledgement and alert.

    Args:
        escalations: The pages. Source: `GET /v2/escalations`.
        alerts: The alerts that are attached to incidents. Source: `GET /v2/incident_alerts`.
    """

    def __init__(self, escalations: Iterable[Escalation], alerts: Iterable[IncidentAlert]) -> None:
        self._pages: dict[str, _Pages] = {}
        self._alerted: dict[str, int] = {}
        for escalation in {escalation.id: escalation for escalation in escalations}.values():
            self._add(escalation)
        for link in alerts:
            if link.alert.created_at != NO_TIME:
                moment = microseconds(link.alert.created_at)
                self._alerted[link.incident.id] = min(moment, self._alerted.get(link.incident.id, moment))

    def _add(self, escalation: Escalation) -> None:
        paged = first_page(escalation)
        acknowledged = first_acknowledgement(escalation)
        for incident in escalation.related_incidents or ():
            pages = self._pages.setdefault(incident.id, _Pages())
            if paged is not None:
                pages.paged.append(microseconds(paged))
            if acknowledged is not None:
                pages.acknowledged.append(microseconds(acknowledged))
            pages.reasons.add(_reason(escalation.status))

    def moments(self, identities: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """Return the first page, acknowledgement and alert of each incident, in microseconds since 1970.

        Args:
            identities: The IDs of the incidents; the result is `UNSET` if an incident has no such moment.
        """
        pages = [self._pages.get(identity, _NONE) for identity in identities]
        return {
            PAGED: np.array([min(found.paged, default=UNSET) for found in pages], dtype=np.int64),
            ACKNOWLEDGED: np.array([min(found.acknowledged, default=UNSET) for found in pages], dtype=np.int64),
            ALERTED: np.array([self._alerted.get(identity, UNSET) for identity in identities], dtype=np.int64),
        }

    def reasons(self, identities: Sequence[str]) -> dict[str, list[str]]:
        """Return for each incident why it has no acknowledgement and why it has no alert, if it has none.

        Args:
            identities: The IDs of the incidents.
        """
        return {
            ACKNOWLEDGED: [self._why_unacknowledged(identity) for identity in identities],
            ALERTED: [NO_ALERT] * len(identities),
        }

    def _why_unacknowledged(self, identity: str) -> str:
        pages = self._pages.get(identity)
        if pages is None:
            return NOT_PAGED
        return next((reason for reason in _FIRST_REASON if reason in pages.reasons), UNKNOWN)


_NONE: Final = _Pages()


def first_page(escalation: Escalation) -> datetime | None:
    """Return when an escalation first paged somebody; None if it never did."""
    paged = [event.occurred_at for event in escalation.events if event.event in _PAGES]
    if not paged and first_acknowledgement(escalation) is not None and escalation.created_at != NO_TIME:
        return escalation.created_at
    return min(paged, default=None)


def first_acknowledgement(escalation: Escalation) -> datetime | None:
    """Return when somebody first acknowledged an escalation; None if nobody did."""
    return min((event.occurred_at for event in escalation.events if event.event == "acked"), default=None)


def _reason(status: str) -> str:
    return WAITING if status in _WAITING else _ENDS.get(status, UNKNOWN)
