"""Who is connected: when each key was last seen, and how much it has asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTED_WITHIN = 60.0


@dataclass(frozen=True)
class Seen:
    """What is known of a key.

    Args:
        ago: seconds of real time since its last request.
        requests: how many it has made since the start or the last reset.
        last: its last request's method and path.
    """

    ago: float
    requests: int
    last: str

    @property
    def connected(self) -> bool:
        """Whether it was seen lately."""
        return self.ago <= CONNECTED_WITHIN


class Presence:
    """Remembers the keys that were used.

    Args:
        monotonic: returns the real time, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._seen: dict[str, tuple[float, int, str]] = {}

    def note(self, key: str, request: str) -> None:
        """Note a request of a key."""
        with self._lock:
            _, count, _ = self._seen.get(key, (0.0, 0, ""))
            self._seen[key] = (self._monotonic(), count + 1, request)

    def of(self, key: str) -> Seen | None:
        """Return what is known of a key; None if it was never used."""
        with self._lock:
            found = self._seen.get(key)
        return Seen(self._monotonic() - found[0], found[1], found[2]) if found else None

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._seen.clear()
