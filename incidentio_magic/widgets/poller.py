"""Refreshes all boards of a kernel from one thread."""

from __future__ import annotations

import atexit
import json
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import random as _random
from typing import TYPE_CHECKING, Any, Final, Protocol

from incidentio_magic.errors import IncidentioError, RateLimited
from incidentio_magic.widgets.board_rows import MOST_ROWS, Gone, Snapshot, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.widgets.board_on_call import OnCall
    from incidentio_magic.widgets.board_reader import Reading
    from incidentio_magic.widgets.board_rows import Row

SHORTEST: Final = 30.0  # seconds between two reads of the same incidents
JITTER: Final = 0.2
# (remaining part of the allowance, factor): below this part, refreshes are this many times slower.
_SLOWER: Final = ((0.1, 10), (0.25, 4), (0.5, 2))
_MOST_DOUBLINGS: Final = 2
_CLOSES_WITHIN: Final = 5.0


class Source(Protocol):
    """Reads incidents."""

    def read(self, filters: Mapping[str, Any]) -> Reading:
        """List the incidents that match."""

    def complete(self, rows: Sequence[Row]) -> tuple[dict[str, Row], IncidentioError | None]:
        """Read the last updates of rows that lack them."""

    def whereabouts(self, rows: Sequence[Row]) -> tuple[Gone, ...]:
        """Return why incidents are no longer listed."""

    def on_call(self, rows: Sequence[Row]) -> OnCall:
        """Read who is on call, and which pages about the incidents of rows are open."""

    def forget(self, kept: set[str]) -> None:
        """Forget the incidents that no board lists."""

    def now(self) -> datetime:
        """Return the service's current time."""

    def close(self) -> None:
        """Close the connection."""


class Watcher(Protocol):
    """Shows a feed."""

    def show(self, feed: Feed) -> None:
        """Show the current state; called from any thread."""

    def ended(self, reason: str) -> None:
        """Say that refreshing has ended, and why; called from any thread."""


@dataclass
class Feed:
    """The incidents of one set of filters, shared by all boards with these filters.

    Args:
        filters: The fields of `IncidentQuery`, by name.
        due: When it is read next, in seconds on the poller's clock.
        snapshot: The result of the last successful read of the list.
        error: Why the last read failed; None if it succeeded.
        listed: Whether the last read listed the incidents, so that an error concerns only details of rows.
        waiting: Why a request in progress waits; empty if it does not.
        next_at: When it is read next, by the service's clock.
        slower: The factor by which refreshes are slower, because little of the request allowance is left.
        failures: The number of failed reads in a row.
        again: Whether a refresh was requested since the last read began.
        tried: Set once the list was read or a read failed.
        watchers: The boards that show it.
    """

    filters: Mapping[str, Any]
    due: float
    snapshot: Snapshot | None = None
    error: IncidentioError | None = None
    listed: bool = False
    waiting: str = ""
    next_at: datetime | None = None
    slower: int = 1
    failures: int = 0
    again: bool = False
    tried: threading.Event = field(default_factory=threading.Event)
    watchers: list[Watcher] = field(default_factory=list)


class _StoppedError(Exception):
    """The poller stopped while a request waited."""


