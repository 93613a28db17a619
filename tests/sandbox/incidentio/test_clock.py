"""Time in the sandbox: from the epoch on, advanced by hand, or frozen between writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.incidentio.clock import Clock, parsed, written

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Caller

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_clock_runs_in_real_time() -> None:
    """A running clock follows real time from where it was set."""
    real = [100.0]
    clock = Clock(START, frozen=False, real=lambda: real[0])
    real[0] += 2.5
    assert clock.now() == START + timedelta(seconds=2.5)
    clock.advance(60)
    assert clock.next() == clock.now() == START + timedelta(seconds=62.5)


def test_a_frozen_clock_moves_with_writes() -> None:
    """A frozen clock stands still; each accepted write happens, and leaves it, one second later."""
    clock = Clock(START, frozen=True)
    assert clock.now() == START
    assert clock.next() == START + timedelta(seconds=1)
    clock.tick()
    assert clock.now() == START + timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12])
def test_the_clock_never_goes_back_or_too_far(seconds: float) -> None:
    """Nonsense is refused."""
    with pytest.raises(ValueError, match="seconds"):
        Clock(START, frozen=True).advance(seconds)


def test_times_are_written_and_read() -> None:
    """Times are kept in UTC to the millisecond; a time without a zone is UTC; other centuries are refused."""
    assert written(parsed("2026-06-01T14:00:00+02:00")) == "2026-06-01T12:00:00.000Z"
    assert written(parsed("2026-06-01T12:00:00.0509Z")) == "2026-06-01T12:00:00.050Z"
    assert written(parsed("2026-06-01T23:00:00.999999-02:00")) == "2026-06-02T01:00:00.999Z"
    assert written(parsed("2026-06-01")) == "2026-06-01T00:00:00.000Z"
    with pytest.raises(ValueError, match="year"):
        parsed("1926-06-01")


def test_every_answer_has_the_sandbox_date(own: Sandbox, own_call: Caller) -> None:
    """The Date header is the sandbox's time: frozen, moved by writes, refusals not, and by hand."""

    def date() -> datetime:
        return parsedate_to_datetime(own_call("GET", "/nowhere").headers["Date"])

    assert date() == date() == START
    incident = own_call.declare()
    assert date() == START + timedelta(seconds=1)
    assert incident["created_at"] == "2026-06-01T12:00:01Z"
    assert own_call.update(incident).status_code == 422
    assert date() == START + timedelta(seconds=1)
    own.advance(3600)
    assert date() == START + timedelta(seconds=3601)
    assert own_call("POST", "/sandbox/clock", json={"advance": 9}).json()["now"] == "2026-06-01T13:00:10.000Z"
    for nonsense in ({}, {"advance": "1"}, {"advance": True}, {"advance": -1}):
        assert own_call("POST", "/sandbox/clock", json=nonsense).status_code == 422


def test_it_starts_now_and_runs_with_the_wall_clock() -> None:
    """Without an epoch the history ends now, and the time is the real one from then on."""
    before = datetime.now(tz=UTC).replace(microsecond=0)
    with Sandbox(incidents=0) as sandbox:
        assert sandbox.service
        assert before <= sandbox.service.epoch <= datetime.now(tz=UTC)
        assert sandbox.service.epoch.microsecond == 0
        assert sandbox.service.clock.speed == 1
        behind = datetime.now(tz=UTC) - sandbox.service.now()
    assert timedelta() <= behind < timedelta(minutes=1)


def test_a_file_can_be_reset(tmp_path: Path) -> None:
    """A sandbox on a file goes back to its seeded state, too, even when it found that file already there."""
    database = str(tmp_path / "sandbox.sqlite")
    with Sandbox(database=database, epoch="2026-06-01T12:00:00Z", incidents=12, frozen=True) as sandbox:
        assert sandbox.service
        before = sandbox.service.state()
        sandbox.advance(60)
        sandbox.reset()
        assert sandbox.service.state() == before
        sandbox.advance(60)
    with Sandbox(database=database, frozen=True) as sandbox:
        assert sandbox.service
        assert sandbox.service.state() != before
        sandbox.reset()
        assert sandbox.service.state() == before


def test_reset(own: Sandbox, own_call: Caller) -> None:
    """A reset brings back the rows, the time, the dice and the limits, and forgets what was added."""
    before = own_call.get("/sandbox/state")
    listed = own_call("GET", "/v2/incidents").content
    own_call.edit(own_call.declare(), name="Another")
    own_call.key("viewer")
    own.fault("drop", "/v9")
    own.advance(60)
    own.reset()
    assert own.requests == []
    assert own_call.get("/sandbox/state") == before
    assert own_call("GET", "/v2/incidents").content == listed


def test_reset_again(own: Sandbox, own_call: Caller) -> None:
    """A reset after reads alone, and one after a write that follows it, bring back the same state."""
    own.reset()
    before = own_call.get("/sandbox/state")
    own_call.get("/v2/incidents")
    own.reset()
    assert own_call.get("/sandbox/state") == before
    own_call.declare()
    assert own_call.get("/sandbox/state") != before
    own.reset()
    assert own_call.get("/sandbox/state") == before


def test_a_reset_after_reads_alone_copies_nothing(
    own: Sandbox, own_call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing was written since the last reset the rows stay as they are, after a fault has waited, too."""
    own.fault("status", "/v9", status=500)
    own.reset()
    monkeypatch.setattr(own.service.store, "go_back", lambda: pytest.fail("the rows were copied"))
    own_call.get("/v2/incidents")
    own.clear_faults()
    own.reset()
    assert own_call.get("/sandbox/state")["faults"] == []
