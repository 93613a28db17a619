"""A sandbox in a process of its own, with the latency and the rates that a benchmark asks for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.client import Incidents

# Bytecode is written and read, as it is for an installed package.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
EPOCH = "2026-01-15T14:00:00Z"
CATEGORIES = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")
MODES = ("standard", "retrospective", "test", "tutorial")
EVERYTHING = [
    *(("mode[one_of]", mode) for mode in MODES),
    *(("status_category[one_of]", category) for category in CATEGORIES),
]


@contextmanager
def started(*command: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run a server that prints its two export lines, and return its process, address and key."""
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        assert process.stdout is not None
        url, key = (process.stdout.readline().strip().partition("=")[2].strip("'") for _ in range(2))
        if not url:
            raise RuntimeError(f"{' '.join(command)} did not start")
        yield process, url, key
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def served(*command: str) -> Iterator[tuple[str, str]]:
    """Run a server that prints its two export lines, and return its address and key."""
    with started(*command) as (_process, url, key):
        yield url, key


@contextmanager
def sandbox(*options: str) -> Iterator[tuple[str, str]]:
    """Run a sandbox whose clock stands still, and return its address and key."""
    with served("incidentio_magic", "sandbox", "--epoch", EPOCH, "--frozen", *options) as found:
        yield found


def page(url: str, key: str, size: int) -> bytes:
    """Return one page of incidents as the service sends it."""
    answer = requests.get(
        f"{url}/v2/incidents",
        params=[("page_size", str(size)), *EVERYTHING],
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    answer.raise_for_status()
    return answer.content


def spans(io: Incidents) -> list[tuple[float, float]]:
    """Return a list that from now on fills with when each request was sent and answered, in seconds from any start."""
    found: list[tuple[float, float]] = []
    transport: Any = io.transport
    exchange = transport._exchange

    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        answer = exchange(*arguments)
        found.append((start, time.perf_counter()))
        return answer

    transport._exchange = timed
    return found