class Poller:
    """Refreshes boards from one thread, which ends with the last board.

    Args:
        connect: Returns the source, given a callback for messages about waits and a function that sleeps.
        clock: A monotonic clock in seconds.
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
        """Whether the poller has stopped; a stopped poller does not start again."""
        return self._stopping.is_set()

    @property
    def watchers(self) -> list[Watcher]:
        """The boards that are refreshed."""
        with self._lock:
            return [watcher for feed in self._feeds.values() for watcher in feed.watchers]

    def watch(self, watcher: Watcher, filters: Mapping[str, Any]) -> Feed:
        """Refresh `watcher` from now on, and return its feed; boards with the same filters share a feed.

        Args:
            watcher: The board.
            filters: The fields of `IncidentQuery`, by name.
        """
        key = json.dumps(filters, sort_keys=True)
        with self._lock:
            feed = self._feeds.setdefault(key, Feed(filters, due=self._clock()))
            feed.watchers.append(watcher)
        self._wake.set()
        return feed

    def leave(self, watcher: Watcher) -> None:
        """Stop refreshing `watcher`; the poller stops with the last one."""
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
        """Read a feed now, unless a rate limit forbids it."""
        if isinstance(feed.error, RateLimited):
            return
        feed.due, feed.again = self._clock(), True
        self._wake.set()

    def start(self) -> None:
        """Start the thread, if it is not running."""
        if self._thread is None:
            atexit.register(self.close)
            self._thread = threading.Thread(target=self._run, name="incidentio-board", daemon=True)
            self._thread.start()

    def stop(self, reason: str = "") -> None:
        """Stop without waiting for a request in progress; its response is discarded.

        Args:
            reason: Why, as the boards show it.
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
            reason: Why, as the boards show it.
        """
        self.stop(reason)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_CLOSES_WITHIN)

    def read_due(self) -> float:
        """Read every feed that is due, and return the seconds until the next one is."""
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
                seconds = self.read_due()
                self._wake.wait(seconds)
                self._wake.clear()
        except _StoppedError:
            pass
        except Exception as error:
            if isinstance(error, RuntimeError) and "shutdown" in str(error):
                return  # the process ends, so Python starts no more threads
            self.stop(f"A bug stopped it: {type(error).__name__}.")
            raise
        finally:
            self._source.close()

    def _read(self, feed: Feed) -> None:
        self._reading, feed.again = feed, False
        before, feed.listed = feed.snapshot, False
        try:
            reading = self._source.read(feed.filters)
            feed.slower = next((times for part, times in _SLOWER if reading.left < part), 1)
            found, missing = ({}, ()) if before is None else changes(before.rows, reading.rows)
            gone = tuple(Gone(row) for row in missing)
            at = self._source.now()
            snapshot = Snapshot(
                reading.rows,
                reading.severities,
                at,
                reading.incomplete,
                found,
                gone,
                reading.training,
                before.on_call if before is not None else None,
                reading.own_only,
            )
            feed.listed, feed.error, feed.waiting = True, None, ""
            feed.snapshot = snapshot
            self._show_part(feed)
            if missing or any(row.last_update is None for row in reading.rows[:MOST_ROWS]):
                feed.error = self._read_details(feed, snapshot)
                self._show_part(feed)
            feed.snapshot = replace(feed.snapshot, on_call=self._source.on_call(reading.rows[:MOST_ROWS]))
        except IncidentioError as error:
            feed.error = error
        finally:
            self._reading = None
            feed.waiting = ""
        feed.failures = 0 if feed.error is None else feed.failures + 1
        pause = self._pause(feed)
        if feed.again and not isinstance(feed.error, RateLimited):  # requested during this read
            pause = 0.0
        feed.due = self._clock() + pause
        feed.next_at = self._source.now() + timedelta(seconds=pause)
        if not self.stopped:
            self._forget()
            self._show(feed)
        feed.tried.set()

    def _show_part(self, feed: Feed) -> None:
        """Show what has been read so far; no row waits for later reads."""
        feed.next_at = None
        if not self.stopped:
            self._show(feed)
        feed.tried.set()

    def _read_details(self, feed: Feed, snapshot: Snapshot) -> IncidentioError | None:
        """Complete the rows that are shown; return the first error if some could not be completed."""
        completed, error = self._source.complete(snapshot.rows[:MOST_ROWS])
        gone = self._source.whereabouts([gone.row for gone in snapshot.gone])
        rows = tuple(completed.get(row.incident.id, row) for row in snapshot.rows)
        feed.snapshot = replace(snapshot, rows=rows, gone=gone)
        return error

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
