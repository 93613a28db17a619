"""Computes the impact and the durations of an incident, and says how."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from incidentio_magic.metrics import CREATED_AT, impact_of, milestones, moments_of
from incidentio_magic.postmortem.markdown import inline
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from incidentio_magic.api import models


def impact(
    incident: models.Incident,
    timestamps: Sequence[models.IncidentTimestamp],
    written: Callable[[datetime], str],
) -> dict[str, str]:
    """Return when the impact began and ended, how long it lasted, and the source of each value.

    Args:
        incident: The incident.
        timestamps: The organisation's timestamps.
        written: Formats a moment.
    """
    found = impact_of(incident, timestamps)
    since = f"'{inline(found.start_name)}'" if found.start_name else "when the incident was created"
    how = f"from {since}"
    if found.end:
        how += f" to '{inline(found.end_name)}'"
        wrong = "; one of the two is wrong: correct it in incident.io and draft again"
        how += wrong if found.end < found.start else ""
    else:
        how += f"; '{inline(found.end_name)}' is not set" if found.end_name else "; no timestamp ends it"
    return {
        "start": written(found.start),
        "end": written(found.end) if found.end else "",
        "lasted": _span(found.end - found.start) if found.end else "",
        "how": how,
    }


def durations(incident: models.Incident, timestamps: Sequence[models.IncidentTimestamp]) -> list[dict[str, str]]:
    """Return how long the phases of the incident lasted, from its timestamps and the service's metrics.

    Args:
        incident: The incident.
        timestamps: The organisation's timestamps.
    """
    moments = moments_of(incident) | {CREATED_AT: incident.created_at}
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
                "lasted": span_text(timedelta(seconds=entry.value_seconds or 0)) if known else "",
                "how": how if known else f"{how}; it says {inline(entry.status.replace('_', ' '))}",
            }
        )
    return rows


def _span(span: timedelta) -> str:
    return span_text(span) if span.total_seconds() >= 0 else "it ends before it starts"
