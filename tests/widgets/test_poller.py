"""The poller: one for all boards, its pace, and how it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from incidentio_magic.errors import ConnectionFailed, RateLimited
from incidentio_magic.widgets.poller import Poller

OPEN = {"open": True}
MAJOR = {"open": True, "severity": "Major"}


class Watcher:
    """Remembers what it was shown."""

    def __init__(self):
        self.shown = 0
        self.reason = None

    def show(self, _feed):
        """Count."""
        self.shown += 1

    def ended(self, reason):
        """Remember why."""
        self.reason = reason


def threads():
    """Return the pollers' threads."""
    return [thread for thread in threading.enumerate() if thread.name == "incidentio-board"]


def gone(thread):
    """Return whether a thread ends soon."""
    thread.join(5)
    return not thread.is_alive()


def test_one_read_serves_all_boards_with_the_same_filters(poller, service):
    """Three boards, two sets of filters: two reads a round, whatever the order of the filters, shown by every board."""
    watchers = [Watcher() for _number in range(3)]
    first = poller.watch(watchers[0], MAJOR)
    assert poller.watch(watchers[1], dict(reversed(MAJOR.items()))) is first
    poller.watch(watchers[2], OPEN)
    poller.read_due()
    assert [filters for _at, filters in service.asked] == [MAJOR, OPEN]
    assert [watcher.shown for watcher in watchers] == [2, 2, 2]  # the rows, then who is on call


def test_reads_are_thirty_seconds_apart_with_jitter(service, clock):
    """The pause lies between 30 and 36 seconds, and nothing is read before it is over."""
    for random, seconds in ((0.0, 30.0), (0.5, 33.0), (1.0, 36.0)):
        poller = Poller(lambda _announce, _sleep: service, clock=clock, random=lambda number=random: number)
        poller.watch(Watcher(), OPEN)
        before = len(service.asked)
        assert poller.read_due() == pytest.approx(seconds)
        clock.seconds += 29.9
        poller.read_due()
        assert len(service.asked) == before + 1
        clock.seconds += seconds
        poller.read_due()
        assert len(service.asked) == before + 2
        poller.close()


@pytest.mark.parametrize(("left", "times"), [(1.0, 1), (0.49, 2), (0.24, 4), (0.09, 10), (0.0, 10)])
def test_slower_when_the_allowance_runs_low(poller, service, left, times):
    """The less of the allowance is left, the slower."""
    service.left = left
    feed = poller.watch(Watcher(), OPEN)
    assert poller.read_due() == pytest.approx(33.0 * times)
    assert feed.slower == times


def test_slower_after_errors_and_quick_again(poller, service, clock):
    """Errors double the pause, four times at most; a success ends that."""
    feed = poller.watch(Watcher(), OPEN)
    service.error = ConnectionFailed("No connection.")
    pauses = []
    for _round in range(5):
        pauses.append(poller.read_due())
        clock.seconds = feed.due
    assert pauses == pytest.approx([33.0, 66.0, 132.0, 132.0, 132.0])
    service.error = None
    assert poller.read_due() == pytest.approx(33.0)
    assert feed.error is None


def test_a_rate_limit_is_kept(poller, service):
    """After a 429 nothing is read before the service allows it, not even when asked to."""
    service.error = RateLimited("Too many.", status=429, retry_after=100)
    feed = poller.watch(Watcher(), OPEN)
    assert poller.read_due() == pytest.approx(133.0)
    poller.refresh(feed)
    assert poller.read_due() == pytest.approx(133.0)
    assert len(service.asked) == 1


def test_refresh_reads_now(poller, service):
    """A refresh does not wait for the pause to be over."""
    feed = poller.watch(Watcher(), OPEN)
    poller.read_due()
    poller.refresh(feed)
    poller.read_due()
    assert len(service.asked) == 2


