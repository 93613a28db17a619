"""A request without an answer may be on its way for a minute: a later attempt waits for it, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentio_magic.errors import OutcomeUnknown
from incidentio_magic.writes.ledger import NOT_SENT, SENT, UNKNOWN, Entry
from incidentio_magic.writes.settling import SETTLED_AFTER, Settling


def entry(ago=0.0, outcome=UNKNOWN, result="", at=None):
    """Return a line of the ledger from some seconds ago."""
    moment = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat() if at is None else at
    return Entry(moment, "", "", "follow_up", "INC-7", "intent", "intent", outcome, result)


@pytest.fixture
def lines():
    """What was announced."""
    return []


@pytest.fixture
def settling(clock, lines):
    """One that never really waits."""
    return Settling(120.0, clock, clock.sleep, lines.append)


def test_nothing_to_wait_for(settling, clock, lines):
    """Without an attempt whose end is unknown nothing is waited for."""
    assert settling.wait("intent", [], "it was added") is False
    assert settling.wait("intent", [entry(outcome=SENT, result="F"), entry(outcome=NOT_SENT)], "it was added") is False
    assert (clock.slept, lines) == ([], [])


def test_it_waits_for_the_rest_of_a_minute(settling, clock, lines):
    """An attempt of 20 seconds ago is waited for, and the wait is announced and taken back."""
    assert settling.wait("intent", [entry(ago=20)], "it was added") is True
    assert clock.slept == [pytest.approx(SETTLED_AFTER - 20, abs=2)]
    assert len(lines) == 2
    assert "waiting" in lines[0]
    assert not lines[1]


def test_it_waits_for_less_than_a_second_too(settling, clock):
    """The last moment of the minute is waited for like the rest."""
    settling.lost("intent")
    clock.time += SETTLED_AFTER - 0.5
    settling.wait("intent", [], "it was added")
    assert clock.slept == [pytest.approx(0.5)]


def test_an_attempt_of_long_ago(settling, clock):
    """After a minute an attempt has ended, but what it did is still to be found out."""
    assert settling.wait("intent", [entry(ago=3600)], "it was added") is True
    assert clock.slept == []


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-15T14:00:00", "2126-01-15T14:00:00+00:00"])
def test_a_time_that_says_nothing(settling, clock, at):
    """A time that cannot be read, or lies in the future because the clock was set back, is waited for in full."""
    settling.wait("intent", [entry(at=at)], "it was added")
    assert clock.slept == [SETTLED_AFTER]


def test_what_came_to_an_end_since(settling, clock):
    """Once a result is known, an earlier attempt is settled; an attempt after it is not."""
    assert settling.wait("intent", [entry(), entry(outcome=NOT_SENT, result="F")], "it was added") is False
    assert settling.wait("intent", [entry(outcome=SENT, result="F"), entry(), entry(outcome=NOT_SENT)], "x") is True
    assert len(clock.slept) == 1


def test_a_clock_that_is_set_forward(settling, clock):
    """This process counts the seconds itself: that the time of day jumps an hour ahead settles nothing."""
    settling.lost("intent")
    clock.time += 10
    settling.wait("intent", [entry(ago=3600)], "it was added")
    assert clock.slept == [pytest.approx(SETTLED_AFTER - 10)]
    settling.wait("intent", [entry(ago=3600)], "it was added")
    assert len(clock.slept) == 1


def test_an_end_that_became_known(settling, clock):
    """What was found is not waited for."""
    settling.lost("intent")
    settling.found("intent")
    settling.found("another")
    assert settling.wait("intent", [], "it was added") is False
    assert clock.slept == []


def test_a_wait_that_is_too_long(clock, lines):
    """Where a command may not wait so long, it says when to run it again, and nothing is sent."""
    with pytest.raises(OutcomeUnknown, match="not known yet whether it was added; nothing was sent") as caught:
        Settling(5.0, clock, clock.sleep, lines.append).wait("intent", [entry()], "it was added")
    assert "run this again in 60 s" in caught.value.hint or "run this again in 59 s" in caught.value.hint
    assert clock.slept == []


def test_an_interrupted_wait(clock, lines):
    """An interrupt takes the announcement away."""

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Settling(120.0, clock, interrupted, lines.append).wait("intent", [entry()], "it was added")
    assert not lines[-1]
