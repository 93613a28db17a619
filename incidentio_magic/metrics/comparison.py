"""Compares two groups: how much their medians differ, and whether the difference is significant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from incidentio_magic.frames import made
from incidentio_magic.frames.moments import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Compared = tuple[str, NDArray[np.float64], NDArray[np.float64]]

FEWEST: Final = 8
"""A group with fewer durations is too small for a comparison."""

_RESAMPLES: Final = 4000
_SEED: Final = 20_260_101  # the same data always give the same interval
_PERCENTILES: Final = (2.5, 97.5)
_COLUMNS: Final = ("duration", "first", "second", "n.first", "n.second", "median.first", "median.second", "difference",
                   "low", "high", "finding")  # fmt: skip


def comparison_frame(
    rows: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64]]], names: tuple[str, str]
) -> pd.DataFrame:
    """Return how the medians of two groups differ, one row per duration.

    Args:
        rows: Each duration's name with its values in both groups, in seconds.
        names: The names of the groups.

    Returns:
        duration, first, second (string); n.first, n.second (Int64); median.first, median.second, difference (second
        minus first), low, high (timedelta): the 95 % interval of the difference, by a seeded bootstrap; NaT if a group
        has fewer than 8; finding (string): the conclusion.
    """
    found = [_row(compared, names) for compared in rows]
    frame = pd.DataFrame(found, columns=list(_COLUMNS))
    for name in ("median.first", "median.second", "difference", "low", "high"):
        frame[name] = spans(frame[name].astype("float64").round())
    frame = frame.astype({"duration": "string", "first": "string", "second": "string", "finding": "string"})
    frame = frame.astype({"n.first": "Int64", "n.second": "Int64"})
    frame.attrs = made(frame)
    shown = ["duration", "median.first", "median.second", "difference", "finding", "low", "high"]
    frame.attrs["shown"] = {"columns": shown, "of": len(frame.columns)}
    return frame


def _row(compared: Compared, names: tuple[str, str]) -> tuple[object, ...]:
    duration, first, second = compared
    medians = [float(np.median(values)) if len(values) else np.nan for values in (first, second)]
    low = high = np.nan
    if min(len(first), len(second)) >= FEWEST:
        low, high = difference_interval(first, second)
    finding = _finding(min(len(first), len(second)), low, high, names)
    return duration, *names, len(first), len(second), *medians, medians[1] - medians[0], low, high, finding


def difference_interval(first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two medians, in seconds, by a seeded bootstrap."""
    random = np.random.default_rng(_SEED)
    resampled = [
        np.median(values[random.integers(0, len(values), (_RESAMPLES, len(values)))], axis=1)
        for values in (np.sort(first), np.sort(second))
    ]
    low, high = np.percentile(resampled[1] - resampled[0], _PERCENTILES)
    return float(low), float(high)


def _finding(fewest: int, low: float, high: float, names: tuple[str, str]) -> str:
    if fewest < FEWEST:
        return f"too few to compare: {fewest} in the smaller group, at least {FEWEST} are needed"
    if low > 0:
        return f"longer in {names[1]}"
    if high < 0:
        return f"shorter in {names[1]}"
    return "no clear difference"
