"""What the benchmarks conclude from what they measure."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from tests.benchmarks import __main__ as program
from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.forms import in_a_row
from tests.benchmarks.timelines import ahead

HIT, MISS = (Figure("a row", "measured", "must", holds) for holds in (True, False))


@pytest.mark.parametrize(
    ("found", "measured", "ends"),
    [([HIT], 1, 0), ([MISS, HIT], 2, 0), ([MISS, MISS, HIT], 3, 0), ([MISS] * 4, 3, 1)],
    ids=["at once", "at the second attempt", "at the third", "never"],
)
def test_a_missed_row_is_measured_again(monkeypatch, capsys, found, measured, ends):
    """A row that misses is measured again, three times at most; if it still misses, the program ends with 1."""
    left = list(found)
    monkeypatch.setattr(program, "import_module", lambda _name: SimpleNamespace(measure=lambda **_: [left.pop(0)]))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "page"])
    status = 0
    try:
        program.main()
    except SystemExit as end:
        status = end.code
    assert (len(found) - len(left), status) == (measured, ends)
    assert ("✗" in capsys.readouterr().out) == bool(ends)


def test_both_organisations_have_a_table_each(monkeypatch, capsys):
    """Each organisation's rows stand under its name, and a row that neither has is refused with those there are."""
    monkeypatch.setattr(program, "import_module", lambda _name: SimpleNamespace(measure=lambda **_: [HIT]))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--org", "both", "page", "first"])
    program.main()
    printed = capsys.readouterr().out
    for organisation in (program.SMALL, program.LARGE):
        assert printed.count(f"**{program.TITLES[organisation]}**") == 1
    assert printed.count("| a row | measured | must | ✓ |") == 2
    monkeypatch.setattr(sys, "argv", ["benchmarks", "first"])
    with pytest.raises(SystemExit):
        program.main()
    assert "there is no row first; there are: page," in capsys.readouterr().err


def test_a_quick_figure_may_be_twice_as_slow():
    """A quick run has one round, so that its bounds on time are looser; a full one has the bounds that are promised."""
    assert (slack(quick=False), slack(quick=True)) == (1, 2)


@pytest.mark.parametrize(
    ("made", "count"),
    [
        ([], 0),
        ([(0, 1), (0, 2), (0.5, 1.5)], 1),
        ([(0, 1), (0, 3), (1, 2)], 2),
        ([(0, 1), (2, 3), (4, 5), (0, 5)], 3),
    ],
    ids=["none", "at once", "one waited", "two waited"],
)
def test_requests_in_a_row(made, count):
    """Requests that overlap are one round trip, those that waited for an answer one more each."""
    assert in_a_row(made) == count


@pytest.mark.parametrize(
    ("sent", "most"),
    [([0, 0, 0], 0), ([0, 0, 0, 0], 1), ([0, 0, 0, 1, 2, 2.5], 0.5), ([0, 0, 0, 9, 9, 9, 9, 9], 2)],
    ids=["the bucket", "one more", "half a second early", "filled again"],
)
def test_ahead_of_an_allowance(sent, most):
    """A bucket of three that refills by one a second: what is taken beyond it is counted."""
    assert ahead(sent, 3, 1) == pytest.approx(most)
