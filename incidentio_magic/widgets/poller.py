"""The one thread of a kernel that keeps all its boards fresh."""

from __future__ import annotations

import atexit
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from random import random as _random
from typing import TYPE_CHECKING, Any, Final, Protocol

from incidentio_magic.errors import IncidentioError, RateLimited
from incidentio_magic.widgets.board_rows import Snapshot, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.widgets.board_reader import Reading
    from incidentio_magic.widgets.board_rows import Gone, Row

SHORTEST: Final = 30.0  # seconds between two reads of the same incidents
JITTER: Final = 0.2
# Below this part of the allowance, so many times slower.
_SLOWER: Final = ((0.1, 10), (0.25, 4), (0.5, 2))
_MOST_DOUBLINGS: Final = 2
_CLOSES_WITHIN: Final = 5.0


class Source(Protocol):
    """Where incidents are read."""

    def read(self, filters: Mapping[str, Any]) -> Reading:
        """Return the open incidents that fit."""

    def whereabouts(self, rows: Sequence[Row]) -> tuple[Gone, ...]:
        """Return where incidents went that no longer fit."""

    def forget(self, kept: set[str]) -> None:
        """Forget what is known of incidents that no board shows."""

    def now(self) -> datetime:
        """Return the service's present time."""

    def close(self) -> None:
        """Close the connection."""


class Watcher(Protocol):
    """Something that shows what was read."""

    def show(self, feed: Feed) -> None:
        """Show the present state; called from any thread."""

    def ended(self, reason: str) -> None:
        """Say that nothing more will come, and why; called from any thread."""


@dataclass
class Feed:
    """The incidents of one set of filters, shared by all boards that have it.

    Args:
        filters: The fields of `IncidentQuery`, by name.
        due: When it is to be read, on the poller's clock.
        snapshot: What the last successful read found.
        error: Why the last read failed; None if it did not.
        waiting: What a request in progress waits for; empty if it does not.
        next_at: When it will be read again, by the service's clock.
        slower: How many times slower than usual, because little of the allowance is left.
        failures: How many reads in a row have failed.
        tried: Set when it has been read, or could not be.
        watchers: All that show it.
    """

    filters: Mapping[str, Any]
    due: float
    snapshot: Snapshot | None = None
    error: IncidentioError | None = None
    waiting: str = ""
    next_at: datetime | None = None
    slower: int = 1
    failures: int = 0
    tried: threading.Event = field(default_factory=threading.Event)
    watchers: list[Watcher] = field(default_factory=list)


class _StoppedError(Exception):
    """The poller was stopped while a request waited."""


