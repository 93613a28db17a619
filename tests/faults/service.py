"""A sandbox in a process of its own, its failures, and its own record of what was written."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.request import Request, urlopen

KEY = "key-of-the-one-who-attacks"
SLOW = 1.6  # seconds: longer than the clients here wait

# Every way to fail that the sandbox knows. Each strikes with the same probability, by turns, together `share`.
FAULTS = [
    {"kind": "lose_answer"},
    {"kind": "drop"},
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "rate_limited"},
    {"kind": "rate_limited", "body_type": "rate_limit_reached"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503, "retry_after": 1},
    {"kind": "slow", "seconds": SLOW},
    {"kind": "truncated"},
    {"kind": "malformed"},
]


class Service:
    """A sandbox that keeps its state in a file, so that its record can be read without asking it.

    Args:
        folder: Where the file is.
        incidents: How many are seeded.
        port: Where it listens; 0 for any free port, which it keeps when it is started again.
    """

    def __init__(self, folder: Path | str, *, incidents: int = 20, port: int = 0) -> None:
        self.database = Path(folder) / "sandbox.sqlite"
        self.incidents = incidents
        self.port = port
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.end(signal.SIGTERM)

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self._process is not None

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        choices = {"db": self.database, "incidents": self.incidents, "port": self.port, "key": KEY}
        limits = {"rate": 100_000_000, "list-rate": 100_000_000}
        options = [part for name, value in (choices | limits).items() for part in (f"--{name}", str(value))]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "incidentio_magic", "sandbox", *options], stdout=subprocess.PIPE, text=True
        )
        line = self._process.stdout.readline()
        self.url = line.strip().partition("=")[2]
        self.port = int(self.url.rpartition(":")[2])
        return self

    def end(self, how: signal.Signals) -> None:
        """Stop it, or kill it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process.stdout.close()
            self._process = None

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        """Send one request as whoever runs the sandbox."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=30) as answer:
            return json.loads(answer.read())

    def fail(self, share: float) -> None:
        """Let this share of all requests fail, in every way."""
        each = 1 - (1 - share) ** (1 / len(FAULTS))
        for fault in FAULTS:
            self.ask("POST", "/sandbox/faults", {"probability": each, **fault})

    def recover(self) -> None:
        """Let no request fail any longer."""
        self.ask("DELETE", "/sandbox/faults")

    def forget_keys(self) -> None:
        """Forget every idempotency key, as a service does after a while."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            connection.execute("DELETE FROM idempotency_keys")
            connection.commit()

    def ahead(self) -> float:
        """Return how far its clock is ahead of this machine's, in seconds, to a few hundredths."""
        before = time.time()
        now = datetime.fromisoformat(self.ask("GET", "/sandbox/state")["clock"]["now"]).timestamp()
        return now - (before + time.time()) / 2

    def rows(self, query: str, *values: object) -> list[tuple]:
        """Return what its file holds."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()


def environment(service: Service, ledger: Path | str, key: str = KEY) -> dict[str, str]:
    """Return the variables with which a client connects to it."""
    return os.environ | {
        "INCIDENTIO_BASE_URL": service.url,
        "INCIDENTIO_API_KEY": key,
        "INCIDENTIO_LEDGER": str(ledger),
        "INCIDENTIO_TRAINING": "",
    }
