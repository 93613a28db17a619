"""What is measured gets into the guide and the README, and nothing else of them changes."""

from __future__ import annotations

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.published import GUIDE, README, with_conditions, with_promises, with_table

FAST, SMALL = (Figure(name, "2 s", "≤ 3 s", holds=True) for name in ("fast", "small"))
SLOW = Figure("fast", "4 s", "≤ 3 s", holds=False)
PAGE = f"Before.\n\n**Title**\n\n{table([FAST, SMALL])}\n\nAfter.\n\n**Other**\n\n{table([FAST])}\n"


def test_a_whole_table_is_replaced():
    """Rows that are not measured any more are gone; the text around the table and other tables stay."""
    written = with_table(PAGE, "Title", [SLOW], whole=True)
    assert written == PAGE.replace(table([FAST, SMALL]), table([SLOW]), 1)


def test_some_rows_are_replaced():
    """The other rows stay; a row that is new comes last."""
    new = Figure("new", "1 s", "≤ 3 s", holds=True)
    written = with_table(PAGE, "Title", [SLOW, new], whole=False)
    assert written == PAGE.replace(table([FAST, SMALL]), table([SLOW, SMALL, new]), 1)


def test_a_page_without_the_table():
    """Nothing is written anywhere else instead."""
    with pytest.raises(ValueError, match="'Else'"):
        with_table(PAGE, "Else", [FAST], whole=True)


def test_the_guide_has_both_tables():
    """Each organisation has its table in the guide, and the line of conditions is there once."""
    guide = GUIDE.read_text("utf-8")
    for title in program.TITLES.values():
        assert with_table(guide, title, [FAST], whole=True) != guide
    assert with_conditions(guide.replace("Measured on 20", "Measured on 19")).count("cores, a load average of") == 1


def test_the_promises_of_the_readme():
    """Each promise about speed or memory gets its figure, and keeps the words behind it."""
    figures = [
        Figure(
            "`import incidentio_magic` and `%load_ext` in a fresh process",
            "",
            "",
            True,
            {"load_ms": 7, "pandas_ms": 100},
        ),
        Figure("list 10,000 incidents, far away", "", "", True, {"ahead_s": 1.0, "walk_s": 8.0, "refused": 2}),
        Figure("export of 77 incidents with an update each", "", "", True, {"bytes": 3 * 2**20}),
    ]
    before = README.read_text("utf-8").splitlines()
    after = with_promises(README.read_text("utf-8"), figures).splitlines()
    changed = [new.split("|")[2].strip() for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        "7.0 % of `import pandas`, and no network",
        "10,000 incidents in 0.12 of the time, 2 requests refused",
        "77 incidents in 3 MB",
    ]
    with pytest.raises(ValueError, match="'Exports'"):
        with_promises("| Loading | |", figures[2:])
