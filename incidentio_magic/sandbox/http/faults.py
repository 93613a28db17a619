"""Faults on demand: the sandbox's own seeded random numbers decide which requests fail."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KINDS = ("lose_answer", "drop", "status", "rate_limited", "slow", "malformed", "truncated")
STATUSES = (500, 502, 503, 504)
BODY_TYPES = ("too_many_requests", "rate_limit_reached")
LONGEST_WAIT = 600.0


@dataclass
class Fault:
    """A fault, which strikes matching requests.

    Args:
        kind: what goes wrong.
        endpoint: which requests: a path prefix or a glob, after a method or on its own.
        probability: the probability that a matching request fails.
        times: how often it strikes; None for no limit.
        status: the answer's status, when the kind is `status`.
        retry_after: the answer's Retry-After, in seconds; None for no such header.
        seconds: how long a slow answer takes.
        body_type: the answer's error type, when the kind is `rate_limited`.
    """

    kind: str
    endpoint: str = "*"
    probability: float = 1.0
    times: int | None = None
    status: int = 503
    retry_after: int | None = None
    seconds: float = 1.0
    body_type: str = "too_many_requests"

    def __post_init__(self) -> None:
        """Refuse impossible values.

        Raises:
            ValueError: a value is out of range.
            TypeError: a value has the wrong type.
        """
        if not isinstance(self.endpoint, str):
            raise TypeError("endpoint must be a string")
        for name in ("times", "status", "retry_after"):
            if not isinstance(getattr(self, name), int | None):
                raise TypeError(f"{name} must be a whole number")
        for name, choices in (("kind", KINDS), ("status", STATUSES), ("body_type", BODY_TYPES)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(map(str, choices))}")
        bounds = {"probability": 1.0, "seconds": LONGEST_WAIT, "retry_after": LONGEST_WAIT}
        for name, most in bounds.items():
            if not 0 <= (getattr(self, name) or 0) <= most:
                raise ValueError(f"{name} must be between 0 and {most:g}")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1")

    def concerns(self, method: str, path: str) -> bool:
        """Return whether this fault applies to a request."""
        wanted_method, _, pattern = self.endpoint.rpartition(" ")
        if wanted_method and wanted_method != method:
            return False
        if "*" in pattern:
            return fnmatchcase(path, pattern)
        # With a method, exactly that endpoint is meant; a bare path means everything below it too.
        return path == pattern if wanted_method else path.startswith(pattern)

    def document(self) -> dict[str, object]:
        """Return the fault as the admin route shows it."""
        return dict(vars(self))


class Faults:
    """The waiting faults, and the random numbers that decide whether they strike.

    Args:
        seed: the seed of the random numbers.
        waiting: the faults that wait already.
        keep: called with the waiting faults, as documents, whenever they change.
    """

    def __init__(
        self,
        seed: int,
        waiting: Iterable[Fault] = (),
        keep: Callable[[list[dict[str, object]]], None] = lambda _faults: None,
    ) -> None:
        self._seed = seed
        self._keep = keep
        self._lock = Lock()
        self._waiting = list(waiting)
        self._dice = Random(seed)  # noqa: S311  dice, not secrets

    def clear(self) -> None:
        """Remove every fault, and restart the random numbers."""
        with self._lock:
            waited, self._waiting = self._waiting, []
            self._dice = Random(self._seed)  # noqa: S311  dice, not secrets
        if waited:
            self._changed()

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._waiting.append(fault)
        self._changed()

    def remove(self, kind: str, endpoint: str | None) -> None:
        """Remove the faults of one kind, at one endpoint or at all."""
        with self._lock:
            self._waiting = [
                fault
                for fault in self._waiting
                if fault.kind != kind or (endpoint is not None and fault.endpoint != endpoint)
            ]
        self._changed()

    def waiting(self) -> list[Fault]:
        """Return the faults that still wait."""
        with self._lock:
            return list(self._waiting)

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request suffers, if any."""
        with self._lock:
            fault = next((fault for fault in self._waiting if self._strikes(fault, method, path)), None)
            if fault is None or fault.times is None:
                return fault
            fault.times -= 1
            if fault.times < 1:
                self._waiting.remove(fault)
        self._changed()
        return fault

    def _strikes(self, fault: Fault, method: str, path: str) -> bool:
        return fault.concerns(method, path) and self._dice.random() < fault.probability

    def _changed(self) -> None:
        """Persist the faults, outside the lock: `keep` takes the store's own lock."""
        self._keep([fault.document() for fault in self.waiting()])
