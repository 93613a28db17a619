"""Drafts of the sandbox's incidents."""

from __future__ import annotations

import pytest

from incidentio_magic.client import Incidents
from incidentio_magic.settings import Secret, Settings


@pytest.fixture
def client(sandbox, tmp_path):
    """A client of the sandbox that does not wait."""
    settings = Settings(
        base_url=sandbox.url, key=Secret(sandbox.key), ledger=tmp_path / "ledger.jsonl", max_wait=0, timeout=5
    )
    with Incidents(settings, sleep=lambda _seconds: None) as client:
        yield client
