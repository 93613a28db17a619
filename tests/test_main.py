"""The command line: demo, lab and sandbox.

Serves `demo.py`, `lab.py` and `__init__.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from incidentio_magic import __main__, demo


def run(*arguments, **options):
    """Run `python -m incidentio_magic` and return how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "incidentio_magic", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        **options,
    )


@pytest.mark.slow
def test_demo_plays_the_whole_story(tmp_path):
    """The demo runs without key or network and shows each cell with its real answer."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT")}
    # A terminal's width: without one, a frame is shown in 80 columns and leaves some out.
    done = run("demo", env={**environment, "HOME": str(tmp_path), "COLUMNS": "160"})
    assert done.returncode == 0, done.stdout + done.stderr
    for expected in (
        "In [3]: %incidents",
        "Critical",
        "INC-301 declared at",
        "Already shared on INC-301",
        "The error rate is **7.3 %**",
        "Closed",
        "The sandbox has stopped",
    ):
        assert expected in done.stdout
    assert "Error" not in done.stdout
    assert done.stdout.count("updated at") == 3


@pytest.mark.slow
def test_demo_fails_when_a_cell_fails(monkeypatch):
    """A cell that fails is not passed over: the exit code says so."""
    program = (
        "from incidentio_magic import demo\n"
        "demo.CELLS = ('%load_ext incidentio_magic', '%incidents sandbox', '%incidents lst')\n"
        "raise SystemExit(demo.main([]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 1
    assert "did you mean list?" in done.stdout


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--help",), 0), (("dmeo",), 2)])
def test_overview(arguments, code, capsys):
    """Without a command, or with a wrong one, the commands are listed."""
    assert __main__.main(arguments) == code
    captured = capsys.readouterr()
    for name in __main__.COMMANDS:
        assert name in captured.out + captured.err


def test_a_missing_extra_is_named(capsys, monkeypatch):
    """A command whose extra is not installed says what to install."""
    monkeypatch.setitem(__main__.COMMANDS, "lab", ("", "no_such_package_at_all", "sandbox,lab"))
    assert __main__.main(["lab"]) == 2
    assert 'pip install "incidentio-magic[sandbox,lab]"' in capsys.readouterr().err


def test_demo_takes_no_arguments(capsys):
    """A wrong argument is told."""
    with pytest.raises(SystemExit) as stopped:
        demo.main(["--fast"])
    assert stopped.value.code == 2
    assert "--fast" in capsys.readouterr().err


def test_sandbox_command_is_there():
    """The sandbox's own options are explained."""
    done = run("sandbox", "--help")
    assert done.returncode == 0
    for option in ("--host", "--port", "--db", "--seed", "--epoch", "--incidents", "--key", "--rate", "--latency"):
        assert option in done.stdout


LAB = """
import sys, types
sys.modules["jupyterlab"] = types.ModuleType("jupyterlab")
from incidentio_magic import lab
import subprocess
def record(command, env, check):
    import requests
    answer = requests.get(env["INCIDENTIO_BASE_URL"] + "/v1/identity", timeout=10,
                          headers={"Authorization": "Bearer " + env["INCIDENTIO_API_KEY"]})
    print(command[1:], answer.status_code)
    return types.SimpleNamespace(returncode=0)
subprocess.run = record
lab.circumstances = lambda given: ["--allow-root"]
raise SystemExit(lab.main(["--folder", "mine", "--", "--no-browser"]))
"""


@pytest.mark.slow
def test_lab_copies_the_notebooks_and_serves_a_sandbox(tmp_path):
    """Lab works on a copy of the notebooks, keeps what is there, and has a sandbox running."""
    (tmp_path / "mine").mkdir()
    for _time in range(2):
        done = subprocess.run(
            [sys.executable, "-c", LAB], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
        )
        assert done.returncode == 0, done.stderr
        assert "'mine/01-quickstart.ipynb', '--allow-root', '--no-browser'] 200" in done.stdout
        notebook = Path(tmp_path / "mine" / "01-quickstart.ipynb")
        assert notebook.exists()
        notebook.write_text("edited")
    assert notebook.read_text() == "edited"


@pytest.mark.parametrize(
    ("given", "is_root", "in_container", "options"),
    [
        ([], False, False, []),
        ([], True, False, ["--allow-root"]),
        ([], True, True, ["--allow-root", "--ip=0.0.0.0", "--no-browser"]),
        (["--ip=127.0.0.1", "--no-browser"], True, True, ["--allow-root"]),
        (["--ServerApp.ip=127.0.0.1"], False, True, ["--no-browser"]),
    ],
)
def test_lab_starts_as_root_and_in_a_container(given, is_root, in_container, options):
    """JupyterLab gets what it needs there, and what was given stays."""
    pytest.importorskip("jupyterlab")
    from incidentio_magic import lab

    assert lab.circumstances(given, is_root=is_root, in_container=in_container) == options
