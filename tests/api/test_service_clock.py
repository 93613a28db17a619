"""The bounds of the service's clock: never wrong, and narrower with each answer."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api.service_clock import ServiceClock, steady_seconds

START = datetime(2026, 1, 15, 14, tzinfo=UTC)
AGREE = timedelta(seconds=0.5)


class World:
    """A service whose time is known here: so many seconds ahead of this machine's."""

    def __init__(self, ahead):
        self.here = 0.0
        self.ahead = ahead
        self.bounds = ServiceClock(lambda: self.here)

    def now(self):
        """Return the service's true time."""
        return START + timedelta(seconds=self.here + self.ahead)

    def ask(self, there, back):
        """Exchange a request and an answer."""
        sent = self.here
        self.here += there
        date = self.now().replace(microsecond=0)
        self.here += back
        self.bounds.heard(date, sent)


def test_nothing_is_known_before_an_answer():
    """Before the first answer there is no bound."""
    assert World(0).bounds.earliest(0) is None


@given(
    st.floats(-1e6, 1e6),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=20),
    st.floats(0, 60),
)
def test_the_bound_is_never_later_than_the_truth(ahead, exchanges, ago):
    """Whatever the delays, the earliest possible time is not later than the true one."""
    world = World(ahead)
    for pause, there, back in exchanges:
        world.here += pause
        world.ask(there, back)
    assert world.bounds.earliest(ago) <= world.now() - timedelta(seconds=ago)


def test_many_answers_narrow_it():
    """Answers at different fractions of a second tell the time far better than one."""
    world = World(1000.35)
    for _answer in range(20):
        world.here += 0.43
        world.ask(0.02, 0.02)
    off = world.now() - AGREE - world.bounds.earliest(0)
    assert timedelta(0) <= off < timedelta(seconds=0.15)


def test_a_clock_that_was_set_is_believed():
    """After one of the clocks was set, the last answer alone counts."""
    for jump in (-7200.0, 7200.0):
        world = World(50.0)
        for _answer in range(5):
            world.here += 0.4
            world.ask(0.1, 0.1)
        world.ahead += jump
        world.ask(0.1, 0.1)
        off = world.now() - AGREE - world.bounds.earliest(0)
        assert timedelta(0) <= off < timedelta(seconds=1.2)


def test_the_clock_goes_on_while_the_machine_sleeps(monkeypatch):
    """Seconds of sleep count: what happened before the lid was closed did not happen just now."""
    asked = []
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: asked.append(clock) or 3600.0)
    assert steady_seconds() == 3600.0
    assert asked == [7]


def test_without_such_a_clock(monkeypatch):
    """A machine that has no clock of this kind counts as it can, and never back."""
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    first = steady_seconds()
    assert steady_seconds() >= first
