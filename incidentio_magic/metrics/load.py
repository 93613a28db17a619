"""How much time people spent on incidents: minutes by kind of hour, per group or per person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from incidentio_magic.frames import made
from incidentio_magic.frames.moments import spans
from incidentio_magic.metrics.observations import MINUTES as HOURS
from incidentio_magic.metrics.outcomes import excluded_anyway
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incidentio_magic.api.models import ParticipantWorkload
    from incidentio_magic.metrics.tables import Measurement

_SATURDAY: Final = 5
_SHOWN: Final = (*HOURS, "weekend")
DEFINITIONS: Final = {
    "incidents": "number of incidents, without test, merged, declined and canceled ones",
    "known": "number of these incidents with a known workload; the times are from these",
    "total": "the time that people spent on the incidents, as the service counts it",
    "working": "the part of it in each person's own working hours",
    "late": "the part of it in each person's own late hours",
    "sleeping": "the part of it in each person's own sleeping hours",
    "weekend": "the total for incidents that were declared on a Saturday or Sunday",
}


def load_frame(what: Measurement) -> pd.DataFrame:
    """Return how much time people spent on incidents, one row per group.

    Args:
        what: The incidents and their groupings; `seen` must hold their minutes.

    Returns:
        The groupings, as in `metrics_frame`, and team (string); incidents, known (Int64); total, working, late,
        sleeping, weekend (timedelta, NaT if no workload is known).
    """
    groups = what.groups()
    names = what.names()
    rows = groups.index.to_numpy()
    counts = excluded_anyway(what.seen, what.wanted)[rows] == 0
    weekday = pd.DatetimeIndex(what.times(what.declared_at())).day_of_week.to_numpy()
    minutes = {name: np.array(what.seen.minutes[name], dtype=np.float64)[rows] for name in HOURS}
    table = groups.assign(
        incidents=1,
        known=(~np.isnan(minutes["total"])).astype(np.int64),
        **minutes,
        weekend=np.where(
            weekday[rows] >= _SATURDAY, minutes["total"], np.where(np.isnan(minutes["total"]), np.nan, 0.0)
        ),
    )[counts]
    figures = ["incidents", "known", *_SHOWN]
    if names:
        grouped = table.groupby(names, dropna=False, observed=True)[figures]
        frame = grouped.sum(min_count=1).reset_index()
        ascending = [name != "severity" for name in names]
        frame = frame.sort_values(names, ascending=ascending, na_position="last")
    else:
        frame = pd.DataFrame([table[figures].sum(min_count=1)]) if len(table) else table[figures]
    frame = _typed(frame.reset_index(drop=True))
    frame.attrs = made(frame)
    return frame


@dataclass
class _Person:
    incidents: set[str] = field(default_factory=set)
    minutes: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SHOWN, 0.0))


def people_frame(workloads: Mapping[str, Iterable[ParticipantWorkload]], weekends: Mapping[str, bool]) -> pd.DataFrame:
    """Return how much time each person spent on incidents, most first.

    Args:
        workloads: The workloads of the participants, by incident ID.
        weekends: Whether each incident was declared on a Saturday or Sunday.

    Returns:
        person (string); incidents (Int64): the number of incidents with time spent; total, working, late, sleeping,
        weekend (timedelta).
    """
    people: dict[str, _Person] = {}
    names: dict[str, str] = {}
    for identity, participants in workloads.items():
        for participant in participants:
            spent = participant.workload
            minutes = (
                spent.minutes_spent_on_incident,
                spent.minutes_spent_on_incident_in_working_hours,
                spent.minutes_spent_on_incident_in_late_hours,
                spent.minutes_spent_on_incident_in_sleeping_hours,
            )
            if not minutes[0]:
                continue
            person = people.setdefault(participant.user.id, _Person())
            names[participant.user.id] = printable(participant.user.name)
            person.incidents.add(identity)
            for name, value in zip(HOURS, minutes, strict=True):
                person.minutes[name] += value or 0.0
            person.minutes["weekend"] += minutes[0] if weekends[identity] else 0.0
    order = sorted(people, key=lambda identity: (-people[identity].minutes["total"], names[identity]))
    rows: list[dict[str, Any]] = [
        {"person": names[identity], "incidents": len(people[identity].incidents), **people[identity].minutes}
        for identity in order
    ]
    frame = _typed(pd.DataFrame(rows, columns=["person", "incidents", *_SHOWN])).astype({"person": "string"})
    frame.attrs = made(frame)
    return frame


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    for name in _SHOWN:
        frame[name] = spans(frame[name].astype("float64") * 60)
    counts = [name for name in ("incidents", "known") if name in frame]
    return frame.astype(dict.fromkeys(counts, "Int64"))
