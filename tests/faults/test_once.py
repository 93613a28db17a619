"""Exactly once: storms of failures, kills and twins, in small; `python -m tests.faults` is the large."""

from __future__ import annotations

import pytest

from incidentio_magic.client import connect
from tests.faults.service import Service, environment
from tests.faults.storm import untrue


@pytest.mark.storm
def test_storm(attack):
    """Every write through a failing service is there exactly once, and every call told how it ended."""
    found = attack("storm", 80)
    assert found["wrong"] == []
    assert set(found["there"].values()) == {80}
    assert found["requests"] > 320  # 80 declarations, 80 updates and their reads are 240, and 30 % fail


@pytest.mark.storm
def test_kills(attack):
    """A notebook that is killed at random moments and run again from the top leaves everything there once."""
    found = attack("kills", 160)
    assert found["wrong"] == []
    assert found["killed"] >= 8


@pytest.mark.storm
def test_twins(attack):
    """Two at once make one write; two kernels, and two people with their own keys, are told which of them made it."""
    found = attack("twins", 300)
    assert found["wrong"] == []
    assert found["told"]["two kernels"] == found["told"]["two people"] == {"already and sent": 9}


@pytest.mark.parametrize(
    ("calls", "true"),
    [
        ([[10, 20, "sent"]], True),
        ([[10, 20, "unknown"], [30, 40, "already"]], True),
        ([[10, 20, "unknown"], [20, 21, "sent"]], True),
        ([[10, 20, "unknown"], [20, 21, "already"], [21, 22, "sent"]], False),
        ([[0, 5, "not sent"], [10, 20, "sent"]], True),
        ([[30, 40, "sent"]], False),
        ([[10, 20, "already"]], False),
        ([[10, 20, "not sent"], [30, 40, "already"]], False),
        ([[10, 20, "sent"], [10, 20, "sent"]], False),
    ],
)
def test_what_the_storm_calls_untrue(calls, true):
    """A write made at 15 was sent by the call around it, was there already for later ones, and was not refused."""
    assert (untrue(calls, 15) == []) is true


def test_the_key_of_another_is_told(tmp_path, monkeypatch):
    """Who shares what a colleague with another API key shared at the same moment is told whose key it was."""
    with Service(tmp_path) as service:
        roles = service.ask("GET", "/v1/identity")["identity"]["roles"]
        service.ask("POST", "/sandbox/keys", {"key": "another-key", "name": "Night shift", "roles": roles})
        told = []
        for key in ("another-key", "key-of-the-one-who-attacks"):
            with monkeypatch.context() as patch:
                for name, value in environment(service, tmp_path / f"{key}.jsonl", key).items():
                    patch.setenv(name, value)
                with connect() as io:
                    told.append(io.declare("Both see it", severity="Minor"))
    assert [one.sent for one in told] == [True, False]
    assert "with the key 'Night shift'; nothing sent" in told[1].sentence
