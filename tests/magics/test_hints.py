"""Hints are true: every command that the code mentions exists, with the options it is mentioned with."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import incidentio_magic
from incidentio_magic.errors import IncidentioError
from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics.extension import SUBCOMMANDS
from incidentio_magic.magics.grammar import Grammar
from incidentio_magic.magics.reading import OPEN

ROOT = Path(incidentio_magic.__file__).parent
COMMAND = re.compile(r"(?P<magic>%%?incident(?:s|_\w+))(?P<rest>(?: (?:--)?[\w.<>=|{}\"%-]+)*)")
PROSE = {"alone", "and", "is", "lists", "shows", "tells", "says", "starts", "switches", "ends", "names", "needs", "or"}
PROSE |= {"prompts", "takes", "to", "was", "explains", "no", "has", "cannot", "in", "gives", "counts", "reads", "with"}
PROSE |= {"keeps", "for", "as", "on", "out", "stop", "makes", "does", "may", "can", "must", "never", "removes"}


def texts():
    """Yield each text in the code, with INC-291 for what is computed into it."""
    for path in sorted(ROOT.rglob("*.py")):
        if "sandbox" in path.relative_to(ROOT).parts[:1]:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "INC-291" for part in node.values]
                yield path, "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value


def commands():
    """Return each mentioned command: where it is, its magic and its words."""
    return sorted(
        {
            (str(path.relative_to(ROOT)), found["magic"], found["rest"].strip())
            for path, text in texts()
            for found in COMMAND.finditer(text)
        }
    )


@pytest.mark.slow
def test_there_are_commands_to_check():
    """The search finds what it is meant to find."""
    assert len(commands()) > 60


@pytest.mark.parametrize("command", commands(), ids=lambda command: " ".join(command[1:])[:70])
def test_each_mentioned_command_exists(command):
    """The subcommand is there, and so is every option that stands beside it."""
    _path, magic, rest = command
    words = rest.split()
    if magic.startswith("%%"):
        if magic.removeprefix("%%") not in CELLS:
            assert magic.removeprefix("%%") in {"incident_", "incident_x"}, magic
            return
        grammar = Grammar(magic, "")
        CELLS[magic.removeprefix("%%")].add(grammar)
    elif magic == "%incidents":
        subcommand = OPEN
        if words and re.fullmatch(r"[a-z_]+", words[0]) and words[0] not in PROSE:
            assert words[0] in SUBCOMMANDS, f"there is no %incidents {words[0]}"
            subcommand = SUBCOMMANDS[words[0]]
        grammar = Grammar(magic, "")
        subcommand.add(grammar)
    else:
        return  # a line magic's near miss, named as such
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert not [option for option in options if option not in grammar.options()]


FOLLOWED = {
    "%incidents INC-291": ["%incidents show INC-291", "%incidents use INC-291"],
    "%incidents shwo": ["%incidents show INC-291"],
    "%incidents list --limt 3": ["%incidents list --limit 3"],
    "%incidents list --severity Majr": ["%incidents list --severity Major"],
    "%incidents edit INC-291 --status Fixng": ["%incidents edit INC-291 --status Fixing"],
    "%incidents sandbox advance": ["%incidents sandbox", "%incidents sandbox advance 30"],
    "%incidents sandbox fault nothing": ["%incidents sandbox --incidents 20", "%incidents sandbox fault slow"],
    "%%incident_update\ntext": ["%incidents use INC-291", "%%incident_update\ntext"],
    "%incidents timeline INC-291 --kind paeg": ["%incidents timeline INC-291 --kind page"],
    "%incidents page INC-291": ["%incidents page INC-291 --to alice@example.com --dry-run"],
    "%incidents connect --key-variable NOTHING_HERE": ["%incidents connect"],
    "%incidents postmortem INC-291 --overwrite": ["%incidents postmortem INC-291 --overwrite --save draft.md"],
    "%incidents metrics --by weak": ["%incidents metrics --by week"],
    "%incidents metrics --compare 2025-Q3": ["%incidents metrics --by quarter --compare 2025-Q3,2025-Q4"],
    "%incidents drill start nothing-like-it": ["%incidents drill list"],
    "%incidents drill check missing.toml": ["%incidents drill new missing.toml", "%incidents drill check missing.toml"],
    "%incidents api POST /v2/workflows": ["%incidents api GET /v2/workflows"],
    "%incidents api GET /v2/workflow_runs --param page_size": [
        "%incidents api GET /v2/workflow_runs --param page_size=50"
    ],
    "%incidents oncall --mine": ['%config IncidentMagics.user = "alice@example.com"', "%incidents oncall --mine"],
    "%incidents show INC-99999": ["%incidents"],
    "%incidents list --role lead=Nobdy": ["%incidents users", "%incidents list --role lead=Nobody"],
    "%incidents attach INC-291": ['%incidents attach INC-291 https://example.com/graph --title "Graph"'],
    "%incidents page INC-291 --to allice": ["%incidents page INC-291 --to alice@example.com --dry-run"],
    "%incidents list --since yesterdy": ["%incidents list --since yesterday"],
    "%incidents drill speed": ["%incidents drill list"],
    "%incidents export out --format xml": ["%incidents export out --format csv --since 7d"],
    "%incidents sandbox --seed many": ["%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --incidents 30"],
    "%incidents postmortem INC-291 --template nothing": ["%incidents postmortem INC-291 --template sre"],
}


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "advice"), FOLLOWED.items(), ids=[cell[:50] for cell in FOLLOWED])
def test_advice_that_is_followed_works(run, tmp_path, monkeypatch, cell, advice):
    """What an error advises is typed, and is not refused in its turn."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IncidentioError) as caught:
        run(cell)
    assert caught.value.hint
    for line in advice:
        run(line)
