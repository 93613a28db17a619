"""Counts incidents per period, and finds counts outside the control limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from incidentio_magic.frames import made

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_SIGMAS: Final = 3
_FEWEST: Final = 6  # minimum number of periods for control limits


def counts_frame(periods: Sequence[str], all_periods: Sequence[str], partial: Collection[str]) -> pd.DataFrame:
    """Return how many incidents each period had, with the control limits of a c-chart.

    Args:
        periods: The period of each incident.
        all_periods: Every period from the first to the last in order, including those without incidents.
        partial: Periods that were only partly read, or are not over; they have a count, but do not affect the limits.

    Returns:
        period (string); incidents (Int64); mean, lower, upper (Float64, to two decimals): three standard deviations
        around the mean of the whole periods, missing with fewer than six of them; outside (boolean): whether the count
        is outside the limits.
    """
    found = pd.Series(list(periods), dtype="string").value_counts()
    incidents = np.array([int(found.get(period, 0)) for period in all_periods], dtype=np.int64)
    whole = np.array([period not in partial for period in all_periods], dtype=bool)
    frame: Any = pd.DataFrame({"period": pd.array(list(all_periods), dtype="string"), "incidents": incidents})
    limits: list[float | None] = [None, None, None]
    if whole.sum() >= _FEWEST:
        mean = float(incidents[whole].mean())
        reach = _SIGMAS * mean**0.5
        limits = [mean, max(0.0, mean - reach), mean + reach]
    outside = np.zeros(len(frame), dtype=bool)
    if limits[1] is not None and limits[2] is not None:
        outside = whole & ((incidents < limits[1]) | (incidents > limits[2]))
    for name, limit in zip(("mean", "lower", "upper"), limits, strict=True):
        frame[name] = pd.array([limit if limit is None else round(limit, 2)] * len(frame), dtype="Float64")
    frame["outside"] = outside
    frame = frame.astype({"incidents": "Int64", "outside": "boolean"})
    frame.attrs = made(frame)
    return frame  # type: ignore[no-any-return]
