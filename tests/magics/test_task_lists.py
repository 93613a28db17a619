"""%incidents follow_ups and actions: rules and counts as they are typed."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.magics.task_lists import due_rule


def test_due_as_it_is_typed():
    """A length alone is the rule for all others; a priority may have an equals sign in its name."""
    assert due_rule([]) is None
    assert due_rule(["30d"]) == {"": "30d"}
    assert due_rule(["Urgent=7d", " P=1 = 2d"]) == {"Urgent": "7d", "P=1": "2d"}


def test_overdue_is_said(run, capsys):
    """How many are overdue stands below the frame."""
    frame = run("%incidents follow_ups --due 30d --due Urgent=7d")
    assert f"{int(frame['overdue'].sum())} of {len(frame)} overdue." in capsys.readouterr().out


def test_counts_say_what_they_mean(run, capsys):
    """Counts come with their definitions."""
    frame = run("%incidents follow_ups --by month")
    assert frame["month"].is_monotonic_increasing
    assert "completion_rate: the completed share of those that are completed or outstanding" in capsys.readouterr().out


def test_nothing_fits(run, capsys):
    """An empty frame is explained."""
    assert run("%incidents actions INC-299 --status not_doing --owner none").empty
    assert "No action matches." in capsys.readouterr().out


def test_a_status_that_does_not_exist(run):
    """A typo gets an offer, and words may be written with a space."""
    with pytest.raises(errors.UnknownName) as caught:
        run("%incidents actions --status complete")
    assert "completed" in caught.value.hint
    run('%incidents actions --status "not doing"')
