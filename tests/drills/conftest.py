"""Sandboxes whose clock stands still until a test moves it, and their clients."""

from __future__ import annotations

import pytest

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings

EPOCH = "2026-01-15T14:00:00Z"


@pytest.fixture(scope="session")
def seeded():
    """A class of three, shared; each test gets it reset."""
    with Sandbox(seed=1, epoch=EPOCH, incidents=20, trainees=3, frozen=True, list_rate=100_000) as sandbox:
        yield sandbox


@pytest.fixture
def school(seeded):
    """The class as it was at its start."""
    seeded.reset()
    return seeded


@pytest.fixture
def make(school, tmp_path):
    """Make clients: the facilitator's, or a trainee's by number."""
    made = []

    def make(number=None, where=school):
        key = where.key if number is None else where.roster.trainees[number].key
        settings = Settings(where.url, Secret(key), training=number is not None, ledger=tmp_path / f"{number}.jsonl")
        made.append(Incidents(settings, sleep=lambda _seconds: None))
        return made[-1]

    yield make
    for client in made:
        client.close()
