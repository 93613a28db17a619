"""Worker threads for reads, and interruptible waits; the status line shows one wait at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Final, Self

from incidentio_magic import errors
from incidentio_magic.api._processes import fork_safe_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

AT_ONCE: Final = 12
_CHECK: Final = 0.1  # seconds between checks of a waiting thread whether its work was cancelled

_WORTH_A_LINE: Final = 1.0  # seconds

_called_off: ContextVar[tuple[threading.Event, ...]] = ContextVar("called_off", default=())


def stop_if_called_off() -> None:
    """Stop this thread's work if its caller has cancelled it.

    Raises:
        Interrupted: If the caller has cancelled it.
    """
    if any(event.is_set() for event in _called_off.get()):
        raise errors.Interrupted("Cancelled; nothing was sent.")


class Delays:
    """The time that a read has lost to retries and slow responses, over all its pages and threads."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    def add(self, seconds: float) -> None:
        """Count a delay."""
        with self._lock:
            self.seconds += max(0.0, seconds)


_delays: ContextVar[Delays | None] = ContextVar("delays", default=None)


def delays_of_this_read() -> Delays:
    """Return the delays to which this thread's next request adds its own."""
    return _delays.get() or Delays()


@contextmanager
def counted_together(delays: Delays) -> Iterator[None]:
    """Add up the delays of this thread's requests and of the workers that it starts."""
    token = _delays.set(delays)
    try:
        yield
    finally:
        _delays.reset(token)


class Workers:
    """Threads that work for a caller. If the caller leaves or is interrupted, waiting threads stop and no others start.

    Args:
        count: The maximum number of threads.
    """

    def __init__(self, count: int = AT_ONCE) -> None:
        self._off = threading.Event()
        self._events = (*_called_off.get(), self._off)  # a worker's own workers stop with it
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="incidentio")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run `work` in a thread as soon as one is free."""
        context = copy_context()
        context.run(_called_off.set, self._events)
        return self._pool.submit(context.run, work, *arguments)

    def close(self) -> None:
        """Cancel all work, without waiting for responses in progress."""
        self._off.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


class Waits:
    """Interruptible waits; the status line shows one at a time. Short waits are shown once they add up to a second.

    Args:
        sleep: Waits for so many seconds; an interrupt ends it.
        announce: Called with a line when a wait begins, and with "" when no wait is left.
    """

    def __init__(self, sleep: Callable[[float], None], announce: Callable[[str], None]) -> None:
        self._sleep = sleep
        self._announce = announce
        self._lock = fork_safe_lock()
        self._lines: dict[int, str] = {}
        self._unannounced = 0.0  # seconds

    def wait(self, seconds: float, line: str = "") -> None:
        """Wait, and show `line` if this wait, or the sum of recent waits, is long enough.

        Raises:
            Interrupted: If this thread's work was cancelled.
        """
        with self._lock:
            self._unannounced += seconds
            if self._unannounced < _WORTH_A_LINE:
                line = ""
            else:
                self._unannounced = 0.0
        if line:
            self._tell(line)
        try:
            self._wait(seconds)
        finally:
            if line:
                self._tell("")

    def _wait(self, seconds: float) -> None:
        if not _called_off.get():
            self._sleep(seconds)
            return
        while seconds > 0:
            stop_if_called_off()
            self._sleep(min(_CHECK, seconds))
            seconds -= _CHECK
        stop_if_called_off()

    def _tell(self, line: str) -> None:
        with self._lock:
            self._lines.pop(threading.get_ident(), None)
            if line:
                self._lines[threading.get_ident()] = line
            self._announce(line or next(reversed(self._lines.values()), ""))
