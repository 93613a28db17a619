"""%incidents login: the key goes into the system's key store, and stays nowhere else."""

from __future__ import annotations

import io
import os
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A home of its own, where whatever is written by default ends up."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("IPYTHONDIR", str(home / "ipython"))
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def remembering(sandbox, home, monkeypatch):
    """A shell that keeps its history in a file, connected to the sandbox's address, but without a key."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(home / "ledger.jsonl"))
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = str(home / "history.sqlite")
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("load_ext", "incidentio_magic")
    yield shell
    shell.extension_manager.unload_extension("incidentio_magic")
    shell.history_manager.end_session()
    shell.reset()
    InteractiveShell.clear_instance()


def test_login_keeps_the_key_in_the_key_store_alone(remembering, memory, home, sandbox, monkeypatch, capsys):
    """After a login and a write: the key store has the key; no file, history, variable, ledger or output has it."""
    monkeypatch.setattr("getpass.getpass", lambda _prompt: sandbox.key)
    environment = dict(os.environ)
    cells = [
        "%incidents login",
        "%incidents severities --out known",
        "%%incident_declare --severity Minor --mode test\nAfter a login",
        "%incidents log --out written",
    ]
    for cell in cells:
        remembering.run_cell(cell, store_history=True).raise_error()
    assert memory.kept == {("incidentio_magic", sandbox.url): sandbox.key}
    assert dict(os.environ) == environment
    assert sandbox.key not in str(environment)

    history = remembering.history_manager
    history.writeout_cache()
    history.end_session()
    typed = [text for _session, _line, text in history.get_range(raw=True)]
    assert cells[0] in typed
    files = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert {"history.sqlite", "ledger.jsonl"} <= {path.name for path in files}
    assert [path for path, content in files.items() if sandbox.key.encode() in content] == []

    printed = io.StringIO()
    print(*capsys.readouterr(), typed, history.output_hist, history.outputs, sys.argv, file=printed)
    shown = {name: value for name, value in remembering.user_ns.items() if isinstance(value, str | list | dict)}
    print({name: repr(value) for name, value in shown.items()}, file=printed)
    assert "is now in this system's key store" in printed.getvalue()
    assert sandbox.key not in printed.getvalue()
