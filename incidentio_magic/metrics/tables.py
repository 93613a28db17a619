"""Builds the frames of durations: one row per incident and duration, or one row per group and duration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from incidentio_magic.frames import made
from incidentio_magic.frames.moments import UNSET, in_zone, spans
from incidentio_magic.metrics.definitions import CREATED_AT, Duration
from incidentio_magic.metrics.outcomes import COUNTED, EXCLUDED, OPEN, OUTCOMES, Measured, excluded_anyway, measure
from incidentio_magic.metrics.periods import names_of
from incidentio_magic.metrics.survival import MEDIAN, P90, Survival
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from incidentio_magic.api.models import CustomField
    from incidentio_magic.metrics.business import BusinessHours
    from incidentio_magic.metrics.observations import Labels, Observations

TEAM: Final = "team"
LASTED: Final = "timedelta64[us]"
_ESTIMATED: Final = (
    "km.median", "km.median.low", "km.median.high", "km.p90", "km.p90.low", "km.p90.high", "km.at_risk",
)  # fmt: skip
_NINTH: Final = 10  # p90: of n durations in order, the one at nine tenths of n, rounded up


@dataclass(frozen=True)
class Measurement:
    """A measurement: the durations, the incidents and the groupings.

    Args:
        seen: The incidents.
        durations: The durations.
        by: What to group by: severity, type, lead, team, month, quarter, week, and custom fields.
        severities: The organisation's severities, least severe first.
        severity: Each incident's severity, as it ended or as declared.
        timezone: The time zone of months and of shown times.
        wanted: Modes and categories that the filters name, so that their incidents count.
        declared: The ID of the timestamp that means declared; `created_at` if there is none.
        business: The hours that count; all if None.
        with_open: Whether to add estimates in which open incidents count for as long as they have lasted.
        as_of: The current moment, in microseconds since 1970.
    """

    seen: Observations
    durations: Sequence[Duration]
    by: Sequence[str | CustomField]
    severities: Sequence[str]
    severity: Labels
    timezone: str
    wanted: Collection[str] = ()
    declared: str = CREATED_AT
    business: BusinessHours | None = None
    with_open: bool = False
    as_of: int = 0

    def names(self) -> list[str]:
        """Return the names of the columns to group by."""
        return [grouping if isinstance(grouping, str) else printable(f"field.{grouping.name}") for grouping in self.by]

    def declared_at(self) -> NDArray[np.int64]:
        """Return when each incident was declared (else created), in microseconds since 1970."""
        return self.seen.declared_at(self.declared)

    def times(self, moments: NDArray[np.int64]) -> pd.DatetimeIndex:
        """Return moments in the time zone."""
        return in_zone(moments, self.timezone)

    def periods(self, period: str) -> Any:
        """Return the month, quarter or week in which each incident was declared."""
        return pd.array(names_of(period, self.times(self.declared_at())), dtype="string")

    def values_of(self, field: CustomField) -> pd.Series[Any]:
        """Return the values of a custom field, one row per value, indexed by the incident's row."""
        return _values(*self.seen.field_values[field.id]).rename(printable(f"field.{field.name}"))

    def groups(self) -> pd.DataFrame:
        """Return one row per incident and group, indexed by the incident's row, with one column per grouping."""
        columns: dict[str, Any] = {}
        for grouping in self.by:
            if grouping == "severity":
                columns[grouping] = self.severity.categorical(self.severities, ordered=True)
            elif grouping in {"type", "lead"}:
                labels = self.seen.type if grouping == "type" else self.seen.lead
                columns[grouping] = labels.categorical().astype("string")
            elif isinstance(grouping, str) and grouping != TEAM:
                columns[grouping] = self.periods(grouping)
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(self.seen)))
        for grouping in self.by:
            if grouping == TEAM:
                frame = frame.join(_values(*self.seen.teams).rename(TEAM), how="left")
            elif not isinstance(grouping, str):
                frame = frame.join(self.values_of(grouping), how="left")
        return frame[self.names()]


def _values(rows: array[int], labels: Labels) -> pd.Series[Any]:
    """Return a column in which an incident may have several values or none, indexed by the incident's row."""
    values = pd.DataFrame({"row": np.array(rows, dtype=np.int64), "value": labels.categorical().astype("string")})
    return values.drop_duplicates().set_index("row")["value"]


