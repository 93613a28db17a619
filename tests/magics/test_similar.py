"""%incidents similar in a shell."""

from __future__ import annotations


def test_similar_says_what_it_rests_on(run, capsys):
    """The frame comes with the number of incidents that were compared, and what was not."""
    frame = run("%incidents similar INC-293 --limit 4")
    lines = capsys.readouterr().out
    assert len(frame) == 4
    assert "Compared with 232 earlier incidents." in lines
    assert "13 private incidents were not compared (--show-private compares them)" in lines


def test_nothing_is_similar(run, capsys):
    """An incident without earlier ones has no rows, and the line says so."""
    assert run("%incidents similar INC-293 --since 2026-01-15T13:59").empty
    lines = capsys.readouterr().out
    assert "Compared with 0 earlier incidents." in lines
    assert "No similar incident was found." in lines
