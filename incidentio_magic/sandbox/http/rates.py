"""Rate limits: token buckets that refill continuously."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW = 60.0


@dataclass
class Bucket:
    """One limit.

    Args:
        name: its name in a refusal.
        limit: the requests it holds when full, and the requests in each window.
        tokens: the requests left.
        filled: when `tokens` was last counted, in seconds.
        window: the seconds in which it fills.
    """

    name: str
    limit: int
    tokens: float
    filled: float
    window: float

    def fill(self, now: float) -> None:
        """Refill the bucket for the time that has passed."""
        self.tokens = min(float(self.limit), self.tokens + (now - self.filled) * self.limit / self.window)
        self.filled = now

    @property
    def retry_after(self) -> float:
        """Seconds until one request will succeed."""
        return max(0.0, (1 - self.tokens) * self.window / self.limit)

    @property
    def full_after(self) -> float:
        """Seconds until the bucket is full."""
        return (self.limit - self.tokens) * self.window / self.limit


@dataclass(frozen=True)
class Verdict:
    """The decision about a request, and the state of the limits after it.

    Args:
        allowed: whether the request is allowed.
        name: the binding limit's name.
        limit: the binding limit.
        remaining: whole requests left in it.
        retry_after: seconds until one request will succeed; 0 when it just did.
        full_after: seconds until it is full again.
        limits: every limit that counts the request.
        window: the seconds of each.
    """

    allowed: bool
    name: str
    limit: int
    remaining: int
    retry_after: float
    full_after: float
    limits: tuple[int, ...]
    window: float

    def headers(self, now: float) -> dict[str, str]:
        """Return the response's headers.

        Args:
            now: the sandbox's time, in unix seconds.
        """
        windows = ", ".join(f"{limit};window={self.window:.0f}" for limit in self.limits)
        headers = {
            "X-RateLimit-Limit": f"{self.limit}, {windows}",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.limit - self.remaining),
            "X-RateLimit-Reset": str(math.ceil(now + self.full_after)),
        }
        if not self.allowed:
            headers["Retry-After"] = str(self.wait)
        return headers

    @property
    def wait(self) -> int:
        """Whole seconds to wait before trying again, at least one."""
        return max(1, math.ceil(self.retry_after))


class Rates:
    """Counts requests.

    Args:
        rate: requests a window for each key.
        endpoints: the tighter limits of single endpoints, by method and path.
        monotonic: returns the real time, in seconds.
        window: seconds of a window.
    """

    def __init__(
        self,
        rate: int,
        endpoints: dict[str, tuple[str, int]],
        monotonic: Callable[[], float] = time.monotonic,
        window: float = WINDOW,
    ) -> None:
        self._rate = rate
        self._window = window
        self._endpoints = endpoints
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._lock = Lock()

    def clear(self) -> None:
        """Fill every bucket."""
        with self._lock:
            self._buckets.clear()

    def _bucket(self, key: str, name: str, limit: int, now: float) -> Bucket:
        bucket = self._buckets.setdefault((key, name), Bucket(name, limit, float(limit), now, self._window))
        bucket.fill(now)
        return bucket

    def take(self, key: str, endpoint: str) -> Verdict:
        """Count one request, unless a limit forbids it.

        Args:
            key: whose request.
            endpoint: its method and path, such as `GET /v2/incidents`.
        """
        with self._lock:
            now = self._monotonic()
            buckets = [self._bucket(key, "api_key", self._rate, now)]
            if endpoint in self._endpoints:
                buckets.append(self._bucket(key, *self._endpoints[endpoint], now))
            allowed = all(bucket.tokens >= 1 for bucket in buckets)
            binding = min(buckets, key=lambda bucket: bucket.tokens)
            if not allowed:
                binding = max(buckets, key=lambda bucket: bucket.retry_after)
            else:
                for bucket in buckets:
                    bucket.tokens -= 1
            return Verdict(
                allowed=allowed,
                name=binding.name,
                limit=binding.limit,
                remaining=int(binding.tokens),
                retry_after=0.0 if allowed else binding.retry_after,
                full_after=binding.full_after,
                limits=tuple(bucket.limit for bucket in buckets),
                window=self._window,
            )