def metrics_frame(what: Measurement) -> pd.DataFrame:
    """Return how long incidents took, one row per group and duration.

    Args:
        what: The measurement.

    Returns:
        The groupings, the most severe first: severity (ordered category); type, lead, team, month (like 2026-01),
        quarter (2026-Q1), week (2026-W02), field.NAME (string). Then duration (ordered category); n (Int64); median,
        p90, mean (timedelta, NaT if n is 0); open, excluded (Int64); excluded.REASON for each reason (Int64); from,
        to (string): the timestamps, missing for a duration metric.
        With open incidents also km.median, km.median.low, km.median.high, km.p90, km.p90.low, km.p90.high (timedelta,
        NaT if the data do not reach it) and km.at_risk (Int64): how many had lasted as long as the median.
    """
    groups = what.groups()
    names = what.names()
    if names:
        grouped = groups.groupby(names, dropna=False, observed=True, sort=True)
        group = grouped.ngroup().to_numpy().astype(np.int64)
        heads = groups.iloc[np.unique(group, return_index=True)[1]].reset_index(drop=True)
    else:
        group = np.zeros(len(groups), dtype=np.int64)
        heads = groups.iloc[:1].reset_index(drop=True)
    rows = groups.index.to_numpy()
    anyway = excluded_anyway(what.seen, what.wanted)
    places = _places(heads)
    parts = []
    for place, duration in enumerate(what.durations):
        measured = measure(what.seen, duration, anyway, what.business)
        part = _summary(group, len(heads), measured.seconds[rows], measured.outcomes[rows])
        if what.with_open:
            part = part.join(_with_open(what, measured, rows, group, len(heads)))
        part["from"], part["to"] = duration.start_name or None, duration.end_name or None
        parts.append(heads.join(part.assign(duration=place, place=places)))
    if not parts:
        parts = [heads.iloc[:0].join(_summary(group[:0], 0, np.array([]), np.array([], dtype=np.int8)))]
        parts[0] = parts[0].assign(duration=0, place=0, **{"from": None, "to": None})
        if what.with_open:
            counts, lasted = pd.Series(dtype="Int64"), pd.Series(dtype=LASTED)
            parts[0] = parts[0].assign(**{name: counts if name == "km.at_risk" else lasted for name in _ESTIMATED})
    frame = pd.concat(parts, ignore_index=True).sort_values(["place", "duration"], ignore_index=True)
    frame["duration"] = _duration_names(what, frame["duration"].to_numpy())
    frame = frame.astype({"from": "string", "to": "string"})
    reasons = [f"excluded.{reason}" for reason in EXCLUDED]
    estimated = [*_ESTIMATED] if what.with_open else []
    columns = [*names, "duration", "n", "median", "p90", "mean", *estimated, OPEN, "excluded", *reasons, "from", "to"]
    frame = frame[columns]
    frame.attrs = made(frame)
    estimates = [_ESTIMATED[0], _ESTIMATED[3]] if what.with_open else []
    shown = [*names, "duration", "n", "median", "p90", *estimates, OPEN, "excluded"]
    frame.attrs["shown"] = {"columns": shown, "of": len(columns)}
    return frame


def _places(heads: pd.DataFrame) -> NDArray[np.int64]:
    """Return the position of each group in the frame: the most severe first, other groupings in their own order."""
    names = list(heads.columns)
    if not names:
        return np.arange(len(heads))
    order = heads.sort_values(names, ascending=[name != "severity" for name in names], na_position="last").index
    places = np.empty(len(heads), dtype=np.int64)
    places[order.to_numpy()] = np.arange(len(heads))
    return places


def _duration_names(what: Measurement, places: NDArray[Any]) -> pd.Categorical[Any]:
    categories = pd.Index([printable(duration.name) for duration in what.durations], dtype=str)
    return pd.Categorical.from_codes(places.astype(np.int64), categories, ordered=True)


def _summary(
    group: NDArray[np.int64], groups: int, seconds: NDArray[np.float64], outcomes: NDArray[np.int8]
) -> pd.DataFrame:
    counts = np.bincount(group * len(OUTCOMES) + outcomes, minlength=groups * len(OUTCOMES))
    counts = counts.reshape(groups, len(OUTCOMES))
    of = {outcome: counts[:, place] for place, outcome in enumerate(OUTCOMES)}
    counted = outcomes == OUTCOMES.index(COUNTED)
    values = pd.DataFrame({"group": group[counted], "seconds": seconds[counted]})
    values = values.sort_values(["group", "seconds"], ignore_index=True)
    by_group = values.groupby("group")["seconds"]
    n = of[COUNTED]
    last = np.cumsum(n)
    nine_tenths = last - n + (n * (_NINTH - 1) + _NINTH - 1) // _NINTH - 1
    p90 = np.full(groups, np.nan)
    p90[n > 0] = values["seconds"].to_numpy()[nine_tenths[n > 0]]
    frame = pd.DataFrame({"n": n}, index=pd.RangeIndex(groups))
    frame["median"] = _spans(by_group.median().reindex(frame.index))
    frame["p90"] = _spans(pd.Series(p90, index=frame.index))
    frame["mean"] = _spans(by_group.mean().reindex(frame.index))
    frame[OPEN] = of[OPEN]
    frame["excluded"] = sum(of[reason] for reason in EXCLUDED)
    for reason in EXCLUDED:
        frame[f"excluded.{reason}"] = of[reason]
    return frame.astype(dict.fromkeys(("n", OPEN, "excluded", *(f"excluded.{reason}" for reason in EXCLUDED)), "Int64"))


