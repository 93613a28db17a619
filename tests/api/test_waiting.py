"""Waits are told one at a time whoever waits, and end when the caller that the threads work for leaves."""

from __future__ import annotations

import threading

import pytest

from incidentio_magic.api.waiting import Waits, Workers
from incidentio_magic.errors import Interrupted


def test_a_wait_is_told_while_it_lasts(clock):
    """A line is shown when a wait begins and taken away when it is over; a short wait has none."""
    reported = []
    waits = Waits(clock.sleep, reported.append)
    waits.wait(2.0, "waiting")
    waits.wait(0.5)
    assert reported == ["waiting", ""]
    assert clock.slept == [2.0, 0.5]


def test_short_waits_that_add_up_are_told(clock):
    """Short waits have no line each, but one whenever their sum has reached a second."""
    reported = []
    waits = Waits(clock.sleep, reported.append)
    for number in range(9):
        waits.wait(0.25, f"wait {number}")
    assert reported == ["wait 3", "", "wait 7", ""]


def test_an_interrupted_wait_is_taken_away():
    """What was shown is taken away also when the wait is interrupted."""
    reported = []

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Waits(interrupted, reported.append).wait(2.0, "waiting")
    assert reported == ["waiting", ""]


def test_of_several_waits_one_is_told():
    """While others still wait, the end of one wait shows another's line, not none."""
    reported = []
    ends = {"one": threading.Event(), "two": threading.Event()}
    waits = Waits(lambda _seconds: ends[threading.current_thread().name].wait(10), reported.append)
    threads = [threading.Thread(target=waits.wait, args=(5.0, name), name=name) for name in ends]
    for number, thread in enumerate(threads, start=1):
        thread.start()
        while len(reported) < number:
            threads[number - 1].join(0.001)
    ends["one"].set()
    threads[0].join(10)
    ends["two"].set()
    threads[1].join(10)
    assert reported == ["one", "two", "two", ""]


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.0, 2.5])
def test_a_worker_waits_as_long_as_asked(seconds):
    """A thread that looks in between whether it is still wanted waits no less, and a tenth of a second more at most."""
    slept = []
    with Workers(1) as workers:
        workers.submit(Waits(slept.append, lambda _line: None).wait, seconds).result(10)
    assert seconds <= sum(slept) + 1e-9 <= seconds + 0.1


def test_workers_stop_with_their_caller():
    """When the caller leaves, a thread that waits stops at once and what was not begun never begins."""
    begun = threading.Event()
    done = []

    def slow(_seconds):
        begun.set()

    waits = Waits(slow, lambda _line: None)
    with Workers(1) as workers:
        waiting = workers.submit(waits.wait, 1e9, "for ever")
        never = workers.submit(done.append, "begun")
        assert begun.wait(10)
    with pytest.raises(Interrupted):
        waiting.result(10)
    assert never.cancelled()
    assert done == []


def test_workers_of_workers_stop_too():
    """A worker's own workers stop when the first caller leaves."""
    begun = threading.Event()
    waits = Waits(lambda _seconds: begun.set(), lambda _line: None)

    def work():
        with Workers(1) as own:
            return own.submit(waits.wait, 1e9).result(10)

    with Workers(1) as workers:
        found = workers.submit(work)
        assert begun.wait(10)
    with pytest.raises(Interrupted):
        found.result(10)
