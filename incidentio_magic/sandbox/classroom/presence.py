"""Presence of each key: when it was last seen, its last request and its last write."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

CONNECTED_WITHIN = 60.0
ACTIONS = {
    "POST /v2/incidents": "declared an incident",
    "POST /v2/incident_updates": "shared an update",
    "POST /v2/escalations": "paged",
    "POST /v2/escalations/{id}/actions/respond": "answered a page",
    "POST /v2/escalations/{id}/actions/cancel": "cancelled a page",
    "POST /v2/incidents/{id}/actions/edit": "edited an incident",
    "POST /v2/incident_timeline_items": "wrote to the timeline",
    "POST /v3/actions": "created an action",
    "POST /v3/follow_ups": "created a follow-up",
    "POST /sandbox/drills/{id}/dashboard": "ended an alarm",
}


@dataclass(frozen=True)
class Seen:
    """The presence of a key.

    Args:
        ago: seconds of real time since its last request.
        requests: the number of its requests since the start or the last reset.
        last: its last request's method and path.
        action: its last write, in words; empty if it has written nothing.
        acted_at: the time of that write, on the sandbox's clock.
    """

    ago: float
    requests: int
    last: str
    action: str = ""
    acted_at: datetime | None = None

    @property
    def connected(self) -> bool:
        """Whether it was seen within the last minute."""
        return self.ago <= CONNECTED_WITHIN


class Presence:
    """Remembers the keys that were used.

    Args:
        monotonic: returns the real time, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._seen: dict[str, Seen] = {}  # of which `ago` is the time of the last request

    def note(self, key: str, request: str) -> None:
        """Note a request of a key."""
        with self._lock:
            before = self._seen.get(key) or Seen(0.0, 0, "")
            self._seen[key] = replace(before, ago=self._monotonic(), requests=before.requests + 1, last=request)

    def note_action(self, key: str, operation: str, moment: datetime) -> None:
        """Note that a key has written something."""
        with self._lock:
            before = self._seen.get(key) or Seen(self._monotonic(), 0, "")
            self._seen[key] = replace(before, action=ACTIONS.get(operation, "wrote something"), acted_at=moment)

    def of(self, key: str) -> Seen | None:
        """Return the presence of a key; None if it was never used."""
        with self._lock:
            found = self._seen.get(key)
        return replace(found, ago=self._monotonic() - found.ago) if found else None

    def clear(self) -> None:
        """Forget all keys."""
        with self._lock:
            self._seen.clear()
