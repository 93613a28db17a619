"""Which statuses an incident may move to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incidentio_magic.api import models


# Which categories an incident may move to from each category; moves within a category are always allowed.
_MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "triage": ("triage", "live", "learning", "closed"),
    "live": ("live", "learning", "closed"),
    "learning": ("learning", "closed"),
    "closed": ("closed",),
}


def legal_statuses(
    present: models.IncidentStatus, statuses: Iterable[models.IncidentStatus]
) -> list[models.IncidentStatus]:
    """Return the other statuses that an incident may move to from `present`."""
    allowed = _MOVES.get(present.category, ())
    return [status for status in statuses if status.category in allowed and status.id != present.id]
