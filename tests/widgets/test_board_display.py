"""What a board leaves in a notebook, and how it ends with its process."""

from __future__ import annotations

import subprocess
import sys

import ipywidgets
import pytest
from board_stage import html, incident

from incidentio_magic.widgets.board_panels import Panel

PROGRAM = """
from incidentio_magic.sandbox import Sandbox
import os, types
from IPython.core.interactiveshell import InteractiveShell
sandbox = Sandbox(seed=1).__enter__()
os.environ["INCIDENTIO_BASE_URL"], os.environ["INCIDENTIO_API_KEY"] = sandbox.url, sandbox.key
shell = InteractiveShell.instance()
shell.kernel = types.SimpleNamespace()
shell.get_parent = lambda: {"metadata": {"cellId": "a"}}
shell.run_line_magic("load_ext", "incidentio_magic")
shell.user_ns["board"] = shell.run_line_magic("incidents", "board")
assert shell.user_ns["board"].feed.snapshot is not None
"""


def test_a_saved_notebook_says_that_the_board_is_not_live(board, service, monkeypatch):
    """An ordinary output says what to do, holds no incident, and is hidden while the widget is live."""
    service.rows = [incident(1, name="Acquisition", visibility="private")]
    shown = board()
    bundles = []
    for module in ("board_display", "display"):
        monkeypatch.setattr(
            f"incidentio_magic.widgets.{module}.display", lambda bundle, **_options: bundles.append(bundle)
        )
    shown._ipython_display_()
    last = bundles[-1]
    assert last["text/plain"] == "This board is not live. Run this cell again for a fresh board."
    assert "Acquisition" not in str(bundles)
    assert ":has(.incidents-board) .incidents-board-saved { display: none; }" in html(shown)


def test_a_board_without_its_kernel_says_so(board):
    """The sentence is part of the board; the class that ipywidgets sets without a kernel shows it."""
    text = html(board())
    assert "The kernel of this board is gone, so it no longer refreshes. Run this cell again for a fresh board." in text
    gone = ".incidents-board:is(.jupyter-widgets-disconnected, .incidentio-lost)"
    assert f"{gone} button {{ display: none; }}" in text


def test_the_saved_text_is_bounded(board, service):
    """The text of a board of 300 holds the rows that are shown, and counts the others."""
    service.rows = [incident(number) for number in range(1, 301)]
    text = board()._repr_mimebundle_()["text/plain"]
    assert "… and 250 more, less urgent." in text
    assert len(text) < 8000


@pytest.mark.slow
def test_a_process_with_a_live_board_ends_without_output(tmp_path):
    """Nothing is printed at exit, neither by the board's thread nor by its widgets."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_closing_closes_hidden_forms(board, service):
    """A board that closes leaves no panel open, hidden ones included."""
    service.rows = [incident(1)]
    shown = board(kinds=("update",), open_form=lambda _kind, _reference: ipywidgets.VBox())
    shown._panels.show_form("update", "INC-1")
    panel = shown._panels._panels["update", "INC-1"]
    assert isinstance(panel, Panel)
    shown._panels.hide("update", "INC-1")
    shown.close()
    assert panel.comm is None
