"""The ways a notebook is run: papermill, voila, plain IPython, a console, `%run`, a module of functions, a profile."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

EDIT = "%incidents edit {{ ref }} --severity Minor"
PROFILE = 'c.InteractiveShellApp.extensions.append("incidentio_magic")\n'


def edits(sandbox):
    """Return how many edits the sandbox was asked for."""
    return sum("actions/edit" in request["path"] for request in sandbox.requests)


@pytest.fixture
def environment(sandbox, tmp_path):
    """An environment that leads to the sandbox, with a profile of its own."""
    return {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}


@pytest.mark.slow
def test_papermill_with_parameters(sandbox, tmp_path):
    """Parameters that papermill injects reach the magics, and a mistake stops the run with its message."""
    import nbformat
    import papermill

    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("%load_ext incidentio_magic"),
            nbformat.v4.new_code_cell("ref = 'INC-1'", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(EDIT),
        ],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )
    source, made = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(book, source)
    papermill.execute_notebook(source, made, parameters={"ref": "INC-291"}, progress_bar=False)
    assert edits(sandbox) == 1
    assert "INC-291 edited: severity." in made.read_text("utf-8")
    with pytest.raises(papermill.PapermillExecutionError, match="There is no incident"):
        papermill.execute_notebook(source, made, parameters={"ref": "INC-99999"}, progress_bar=False)


@pytest.mark.slow
def test_plain_ipython(sandbox, environment):
    """`ipython -c` runs a magic, and shows its outcome once."""
    code = "%load_ext incidentio_magic\nref = 'INC-291'\n" + EDIT
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.count("INC-291 edited: severity.") == 1, done
    assert edits(sandbox) == 1


@pytest.mark.slow
def test_a_profile_loads_the_extension_in_every_shell(sandbox, environment, tmp_path):
    """The two lines of the README load the extension without %load_ext."""
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(PROFILE)
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", "%incidents severities"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Critical" in done.stdout, done


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.slow
def test_voila(sandbox, environment, tmp_path):
    """voila runs the notebook for its visitor: the page has the table and the receipt, and no traceback."""
    import nbformat

    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("%load_ext incidentio_magic"),
            nbformat.v4.new_code_cell("ref = 'INC-291'\n%incidents list --limit 3"),
            nbformat.v4.new_code_cell(EDIT),
        ],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )
    nbformat.write(book, tmp_path / "page.ipynb")
    port = free_port()
    command = [
        sys.executable, "-m", "voila", str(tmp_path / "page.ipynb"), "--no-browser", f"--port={port}",
        "--Voila.ip=127.0.0.1", "--show_tracebacks=True",
    ]  # fmt: skip
    environment |= {name: str(tmp_path / name) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    with (tmp_path / "voila.log").open("w", encoding="utf-8") as log:
        voila = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        page = ""
        for _ in range(100):
            try:
                page = requests.get(f"http://127.0.0.1:{port}/", timeout=60).text
                break
            except requests.ConnectionError:
                time.sleep(0.3)
        assert "INC-291 edited: severity." in page, (tmp_path / "voila.log").read_text("utf-8")
        assert "Critical" in page
        assert "Traceback" not in page
        assert edits(sandbox) == 1
    finally:
        voila.terminate()
        voila.wait(20)


MODULE = """
from IPython import get_ipython

def lower(ref):
    return get_ipython().run_line_magic("incidents", "edit {{ ref }} --severity Minor")

def share(ref):
    return get_ipython().run_cell_magic("incident_update", ref, "Said by a module.")
"""


def test_magics_from_a_module(run, sandbox, tmp_path, monkeypatch):
    """Functions of an imported module run magics: they see the function's own names, and return receipts."""
    (tmp_path / "our_runbook.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    run("import our_runbook")
    lowered = run("our_runbook.lower('INC-291')")
    assert (lowered["outcome"].item(), lowered["reference"].item()) == ("sent", "INC-291")
    assert edits(sandbox) == 1
    assert run("our_runbook.share('INC-291')")["outcome"].item() == "sent"


def test_run_of_a_file(run, sandbox, tmp_path):
    """A file with magics, run by %run, sees its own names."""
    path = tmp_path / "runbook.ipy"
    path.write_text(f"ref = 'INC-291'\n{EDIT}\n")
    run(f"%run {path}")
    assert edits(sandbox) == 1
    run(f"%run -i {path}")
    assert edits(sandbox) == 1


def test_top_level_await(run, sandbox):
    """A magic beside an await at the top level of a cell."""
    run(f"import asyncio\nref = 'INC-291'\nawait asyncio.sleep(0)\n{EDIT}")
    assert edits(sandbox) == 1


@pytest.mark.slow
def test_a_console(sandbox, environment, tmp_path):
    """jupyter-console runs a magic in a kernel and shows its text."""
    lines = "%load_ext incidentio_magic\nref = 'INC-291'\n" + EDIT + "\n"
    environment |= {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    for _attempt in range(3):  # on a busy machine it may wait forever for a first answer that it missed
        shown = in_a_console(lines, environment, "INC-291 edited: severity.", seconds=35)
        if shown:
            break
    assert shown


def in_a_console(lines, environment, wanted, *, seconds):
    """Type lines into a console, and return the line that shows what is wanted; nothing if none does in time."""
    command = [sys.executable, "-m", "jupyter_console", "--simple-prompt", "--no-confirm-exit"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment, text=True, start_new_session=True, **pipes) as console:
        end = threading.Timer(seconds, os.killpg, (console.pid, signal.SIGKILL))
        end.start()
        console.stdin.write(lines)
        console.stdin.flush()
        shown = next((line for line in console.stdout if wanted in line), "")
        end.cancel()
        if console.poll() is None:
            os.killpg(console.pid, signal.SIGKILL)
    return shown
