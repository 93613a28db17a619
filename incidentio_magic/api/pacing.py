"""Token buckets, one per class of endpoints, shared by a connection's threads and corrected by rate-limit headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic.api._processes import fork_safe_lock
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, LONGEST_RATE_WAIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.wire import Allowance


_SPARE: Final = 1 / 40  # of a full bucket, left to others who use the same key
_LEAST_SPARE: Final = 3
_LEAST_SHARE: Final = 1 / 32
_GROWTH: Final = 1.25  # of the share, with each answer


class Bucket:
    """A bucket of `capacity` requests that refills continuously.

    Others use the same bucket: other kernels with the same key, other keys of the organisation. So the last few
    requests are left in it, and the fewer remain by the service's count, the slower this side sends. If everybody does
    so, their rates add up to the refill, and the service refuses almost nobody.

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
        self._share = 1.0  # of the refill, taken by this side
        self._unanswered = 0

    def take(self, now: float) -> float:
        """Take one request and return the seconds to wait before making it."""
        self._fill(now)
        self._tokens -= 1
        self._unanswered += 1
        return max(0.0, -self._tokens / self._pace)

    def answered(self) -> None:
        """Note that a taken request is over."""
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
        """Take over the service's count of what is left, and its limit if that has changed."""
        self._fill(now)
        self.resize(limit, window)
        spare = min(max(_LEAST_SPARE, self.capacity * _SPARE), self.capacity / 2)
        self._share = min(1.0, self._share * _GROWTH, (remaining + 1) / (spare + 1))
        left = min(self.capacity, max(0.0, remaining - spare)) - self._unanswered
        # While requests are on their way, their answers may come in another order than they were counted in.
        self._tokens = min(self._tokens, left) if self._unanswered else left

    def resize(self, limit: float | None, window: float | None) -> None:
        """Take over the service's limit and window; with no window does a request take longer than a minute."""
        if limit:
            self.capacity = limit
            if window:
                self.refill = max(limit / window, 1 / LONGEST_RATE_WAIT)

    def empty_for(self, now: float, seconds: float) -> None:
        """Make the next request due in `seconds`, as a 429 asked, but in a minute at most, when the bucket is full."""
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
        """Note that a reserved request was sent and is over, with or without a response."""
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
                # The first limit of the header is the one that binds. Its figures are the common bucket's, and the
                # other limit that is listed is the class's own; where none is, both are equal.
                common.correct(self._clock(), allowance.remaining, limit, window)
                others = {requests: seconds for requests, seconds in windows.items() if requests != limit}
                if others:
                    own.resize(*min(others.items()))
                    return
            own.correct(self._clock(), allowance.remaining, limit, window)

    def refused(self, rate: str, seconds: float) -> None:
        """Hold the class `rate` back for `seconds`, as a 429 asked."""
        with self._lock:
            self._of(rate)[0].empty_for(self._clock(), seconds)

    def _of(self, rate: str) -> list[Bucket]:
        """Return the buckets that a request of this class uses, its own first."""
        common = self._buckets[EVERYTHING]
        own = self._buckets.get(rate, common)
        return [own] if own is common else [own, common]
