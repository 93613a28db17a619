"""A change of a follow-up or an action sends all that it holds, with the change."""

from __future__ import annotations

import pytest

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import TaskChange

ALICE, BOB = models.User(id="U1", name="Alice"), models.User(id="U2", name="Bob")
FULL = models.FollowUp(
    id="F",
    title="Add an alert\nor two",
    status="outstanding",
    description="*text*",
    labels=["slo"],
    assignee=ALICE,
    priority=models.Named(id="P", name="Urgent"),
    category=models.Named(id="C", name="Monitoring"),
    assignee_team=models.Named(id="T", name="Search"),
)
BARE = models.FollowUp(id="F", title="t", status="outstanding")
KEPT = {
    "title": "Add an alert\nor two",
    "description": "*text*",
    "labels": ["slo"],
    "assignee_id": "U1",
    "follow_up_priority_option_id": "P",
    "follow_up_category_id": "C",
    "assignee_team_id": "T",
}


@pytest.fixture
def change(make_incident):
    """Return a change of a task."""
    return lambda task=FULL, **more: TaskChange(make_incident(), task, "INC-7#2", **more)


def test_what_stays_is_sent_as_well(change):
    """The service may take what is left out as emptied, so every detail is sent with the new status."""
    assert change(status="completed").payload() == {**KEPT, "status": "completed"}
    assert change(assignee=BOB).payload() == {**KEPT, "status": "outstanding", "assignee_id": "U2"}
    assert change(unassign=True).payload() == {**KEPT, "status": "outstanding", "assignee_id": None}


def test_what_is_empty_is_left_out(change):
    """A task without details is sent without them."""
    assert change(BARE, status="completed").payload() == {"title": "t", "status": "completed"}
    action = models.Action(id="A", description="d", status="outstanding")
    assert change(action, status="completed").payload() == {"description": "d", "status": "completed"}


def test_when_it_is_done(change):
    """A change is done when each property that was given is so."""
    done = models.FollowUp(id="F", title="t", status="completed", assignee=BOB)
    assert change(status="completed").is_done(done)
    assert change(status="completed", assignee=BOB).is_done(done)
    assert not change(status="completed", assignee=ALICE).is_done(done)
    assert not change(unassign=True).is_done(done)
    assert change(unassign=True).is_done(BARE)


def test_problems(change):
    """Nothing to change, and a status that cannot be set, are refused."""
    assert "changes" in change().problems()
    assert "'deleted'" in change(status="deleted").problems()["status"]
    assert change(status="not_doing").problems() == {}


def test_the_preview_shows_what_changes(change):
    """Only properties that differ are shown, before and after."""
    rows = change(status="completed", assignee=ALICE).rows()
    assert rows == [
        ("incident", "INC-7", "01INC7"),
        ("follow-up", "INC-7#2", "F"),
        ("status", "outstanding → completed", ""),
    ]
    assert change(assignee=BOB).rows()[2:] == [("assignee", "Alice → Bob", "U2")]
    assert change(unassign=True).rows()[2:] == [("assignee", "Alice → (nobody)", "")]
    assert change(BARE, assignee=BOB).rows()[2:] == [("assignee", "(nobody) → Bob", "U2")]


def test_the_intent(change):
    """The key is that of the task and the change, whatever else the task holds."""
    assert change(status="completed").key("A") == change(BARE, status="completed").key("A")
    keys = {change(status=status).key("A") for status in ("completed", "not_doing")} | {change(unassign=True).key("A")}
    assert len(keys) == 3


def test_what_it_is_called(change):
    """A follow-up and an action are told apart in messages, in the ledger and in what to look with."""
    action = change(models.Action(id="A", description="Fail over\nnow", status="outstanding"), status="completed")
    assert (action.verb, action.noun, action.title) == ("change_action", "action", "Fail over")
    assert (action.does, action.check) == ("change the action INC-7#2", "%incidents actions INC-7")
    follow_up = change(status="completed")
    assert (follow_up.verb, follow_up.noun, follow_up.title) == ("change_follow_up", "follow-up", "Add an alert")
    assert (follow_up.happened, follow_up.check) == (
        "the follow-up INC-7#2 was changed",
        "%incidents follow_ups INC-7",
    )
    assert follow_up.of(BARE).payload() == {"title": "t", "status": "completed"}
