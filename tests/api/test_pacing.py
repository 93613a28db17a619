"""Token buckets: the burst is free, then requests are spread, and the service's own figures are believed."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api.pacing import Bucket, Pacing
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, Allowance, Limit

BOTH = (Limit(1200, 60.0), Limit(60, 60.0))


@pytest.fixture
def pacing(clock):
    """The documented allowances on a clock under control."""
    return Pacing(clock)


def take(pacing, rate, count):
    """Take `count` requests and return the last one's wait."""
    return [pacing.reserve(rate) for _number in range(count)][-1]


@pytest.mark.parametrize(
    ("rate", "burst", "spread"),
    [(EVERYTHING, 1200, 0.05), (LIST_INCIDENTS, 60, 1.0), (CREATE_ESCALATION, 60, 1.0), ("something new", 1200, 0.05)],
)
def test_burst_and_spread(pacing, rate, burst, spread):
    """The burst costs nothing; after it each request waits its turn."""
    assert take(pacing, rate, burst) == 0.0
    assert pacing.reserve(rate) == pytest.approx(spread)
    assert pacing.reserve(rate) == pytest.approx(2 * spread)


def test_refill(pacing, clock):
    """What was used comes back with time, up to the burst and no further."""
    take(pacing, LIST_INCIDENTS, 60)
    clock.time += 10
    assert take(pacing, LIST_INCIDENTS, 10) == 0.0
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)
    clock.time += 100_000
    assert take(pacing, LIST_INCIDENTS, 60) == 0.0
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)


def test_an_endpoint_with_its_own_limit_draws_from_both(pacing):
    """Listing incidents uses the common allowance too, and neither of the special ones uses the other."""
    take(pacing, LIST_INCIDENTS, 60)
    assert take(pacing, CREATE_ESCALATION, 60) == 0.0
    assert take(pacing, EVERYTHING, 1200 - 120) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.05)


def test_giving_back(pacing):
    """A request that was not made is as if never taken, in both buckets."""
    take(pacing, LIST_INCIDENTS, 60)
    for _number in range(3):
        assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)
        pacing.give_back(LIST_INCIDENTS)
    assert take(pacing, EVERYTHING, 1140) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.05)


def test_giving_back_makes_no_surplus(pacing, clock):
    """Giving back to a full bucket does not enlarge the burst."""
    pacing.give_back(LIST_INCIDENTS)
    clock.time += 1
    assert take(pacing, LIST_INCIDENTS, 60) == 0.0
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("allowance", "free", "spread"),
    [
        (Allowance(60, 5, BOTH), 5, 1.0),
        (Allowance(60, 0, BOTH), 0, 1.0),
        (Allowance(60, 59, BOTH), 59, 1.0),
        (Allowance(60, 5000, BOTH), 60, 1.0),
        (Allowance(60, 5), 5, 1.0),
        (Allowance(None, 5), 5, 1.0),
        (Allowance(None, None), 60, 1.0),
        (Allowance(10, None), 60, 1.0),
        (Allowance(0, 5), 5, 1.0),
        (Allowance(30, 30, (Limit(1200, 60.0), Limit(30, 60.0))), 30, 2.0),
        (Allowance(30, 7, (Limit(30, 60.0),)), 7, 2.0),
        (Allowance(120, 50, (Limit(120, 60.0),)), 50, 0.5),
    ],
    ids=[
        "less left",
        "nothing left",
        "one used",
        "more left",
        "no windows",
        "no limit",
        "nothing told",
        "remaining missing",
        "limit of nothing",
        "scaled down",
        "scaled down and used",
        "scaled up",
    ],
)
def test_corrections(pacing, allowance, free, spread):
    """An answer's figures correct the bucket that binds, never to more than is known to be there."""
    pacing.learn(LIST_INCIDENTS, allowance)
    if free:
        assert take(pacing, LIST_INCIDENTS, free) == 0.0
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(spread)


def test_the_common_limit_may_bind(pacing):
    """Where the common allowance is the binding one, its bucket is corrected and the special one is left alone."""
    pacing.learn(LIST_INCIDENTS, Allowance(1200, 3, BOTH))
    assert take(pacing, EVERYTHING, 3) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.05)
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(0.1)


def test_a_scaled_down_common_limit(pacing, clock):
    """A smaller common limit is the new burst and the new refill."""
    pacing.learn(EVERYTHING, Allowance(600, 600, (Limit(600, 60.0),)))
    assert take(pacing, EVERYTHING, 600) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.1)
    clock.time += 1000
    assert take(pacing, EVERYTHING, 600) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.1)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 30.0, 3600.0])
def test_refusals(pacing, clock, seconds):
    """After a 429 the next request is due when the service said, and then the usual pace goes on."""
    pacing.refused(LIST_INCIDENTS, seconds)
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(seconds)
    clock.time += seconds
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)


def test_a_refusal_holds_back_its_own_class_only(pacing):
    """A 429 of one endpoint does not stop the others."""
    pacing.refused(LIST_INCIDENTS, 60)
    assert pacing.reserve(EVERYTHING) == pacing.reserve(CREATE_ESCALATION) == 0.0


def test_a_refusal_never_brings_a_request_forward(pacing):
    """A 429 that names a shorter wait than is due already changes nothing."""
    pacing.refused(LIST_INCIDENTS, 60)
    pacing.refused(LIST_INCIDENTS, 1)
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(60)


def test_a_clock_that_stands_or_goes_back(pacing, clock):
    """A clock that goes back neither refills nor drains."""
    take(pacing, LIST_INCIDENTS, 60)
    clock.time -= 500
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(1.0)
    clock.time += 500
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(2.0)


def test_threads_take_turns(pacing):
    """Threads that ask at once get different turns: none is forgotten and none counted twice."""
    waits = []
    ready = threading.Barrier(8)

    def ask():
        ready.wait(5)
        waits.extend([pacing.reserve(LIST_INCIDENTS) for _number in range(20)])

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(waits) == pytest.approx([0.0] * 60 + [float(number) for number in range(1, 101)])


@given(
    capacity=st.integers(1, 2000),
    refill=st.floats(0.01, 100),
    steps=st.lists(st.floats(0, 5), min_size=1, max_size=80),
)
def test_no_window_ever_exceeds_the_limit(capacity, refill, steps):
    """Requests made when they are due never exceed the burst plus what was refilled since."""
    bucket, now = Bucket(capacity, refill, 0.0), 0.0
    for number, step in enumerate(steps, start=1):
        now += step
        due = now + bucket.take(now)
        assert number <= capacity + due * refill + 1e-6
