"""Business hours: how much of a span of time lies within them, for whole columns at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 86_400
_MONDAY: Final = 4  # days from the first day of 1970, a Thursday, to a Monday
_FORM = re.compile(
    r"\s*([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d\d?)(?::(\d\d))?\s*-\s*(\d\d?)(?::(\d\d))?\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class BusinessHours:
    """Hours of the week that count, by the clock on the wall; holidays are not known.

    Args:
        days: Which days of the week count, Monday first.
        opens: When they begin, in seconds after midnight.
        closes: When they end.
        timezone: Of that clock.
    """

    days: tuple[bool, ...]
    opens: int
    closes: int
    timezone: str

    @classmethod
    def read(cls, text: str, timezone: str) -> BusinessHours:
        """Return the hours that a text like `Mon-Fri 09:00-17:00` means.

        Raises:
            InputError: If it cannot be read, or names no time.
        """
        found = _FORM.fullmatch(text)
        names = [name.lower() for name in (found[1], found[2] or found[1])] if found else []
        if found is None or not set(names) <= set(DAYS):
            raise InputError(f"{text!r} are no business hours.", hint='write them like "Mon-Fri 09:00-17:00"')
        first, last = map(DAYS.index, names)
        chosen = {(first + step) % len(DAYS) for step in range((last - first) % len(DAYS) + 1)}
        opens, closes = (60 * (60 * int(found[at]) + int(found[at + 1] or 0)) for at in (3, 5))
        if not opens < closes <= _DAY or any(int(found[at] or 0) > 59 for at in (4, 6)):  # noqa: PLR2004  minutes
            raise InputError(
                f"{text!r} does not end after it begins, within one day.", hint='write it like "Mon-Fri 09:00-17:00"'
            )
        return cls(tuple(day in chosen for day in range(len(DAYS))), opens, closes, timezone)

    def __str__(self) -> str:
        days = ", ".join(name.capitalize() for name, counts in zip(DAYS, self.days, strict=True) if counts)
        opens, closes = (f"{at // 3600:02}:{at // 60 % 60:02}" for at in (self.opens, self.closes))
        return f"{days} {opens} to {closes} ({self.timezone})"

    def seconds(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the seconds between two columns of moments that lie within the hours, as they really passed.

        Args:
            start: Microseconds since 1970, UTC.
            end: The same.
        """
        if not len(start):
            return np.zeros(0)
        moments, so_far = self._course(np.array([min(start.min(), end.min()), max(start.max(), end.max())]))
        passed: NDArray[np.float64] = np.interp(end, moments, so_far) - np.interp(start, moments, so_far)
        return passed / 1_000_000

    def _course(self, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the moments between two at which the hours begin and end, and how much of them had passed by then."""
        utc = pd.DatetimeIndex(ends.astype("datetime64[us]"), tz="UTC")
        first, last = (
            utc.tz_convert(self.timezone).tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)
        )
        days = np.arange(first, last + len(DAYS) + 1)  # a week more, so that one of them counts
        days = days[np.array(self.days)[(days - _MONDAY) % len(DAYS)]]
        moments = np.column_stack([self._moments(days, at) for at in (self.opens, self.closes)])
        moments = np.maximum.accumulate(moments.ravel()).reshape(moments.shape)  # some zones once left out a day
        spans = moments[:, 1] - moments[:, 0]
        so_far = np.cumsum(spans)
        return moments.ravel(), np.column_stack([so_far - spans, so_far]).ravel()

    def _moments(self, days: NDArray[np.int64], at: int) -> NDArray[np.int64]:
        """Return when the clock shows a time on each day: the first time if it does twice, the next if it never does.

        Args:
            days: Days since 1970.
            at: Seconds after midnight.
        """
        wall = pd.DatetimeIndex(((days * _DAY + at) * 1_000_000).astype("datetime64[us]"))
        local = wall.tz_localize(self.timezone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
        moments: NDArray[np.int64] = local.tz_convert("UTC").tz_localize(None).to_numpy().astype(np.int64)
        return moments
