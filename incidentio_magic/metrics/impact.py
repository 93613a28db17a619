"""Determines when the impact of an incident began and ended, from its timestamps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.metrics.definitions import DECLARED, milestones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidentio_magic.api import models

_BEGAN: Final = re.compile(r"impact\b.*\b(start|began|begun)", re.IGNORECASE)
_ENDED: Final = re.compile(r"impact\b.*\b(end|stop|over)", re.IGNORECASE)


@dataclass(frozen=True)
class Impact:
    """The impact of an incident.

    Args:
        start: When it began.
        end: When it ended; None if unknown.
        start_name: The timestamp it begins at; empty for the creation of the incident.
        end_name: The timestamp it ends at, set or not; empty if no timestamp means the end.
    """

    start: datetime
    end: datetime | None
    start_name: str
    end_name: str


def impact_of(incident: models.Incident, timestamps: Sequence[models.IncidentTimestamp]) -> Impact:
    """Return the impact of an incident.

    It begins at a timestamp whose name mentions the impact's start, else with the declaration. It ends at a timestamp
    whose name mentions the impact's end, else at the timestamp that means fixed.

    Args:
        incident: The incident.
        timestamps: The organisation's timestamps, or those of the incident.
    """
    moments = moments_of(incident)
    found = milestones(timestamps, {}).found
    start = _first(timestamps, moments, _BEGAN)
    end = _first(timestamps, moments, _ENDED) or found.get("fixed")
    declared = found.get(DECLARED)
    if start is None and declared is not None and declared.id in moments:
        start = declared
    return Impact(
        moments[start.id] if start else incident.created_at,
        moments.get(end.id) if end else None,
        start.name if start else "",
        end.name if end else "",
    )


def moments_of(incident: models.Incident) -> dict[str, datetime]:
    """Return the moments of an incident's timestamps that are set, by the timestamp's ID."""
    return {
        stamped.incident_timestamp.id: stamped.value.value
        for stamped in incident.incident_timestamp_values or ()
        if stamped.value and stamped.value.value
    }


def _first(
    timestamps: Sequence[models.IncidentTimestamp], moments: dict[str, datetime], called: re.Pattern[str]
) -> models.IncidentTimestamp | None:
    return next((stamp for stamp in timestamps if stamp.id in moments and called.search(stamp.name)), None)
