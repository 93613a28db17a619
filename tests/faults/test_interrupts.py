"""Ctrl-C at any line of a write or a long read: what is told is true, nothing is twice, and the kernel goes on."""

from __future__ import annotations

import linecache
import sys
import time
from pathlib import Path

import pytest
import requests
import urllib3

import incidentio_magic
from incidentio_magic.errors import Interrupted
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.writes.ledger import Ledger

pytestmark = [
    pytest.mark.storm,
    # An interrupt that strikes while a socket is being closed leaves the closing to Python, which says so.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

OURS = str(Path(incidentio_magic.__file__).parent)
PLACES = (OURS, *(str(Path(item.__file__).parent) for item in (requests, urllib3)), "http/client.py")
ELSEWHERE = (f"{OURS}/sandbox", f"{OURS}/frames")  # another thread's, and what only turns records into tables


class Interrupting:
    """Interrupts this thread at the given line, counted over everything between a cell and the network.

    Args:
        line: The line, from 1; 0 for none.
    """

    def __init__(self, line):
        self.line = line
        self.count = 0

    def __enter__(self):
        sys.settrace(self.call)
        return self

    def __exit__(self, *_exception):
        sys.settrace(None)

    def call(self, frame, _event, _argument):
        """Look whether a function is one of those."""
        file = frame.f_code.co_filename
        return self.step if any(place in file for place in PLACES) and not file.startswith(ELSEWHERE) else None

    def step(self, frame, event, _argument):
        """Count a line; not the head of a `with`, at whose end Python itself takes no signal and a trace would."""
        if event == "line" and not linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith(
            "with "
        ):
            self.count += 1
            if self.count == self.line:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self.step


@pytest.fixture(scope="module")
def sandbox():
    """A sandbox of this module."""
    with Sandbox(seed=1, incidents=60, rate=10**8, list_rate=10**7) as sandbox:
        yield sandbox


@pytest.fixture
def magics(sandbox, bare_shell, tmp_path, monkeypatch):
    """The magics of a shell that is connected to the sandbox, and the shell."""
    monkeypatch.setenv("INCIDENTIO_BASE_URL", sandbox.url)
    monkeypatch.setenv("INCIDENTIO_API_KEY", sandbox.key)
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "ledger.jsonl"))
    monkeypatch.delenv("INCIDENTIO_TRAINING", raising=False)
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    return bare_shell.magics_manager.registry["IncidentMagics"]


def written(sandbox, text):
    """Return how often an update with this text is there."""
    query = "SELECT count(*) FROM incident_updates WHERE json_extract(document, '$.message') = ?"
    return sandbox.service.store.count(query, (text,))


def lines_of(act):
    """Return how many lines an act passes."""
    with Interrupting(0) as counting:
        act()
    return counting.count


@pytest.mark.parametrize("fault", [None, "lose_answer"], ids=["smooth", "with a lost answer"])
def test_a_write(magics, sandbox, fault):
    """An update, interrupted at any line, is told truly, and there once after the cell was run again."""
    magics.session.client.transport._waits._sleep = lambda _seconds: time.sleep(0)
    reference = magics.incidents("list --category live --type Platform")["reference"].iloc[0]

    def update(text):
        if fault:
            sandbox.clear_faults()
            sandbox.fault(fault, "POST /v2/incident_updates", times=1)
        return magics.incident_update(reference, text)

    whole = lines_of(lambda: update("uninterrupted"))
    assert whole > 400
    reported = set()
    for line in range(1, whole + 1, max(1, whole // 150)):
        text = f"interrupted {bool(fault)} {line}"
        try:
            with Interrupting(line):
                receipt = update(text)
        except Interrupted as stopped:
            printed = str(stopped)
            reported.add(printed.partition(";")[0])
            if "nothing was written" in printed:
                assert written(sandbox, text) == 0, line
        except KeyboardInterrupt:
            reported.add("bare")
        else:
            assert receipt["outcome"].item() == "sent"
        sandbox.clear_faults()
        assert written(sandbox, text) <= 1
        again = magics.incident_update(reference, text)
        assert again["reference"].item() == reference
        assert written(sandbox, text) == 1, line
        assert magics.session.client.incident(reference).reference == reference
    assert "Stopped" in reported
    assert any(item.startswith("It is not known whether the update") for item in reported)
    ends = {entry.outcome for entry in Ledger(magics.session.settings.ledger).outcomes()}
    assert ends <= {"sent", "not sent", "unknown"}


def test_a_long_read(magics, sandbox, monkeypatch):
    """A list of many pages, interrupted at any line, leaves a kernel whose next list is complete and right."""
    monkeypatch.setattr("incidentio_magic.api.endpoints._base.PAGE", 10)
    expected = list(magics.incidents("list --all")["reference"])
    whole = lines_of(lambda: magics.incidents("list --all"))
    for line in range(1, whole + 1, max(1, whole // 100)):
        try:
            with Interrupting(line):
                found = magics.incidents("list --all")
        except KeyboardInterrupt:
            pass
        else:
            assert list(found["reference"]) == expected
        frame = magics.incidents("list --all")
        assert list(frame["reference"]) == expected, line
        assert frame.attrs["complete"]
