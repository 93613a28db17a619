"""Bounds of the service's time, derived from its responses."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.api._processes import fork_safe_lock

if TYPE_CHECKING:
    from collections.abc import Callable

_DRIFT: Final = 1e-4  # seconds per second by which two clocks may drift apart
_AGREE: Final = 0.5  # seconds within which the clocks of a service's machines agree


def steady_seconds() -> float:
    """Return monotonic seconds from an arbitrary start, including the time while the machine sleeps.

    `time.monotonic` stops while a laptop sleeps, so an event before the sleep would seem to have just happened.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class ServiceClock:
    """Bounds of the service's clock, narrowed by each response's `Date`, which counts whole seconds.

    Args:
        clock: A monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = fork_safe_lock()
        self._heard_at = 0.0
        self._least = float("-inf")  # the service's Unix time minus this machine's seconds
        self._most = float("inf")

    def heard(self, date: datetime, sent: float) -> None:
        """Narrow the bounds by a response.

        Args:
            date: Its `Date` header.
            sent: When its request was sent, by this machine's clock.
        """
        with self._lock:
            now = self._clock()
            drift = (now - self._heard_at) * _DRIFT
            least, most = date.timestamp() - now, date.timestamp() + 1 - sent
            self._least = max(least, self._least - drift)
            self._most = min(most, self._most + drift)
            if self._least > self._most:  # one of the clocks was set, or has stopped
                self._least, self._most = least, most
            self._heard_at = now

    def earliest(self, ago: float) -> datetime | None:
        """Return the lower bound of the service's time a number of seconds ago; None before the first response."""
        with self._lock:
            if self._least == float("-inf"):
                return None
            unix = self._clock() - ago + self._least - (self._clock() - self._heard_at) * _DRIFT
        return datetime.fromtimestamp(unix, UTC) - timedelta(seconds=_AGREE)
