"""Drafts of the sandbox's incidents."""

from __future__ import annotations

import pytest

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings


@pytest.fixture(scope="session")
def seeded():
    """One sandbox for all."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(seeded):
    """The sandbox as it was at its start."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def client(sandbox, tmp_path):
    """A client of the sandbox that does not wait."""
    settings = Settings(
        base_url=sandbox.url, key=Secret(sandbox.key), ledger=tmp_path / "ledger.jsonl", max_wait=0, timeout=5
    )
    with Incidents(settings, sleep=lambda _seconds: None) as client:
        yield client
