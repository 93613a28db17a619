"""Waits before a retry until an earlier request, whose response was lost, must have ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.writes import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SETTLED_AFTER: Final = 60.0
"""Seconds after which a request without a response has either been carried out or never will be."""

_WAITS: Final = "incident.io: waiting until an earlier attempt, whose response was lost, must have ended"


class Settling:
    """Determines which requests may still be in progress, from the ledger and from this process.

    Args:
        max_wait: The maximum number of seconds to wait.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds.
        announce: Called with a line when a wait begins, and with "" when it is over.
    """

    def __init__(
        self,
        max_wait: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        announce: Callable[[str], None],
    ) -> None:
        self._max_wait = max_wait
        self._clock = clock
        self._sleep = sleep
        self._announce = announce
        self._lost: dict[str, float] = {}  # monotonic time of a lost response, by intent

    def lost(self, intent: str) -> None:
        """Note that the response to a request of this intent was lost just now."""
        self._lost[intent] = self._clock()

    def found(self, intent: str) -> None:
        """Note that the outcome of this intent's last request is known."""
        self._lost.pop(intent, None)

    def wait(self, intent: str, past: Sequence[ledger.Entry], happened: str) -> bool:
        """Wait until no request of an intent can be in progress; return whether one may have been.

        Args:
            intent: The intent.
            past: How earlier writes of the intent ended, oldest first.
            happened: The action of the request, for the message.

        Raises:
            OutcomeUnknown: If the wait would be too long for one command. Nothing was sent.
        """
        known = max((place for place, entry in enumerate(past) if entry.result), default=-1)
        attempts = [entry for entry in past[known + 1 :] if entry.outcome == ledger.UNKNOWN]
        remaining = max((_remaining(entry.at) for entry in attempts), default=0.0)
        if intent in self._lost:
            remaining = max(remaining, self._lost[intent] + SETTLED_AFTER - self._clock())
        if remaining > self._max_wait:
            raise errors.OutcomeUnknown(
                f"It is not known yet whether {happened}; nothing was sent.",
                hint=f"run this again in {remaining:.0f} s: it checks first, and adds nothing twice",
                retryable=True,
            )
        if remaining > 0:
            self._announce(_WAITS)
            try:
                self._sleep(remaining)
            finally:
                self._announce("")
        self.found(intent)
        return bool(attempts)


def _remaining(at: str) -> float:
    """Return for how many more seconds a request may be in progress, from when it began by this machine's clock."""
    try:
        ago = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()
    except (ValueError, TypeError):
        return SETTLED_AFTER
    # A time in the future means that the clock was set back, so the age is unknown.
    return max(0.0, SETTLED_AFTER - ago) if ago >= 0 else SETTLED_AFTER
