"""The progress of an export, with an estimate of the time left that takes the rate limit into account."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from incidentio_magic.api.wire import Allowance

_DOCUMENTED: Final = (60, 60.0)  # requests per seconds for listing incidents, until a response says otherwise
_MINUTE: Final = 60


def seconds_left(requests: int, allowance: Allowance, each: float) -> float:
    """Return the seconds that a number of requests will take.

    Args:
        requests: How many are left.
        allowance: The rate limit, as of the last response.
        each: The seconds that a request has taken so far, on average.
    """
    limit = next((limit for limit in allowance.limits if limit.requests == allowance.limit), None)
    count, window = (limit.requests, limit.window) if limit else _DOCUMENTED
    at_once = allowance.remaining if allowance.remaining is not None else 0
    return max(requests * each, (requests - at_once) * window / count, 0.0)


def about(seconds: float) -> str:
    """Return the time left as text."""
    if seconds < _MINUTE:
        return "less than a minute left"
    minutes = math.ceil(seconds / _MINUTE)
    return f"about {minutes} min left" if minutes < 2 * _MINUTE else f"about {round(minutes / _MINUTE)} h left"


class Progress:
    """A progress bar for one step.

    Args:
        what: The kind of records, such as "incidents".
        allowance: Returns the rate limit as of the last response.
        done: How many were read in an earlier run.
        shown: Whether the bar is shown.
        clock: A monotonic clock in seconds.
    """

    def __init__(
        self,
        what: str,
        allowance: Callable[[], Allowance],
        *,
        done: int = 0,
        shown: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._allowance = allowance
        self._done = done
        self._shown = shown
        self._clock = clock
        self._bar: Any = None
        self._begun = clock()
        self._pages = 0
        self.estimate = ""

    def __enter__(self) -> Self:
        if self._shown:
            from tqdm.auto import tqdm  # noqa: PLC0415  loads widgets in a notebook

            self._bar = tqdm(desc=self._what, initial=self._done, leave=False, bar_format="{desc}: {n_fmt}{postfix}")
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def page(self, records: int, size: int | None, total: int | None) -> None:
        """Note that a page was read.

        Args:
            records: How many records it had.
            size: The page size.
            total: The total number, if the service knows it.
        """
        self._done += records
        self._pages += 1
        if total is None:
            self.estimate = "total unknown"
        else:
            requests = math.ceil(max(0, total - self._done) / max(1, size or records or 1))
            left = seconds_left(requests, self._allowance(), (self._clock() - self._begun) / self._pages)
            self.estimate = about(left) if requests else "done"
        if self._bar is not None:
            if total is not None:
                self._bar.total = max(total, self._done)
                self._bar.bar_format = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"
            self._bar.set_postfix_str(self.estimate, refresh=False)
            self._bar.update(records)
            self._bar.refresh()
