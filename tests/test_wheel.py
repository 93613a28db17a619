"""The wheel has the package, its notebooks and its licence in it, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = re.compile(
    r"incidentio_magic/([\w/]+\.(py|html|js)|py\.typed|notebooks/(\d\d-|guide/)[\w-]+\.(ipynb|md)"
    r"|[\w/-]+\.(json|toml|jinja|md\.jinja))"
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


@pytest.mark.slow
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


def test_the_page_of_the_package(wheel):
    """On the package's page every link and picture is absolute, and the wheel stays under a megabyte."""
    (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    metadata = wheel.read(name).decode()
    links = re.findall(r"\]\(([^)]+)\)", metadata)
    assert len(links) > 10
    assert not [link for link in links if not link.startswith(("https://", "http://", "#"))]
    assert not re.findall(r"(?:src|srcset)=\"(?!https://)", metadata)
    assert "Project-URL: Changelog, https://" in metadata
    assert Path(wheel.filename).stat().st_size < 1_000_000


def test_the_versions_it_takes_have_a_reason():
    """Each lower bound that is there for old environments says which."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for name in ("pandas", "ipython", "ipywidgets"):
        assert re.search(rf'^  "{name}>=[\d.]+", # \w', text, re.MULTILINE)


def test_notebooks_have_their_charts_once(wheel):
    """Every notebook is there with all its cells; a chart that JupyterLab draws has no picture beside it."""
    folder = ROOT / "notebooks"
    sources = sorted([*folder.glob("[0-9]*.ipynb"), *folder.glob("guide/*.ipynb")])
    assert len(sources) > 10
    drawn = 0
    for path in sources:
        inside = json.loads(wheel.read(f"incidentio_magic/notebooks/{path.relative_to(folder).as_posix()}"))
        source = json.loads(path.read_text("utf-8"))
        assert [cell["source"] for cell in inside["cells"]] == [cell["source"] for cell in source["cells"]]
        data = [output.get("data", {}) for cell in inside["cells"] for output in cell.get("outputs", ())]
        charts = [part for part in data if "application/vnd.vegalite.v5+json" in part]
        assert not [part for part in charts if "image/png" in part]
        drawn += len(charts)
    assert drawn
