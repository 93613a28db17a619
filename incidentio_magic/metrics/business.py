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
        """Return the seconds between two columns of moments that lie within the hours.

        Args:
            start: Microseconds since 1970, UTC.
            end: The same.
        """
        return self._until(end) - self._until(start)

    def _until(self, moments: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the seconds within the hours from a Monday long ago to each moment."""
        utc = pd.DatetimeIndex(moments.astype("datetime64[us]")).tz_localize("UTC")
        wall = utc.tz_convert(self.timezone).tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
        days, rest = np.divmod(wall / 1_000_000 - _MONDAY * _DAY, _DAY)
        weeks, day = np.divmod(days, len(DAYS))
        counts = np.array(self.days)
        before = np.concatenate([[0], np.cumsum(counts)])
        today = day.astype(np.int64)
        full = weeks * counts.sum() + before[today]
        span = self.closes - self.opens
        so_far: NDArray[np.float64] = full * span + counts[today] * np.clip(rest - self.opens, 0, span)
        return so_far
