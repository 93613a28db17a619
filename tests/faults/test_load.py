"""Long watches, in small: nothing is left behind; `python -m tests.faults` is the large."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.storm


def test_board(attack):
    """A board that is refreshed again and again leaves threads, sockets, widgets and memory as they were."""
    assert attack("board", 200)["wrong"] == []


def test_cells(attack):
    """Cells that read, write, fail and explain themselves leave nothing behind, and only the mistyped ones fail."""
    assert attack("cells", 40)["wrong"] == []


def test_day(attack):
    """Under the service's own limits every list arrives; waits are told, bounded, and no request is refused."""
    found = attack("day", 170)
    assert found["wrong"] == []
    assert found["waits told"] > 0
    assert found["refused"] == 0
    assert found["longest wait"] < 10
