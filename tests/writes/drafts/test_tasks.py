"""Follow-ups and actions that are about to be added: what is sent, and which other one is the same."""

from __future__ import annotations

import pytest

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import NewAction, NewFollowUp

ALICE = models.User(id="U1", name="Alice")
URGENT = models.Named(id="P1", name="Urgent")


def test_a_follow_up(make_incident):
    """All that is given is sent, by ID; what is not given is left out."""
    full = NewFollowUp(make_incident(), " Add an alert ", "On *errors*.\n", ALICE, URGENT)
    assert full.payload() == {
        "incident_id": "01INC7",
        "title": "Add an alert",
        "description": "On *errors*.",
        "assignee_id": "U1",
        "follow_up_priority_option_id": "P1",
    }
    assert full.rows() == [
        ("incident", "INC-7", "01INC7"),
        ("title", "Add an alert", ""),
        ("description", "On *errors*.", ""),
        ("assignee", "Alice", "U1"),
        ("priority", "Urgent", "P1"),
    ]
    assert NewFollowUp(make_incident(), "Add an alert").payload() == {"incident_id": "01INC7", "title": "Add an alert"}
    assert len(NewFollowUp(make_incident(), "Add an alert").rows()) == 2


def test_an_action(make_incident):
    """An action has a text alone: all lines of it are sent, and the first one is its title in receipts."""
    action = NewAction(make_incident(), "Fail over\n\nto *Dublin*\n", ALICE)
    assert action.payload() == {
        "incident_id": "01INC7",
        "description": "Fail over\n\nto *Dublin*",
        "assignee_id": "U1",
    }
    assert action.title == "Fail over"
    assert action.rows()[1:] == [("description", "Fail over\n\nto *Dublin*", ""), ("assignee", "Alice", "U1")]
    assert "assignee_id" not in NewAction(make_incident(), "x").payload()


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_to_do_is_a_problem(make_incident, text):
    """Neither is sent without a text."""
    assert "title" in NewFollowUp(make_incident(), text).problems()
    assert "description" in NewAction(make_incident(), text).problems()


def test_a_title_is_one_line(make_incident):
    """A follow-up's title of two lines is refused; an action's text may have them."""
    assert NewFollowUp(make_incident(), "a\nb").problems() == {"title": "a title is one line"}
    assert NewFollowUp(make_incident(), "a b").problems() == {}
    assert NewAction(make_incident(), "a\nb").problems() == {}


@pytest.mark.parametrize("title", ["Add an alert", "add  an ALERT ", "Add\u00a0an alert", "Add an al\u200bert"])
def test_the_same_title_is_the_same_follow_up(make_incident, title):
    """Case, white space and invisible characters do not make another follow-up, and neither do its details."""
    draft = NewFollowUp(make_incident(), title, "more", ALICE)
    assert draft.key("A") == NewFollowUp(make_incident(), "Add an alert").key("A")
    assert draft.is_same(models.FollowUp(id="F", title="Add an alert", status="completed"))
    assert not draft.is_same(models.FollowUp(id="F", title="Add an alert", status="deleted"))
    assert not draft.is_same(models.FollowUp(id="F", title="Add an alarm"))


def test_the_same_text_is_the_same_action(make_incident):
    """An action is compared by all of its text."""
    draft = NewAction(make_incident(), "Fail over\n\nto Dublin")
    assert draft.is_same(models.Action(id="A", description="fail over to Dublin"))
    assert not draft.is_same(models.Action(id="A", description="Fail over"))
    assert not draft.is_same(models.Action(id="A", description="fail over to Dublin", status="deleted"))
    assert draft.key("A") != NewAction(make_incident(), "Fail over").key("A")
    assert draft.key("A") != NewAction(make_incident(id="01INC8"), "Fail over\n\nto Dublin").key("A")


def test_what_differs(make_incident):
    """Only details that were given are compared."""
    there = models.FollowUp(id="F", title="t", description="other", assignee=models.User(id="U2", name="Bob"))
    assert NewFollowUp(make_incident(), "t").differences(there) == []
    draft = NewFollowUp(make_incident(), "t", "text", ALICE, URGENT)
    assert draft.differences(there) == ["description", "assignee", "priority"]
    same = models.FollowUp(id="F", title="t", description="Text ", assignee=ALICE, priority=URGENT)
    assert draft.differences(same) == []
    assert NewAction(make_incident(), "t", ALICE).differences(models.Action(id="A")) == ["assignee"]
    assert NewAction(make_incident(), "t", ALICE).differences(models.Action(id="A", assignee=ALICE)) == []
    assert NewAction(make_incident(), "t").differences(models.Action(id="A", assignee=ALICE)) == []


def test_what_they_are_called(make_incident):
    """Messages name the incident and where to look; the ledger's verbs differ."""
    follow_up, action = NewFollowUp(make_incident(), "t"), NewAction(make_incident(), "t")
    assert (follow_up.verb, follow_up.noun) == ("follow_up", "follow-up")
    assert (action.verb, action.noun) == ("action", "action")
    assert follow_up.does == "add a follow-up to INC-7"
    assert action.does == "add an action to INC-7"
    assert follow_up.happened == "the follow-up was added to INC-7"
    assert action.happened == "the action was added to INC-7"
    assert (follow_up.check, action.check) == ("%incidents follow_ups INC-7", "%incidents actions INC-7")
