"""The impact and the durations of one incident, each with how it was computed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.metrics import CREATED_AT, DECLARED, milestones
from incidentio_magic.plots.words import lasted
from incidentio_magic.postmortem.markdown import inline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from incidentio_magic.api import models

_BEGAN: Final = re.compile(r"impact\b.*\b(start|began|begun)", re.IGNORECASE)
_ENDED: Final = re.compile(r"impact\b.*\b(end|stop|over)", re.IGNORECASE)


def impact(
    incident: models.Incident,
    timestamps: Sequence[models.IncidentTimestamp],
    written: Callable[[datetime], str],
) -> dict[str, str]:
    """Return when the impact began and ended, how long it lasted, and where each is known from.

    It begins at a timestamp whose name speaks of the impact's start, else with the declaration; it ends at one that
    speaks of its end, else at the one that means fixed.

    Args:
        incident: The incident.
        timestamps: The organisation's timestamps.
        written: Writes a moment.
    """
    moments = _moments(incident)
    found = milestones(timestamps, {}).found
    start = _first(timestamps, moments, _BEGAN)
    end = _first(timestamps, moments, _ENDED) or found.get("fixed")
    declared = found.get(DECLARED)
    if start is None and declared is not None and declared.id in moments:
        start = declared
    began = moments[start.id] if start else incident.created_at
    ended = moments.get(end.id) if end else None
    since = f"its timestamp '{inline(start.name)}'" if start else "when the incident was created"
    how = f"from {since}"
    if end and ended:
        how += f" to its timestamp '{inline(end.name)}'"
        how += "; one of the two is wrong: set it right in incident.io and draft again" if ended < began else ""
    else:
        how += f"; its timestamp '{inline(end.name)}' is not set" if end else "; no timestamp tells its end"
    return {
        "start": written(began),
        "end": written(ended) if ended else "",
        "lasted": _span(ended - began) if ended else "",
        "how": how,
    }


def durations(incident: models.Incident, timestamps: Sequence[models.IncidentTimestamp]) -> list[dict[str, str]]:
    """Return how long the steps of the incident lasted, as far as its timestamps and the service tell.

    Args:
        incident: The incident.
        timestamps: The organisation's timestamps.
    """
    moments = _moments(incident) | {CREATED_AT: incident.created_at}
    rows = []
    for duration in milestones(timestamps, {}).durations():
        missing = [
            name
            for place, name in ((duration.start, duration.start_name), (duration.end, duration.end_name))
            if place not in moments
        ]
        span = "" if missing else _span(moments[duration.end] - moments[duration.start])
        how = duration.definition() + (f"; not set: {', '.join(missing)}" if missing else "")
        rows.append({"name": inline(duration.name), "lasted": span, "how": inline(how)})
    for entry in incident.duration_metrics or ():
        known = entry.status == "success" and entry.value_seconds is not None
        how = "the organisation's own duration metric, as the service calculated it"
        rows.append(
            {
                "name": inline(entry.duration_metric.name),
                "lasted": lasted(timedelta(seconds=entry.value_seconds or 0)) if known else "",
                "how": how if known else f"{how}; it says {inline(entry.status.replace('_', ' '))}",
            }
        )
    return rows


def _span(span: timedelta) -> str:
    return lasted(span) if span.total_seconds() >= 0 else "it ends before it starts"


def _moments(incident: models.Incident) -> dict[str, datetime]:
    return {
        stamped.incident_timestamp.id: stamped.value.value
        for stamped in incident.incident_timestamp_values or ()
        if stamped.value and stamped.value.value
    }


def _first(
    timestamps: Sequence[models.IncidentTimestamp], moments: dict[str, datetime], called: re.Pattern[str]
) -> models.IncidentTimestamp | None:
    return next((stamp for stamp in timestamps if stamp.id in moments and called.search(stamp.name)), None)
