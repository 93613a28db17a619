"""The grouped help: every command is in it once, and every example in it works when typed."""

from __future__ import annotations

import re

import pytest

from incidentio_magic.magics import vocabulary
from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics._groups import GROUPS, LISTS, groups, overview
from incidentio_magic.magics.extension import SUBCOMMANDS, SUMMARIES

EXAMPLES = {command.name: command.example for group in GROUPS for command in group.commands}
ELSEWHERE = {  # these connect to another address, or keep a key outside the sandbox
    "connect": "tests/magics/test_connection.py",
    "login": "tests/magics/test_login.py",
    "logout": "tests/magics/test_login.py",
}
ANSWERS = {"acknowledge", "cancel", "snooze"}  # to a page, of which the sandbox has none that waits
TEXT = {"incident_declare": "Checkout fails\nSince the last deploy."}


def test_every_command_has_one_place():
    """Each subcommand and cell is in one group; those without a place are the organisation's lists."""
    names = [command.name for _, commands in groups(SUMMARIES) for command, _ in commands]
    assert sorted(names) == sorted(["", *SUBCOMMANDS, *CELLS])
    lists = dict(groups(SUMMARIES))[LISTS]
    assert [command.name for command, _ in lists] == [subcommand.name for subcommand in vocabulary.SUBCOMMANDS]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in ELSEWHERE])
def test_every_example_works(run, sandbox, tmp_path, monkeypatch, name):
    """What the help shows as an example works as it stands, and begins with its own command."""
    monkeypatch.chdir(tmp_path)
    example = EXAMPLES[name]
    if name in ANSWERS:
        run("%incidents page INC-293 --to alice@example.com")
    assert re.match(rf"%incidents {name}\b|%%{name}\b" if name else "%incidents$", example)
    if name == "drill":
        run("%incidents sandbox")
    run(f"{example}\n{TEXT.get(name, 'We are looking.')}" if example.startswith("%%") else example)


def test_the_short_help(run, capsys):
    """The help shows the common commands; --all adds the rest, and both are short enough for a notebook."""
    run("%incidents --help")
    short = capsys.readouterr().out
    run("%incidents --help --all")
    long = capsys.readouterr().out
    assert short.strip() == overview(SUMMARIES)
    assert "severities" not in short
    assert "--all" in short
    lines = [{" ".join(line.split()) for line in text.splitlines()} for text in (short, long)]
    assert lines[0] - lines[1] == {"%incidents --help --all lists every command."}
    for name in ("%incidents severities", "%incidents logout", "%%incident_event"):
        assert name in long
    assert max(map(len, long.splitlines())) <= 130
    assert len(short.splitlines()) < 60
