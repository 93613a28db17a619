"""Whatever is typed behind a subcommand, and in a cell: a result or an error of ours, never one of a library.

Serves `magics/`: every subcommand and every cell magic, with the values at which libraries stumble.
"""

from __future__ import annotations

import contextlib
import os
import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.magics.extension import SUBCOMMANDS, IncidentMagics
from incidentio_magic.magics.grammar import Grammar

pytestmark = pytest.mark.slow

# They leave the sandbox, ask at the keyboard, or change the profile of the user.
ELSEWHERE = {"sandbox", "login", "logout", "connect", "install", "client", "drill", "training"}

VALUES = [
    "", " ", "7d", "0d", "999999w", "14:05", "25:99", "2026-01-15T14:05", "0001-01-01", "9999-12-31T23:59:59",
    "2026-02-30", "now", "Major", ">=Major", ">Nothing", "INC-291", "291", "INC-0", "INC-99999999999999999999", "-1",
    "1e999", "nan", "5", "Affected service=Payments", "=", "a=b=c", "Team", '"', "“Major”", "\u202e", "🔥", "a" * 5000,
    "/dev/null", "/dev/zero", "/dev/full", "/", "~nobody-of-that-name/x", "fifo", "folder", "text.md", "missing/x",
    "severity,month", "created_at,-name", "field.Nothing", "at.", "Reported at..Fixed at", "..", "Mon-Fri 09:00-17:00",
    "alice@example.com", "none", "http://[", "https://example.com/x", "{{ 1 / 0 }}", "{% for %}", "{{ nothing }}",
]  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a pipe that nobody writes to, a folder and a file, in which the cells run."""
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept.txt").write_text("not an export")
    (tmp_path / "text.md").write_text("{{ nothing }}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def options_of(name):
    """Return the options of a subcommand, each with whether it takes a value, and how many arguments it has."""
    grammar = Grammar(name, "")
    SUBCOMMANDS[name].add(grammar)
    valued = grammar.valued()
    arguments = [action for action in grammar._actions if not action.option_strings]
    return [(option, option in valued) for option in grammar.options() if option != "--help"], len(arguments)


@st.composite
def lines(draw, name):
    """Draw what is typed behind a subcommand."""
    options, arguments = options_of(name)
    value = st.sampled_from(VALUES) | st.text(max_size=8)
    words = draw(st.lists(value, max_size=arguments + 1))
    for option, takes_value in draw(st.lists(st.sampled_from(options), max_size=3)) if options else []:
        words.append(option)
        if takes_value:
            words.append(draw(value))
    return shlex.join(words)


BUDGET = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS.keys() - ELSEWHERE))
@BUDGET
@given(st.data())
def test_any_line(shell, place, name, data):
    """A subcommand ends in a result or an error of ours, whatever its options and their values."""
    line = data.draw(lines(name))
    with contextlib.suppress(errors.IncidentioError):
        shell.run_line_magic("incidents", f"{name} {line}")


CELLS = sorted(IncidentMagics.magics["cell"])


@pytest.mark.parametrize("name", CELLS)
@BUDGET
@given(
    line=st.lists(
        st.sampled_from(["--severity", "--status", "--at", "--field", "--role", "--dry-run", "--again", "--raw"])
        | st.sampled_from(VALUES),
        max_size=4,
    ),
    body=(st.sampled_from(VALUES) | st.text(max_size=20)).filter(bool),  # IPython itself refuses an empty cell
)
def test_any_cell(shell, place, name, line, body):
    """So does a cell, whatever its line and its body."""
    with contextlib.suppress(errors.IncidentioError):
        shell.run_cell_magic(name, shlex.join(line), body)
