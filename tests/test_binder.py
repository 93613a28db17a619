"""Binder's start script: whatever it starts is connected to a sandbox of its own; `.ci/binder` does all its steps."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ASK = "from incidentio_magic import connect; io = connect(); print(io.settings.base_url, len(io.incidents()) > 0)"


def test_every_dependency_is_locked():
    """Binder's constraints pin each direct dependency to a version that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = (ROOT / "binder" / "constraints.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    constraints, requirement = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    installed = Requirement(f"incidentio-magic{requirement.removeprefix('.')}").extras
    assert {"sandbox", "files", "holidays"} <= installed
    for text in (*project["dependencies"], *(text for name in installed for text in extras[name])):
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text
    assert constraints == "-c constraints.txt"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_start_script_connects_to_a_sandbox(tmp_path):
    """A command started by it reads incidents without a key of its own, from this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        ["bash", "binder/start", "python", "-c", ASK],
        cwd=ROOT,
        env={**kept, "PATH": path, "TMPDIR": str(tmp_path), "INCIDENTIO_LEDGER": str(tmp_path / "ledger.jsonl")},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that the sandbox can be ended with it
    )
    try:
        printed = process.stdout.readline()
        assert process.wait(60) == 0
        assert printed.startswith("http://127.0.0.1:")
        assert printed.endswith("True\n")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
