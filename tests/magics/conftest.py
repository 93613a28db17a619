"""A shell with the extension loaded, connected to a sandbox whose clock stands still."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

VARIABLES = ("INCIDENTIO_BASE_URL", "INCIDENTIO_API_KEY", "INCIDENT_API_KEY", "INCIDENTIO_TRAINING")


@pytest.fixture
def sandbox(seeded, monkeypatch, tmp_path):
    """The sandbox as it was at its start, and the environment that connects to it."""
    seeded.clear_faults()
    seeded.reset()
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INCIDENTIO_BASE_URL", seeded.url)
    monkeypatch.setenv("INCIDENTIO_API_KEY", seeded.key)
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "ledger.jsonl"))
    return seeded


@pytest.fixture
def shell(bare_shell, sandbox):
    """A shell with the extension, connected to the sandbox."""
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    return bare_shell


@pytest.fixture
def run(shell):
    """Run a cell and return its value; an error in it is raised."""

    def run(cell):
        result = shell.run_cell(cell, store_history=True)
        result.raise_error()
        return result.result

    return run


@pytest.fixture
def write(run):
    """Run a cell that writes and return the row of its receipt, with its sentence and whether it was sent."""

    def write(cell):
        receipt = run(cell)
        (row,) = receipt.to_dict("records")
        return SimpleNamespace(**row, sentence=receipt.attrs["sentence"], sent=row["outcome"] == "sent")

    return write
