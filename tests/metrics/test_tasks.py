"""How many tasks there are, how many are done, and how old the rest is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.errors import InputError
from incidentio_magic.frames import Frames
from incidentio_magic.frames.tasks import ListedTask
from incidentio_magic.metrics.tasks import DEFINITIONS, task_counts

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def task(number, status, *, owner="", team="", day=1, took=None, due=None):
    """Return a follow-up made on a day of January."""
    created = datetime(2026, 1, day, 12, tzinfo=UTC)
    return ListedTask(
        models.FollowUp(
            str(number),
            title="Do it",
            status=status,
            created_at=created,
            assignee=models.User(owner, owner) if owner else None,
            assignee_team=models.Named(team, team) if team else None,
            completed_at=created + took if took else None,
        ),
        f"INC-1#{number}",
        None,
        due,
    )


def counted(tasks, *by):
    """Return the counts of tasks as plain rows."""
    frame = task_counts(Frames().follow_ups(tasks, now=NOW), by)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


TASKS = [
    task(1, "outstanding", owner="Ada", day=1),
    task(2, "outstanding", owner="Ada", day=3, due=NOW - timedelta(days=1)),
    task(3, "completed", owner="Ada", team="Search", took=timedelta(days=2)),
    task(4, "completed", owner="Bob", team="Search", took=timedelta(days=4), due=NOW - timedelta(days=1)),
    task(5, "not_doing"),
]


def test_a_status_that_is_missing_counts_as_none():
    """A task that the service sends without a status is one of the total, and neither open nor done."""
    (row,) = counted([task(1, ""), task(2, "outstanding")])
    assert (row["total"], row["outstanding"], row["completed"], row["not_doing"]) == (2, 1, 0, 0)


def test_one_row_of_all():
    """Without groups there is one row; those that will not be done count in neither side of the rate."""
    (row,) = counted(TASKS)
    ages = [NOW - datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 3)]
    assert row == {
        "total": 5,
        "outstanding": 2,
        "completed": 2,
        "not_doing": 1,
        "completion_rate": 0.5,
        "overdue": 1,
        "median_age": sum(ages, timedelta()) / 2,
        "median_lasted": timedelta(days=3),
    }


def test_groups_keep_those_of_nobody():
    """What has no owner or team is a group, too; nothing is left out of the sum."""
    rows = counted(TASKS, "owner")
    assert [(row["owner"], row["total"]) for row in rows] == [("Ada", 3), ("Bob", 1), (None, 1)]
    assert sum(row["total"] for row in counted(TASKS, "team", "owner")) == len(TASKS)
    nobody = rows[-1]
    assert (nobody["completion_rate"], nobody["median_age"], nobody["overdue"]) == (None, None, None)


def test_overdue_needs_a_rule():
    """Where no rule says when they are due, overdue is missing, not zero."""
    rows = {row["owner"]: row["overdue"] for row in counted(TASKS, "owner")}
    assert rows == {"Ada": 1, "Bob": 0, None: None}


def test_months():
    """A task counts in the month in which it was made, in the zone of the frame."""
    tasks = [task(1, "completed", day=1), task(2, "outstanding", day=31)]
    assert [row["month"] for row in counted(tasks, "month")] == ["2026-01"]
    assert counted(tasks, "week")[0]["week"] == "2026-W01"


def test_the_same_columns_when_empty():
    """Columns and types do not depend on there being anything."""
    full = task_counts(Frames().follow_ups(TASKS, now=NOW), ["owner", "severity", "month"])
    empty = task_counts(Frames().follow_ups([], now=NOW), ["owner", "severity", "month"])
    assert list(full.columns) == list(empty.columns)
    assert full.dtypes.drop("severity").equals(empty.dtypes.drop("severity"))
    assert isinstance(empty["severity"].dtype, pd.CategoricalDtype)
    assert empty.empty


def test_what_is_not_counted():
    """A grouping that does not exist gets an offer; actions have no team."""
    with pytest.raises(InputError, match="cannot be counted by 'owners'") as caught:
        counted(TASKS, "owners")
    assert caught.value.hint == "did you mean owner?"
    with pytest.raises(InputError, match="'team'"):
        task_counts(Frames().actions([], now=NOW), ["team"])


def test_every_figure_that_needs_it_has_a_meaning():
    """The meanings are those of columns."""
    assert set(DEFINITIONS) < set(task_counts(Frames().follow_ups(TASKS, now=NOW), []).columns)
