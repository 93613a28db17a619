"""The sandbox's own time: it runs from the epoch, or stands still until something is written."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

YEARS = range(2000, 2101)
LONGEST_ADVANCE = 10 * 366 * 24 * 3600.0
FASTEST = 1000.0
ENCODER = msgspec.json.Encoder()


def written(moment: datetime) -> str:
    """Format a time for the store: UTC, to the millisecond; the text sorts by time."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    if in_utc.microsecond:
        return f"{in_utc.isoformat(timespec='milliseconds')[:-6]}Z"  # without its +00:00
    return f"{ENCODER.encode(in_utc)[1:20].decode()}.000Z"  # whole seconds are the usual case, and this is faster


def shown(text: str) -> str:
    """Format a stored time for the API: without a fraction of zero."""
    return text.replace(".000Z", "Z")


def parsed(text: str) -> datetime:
    """Read an ISO time (UTC when it names no zone) and refuse one outside this century.

    Raises:
        ValueError: the text is not a time, or its year is not between 2000 and 2100.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year not in YEARS:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[-1]}: {text}")
    return moment.astimezone(UTC)


def this_second() -> datetime:
    """Return the real time, to the second."""
    return datetime.now(tz=UTC).replace(microsecond=0)


class Clock:
    """The sandbox's clock.

    Args:
        now: the time to start from.
        frozen: stand still, except for one second at each accepted write.
        real: returns the real time, in seconds.
        speed: how many seconds pass in one real second.
    """

    def __init__(
        self, now: datetime, *, frozen: bool, real: Callable[[], float] = time.time, speed: float = 1.0
    ) -> None:
        self._real = real
        self.speed = 0.0 if frozen else speed
        self.set(now)

    @property
    def frozen(self) -> bool:
        """Whether it stands still, except for one second at each accepted write."""
        return not self.speed

    def run(self, speed: float) -> None:
        """Run at a multiple of real time from now on; 0 stands still.

        Raises:
            ValueError: negative, or too fast.
        """
        if not 0 <= speed <= FASTEST:
            raise ValueError(f"speed must be between 0 and {FASTEST:.0f}")
        self.set(self.now())
        self.speed = speed

    def set(self, now: datetime) -> None:
        """Move to this time."""
        self._start = now
        self._started = self._real()

    def resume(self, then: datetime, real: float) -> None:
        """Continue from an earlier time.

        Args:
            then: the sandbox's time.
            real: the real time, in seconds, when it was that time.
        """
        self._start = then
        self._started = real

    def real(self) -> float:
        """Return the real time, in seconds."""
        return self._real()

    def now(self) -> datetime:
        """Return the sandbox's time, to the millisecond."""
        elapsed = max(0.0, self._real() - self._started) * self.speed
        moment = self._start + timedelta(seconds=elapsed)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Move forward by a number of seconds.

        Raises:
            ValueError: negative, more than ten years, or past the end of the century.
        """
        if not 0 <= seconds <= LONGEST_ADVANCE:
            raise ValueError(f"seconds must be between 0 and {LONGEST_ADVANCE:.0f}")
        if (self.now() + timedelta(seconds=seconds)).year not in YEARS:
            raise ValueError(f"the clock stops at the end of {YEARS[-1]}")
        self._start += timedelta(seconds=seconds)

    def next(self) -> datetime:
        """Return the time of the next write."""
        return self.now() + timedelta(seconds=1 if self.frozen else 0)

    def tick(self) -> None:
        """Note an accepted write: a frozen clock moves on by one second."""
        if self.frozen:
            self._start += timedelta(seconds=1)
