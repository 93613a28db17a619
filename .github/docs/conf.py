"""How Sphinx makes the site from the README, the notebooks and the docstrings; `bash .ci/site` builds it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from incidentio_magic import __version__
from incidentio_magic.magics._groups import groups
from incidentio_magic.magics.extension import CELLS, SUBCOMMANDS, SUMMARIES
from incidentio_magic.magics.grammar import Grammar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

project = "incidentio_magic"
author = "The incidentio_magic authors"
project_copyright = author
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["README.md", "_static", "_extra"]  # index.md includes the README
suppress_warnings = [
    "misc.highlighting_failure",  # an error message is no Python
    "mystnb.unknown_mime_type",  # of a widget or an interactive chart: its text or picture is shown
]

default_role = "code"  # what docstrings write between backticks
myst_heading_anchors = 3
myst_links_external_new_tab = False
nb_execution_mode = "off"  # .ci/notebooks compares every saved output with a real one
nb_mime_priority_overrides = [
    ("html", "application/vnd.jupyter.widget-view+json", None),
    ("html", "application/javascript", None),
    ("html", "text/html", 0),
    ("html", "image/png", 10),
    ("html", "text/markdown", 20),
    ("html", "text/plain", 30),
]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "inherited-members": True, "show-inheritance": False}

html_theme = "furo"
html_title = f"incidentio_magic {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_extra"]  # the pictures that the README shows in HTML of its own
html_theme_options = {
    "source_repository": "https://github.com/incidentio-magic/incidentio-magic/",
    "source_branch": "main",
    "source_directory": "",
}
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True


def write_commands(app: Sphinx) -> None:
    """Write the reference of the commands: what each says when it is asked for `--help`."""
    lines = [
        "# Commands",
        "",
        "What `--help` says of each command. The [cheat sheet](notebooks/guide/cheat-sheet.md) is shorter.",
    ]
    for title, commands in groups(SUMMARIES):
        lines += ["", f"## {title}"]
        for command, summary in commands:
            magic, add = _grammar_of(command.name)
            grammar = Grammar(magic, summary)
            add(grammar)
            lines += ["", f"### `{magic}`", "", "```text", grammar.format_help().strip(), "```"]
    (Path(app.srcdir) / "commands.md").write_text("\n".join(lines) + "\n", "utf-8")


def _grammar_of(name: str) -> tuple[str, Callable[[Grammar], None]]:
    if name in CELLS:
        return f"%%{name}", CELLS[name].add
    return f"%incidents {name}".rstrip(), SUBCOMMANDS[name or "list"].add


def setup(app: Sphinx) -> None:
    """Write the reference of the commands before Sphinx looks for its sources."""
    shutil.copytree(Path(app.srcdir) / "notebooks/pictures", Path(app.srcdir) / "_extra/notebooks/pictures")
    write_commands(app)
