"""Token buckets: the burst is free, then requests are spread, and the service's own figures are believed."""

from __future__ import annotations

import heapq
import threading
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api.pacing import Bucket, Pacing
from incidentio_magic.api.transport import Transport
from incidentio_magic.api.waiting import Workers
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, Allowance, Limit, Request
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.http.rates import Rates
from incidentio_magic.settings import Secret

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
        (Allowance(60, 5, BOTH), 2, 1.0),
        (Allowance(60, 1, BOTH), 0, 2.0),
        (Allowance(60, 0, BOTH), 0, 4.0),
        (Allowance(60, 59, BOTH), 56, 1.0),
        (Allowance(60, 5000, BOTH), 60, 1.0),
        (Allowance(60, 5), 2, 1.0),
        (Allowance(None, 5), 2, 1.0),
        (Allowance(None, None), 60, 1.0),
        (Allowance(10, None), 60, 1.0),
        (Allowance(0, 5), 2, 1.0),
        (Allowance(30, 30, (Limit(1200, 60.0), Limit(30, 60.0))), 27, 2.0),
        (Allowance(30, 7, (Limit(30, 60.0),)), 4, 2.0),
        (Allowance(120, 50, (Limit(120, 60.0),)), 47, 0.5),
    ],
    ids=[
        "less left",
        "few left",
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
    """An answer's figures correct the bucket that binds: the last few are left to others, and the fewer the slower."""
    pacing.learn(LIST_INCIDENTS, allowance)
    if free:
        assert take(pacing, LIST_INCIDENTS, free) == 0.0
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(spread)


def test_the_common_limit_may_bind(pacing):
    """Where the common allowance is the binding one, its bucket is corrected and the special one is left alone."""
    pacing.learn(LIST_INCIDENTS, Allowance(1200, 3, BOTH))
    assert pacing.reserve(EVERYTHING) == pytest.approx(31 / 4 * 0.05)
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(2 * 31 / 4 * 0.05)


@pytest.mark.parametrize("limits", [(Limit(1200, 60.0),), (Limit(1200, 60.0), Limit(1200, 60.0)), ()])
def test_a_class_whose_limit_equals_the_common_one(pacing, clock, limits):
    """Where lists may be asked for as often as anything else, they are: 200 pages do not wait for 60 a minute."""
    begun = clock.time
    for number in range(200):
        clock.time += pacing.reserve(LIST_INCIDENTS)
        pacing.answered(LIST_INCIDENTS)
        pacing.learn(LIST_INCIDENTS, Allowance(1200, 1199 - number, limits))
    assert clock.time == begun


def test_both_limits_smaller_and_equal(pacing, clock):
    """The same holds where a service allows less than is documented, and later allows more."""
    pacing.learn(EVERYTHING, Allowance(300, 299, (Limit(300, 60.0),)))
    pacing.learn(LIST_INCIDENTS, Allowance(300, 298, (Limit(300, 60.0), Limit(300, 60.0))))
    assert take(pacing, LIST_INCIDENTS, 280) == 0.0
    clock.time += 1000
    assert take(pacing, LIST_INCIDENTS, 300) == 0.0


def test_a_class_of_its_own_limit_while_the_common_one_binds(pacing):
    """The class's own limit is learned from the list of limits, even where the common one binds."""
    pacing.learn(LIST_INCIDENTS, Allowance(1200, 1100, (Limit(1200, 60.0), Limit(90, 60.0))))
    assert pacing.reserve(LIST_INCIDENTS) == 0.0
    pacing._buckets[LIST_INCIDENTS].empty_for(0.0, 0.0)
    assert pacing._buckets[LIST_INCIDENTS].refill == pytest.approx(1.5)


@pytest.mark.parametrize("window", [86_400.0, 10.0**11])
def test_an_absurd_window(pacing, window):
    """No window that a service names makes one request take longer than a minute."""
    pacing.learn(LIST_INCIDENTS, Allowance(1, 0, (Limit(1, window),)))
    assert pacing._buckets[LIST_INCIDENTS].refill == pytest.approx(1 / 60)


def test_a_scaled_down_common_limit(pacing, clock):
    """A smaller common limit is the new burst and the new refill."""
    pacing.learn(EVERYTHING, Allowance(600, 600, (Limit(600, 60.0),)))
    assert take(pacing, EVERYTHING, 585) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.1)
    clock.time += 1000
    assert take(pacing, EVERYTHING, 600) == 0.0
    assert pacing.reserve(EVERYTHING) == pytest.approx(0.1)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 30.0, 3600.0])
def test_refusals(pacing, clock, seconds):
    """After a 429 the next request is due when the service said, and then half the pace is kept until it says more."""
    pacing.refused(LIST_INCIDENTS, seconds)
    seconds = min(seconds, 60)  # whatever it asked for, the bucket has refilled by then
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(seconds)
    clock.time += seconds
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(2.0)
    pacing.answered(LIST_INCIDENTS)
    pacing.answered(LIST_INCIDENTS)
    pacing.learn(LIST_INCIDENTS, Allowance(60, 59, BOTH))
    assert pacing.left(LIST_INCIDENTS) == 56


def test_a_refusal_holds_back_its_own_class_only(pacing):
    """A 429 of one endpoint does not stop the others."""
    pacing.refused(LIST_INCIDENTS, 60)
    assert pacing.reserve(EVERYTHING) == pacing.reserve(CREATE_ESCALATION) == 0.0


