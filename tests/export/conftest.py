"""A sandbox with a few thousand incidents, and clients of it that never wait."""

from __future__ import annotations

import pytest
from crowd import multiply

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings


@pytest.fixture(scope="session")
def crowded():
    """A sandbox with 1,800 incidents; each test gets it reset to that."""
    limits = {"rate": 1_000_000, "list_rate": 1_000_000}
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True, **limits) as sandbox:
        multiply(sandbox, 1500)
        sandbox.service.store.keep()
        yield sandbox


@pytest.fixture(scope="session")
def small():
    """A sandbox with the usual 300 incidents."""
    limits = {"rate": 1_000_000, "list_rate": 1_000_000}
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True, **limits) as sandbox:
        yield sandbox


@pytest.fixture
def connected(tmp_path):
    """Connect to a sandbox, reset."""
    made = []

    def connected(sandbox, **options):
        if not made:
            sandbox.clear_faults()
            sandbox.reset()
        settings = {"base_url": sandbox.url, "key": Secret(sandbox.key), "ledger": tmp_path / "ledger.jsonl"}
        client = Incidents(Settings(**{**settings, **options}), sleep=lambda _seconds: None)
        made.append(client)
        return client

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def sandbox(small):
    """The sandbox most tests use."""
    return small


@pytest.fixture
def client(connected, sandbox):
    """A client of it."""
    return connected(sandbox)
