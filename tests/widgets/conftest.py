"""Boards over a clock that only tests move, forms over a sandbox, both without a kernel; no callback fails unseen."""

from __future__ import annotations

from datetime import UTC

import pytest
from board_stage import Clock, Service
from ipywidgets.widgets import widget as widgets
from ipywidgets.widgets.widget import CallbackDispatcher

from incidentio_magic.client import Incidents
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.widgets.board import Board
from incidentio_magic.widgets.poller import Poller


@pytest.fixture
def clock():
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def service(clock):
    """A service without incidents."""
    return Service(clock)


@pytest.fixture
def poller(clock, service, monkeypatch):
    """A poller without its thread: `turn` does what the thread would."""
    poller = Poller(lambda _announce, _sleep: service, clock=clock, random=lambda: 0.5)
    monkeypatch.setattr(poller, "start", lambda: None)
    yield poller
    poller.close()


@pytest.fixture
def board(poller):
    """Make a board, read once; everything is closed afterwards."""
    made = []

    def make(filters=None, **options):
        board = Board(poller, filters or {"open": True}, zone=UTC, **options)
        made.append(board)
        poller.turn()
        return board

    yield make
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def _strict_callbacks(monkeypatch):
    """Let a raising callback raise: ipywidgets only logs it."""

    def strict(self, *args, **options):
        for callback in list(self.callbacks):
            callback(*args, **options)

    monkeypatch.setattr(CallbackDispatcher, "__call__", strict)


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