class Poller:
    """Reads what boards show, in one thread for all of them; the thread ends with the last board.

    Args:
        connect: Returns where to read, given what to call with a line when a wait begins, and how to wait.
        clock: Seconds from any start, never going back.
        random: Returns a number from 0 to 1.
        at_end: Called once when the poller stops.
    """

    def __init__(
        self,
        connect: Callable[[Callable[[str], None], Callable[[float], None]], Source],
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random,
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._random = random
        self._at_end = at_end
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._feeds: dict[str, Feed] = {}
        self._reading: Feed | None = None
        self._thread: threading.Thread | None = None
        self._source = connect(self._announce, self._sleep)

    @property
    def stopped(self) -> bool:
        """Whether it has stopped; it does not start again."""
        return self._stopping.is_set()

    @property
    def watchers(self) -> list[Watcher]:
        """All that are kept fresh."""
        with self._lock:
            return [watcher for feed in self._feeds.values() for watcher in feed.watchers]

    def watch(self, watcher: Watcher, filters: Mapping[str, Any]) -> Feed:
        """Keep `watcher` fresh from now on and return its feed, which others with the same filters share.

        Args:
            watcher: Shows what is read.
            filters: The fields of `IncidentQuery`, by name.
        """
        key = json.dumps(filters, sort_keys=True)
        with self._lock:
            feed = self._feeds.setdefault(key, Feed(filters, due=self._clock()))
            feed.watchers.append(watcher)
        self._wake.set()
        return feed

    def leave(self, watcher: Watcher) -> None:
        """Keep `watcher` fresh no longer; without any other the poller stops."""
        with self._lock:
            for key, feed in list(self._feeds.items()):
                if watcher in feed.watchers:
                    feed.watchers.remove(watcher)
                if not feed.watchers:
                    del self._feeds[key]
            left = bool(self._feeds)
        if not left:
            self.stop()

    def refresh(self, feed: Feed) -> None:
        """Read a feed now; not earlier than a rate limit allows."""
        if isinstance(feed.error, RateLimited):
            return
        feed.due = self._clock()
        self._wake.set()

    def start(self) -> None:
        """Start the thread, unless it runs."""
        if self._thread is None:
            atexit.register(self.close)
            self._thread = threading.Thread(target=self._run, name="incidentio-board", daemon=True)
            self._thread.start()

    def stop(self, reason: str = "") -> None:
        """Stop without waiting for a request in progress, whose answer is thrown away.

        Args:
            reason: What boards say.
        """
        with self._lock:
            if self._stopping.is_set():
                return
            self._stopping.set()
        watchers = self.watchers
        with self._lock:
            self._feeds.clear()
        self._wake.set()
        atexit.unregister(self.close)
        self._at_end()
        for watcher in watchers:
            watcher.ended(reason)
        if self._thread is None:
            self._source.close()

    def close(self, reason: str = "") -> None:
        """Stop and wait for the thread to end.

        Args:
            reason: What boards say.
        """
        self.stop(reason)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_CLOSES_WITHIN)

    def turn(self) -> float:
        """Read every feed that is due and return the seconds until the next one is."""
        with self._lock:
            feeds = list(self._feeds.values())
        for feed in feeds:
            if feed.due <= self._clock() and not self.stopped:
                self._read(feed)
        with self._lock:
            dues = [feed.due for feed in self._feeds.values()]
        return max(0.0, min(dues, default=self._clock() + SHORTEST) - self._clock())

    def _run(self) -> None:
        try:
            while not self.stopped:
                seconds = self.turn()
                self._wake.wait(seconds)
                self._wake.clear()
        except _StoppedError:
            pass
        except Exception as error:
            self.stop(f"A bug stopped it: {type(error).__name__}.")
            raise
        finally:
            self._source.close()

    def _read(self, feed: Feed) -> None:
        self._reading = feed
        try:
            reading = self._source.read(feed.filters)
        except IncidentioError as error:
            feed.error = error
            feed.failures += 1
        else:
            feed.slower = next((times for part, times in _SLOWER if reading.left < part), 1)
            found, left = ({}, ()) if feed.snapshot is None else changes(feed.snapshot.rows, reading.rows)
            gone = self._source.whereabouts(left)
            at = self._source.now()
            feed.snapshot = Snapshot(reading.rows, reading.severities, at, reading.incomplete, found, gone)
            feed.error = None
            feed.failures = 0
        finally:
            self._reading = None
        pause = self._pause(feed)
        feed.due = self._clock() + pause
        feed.next_at = self._source.now() + timedelta(seconds=pause)
        if not self.stopped:
            self._forget()
            self._show(feed)
        feed.tried.set()

    def _pause(self, feed: Feed) -> float:
        """Return the seconds until a feed is read again."""
        usual = SHORTEST * (1 + JITTER * self._random())
        pause = usual * feed.slower * (1 << min(max(0, feed.failures - 1), _MOST_DOUBLINGS))
        if isinstance(feed.error, RateLimited):
            pause = max(pause * 2, (feed.error.retry_after or 0.0) + usual)
        return pause

    def _forget(self) -> None:
        with self._lock:
            snapshots = [feed.snapshot for feed in self._feeds.values() if feed.snapshot]
        self._source.forget({row.incident.id for snapshot in snapshots for row in snapshot.rows})

    def _show(self, feed: Feed) -> None:
        with self._lock:
            watchers = list(feed.watchers)
        for watcher in watchers:
            watcher.show(feed)

    def _announce(self, line: str) -> None:
        feed = self._reading
        if feed is not None and not self.stopped:
            feed.waiting = line
            self._show(feed)

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _StoppedError
