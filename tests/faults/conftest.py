"""What the attacks inside the suite share: a sandbox, and clients whose waits are instant."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings

HERE = Path(__file__).parents[2]
EPOCH = "2026-01-15T14:00:00Z"


@pytest.fixture(scope="session")
def seeded():
    """One sandbox for all; each test gets it reset."""
    with Sandbox(seed=1, epoch=EPOCH, incidents=120, rate=100_000_000, list_rate=100_000_000) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(seeded):
    """The sandbox as it was at its start."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def make_client(sandbox, tmp_path):
    """Build clients whose waits take no time."""
    clients = []

    def make(**options):
        settings = {
            "base_url": sandbox.url,
            "key": Secret(sandbox.key),
            "ledger": tmp_path / f"ledger-{len(clients)}.jsonl",
            **options,
        }
        clients.append(Incidents(Settings(**settings), sleep=lambda _seconds: time.sleep(0)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client):
    """A client of the sandbox."""
    return make_client()


@pytest.fixture
def meanwhile(sandbox):
    """Do something once, while the sandbox's next request to an endpoint is on its way: before it, or after it."""
    patched = []

    def meanwhile(client, method, act, *, after=False):
        original = getattr(client.api, method)
        lock = threading.Lock()
        done = []

        def call(*arguments, **more):
            with lock:
                first = not done
                done.append(1)
            if first and not after:
                act()
            result = original(*arguments, **more)
            if first and after:
                act()
            return result

        patched.append((client.api, method))
        setattr(client.api, method, call)

    yield meanwhile
    for api, method in patched:
        delattr(api, method)


@pytest.fixture
def attack(tmp_path):
    """Run one attack in a process without threads, which may fork, and return what it reports."""

    def attack(name, count):
        report = tmp_path / "report.json"
        command = [sys.executable, "-m", "tests.faults", "--only", name, "--count", str(count), "--report", str(report)]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=100, check=False)
        assert report.exists(), done.stderr
        found = json.loads(report.read_text())[name]
        assert done.returncode == bool(found["wrong"])
        return found

    return attack
