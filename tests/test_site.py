"""The tools of the site: a link that leads nowhere is found, and every page and command is in it.

Serves .github/docs.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from incidentio_magic.magics.extension import CELLS, SUBCOMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / ".github" / "docs"


def program(name):
    """Return a program of the site as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def links():
    """The program that follows the links of a built site."""
    return program("links")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("b.html", []),
        ("b.html#there", []),
        ("#here", []),
        ("https://example.com/nowhere", []),
        ("folder/", []),
        ("c.html", ["a.html: c.html"]),
        ("b.html#nowhere", ["a.html: b.html#nowhere"]),
        ("#nowhere", ["a.html: #nowhere"]),
    ],
)
def test_a_link_that_leads_nowhere_is_found(links, tmp_path, link, found):
    """A link inside the site needs its page and its anchor; an outside address is not followed."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text("", "utf-8")
    (tmp_path / "a.html").write_text(f'<h1 id="here"><a href="{link}">a link</a></h1>', "utf-8")
    (tmp_path / "b.html").write_text('<a name="there"></a>', "utf-8")
    assert links.broken(tmp_path)[1] == found


def test_the_index_names_every_page():
    """Every notebook, document and reference page is in the site's contents; a page that is not cannot be found."""
    named = set(re.findall(r"^([\w./-]+)$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE))
    pages = [
        *(ROOT / "notebooks").rglob("*.ipynb"),
        *(ROOT / "notebooks").rglob("*.md"),
        *(ROOT / ".github").glob("*.md"),
    ]
    assert named >= {
        str(page.relative_to(ROOT).with_suffix("")) for page in pages if ".ipynb_checkpoints" not in str(page)
    }
    assert named >= {"api", "commands", "CHANGELOG"}


def test_the_reference_explains_every_command(tmp_path):
    """The page of commands has the usage of every subcommand and cell."""
    program("conf").write_commands(SimpleNamespace(srcdir=tmp_path))
    text = (tmp_path / "commands.md").read_text("utf-8")
    for name in SUBCOMMANDS:
        assert f"\nusage: %incidents {name} " in text, name
    for name in CELLS:
        assert f"\nusage: %%{name} " in text, name