def test_a_refusal_never_brings_a_request_forward(pacing):
    """A 429 that names a shorter wait than is due already changes nothing."""
    pacing.refused(LIST_INCIDENTS, 60)
    pacing.refused(LIST_INCIDENTS, 1)
    assert pacing.reserve(LIST_INCIDENTS) == pytest.approx(60)


def test_what_is_left(pacing, clock):
    """It tells how many requests may be made at once, by the bucket that has the fewest."""
    assert pacing.left(LIST_INCIDENTS) == 60
    take(pacing, EVERYTHING, 1180)
    assert pacing.left(LIST_INCIDENTS) == 20
    take(pacing, EVERYTHING, 30)
    assert pacing.left(LIST_INCIDENTS) == pacing.left(EVERYTHING) == 0


def test_answers_on_their_way_are_not_counted_twice(pacing):
    """While answers are outstanding a late one that tells of more changes nothing; one alone is believed."""
    take(pacing, LIST_INCIDENTS, 3)
    pacing.answered(LIST_INCIDENTS)
    pacing.learn(LIST_INCIDENTS, Allowance(60, 30, BOTH))
    assert pacing.left(LIST_INCIDENTS) == 25
    pacing.answered(LIST_INCIDENTS)
    pacing.learn(LIST_INCIDENTS, Allowance(60, 40, BOTH))
    assert pacing.left(LIST_INCIDENTS) == 25
    pacing.answered(LIST_INCIDENTS)
    pacing.learn(LIST_INCIDENTS, Allowance(60, 40, BOTH))
    assert pacing.left(LIST_INCIDENTS) == 37


def simulate(kernels, threads, rate, count, latency):
    """Let kernels with one key make `count` requests each, and return the service's allowed, refused and possible."""
    now, dice, events, place = [0.0], Random(1), [], iter(range(10**9))
    service = Rates(1200, {"list": ("list incidents", 60)}, monotonic=lambda: now[0])
    paces = [Pacing(lambda: now[0]) for _ in range(kernels)]
    left, verdicts = [count] * kernels, []

    def later(seconds, what, kernel, verdict=None):
        heapq.heappush(events, (now[0] + seconds, next(place), what, kernel, verdict))

    def send(kernel):
        if left[kernel]:
            left[kernel] -= 1
            later(paces[kernel].reserve(rate) + latency * dice.random(), "arrives", kernel)

    for kernel in range(kernels):
        for _ in range(threads):
            send(kernel)
    while events:
        now[0], _, what, kernel, verdict = heapq.heappop(events)
        if what == "arrives":
            verdicts.append(service.take("key", "list" if rate == LIST_INCIDENTS else "other"))
            later(latency * dice.random(), "answers", kernel, verdicts[-1])
            continue
        if verdict is not None:
            paces[kernel].answered(rate)
            limits = tuple(Limit(limit, 60.0) for limit in verdict.limits)
            paces[kernel].learn(rate, Allowance(verdict.limit, verdict.remaining if verdict.allowed else 0, limits))
            if not verdict.allowed:
                left[kernel] += 1
                paces[kernel].refused(rate, verdict.wait)
                later(verdict.wait + dice.random() / 10, "again", kernel)
                continue
        send(kernel)
    allowed = sum(verdict.allowed for verdict in verdicts)
    burst = verdicts[0].limit if rate == LIST_INCIDENTS else 1200
    return allowed, len(verdicts) - allowed, burst * (1 + now[0] / 60)


@pytest.mark.parametrize(
    ("kernels", "threads", "rate", "count"),
    [
        (1, 8, EVERYTHING, 3000),
        (2, 1, EVERYTHING, 2000),
        (2, 8, EVERYTHING, 2000),
        (4, 8, EVERYTHING, 1000),
        (8, 8, EVERYTHING, 500),
        (1, 1, LIST_INCIDENTS, 200),
        (1, 8, LIST_INCIDENTS, 200),
        (2, 1, LIST_INCIDENTS, 200),
        (4, 1, LIST_INCIDENTS, 200),
    ],
)
def test_kernels_with_the_same_key_share_it(kernels, threads, rate, count):
    """Kernels that know of each other only by the headers use what there is, and are hardly ever refused."""
    allowed, refused, possible = simulate(kernels, threads, rate, count, 0.05)
    assert allowed == kernels * count
    assert refused <= 0.06 * allowed
    assert allowed >= 0.95 * possible


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


@pytest.mark.slow
def test_two_connections_with_the_same_key():
    """Two connections that know nothing of each other get everything they ask for, and are hardly ever refused."""
    with Sandbox(seed=1, incidents=0, rate=40, window=2) as sandbox:
        transports = [Transport(sandbox.url, Secret(sandbox.key)) for _ in range(2)]
        with Workers() as workers:
            answers = [
                workers.submit(transport.send, Request("GET", "/v1/identity"))
                for _ in range(50)
                for transport in transports
            ]
            assert {answer.result(60).status for answer in answers} == {200}
        refused = [request for request in sandbox.requests if request["status"] == 429]
        assert len(sandbox.requests) == 100 + len(refused)
        assert len(refused) <= 10
        for transport in transports:
            transport.close()
