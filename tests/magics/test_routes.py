"""The ways a notebook is run without a person before it: papermill, plain IPython, a console, `%run`, a profile."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import papermill
import pytest

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
    lines = "%load_ext incidentio_magic\nref = 'INC-291'\n" + EDIT + "\nexit\n"
    command = [sys.executable, "-m", "jupyter_console", "--simple-prompt", "--no-confirm-exit"]
    environment |= {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    done = subprocess.run(
        command, input=lines, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert "INC-291 edited: severity." in done.stdout, done
