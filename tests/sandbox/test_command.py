"""The command line, and what a killed sandbox keeps."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.command import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EPOCH = "2026-06-01T12:00:00Z"


class Started:
    """A sandbox in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [
            sys.executable,
            "-m",
            "incidentio_magic.sandbox",
            "--epoch",
            EPOCH,
            "--incidents",
            "5",
            *arguments,
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.process.stdout
        self.lines = [self.process.stdout.readline() for _ in range(3)]
        self.url = self.lines[0].partition("=")[2].strip()
        self.key = self.lines[1].partition("=")[2].strip()

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal and return the exit code, and what was said on standard error."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture
def started() -> Iterator[list[Started]]:
    """The processes of a test, ended with it."""
    processes: list[Started] = []
    yield processes
    for process in processes:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_stopped(started: list[Started], how: signal.Signals) -> None:
    """It prints two lines for the shell and one for people, serves, and stops cleanly with 0."""
    server = Started("--key", "my-own-key")
    started.append(server)
    assert re.fullmatch(r"export INCIDENTIO_BASE_URL=http://127\.0\.0\.1:\d+\n", server.lines[0])
    assert server.lines[1] == "export INCIDENTIO_API_KEY=my-own-key\n"
    assert "only this machine" in server.lines[2]
    headers = {"Authorization": f"Bearer {server.key}"}
    assert requests.get(f"{server.url}/v1/identity", headers=headers, timeout=9).status_code == 200
    assert server.end(how) == (0, "")


@pytest.mark.slow
def test_every_acknowledged_write_survives_a_kill(started: list[Started], tmp_path: Path) -> None:
    """Killed in the middle of its work, a sandbox on a file still has every write it answered."""
    database = str(tmp_path / "sandbox.sqlite")
    server = Started("--db", database)
    started.append(server)
    acknowledged = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.key}"
        listed = session.get(f"{server.url}/v2/incidents", timeout=9).json()
        incident = listed["incidents"][0]["id"]
        for number in range(60):
            if number == 50:
                server.process.send_signal(signal.SIGKILL)
            sent = {
                "idempotency_key": f"kill-{number}",
                "incident_id": incident,
                "message": f"Number {number}",
            }
            try:
                response = session.post(f"{server.url}/v2/incident_updates", json=sent, timeout=9)
            except requests.ConnectionError:
                break
            assert response.status_code == 201
            acknowledged.append(response.json()["incident_update"]["id"])
    server.process.communicate(timeout=20)
    assert len(acknowledged) >= 50
    with Sandbox(database=database) as sandbox:
        assert sandbox.service
        rows = sandbox.service.store.rows("SELECT id FROM incident_updates")
        assert set(acknowledged) <= {row["id"] for row in rows}


def test_what_cannot_start_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A port in use, a bad epoch and a database that cannot be written: one line each, exit code 2."""
    other = tmp_path / "other.txt"
    other.write_text("This is no database. " * 100)
    with Sandbox(epoch=EPOCH, incidents=0) as running:
        port = running.url.rpartition(":")[2]
        for arguments in (
            ["--port", port],
            ["--port", "99999"],
            ["--epoch", "yesterday"],
            ["--epoch", "1815-06-18"],
            ["--db", str(tmp_path / "missing" / "sandbox.sqlite")],
            ["--db", str(other)],
            ["--host", "192.0.2.1"],
        ):
            assert main(["--incidents", "0", *arguments]) == 2
            printed = capsys.readouterr()
            assert printed.out == ""
            assert printed.err.startswith("sandbox: cannot start: ")
            assert printed.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--incidents", "-1"], ["--rate", "0"], ["--nothing"]])
def test_bad_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments that make no sense are refused with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_long_start_can_be_stopped(how: signal.Signals, tmp_path: Path) -> None:
    """Told to stop while it still makes a long history, it stops at once and cleanly."""
    database = tmp_path / "sandbox.sqlite"
    command = [sys.executable, "-m", "incidentio_magic.sandbox", "--incidents", "1000000", "--db", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not database.exists():
        assert process.poll() is None
    process.send_signal(how)
    printed, errors = process.communicate(timeout=60)
    assert (process.returncode, printed, errors) == (0, "", "")


@pytest.mark.parametrize(("option", "value"), [("incidents", 1_000_001), ("incidents", -1), ("seed", -1)])
def test_impossible_sizes_are_refused(option: str, value: int) -> None:
    """A size that cannot be is refused at once, from Python too."""
    with pytest.raises(ValueError, match=option):
        Sandbox(**{option: value})
