"""The guide: pages that open alike, a cheat sheet from the help's own table, and links that lead somewhere.

`python tests/test_guide.py` writes the cheat sheet. `.ci/notebooks` compares every output with the saved one.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from incidentio_magic.magics._groups import groups
from incidentio_magic.magics.extension import SUMMARIES, IncidentMagics

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "notebooks" / "guide"
PAGES = sorted(GUIDE.glob("*.ipynb"))
SHEET = GUIDE / "cheat-sheet.md"
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([\w-]+))?\)|(?:src|srcset)=\"(?!https?:)([^\"]+)\"")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / ".github").glob("*.md"), *GUIDE.glob("*.md")]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


def sheet():
    """Return the tables of the cheat sheet, from the table that the help uses."""
    lines = []
    for title, commands in groups(SUMMARIES):
        lines += ["", f"## {title}", "", "| command | shows or does |", "|---|---|"]
        lines += [f"| `{command.example}` | {summary} |" for command, summary in commands]
    return "\n".join(lines).strip() + "\n"


def with_tables(text):
    """Return the cheat sheet with today's tables between its two marks."""
    return re.sub(r"(?<=<!-- commands -->\n)(.*?)(?=<!-- end -->)", lambda _: sheet(), text, flags=re.DOTALL)


def cells(path, kind):
    """Return the texts of a notebook's cells of a kind."""
    notebook = json.loads(path.read_text("utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def texts(path):
    """Return the Markdown of a document or of a notebook, without its code."""
    text = "\n\n".join(cells(path, "markdown")) if path.suffix == ".ipynb" else path.read_text("utf-8")
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(path):
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", texts(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_opens_with_what_it_teaches(path):
    """A page says first what the reader will be able to do, and runs on a sandbox that it stops."""
    opening = cells(path, "markdown")[0]
    assert re.match(r"# \w.+\n\nOn this page you learn to:\n\n(- .+\n(  .+\n)*){2,5}", opening)
    code = cells(path, "code")
    assert code[0].startswith("%load_ext incidentio_magic\n%incidents sandbox --seed 1")
    assert "%incidents sandbox stop" in code[-1]


def test_every_page_is_in_the_index():
    """The index of the guide names every page, and only those there are."""
    named = set(re.findall(r"\]\(([\w-]+\.(?:ipynb|md))\)", (GUIDE / "README.md").read_text("utf-8")))
    assert named == {path.name for path in [*PAGES, *GUIDE.glob("*.md")]} - {"README.md"}


def test_every_option_is_explained():
    """The table of options names every option of `%config IncidentMagics`, and no other."""
    text = "\n".join(cells(GUIDE / "configuration.ipynb", "markdown"))
    named = re.findall(r"^\| `(\w+)` \|", text.partition("## Options")[2].partition("## ")[0], re.MULTILINE)
    assert sorted(named) == sorted(IncidentMagics.class_own_traits(config=True))


def test_the_cheat_sheet_is_the_helps_table():
    """The cheat sheet lists every command as `%incidents --help --all` does."""
    text = SHEET.read_text("utf-8")
    assert with_tables(text) == text
    assert text.count("%incidents") > 20


@pytest.mark.parametrize("path", [*DOCUMENTS, *NOTEBOOKS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    """A relative link names a file that exists, and a heading that is in it."""
    for target, anchor, source in LINK.findall(texts(path)):
        found = (path.parent / (target or source or path.name)).resolve()
        assert found.exists(), f"{path.name} links to {target or source}"
        assert not anchor or anchor in anchors(found), f"{path.name} links to #{anchor}"


if __name__ == "__main__":
    SHEET.write_text(with_tables(SHEET.read_text("utf-8")), "utf-8")
    sys.stdout.write("The cheat sheet has the commands of today\n")
