"""%incidents load in a shell."""

from __future__ import annotations


def test_load_by_team_and_month(run, capsys):
    """The load is grouped, says what it counts twice, and defines its columns on request."""
    frame = run("%incidents load --by team,month --since 90d")
    assert list(frame.columns[:4]) == ["team", "month", "incidents", "known"]
    assert "An incident of several teams counts for each of them." in capsys.readouterr().out
    run("%incidents load --define")
    lines = capsys.readouterr().out
    assert "weekend: the total for incidents that were declared on a Saturday or Sunday." in lines
    assert run("%incidents load --since 2030-01-01").empty
    assert "No incident matches." in capsys.readouterr().out


def test_load_per_person(run):
    """People are named only on request."""
    frame = run("%incidents load --per-person --since 7d")
    assert list(frame.columns) == ["person", "incidents", "total", "working", "late", "sleeping", "weekend"]
    assert len(frame) > 3
