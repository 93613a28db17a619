"""Business hours: computes how much of each span of a column is within or outside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np
import pandas as pd

from incidentio_magic.errors import InputError
from incidentio_magic.metrics.holidays import check_region, holidays_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 86_400
_MONDAY: Final = 4  # days from 1 January 1970, a Thursday, back to Monday
_EXAMPLE: Final = 'write "Mon-Fri 09:00-17:00", or several: "Mon-Fri 09:00-12:30,13:30-18:00; Sat 22:00-06:00"'
_SEGMENT: Final = re.compile(
    r"(?P<days>[a-z]{3}(?:\s*-\s*[a-z]{3})?)?\s*(?:(?P<h>\d\d?)(?::(?P<m>\d\d))?\s*-\s*(?P<H>\d\d?)(?::(?P<M>\d\d))?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Opening:
    """Opening hours on some days of the week, in local time.

    Args:
        days: Whether they begin on each day, Monday first.
        opens: When they begin, in seconds after midnight.
        closes: When they end, in seconds after the same midnight; more than a day if they end the next day.
    """

    days: tuple[bool, ...]
    opens: int
    closes: int

    def __str__(self) -> str:
        days = ", ".join(name.capitalize() for name, counts in zip(DAYS, self.days, strict=True) if counts)
        opens, closes = (f"{at // 3600:02}:{at // 60 % 60:02}" for at in (self.opens, self.closes - _DAY))
        if self.closes <= _DAY:
            closes = f"{self.closes // 3600:02}:{self.closes // 60 % 60:02}"
        return f"{days} {opens} to {closes}{' the next day' if self.closes > _DAY else ''}"


@dataclass(frozen=True)
class BusinessHours:
    """Hours of the week that count, in local time.

    Args:
        openings: The hours; overlapping time counts once.
        timezone: The time zone of the local time.
        holidays: A country or a part of it, such as `DE` or `DE-BY`; no hours begin on its public holidays. Empty for
            none.
        outside: Whether the time outside the hours counts instead.
    """

    openings: tuple[Opening, ...]
    timezone: str
    holidays: str
    outside: bool

    @classmethod
    def read(cls, text: str, timezone: str, *, holidays: str = "", outside: bool = False) -> BusinessHours:
        """Parse business hours such as `Mon-Fri 09:00-12:30,13:30-18:00; Sat 22:00-06:00`.

        Hours without days use the preceding days; hours whose end is before their beginning end the next day.

        Args:
            text: The hours.
            timezone: The time zone of the local time.
            holidays: A country or a part of one: `DE`, `DE-BY`, `US-CA`.
            outside: Whether the time outside the hours counts.

        Raises:
            InputError: If it cannot be understood or contains no time, or the country is unknown.
            SettingsError: If holidays are requested and the package `holidays` is not installed.
        """
        check_region(holidays)
        openings: list[Opening] = []
        days: set[int] = set()
        named_only = False
        for segment in re.split(r"[;,]", text):
            found = _SEGMENT.fullmatch(segment.strip())
            if found is None or not (found["days"] or found["h"]):
                _refuse(text)
            if found["days"]:
                days = (days if named_only else set()) | _days(found["days"], text)
            named_only = not found["h"]
            if not named_only:
                openings.append(_opening(found, days, text))
        if named_only or not openings:
            _refuse(text)
        return cls(tuple(openings), timezone, holidays, outside)

    def __str__(self) -> str:
        hours = f"{' and '.join(map(str, self.openings))} ({self.timezone})"
        hours += f", no holidays of {self.holidays}" if self.holidays else ""
        return f"the time outside {hours}" if self.outside else hours

    def seconds(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the seconds that count between two columns of moments.

        Args:
            start: Microseconds since 1970, UTC.
            end: The same, for the end.
        """
        if not len(start):
            return np.zeros(0)
        moments, so_far = self._course(np.array([min(start.min(), end.min()), max(start.max(), end.max())]))
        passed: NDArray[np.float64] = np.interp(end, moments, so_far) - np.interp(start, moments, so_far)
        return (end - start - passed if self.outside else passed) / 1_000_000

    def _course(self, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the moments at which the hours begin and end, and the seconds of hours that had passed by each."""
        utc = pd.DatetimeIndex(ends.astype("datetime64[us]"), tz="UTC")
        first, last = (
            utc.tz_convert(self.timezone).tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)
        )
        every = np.arange(first - 1, last + len(DAYS) + 1)  # a week so that some hours count; a day for the night
        free = holidays_between(self.holidays, int(every[0]), int(every[-1])) if self.holidays else set()
        every = every[~np.isin(every, list(free))] if free else every
        parts = []
        for opening in self.openings:
            days = every[np.array(opening.days)[(every - _MONDAY) % len(DAYS)]]
            parts.append(np.column_stack([self._moments(days, at) for at in (opening.opens, opening.closes)]))
        spans = np.concatenate(parts)
        if not len(spans):  # every such day was a holiday
            return ends[:1], np.zeros(1, dtype=np.int64)
        begins, stops = _united(spans)
        lengths = stops - begins
        so_far = np.cumsum(lengths)
        return np.column_stack([begins, stops]).ravel(), np.column_stack([so_far - lengths, so_far]).ravel()

    def _moments(self, days: NDArray[np.int64], at: int) -> NDArray[np.int64]:
        """Return the moment of a local time on each day: the first if it occurs twice, the next if it never does.

        Args:
            days: Days since 1970.
            at: Seconds after midnight.
        """
        wall = pd.DatetimeIndex(((days * _DAY + at) * 1_000_000).astype("datetime64[us]"))
        local = wall.tz_localize(self.timezone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
        moments: NDArray[np.int64] = local.tz_convert("UTC").tz_localize(None).to_numpy().astype(np.int64)
        return moments


def _united(spans: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the beginnings and ends of spans in order, with overlapping spans merged."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    begins = spans[:, 0]
    reached = np.maximum.accumulate(np.maximum(spans[:, 1], begins))  # some zones once skipped a day
    is_new = np.ones(len(begins), dtype=bool)
    is_new[1:] = begins[1:] > reached[:-1]
    is_last = np.append(is_new[1:], True)
    return begins[is_new], reached[is_last]


def _days(text: str, whole: str) -> set[int]:
    names = [name.strip().lower() for name in text.split("-")]
    if not set(names) <= set(DAYS):
        _refuse(whole)
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return {(first + step) % len(DAYS) for step in range((last - first) % len(DAYS) + 1)}


def _opening(found: re.Match[str], days: set[int], whole: str) -> Opening:
    opens, closes = (
        60 * (60 * int(found[hour]) + int(found[minute] or 0)) for hour, minute in (("h", "m"), ("H", "M"))
    )
    too_many = any(int(found[minute] or 0) > 59 for minute in ("m", "M"))  # noqa: PLR2004  minutes
    if not days or opens == closes or too_many or max(opens, closes) > _DAY:
        _refuse(whole)
    closes += _DAY if closes < opens else 0
    return Opening(tuple(day in days for day in range(len(DAYS))), opens, closes)


def _refuse(text: str) -> NoReturn:
    raise InputError(f"{text!r} cannot be read as business hours.", hint=_EXAMPLE)
