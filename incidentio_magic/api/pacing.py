"""Token buckets, one per class of endpoints, shared by a connection's threads and corrected by rate-limit headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic.api._processes import fork_safe_lock
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, LONGEST_RATE_WAIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.wire import Allowance


_SPARE: Final = 1 / 40  # the share of a full bucket that is left to other users of the same key
_LEAST_SPARE: Final = 3
_LEAST_SHARE: Final = 1 / 32
_GROWTH: Final = 1.25  # the change of the share with each response


class Bucket:
    """A bucket of `capacity` requests that refills continuously.

    Others use the same bucket: other kernels with the same key, and other keys of the organisation. So this side leaves
    the last few requests, and sends more slowly the fewer requests remain by the service's count. If every client does
    so, their rates add up to the refill, and the service refuses almost nothing.

    Args:
        capacity: Requests that may be made at once.
        refill: Requests that are added per second.
        now: The current time in seconds, from an arbitrary start.
    """

    def __init__(self, capacity: float, refill: float, now: float) -> None:
        self.capacity = capacity
        self.refill = refill
        self._tokens = capacity
        self._at = now
        self._share = 1.0  # the share of the refill that this side takes
        self._unanswered = 0

    def take(self, now: float) -> float:
        """Take one request and return the seconds to wait before making it."""
        self._fill(now)
        self._tokens -= 1
        self._unanswered += 1
        return max(0.0, -self._tokens / self._pace)

    def answered(self) -> None:
        """Note that a taken request has ended."""
        self._unanswered = max(0, self._unanswered - 1)

    def give_back(self) -> None:
        """Return a taken request that was not sent."""
        self.answered()
        self._tokens += 1

    def left(self, now: float) -> int:
        """Return how many requests may be sent without a wait."""
        self._fill(now)
        return max(0, int(self._tokens))

    def correct(self, now: float, remaining: float, limit: float | None = None, window: float | None = None) -> None:
        """Adopt the service's count of remaining requests, and its limit if that changed."""
        self._fill(now)
        self.resize(limit, window)
        spare = min(max(_LEAST_SPARE, self.capacity * _SPARE), self.capacity / 2)
        self._share = min(1.0, self._share * _GROWTH, (remaining + 1) / (spare + 1))
        left = min(self.capacity, max(0.0, remaining - spare)) - self._unanswered
        # Responses may arrive in a different order from the one in which the service counted their requests.
        self._tokens = min(self._tokens, left) if self._unanswered else left

    def resize(self, limit: float | None, window: float | None) -> None:
        """Adopt the service's limit and window; with any window, a request becomes available within a minute."""
        if limit:
            self.capacity = limit
            if window:
                self.refill = max(limit / window, 1 / LONGEST_RATE_WAIT)

    def empty_for(self, now: float, seconds: float) -> None:
        """Delay the next request by the `seconds` of a 429, at most by a minute; by then the bucket is full."""
        self._fill(now)
        due = max(min(seconds, LONGEST_RATE_WAIT), (1 - self._tokens) / self._pace)
        self._share = max(_LEAST_SHARE, self._share / 2)
        self._tokens = 1 - due * self._pace

    @property
    def _pace(self) -> float:
        return self.refill * self._share

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.capacity, self._tokens + (now - self._at) * self._pace)
            self._at = now


class Pacing:
    """The rate limits of an API key.

    The initial values are those documented (for every key a burst of 1,200 requests and 20 per second; 60 per minute
    for listing incidents and for creating escalations). The `X-RateLimit-*` headers of each response correct them.

    Args:
        clock: A monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = fork_safe_lock()
        now = clock()
        self._buckets = {
            EVERYTHING: Bucket(1200, 20, now),
            LIST_INCIDENTS: Bucket(60, 1, now),
            CREATE_ESCALATION: Bucket(60, 1, now),
        }

    def reserve(self, rate: str) -> float:
        """Take one request of the class `rate` and return the seconds to wait before making it."""
        with self._lock:
            now = self._clock()
            return max(bucket.take(now) for bucket in self._of(rate))

    def give_back(self, rate: str) -> None:
        """Return a reserved request that was not sent."""
        with self._lock:
            for bucket in self._of(rate):
                bucket.give_back()

    def answered(self, rate: str) -> None:
        """Note that a reserved request was sent and has ended, with or without a response."""
        with self._lock:
            for bucket in self._of(rate):
                bucket.answered()

    def left(self, rate: str) -> int:
        """Return how many requests of the class `rate` may be sent without a wait."""
        with self._lock:
            return min(bucket.left(self._clock()) for bucket in self._of(rate))

    def learn(self, rate: str, allowance: Allowance) -> None:
        """Correct the buckets by a response's rate-limit headers."""
        if allowance.remaining is None:
            return
        with self._lock:
            own = self._of(rate)[0]
            common = self._buckets[EVERYTHING]
            windows = {limit.requests: limit.window for limit in allowance.limits}
            limit = allowance.limit or None
            window = windows.get(limit) if limit is not None else None
            is_common = own is not common and allowance.limit == common.capacity
            if is_common:
                # The first limit of the header is the binding one. Its figures belong to the common bucket, and the
                # other listed limit to the class's own bucket; if no other is listed, both are equal.
                common.correct(self._clock(), allowance.remaining, limit, window)
                others = {requests: seconds for requests, seconds in windows.items() if requests != limit}
                if others:
                    own.resize(*min(others.items()))
                    return
            own.correct(self._clock(), allowance.remaining, limit, window)

    def refused(self, rate: str, seconds: float) -> None:
        """Delay the class `rate` by the `seconds` of a 429."""
        with self._lock:
            self._of(rate)[0].empty_for(self._clock(), seconds)

    def _of(self, rate: str) -> list[Bucket]:
        """Return the buckets that a request of this class uses, the class's own first."""
        common = self._buckets[EVERYTHING]
        own = self._buckets.get(rate, common)
        return [own] if own is common else [own, common]
