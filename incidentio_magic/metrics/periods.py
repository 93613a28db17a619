"""Calendar periods: the month, quarter or week of a moment, in one time zone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_OF_1970: Final = date(1970, 1, 1).toordinal()
_MOMENT: Final = pd.Timedelta(microseconds=1)
PERIODS: Final = ("month", "quarter", "week")


def names_of(period: str, times: pd.DatetimeIndex) -> list[str | None]:
    """Return the period of each moment, None for NaT: `2026-01`, `2026-Q1`, or the ISO 8601 week `2026-W02`.

    Args:
        period: One of `PERIODS`.
        times: Moments, in the time zone of the calendar.
    """
    reached = np.flatnonzero(times.notna())
    numbers, places = np.unique(_NUMBER[period](times[reached]), return_inverse=True)
    names = np.array([_name(period, int(number)) for number in numbers], dtype=object)
    found = np.full(len(times), None, dtype=object)
    found[reached] = names[places]
    return found.tolist()


def all_between(period: str, times: pd.DatetimeIndex) -> list[str]:
    """Return every period from the first moment's to the last one's, in order.

    Args:
        period: One of `PERIODS`.
        times: Moments, in the time zone of the calendar.
    """
    if times.dropna().empty:
        return []
    numbers = _NUMBER[period](times.dropna())
    return [_name(period, number) for number in range(int(numbers.min()), int(numbers.max()) + 1)]


def partial_at(period: str, start: pd.Timestamp | None, end: pd.Timestamp) -> set[str]:
    """Return the periods that a span of time covers only partly, at its beginning or end.

    Args:
        period: One of `PERIODS`.
        start: When the span begins, in the time zone whose calendar counts; None if it begins with a period.
        end: Its last moment.
    """
    moments = [(end, end + _MOMENT)] + ([(start - _MOMENT, start)] if start is not None else [])
    found = [names_of(period, pd.DatetimeIndex(pair)) for pair in moments]
    return {first for first, second in found if first is not None and first == second}


def _weeks(times: pd.DatetimeIndex) -> Any:
    """Return the number of each moment's week, counted from the Monday before 1970."""
    days = times.tz_localize(None).normalize().to_numpy().astype("datetime64[D]").astype(np.int64)
    return (days + 3) // 7


_NUMBER: Final[dict[str, Callable[[pd.DatetimeIndex], Any]]] = {
    "month": lambda times: times.year.to_numpy() * 12 + times.month.to_numpy() - 1,
    "quarter": lambda times: times.year.to_numpy() * 4 + times.quarter.to_numpy() - 1,
    "week": _weeks,
}


def _name(period: str, number: int) -> str:
    if period == "month":
        return f"{number // 12:04}-{number % 12 + 1:02}"
    if period == "quarter":
        return f"{number // 4:04}-Q{number % 4 + 1}"
    year, week, _day = date.fromordinal(_FIRST_OF_1970 - 3 + number * 7).isocalendar()
    return f"{year:04}-W{week:02}"
