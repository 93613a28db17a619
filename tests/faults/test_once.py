"""Exactly once: storms of failures, kills and twins, in small; `python -m tests.faults` is the large."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from incidentio_magic.client import connect
from tests.faults.children import end_of
from tests.faults.conftest import HERE
from tests.faults.service import Service, environment
from tests.faults.storm import MADE, MANY, STORMS, complete_lines, untrue


@pytest.mark.storm
@pytest.mark.parametrize("name", STORMS)
def test_storm(attack, name):
    """Every write through a failing service is there exactly once, and every call says truly how it ended.

    So it is where the service forgets its keys and all is run again, where the clocks of the clients or the service
    jump, and where the clients are children of one warm client.
    """
    found = attack(name, 40)
    assert found["wrong"] == []
    assert found["there"] == {verb: 40 if verb in MANY else 10 for verb in MADE}
    assert found["requests"] > 400  # 150 writes, the reads before and after them, and 30 % fail


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (0, ""),
        (3, "a client process ended with the exit code 3"),
        (-signal.SIGSEGV, "a client process was ended by SIGSEGV"),
        (-250, "a client process was ended by signal 250"),
    ],
)
def test_a_client_that_ends_badly_is_named(code, end):
    """A client process that a signal ended fails the storm, with the signal's name."""
    assert end_of(code) == end


CHILD = """
import os
from tests.faults.children import Child

print(Child(lambda: 42, {}).result())
killed = Child(lambda: __import__("time").sleep(60), {})
killed.kill(9)
print(killed.result())
for act in (lambda: os.kill(os.getpid(), 11), lambda: 1 / 0):
    try:
        Child(act, {}).result()
    except RuntimeError as error:
        print(str(error).strip().splitlines()[-1])
"""


def test_a_child_that_ends_badly_is_noticed():
    """A child that a signal ended which nobody sent is an error, as one that failed; one that was killed is not."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=HERE, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == [
        "42",
        "None",
        "a client process was ended by SIGSEGV",
        "ZeroDivisionError: division by zero",
    ]


def test_what_a_killed_process_has_written():
    """The last line of a process that was killed is cut short, and is passed over."""
    assert list(complete_lines('{"requests": 1}\n{"verb": "dec')) == [{"requests": 1}]


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
    assert found["reported"]["two kernels"] == found["reported"]["two people"] == {"already and sent": 9}


@pytest.mark.parametrize(
    ("calls", "true"),
    [
        ([[10, 20, "sent"]], True),
        ([[10, 20, "unknown"], [30, 40, "already"]], True),
        ([[10, 20, "unknown"], [20, 21, "sent"]], True),
        ([[10, 20, "unknown"], [20, 21, "already"], [21, 22, "sent"]], False),
        ([[0, 5, "not sent"], [10, 20, "sent"]], True),
        ([[5, 10, "unknown"], [11, 20, "already"]], True),
        ([[30, 40, "sent"]], False),
        ([[20, 30, "already"]], False),
        ([[10, 20, "already"]], False),
        ([[10, 20, "not sent"], [30, 40, "already"]], False),
        ([[10, 20, "sent"], [10, 20, "sent"]], False),
    ],
)
def test_what_the_storm_calls_untrue(calls, true):
    """A write made at 15 was sent by the call around it, was there already for later ones, and was not refused."""
    assert (untrue(calls, 15) == []) is true


@pytest.mark.slow
def test_the_key_of_another_is_told(tmp_path, monkeypatch):
    """Who shares what a colleague with another API key shared at the same moment is told whose key it was."""
    with Service(tmp_path) as service:
        roles = service.ask("GET", "/v1/identity")["identity"]["roles"]
        service.ask("POST", "/sandbox/keys", {"key": "another-key", "name": "Night shift", "roles": roles})
        reported = []
        for key in ("another-key", "key-of-the-one-who-attacks"):
            with monkeypatch.context() as patch:
                for name, value in environment(service, tmp_path / f"{key}.jsonl", key).items():
                    patch.setenv(name, value)
                with connect() as io:
                    reported.append(io.declare("Both see it", severity="Minor"))
    assert [outcome.sent for outcome in reported] == [True, False]
    assert "with the key 'Night shift' and is still open; nothing sent" in reported[1].sentence
