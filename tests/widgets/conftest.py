"""Boards over a clock that only tests move, forms over a sandbox, both without a kernel; no callback fails unseen."""

from __future__ import annotations

from datetime import UTC

import pytest
from board_stage import Clock, Service
from ipywidgets.widgets import widget as widgets
from ipywidgets.widgets.widget import CallbackDispatcher

from incidentio_magic.names.vocabulary import Vocabulary
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
    """A poller without its thread: `read_due` does what the thread would."""
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
        poller.read_due()
        return board

    yield make
    for entry in made:
        entry.close()


@pytest.fixture(autouse=True)
def _strict_callbacks(monkeypatch):
    """Let a raising callback raise: ipywidgets only logs it."""

    def strict(self, *args, **options):
        for callback in list(self.callbacks):
            callback(*args, **options)

    monkeypatch.setattr(CallbackDispatcher, "__call__", strict)


@pytest.fixture(autouse=True)
def no_leak():
    """Close what is left, so that no test sees the widgets of another."""
    yield
    for instance in list(widgets._instances.values()):
        instance.close()


@pytest.fixture(autouse=True)
def _without_own_forms(request, monkeypatch):
    """Let the organisation have no forms of its own, except where they are what is tested."""
    if request.path.name != "test_own_form.py":
        monkeypatch.setattr(Vocabulary, "forms", lambda _words: [])


@pytest.fixture
def sent(sandbox):
    """Return the bodies of the accepted and refused writes to a path."""

    def sent(path):
        return [
            request["body"] for request in sandbox.requests if request["method"] == "POST" and request["path"] == path
        ]

    return sent
