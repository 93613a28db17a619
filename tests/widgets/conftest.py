"""Forms over a sandbox whose clock stands still, without a kernel."""

from __future__ import annotations

import pytest
from ipywidgets.widgets import widget as widgets

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings


@pytest.fixture(scope="session")
def seeded():
    """One sandbox for all; each test gets it reset."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(seeded):
    """The sandbox as it was at its start."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def connect(sandbox, tmp_path):
    """Make clients of the sandbox that never really sleep."""
    made = []

    def connect(**options):
        settings = {"base_url": sandbox.url, "key": Secret(sandbox.key), "ledger": tmp_path / "ledger.jsonl"}
        client = Incidents(Settings(**{**settings, **options}), sleep=lambda _seconds: None)
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()


@pytest.fixture
def client(connect):
    """A client of the sandbox."""
    return connect()


@pytest.fixture(autouse=True)
def no_leak():
    """Close what is left, so that no test sees the widgets of another."""
    yield
    for one in list(widgets._instances.values()):
        one.close()


@pytest.fixture
def sent(sandbox):
    """Return the bodies of the accepted and refused writes to a path."""

    def sent(path):
        return [one["body"] for one in sandbox.requests if one["method"] == "POST" and one["path"] == path]

    return sent
