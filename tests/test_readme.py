"""The README is true: its commands are the ones that run, and its examples have the answers it shows.

`python tests/test_readme.py` writes the real answers into the README.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from incidentio_magic.sandbox import Sandbox

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"(?<=```ipython\n)(.*?)(?=```)", re.DOTALL)


def cells(block):
    """Yield the cells of a block: a line after >>> and those after ... below it."""
    cell = []
    for line in block.splitlines():
        if line.startswith(">>> "):
            if cell:
                yield "\n".join(cell)
            cell = [line[4:]]
        elif line.startswith("... ") and cell:
            cell.append(line[4:])
    if cell:
        yield "\n".join(cell)


def played(text):
    """Return the README with every block's answers as they are now."""
    with Sandbox(seed=1, incidents=20) as sandbox, TemporaryDirectory() as folder:
        ledger = str(Path(folder) / "ledger.jsonl")
        os.environ |= {
            "COLUMNS": "120",
            "INCIDENTIO_BASE_URL": sandbox.url,
            "INCIDENTIO_API_KEY": sandbox.key,
            "INCIDENTIO_LEDGER": ledger,
        }
        with chdir(folder):  # what an example writes is written there
            return _played(text)


def _played(text):
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("colors", "nocolor")

    def answers(found):
        lines = []
        for cell in cells(found[0]):
            first, *more = cell.split("\n")
            lines += [f">>> {first}", *(f"... {line}" for line in more)]
            output = StringIO()
            with redirect_stdout(output):
                shell.run_cell(cell)
            shown = re.sub(r"^Out\[\d+\]: ?\n?", "", output.getvalue(), flags=re.MULTILINE).rstrip()
            lines += [line.rstrip() for line in shown.splitlines()]
        return "\n".join(lines) + "\n"

    try:
        return BLOCK.sub(answers, text)
    finally:
        if "incidentio_magic" in shell.extension_manager.loaded:
            shell.extension_manager.unload_extension("incidentio_magic")
        InteractiveShell.clear_instance()


@pytest.mark.slow
def test_examples_are_real(monkeypatch):
    """Every example in the README answers what the README shows."""
    for name in ("COLUMNS", "INCIDENTIO_BASE_URL", "INCIDENTIO_API_KEY", "INCIDENTIO_LEDGER"):
        monkeypatch.setenv(name, "")  # so that they are put back afterwards
    monkeypatch.delenv("INCIDENTIO_TRAINING", raising=False)
    text = README.read_text("utf-8")
    assert played(text) == text


@pytest.mark.parametrize("name", ["demo-command", "test-command"])
def test_commands_are_marked(name):
    """The two commands are where the continuous integration looks for them."""
    assert re.search(rf"<!-- {name} -->\n```sh\n[^`]+\n```", README.read_text("utf-8"))


def test_it_is_short():
    """The README is read in five minutes; what is longer belongs into the guide."""
    assert len(README.read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_moving_picture(scheme):
    """The picture at the top moves, is there for light and dark pages, and loads quickly."""
    path = README.parent / "notebooks" / "pictures" / f"tour-{scheme}.webp"
    assert str(path.relative_to(README.parent)) in README.read_text("utf-8")
    assert path.stat().st_size <= 1_500_000
    with Image.open(path) as picture:
        assert picture.n_frames > 10
        assert picture.width >= 800


if __name__ == "__main__":
    README.write_text(played(README.read_text("utf-8")), "utf-8")
    sys.stdout.write("README.md has the answers of today\n")
