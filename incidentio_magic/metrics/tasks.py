"""Counts follow-ups or actions by owner, team or month: all, those that are done, and the age of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from incidentio_magic.errors import InputError
from incidentio_magic.frames import made
from incidentio_magic.metrics.periods import PERIODS, names_of
from incidentio_magic.names.close_matches import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPINGS: Final = ("owner", "team", "priority", "category", "incident", "severity", "mode", *PERIODS)
"""The groupings of tasks; actions have no team, priority or category. Periods are those of the creation."""

_STATUSES: Final = ("outstanding", "completed", "not_doing")
DEFINITIONS: Final = {
    "total": "all except deleted ones",
    "completion_rate": "the completed share of those that are completed or outstanding",
    "overdue": "outstanding ones past their due time; missing if no rule says when they are due",
    "median_age": "the median age of the outstanding ones",
    "median_lasted": "the median time that the completed ones took",
}
"""The definitions of the figures."""


def task_counts(tasks: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return how many tasks each group has, how many are done, and how old the others are.

    Args:
        tasks: A frame of follow-ups or actions, of every status but deleted.
        by: The groupings, from `GROUPINGS`; empty for a single row.

    Returns:
        One column for each of `by` (string, severity an ordered category); total, outstanding, completed, not_doing,
        overdue (Int64); completion_rate (Float64); median_age, median_lasted (timedelta). `attrs["definitions"]` says
        what each means.

    Raises:
        InputError: If tasks cannot be counted by one of `by`.
    """
    heads = pd.DataFrame({name: _values(tasks, name) for name in _checked(tasks, by)}, index=tasks.index)
    status = tasks["status"]
    figures = pd.DataFrame(
        {
            "total": 1,
            **{name: (status == name).astype(int) for name in ("outstanding", "completed", "not_doing")},
            "overdue": tasks["overdue"].fillna(value=False).astype(int),
            "ruled": tasks["overdue"].notna().astype(int),
        },
        index=tasks.index,
    )
    groups = heads.groupby(list(heads.columns), dropna=False, observed=True, sort=True).ngroup() if by else None
    key = groups if groups is not None else pd.Series(0, index=tasks.index)
    summed = figures.groupby(key).sum()
    # In seconds: before pandas 3 the median of spans is missing if one of them is.
    spans = {"median_age": tasks["age"], "median_lasted": tasks["lasted"].where(status == "completed")}
    seconds = pd.DataFrame({name: values.dt.total_seconds() for name, values in spans.items()})
    summed = summed.join(seconds.groupby(key).median().round())
    frame = pd.DataFrame(index=summed.index)
    for name in heads.columns:  # pandas' `first` skips missing values, and so loses the group without a value
        frame[name] = heads[name].groupby(key).apply(lambda values: values.iloc[0]).astype(heads[name].dtype)
    finished = summed["completed"] + summed["outstanding"]
    frame = frame.assign(
        **{name: summed[name].astype("Int64") for name in ("total", *_STATUSES)},
        completion_rate=(summed["completed"] / finished.where(finished > 0)).astype("Float64").round(3),
        overdue=summed["overdue"].where(summed["ruled"] > 0).astype("Int64"),
        median_age=pd.to_timedelta(summed["median_age"], unit="s").astype("timedelta64[us]"),
        median_lasted=pd.to_timedelta(summed["median_lasted"], unit="s").astype("timedelta64[us]"),
    ).reset_index(drop=True)
    frame.attrs = {**made(frame), "definitions": dict(DEFINITIONS)}
    return frame


def _values(tasks: pd.DataFrame, name: str) -> pd.Series:
    if name in PERIODS:
        names = names_of(name, pd.DatetimeIndex(tasks["created_at"]))
        return pd.Series(pd.array(names, dtype="string"), index=tasks.index)
    return tasks[name]


def _checked(tasks: pd.DataFrame, by: Sequence[str]) -> list[str]:
    known = [name for name in GROUPINGS if name in PERIODS or name in tasks.columns]
    for name in by:
        if name not in known:
            near = closest(name, known, most=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise InputError(f"Tasks cannot be counted by {name!r}.", hint=hint)
    return list(dict.fromkeys(by))