def test_a_refresh_during_a_read_is_kept(poller, service, monkeypatch):
    """What is written while the board reads is shown by a read that begins afterwards."""
    feed = poller.watch(Watcher(), OPEN)
    read = service.read

    def reading(filters):
        if not service.asked:
            poller.refresh(feed)
        return read(filters)

    monkeypatch.setattr(service, "read", reading)
    assert poller.read_due() == 0
    assert poller.read_due() == pytest.approx(33.0)
    assert len(service.asked) == 2


def test_it_stops_with_its_last_board(poller, service):
    """It goes on while one board is left, and closes its connection with the last."""
    first, second = Watcher(), Watcher()
    poller.watch(first, OPEN)
    poller.watch(second, MAJOR)
    poller.leave(first)
    assert not poller.stopped
    poller.leave(second)
    assert poller.stopped
    assert service.closed == 1


def test_stopping_tells_the_boards_once(service, clock):
    """All boards hear why, `at_end` is called once, and what was read meanwhile is thrown away."""
    ended = []
    poller = Poller(lambda _announce, _sleep: service, clock=clock, at_end=lambda: ended.append(1))
    watcher = Watcher()
    poller.watch(watcher, OPEN)
    poller.stop("The reason.")
    poller.stop("Another.")
    poller.read_due()
    assert (watcher.reason, watcher.shown, ended, service.asked) == ("The reason.", 0, [1], [])


def test_the_thread_reads_and_leaves(service):
    """The thread reads at once, on refresh, and is gone after close."""
    poller = Poller(lambda _announce, _sleep: service)
    feed = poller.watch(Watcher(), OPEN)
    poller.start()
    poller.start()
    (thread,) = threads()
    assert thread.daemon
    assert feed.tried.wait(5)
    poller.refresh(feed)
    end = time.monotonic() + 5
    while len(service.asked) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert len(service.asked) == 2
    poller.close()
    assert not threads()
    assert service.closed == 1


def test_a_wait_inside_a_request_ends_with_the_poller(service):
    """A request that waits for a rate limit says so on its boards, and does not hold the thread after a stop."""
    waits = []
    begun = threading.Event()

    def connect_to(announce, sleep):
        def read(_filters):
            announce("waiting 100 s")
            begun.set()
            sleep(100)

        waits.append((announce, sleep))
        service.read = read
        return service

    poller = Poller(connect_to)
    watcher = Watcher()
    feed = poller.watch(watcher, OPEN)
    poller.start()
    assert begun.wait(5)
    assert feed.waiting == "waiting 100 s"
    assert watcher.shown == 1
    (thread,) = threads()
    poller.stop()
    assert gone(thread)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_ends_it_and_is_told(service):
    """What is no error of this project ends the thread, keeps its traceback, and the boards say so."""
    service.error = ZeroDivisionError("a bug")
    poller = Poller(lambda _announce, _sleep: service)
    watcher = Watcher()
    poller.watch(watcher, OPEN)
    poller.start()
    end = time.monotonic() + 5
    while not poller.stopped and time.monotonic() < end:
        time.sleep(0.01)
    poller.close()
    assert watcher.reason == "A bug stopped it: ZeroDivisionError."
    assert not threads()


@pytest.mark.slow
def test_the_end_of_the_process_stops_it():
    """A process that ends with a poller running ends at once and without a word."""
    program = (
        "from incidentio_magic.widgets.poller import Poller\n"
        "class Source:\n"
        "    def read(self, filters):\n"
        "        from incidentio_magic.errors import ConnectionFailed\n"
        "        raise ConnectionFailed('none')\n"
        "    def forget(self, kept): pass\n"
        "    def now(self): import datetime; return datetime.datetime.now(datetime.timezone.utc)\n"
        "    def close(self): __import__('sys').stdout.write('closed\\n')\n"
        "class Watcher:\n"
        "    def show(self, feed): pass\n"
        "    def ended(self, reason): __import__('sys').stdout.write('ended\\n')\n"
        "poller = Poller(lambda announce, sleep: Source())\n"
        "poller.watch(Watcher(), {})\n"
        "poller.start()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr, sorted(done.stdout.split())) == (0, "", ["closed", "ended"])