def _with_open(
    what: Measurement, measured: Measured, rows: NDArray[np.int64], group: NDArray[np.int64], groups: int
) -> pd.DataFrame:
    """Return the estimates that count an open incident for as long as it has lasted."""
    outcomes, start = measured.outcomes[rows], measured.start[rows]
    ended = outcomes == OUTCOMES.index(COUNTED)
    ongoing = (outcomes == OUTCOMES.index(OPEN)) & (start != UNSET)
    now = np.full(len(start), what.as_of, dtype=np.int64)
    so_far = np.full(len(start), np.nan)
    if what.business is None:
        so_far[ongoing] = (now[ongoing] - start[ongoing]) / 1_000_000
    else:
        so_far[ongoing] = what.business.seconds(start[ongoing], now[ongoing])
    ongoing &= so_far >= 0
    made = []
    for number in range(groups):
        inside = group == number
        survival = Survival(measured.seconds[rows][inside & ended], so_far[inside & ongoing])
        median, p90 = survival.quantile(MEDIAN), survival.quantile(P90)
        made.append((median.value, median.low, median.high, p90.value, p90.low, p90.high, median.at_risk))
    frame = pd.DataFrame(made, columns=list(_ESTIMATED), index=pd.RangeIndex(groups))
    for name in _ESTIMATED[:-1]:
        frame[name] = _spans(frame[name])
    return frame.astype({_ESTIMATED[-1]: "Int64"})


def _spans(seconds: pd.Series[float]) -> pd.Series[Any]:
    """Return seconds as time spans, to the second."""
    return pd.Series(spans(seconds.round()), index=seconds.index)


def compared(
    what: Measurement, rows: NDArray[np.int64], column: pd.Series[Any], chosen: tuple[str, str]
) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Return how long each duration lasted in two groups, in seconds: what `comparison_frame` compares.

    Args:
        what: The measurement.
        rows: The incident of each row of the column.
        column: The group of each incident.
        chosen: The two groups.
    """
    anyway = excluded_anyway(what.seen, what.wanted)
    found = []
    for duration in what.durations:
        measured = measure(what.seen, duration, anyway, what.business)
        counted = measured.outcomes[rows] == OUTCOMES.index(COUNTED)
        first, second = (
            measured.seconds[rows][counted & (column == name).fillna(False).to_numpy(dtype=bool)] for name in chosen
        )
        found.append((printable(duration.name), first, second))
    return found


def durations_frame(what: Measurement, as_of: int) -> pd.DataFrame:
    """Return each duration of each incident.

    Args:
        what: The measurement; it must hold the incidents' names.
        as_of: The current moment, in microseconds since 1970.

    Returns:
        reference, name (string, masked for private incidents); severity (ordered category); status, type, mode, month,
        field.NAME (string); declared_at (time); duration (ordered category); started_at, ended_at (time, NaT for a
        duration metric); lasted (timedelta, NaT unless it counts); so_far (timedelta, for open incidents, by the
        calendar); outcome (category): counted, open, or the reason why it is excluded.
    """
    seen = what.seen
    base = pd.DataFrame(
        {
            "reference": pd.array(seen.references, dtype="string"),
            "name": pd.array(seen.names, dtype="string"),
            "severity": what.severity.categorical(what.severities, ordered=True),
            "status": seen.status.categorical().astype("string"),
            "type": seen.type.categorical().astype("string"),
            "mode": seen.mode.categorical().astype("string"),
            "declared_at": what.times(what.declared_at()),
        }
    )
    base.insert(6, "month", what.periods("month"))
    fields = [grouping for grouping in what.by if not isinstance(grouping, str)]
    for place, field in enumerate(fields):
        values = what.values_of(field)
        joined = values.groupby(level=0).agg(", ".join).reindex(base.index).astype("string")
        base.insert(7 + place, values.name, joined)
    anyway = excluded_anyway(seen, what.wanted)
    parts = []
    for place, duration in enumerate(what.durations):
        measured = measure(seen, duration, anyway, what.business)
        ongoing = measured.outcomes == OUTCOMES.index(OPEN)
        known = ongoing & (measured.start != UNSET)
        so_far = np.where(known, (as_of - measured.start) / 1_000_000, np.nan)
        parts.append(
            base.assign(
                duration=place,
                started_at=what.times(measured.start),
                ended_at=what.times(measured.end),
                lasted=_spans(pd.Series(measured.seconds, index=base.index)),
                so_far=_spans(pd.Series(so_far, index=base.index)),
                outcome=measured.outcomes,
            )
        )
    empty = {"started_at": base["declared_at"], "ended_at": base["declared_at"]}
    nothing = pd.Series(dtype=LASTED)
    # An empty frame would take its rows from the first assigned column.
    parts = parts or [base.assign(duration=0, **empty, lasted=nothing, so_far=nothing, outcome=0).iloc[:0]]
    frame = pd.concat(parts, ignore_index=True)
    frame["duration"] = _duration_names(what, frame["duration"].to_numpy())
    frame["outcome"] = pd.Categorical.from_codes(frame["outcome"].to_numpy(), pd.Index(OUTCOMES, dtype=str))
    frame.attrs = made(frame)
    shown = ["reference", "name", "severity", "duration", "lasted", "so_far", "outcome"]
    frame.attrs["shown"] = {"columns": shown, "of": len(frame.columns)}
    return frame
