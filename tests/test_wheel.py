"""The wheel has the package, its notebooks and its licence in it, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = re.compile(
    r"incidentio_magic/([\w/]+\.(py|html)|py\.typed|notebooks/\d\d-[\w-]+\.ipynb|[\w/-]+\.(toml|md\.jinja))"
    r"|incidentio_magic-[\w.]+\.dist-info/(METADATA|WHEEL|RECORD|licenses/LICENSE|entry_points\.txt)"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from this tree by the installed build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_only_what_belongs_there(wheel):
    """No test, cache, notebook output, database, key or machine's file is in the wheel."""
    assert [name for name in wheel.namelist() if not ALLOWED.fullmatch(name)] == []


def test_everything_that_belongs_there(wheel):
    """Every module of the package is in the wheel, and the mark that it is typed."""
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "incidentio_magic").rglob("*.py")}
    assert modules | {"incidentio_magic/py.typed"} <= set(wheel.namelist())


def test_nothing_of_this_machine(wheel):
    """No path of the machine that built it is in any file of the wheel."""
    for name in wheel.namelist():
        assert str(ROOT).encode() not in wheel.read(name), name
