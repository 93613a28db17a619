"""Follow-ups, actions and attachments in Python: names, priorities, changes and what is refused."""

from __future__ import annotations

import pytest

from incidentio_magic import errors

REFERENCE = "INC-293"


def priorities(client):
    """Return the IDs of the priorities that follow-ups have, by name."""
    return {found.priority.name: found.priority.id for found in client.api.follow_ups() if found.priority}


def test_a_follow_up(client):
    """All that is given arrives, by name; the receipt holds the title and the ID."""
    outcome = client.add_follow_up(
        REFERENCE, "Add an alert", "On *errors*.", assignee="alice@example.com", priority="urgent"
    )
    made = client.api.follow_up(outcome.id)
    assert (made.title, made.description, made.assignee.email) == ("Add an alert", "On *errors*.", "alice@example.com")
    assert (made.priority.name, made.status) == ("Urgent", "outstanding")
    assert outcome.sentence == "INC-293: follow-up INC-293#1 added, for Alice Archer."
    receipt = outcome.to_frame().iloc[0]
    assert (receipt["verb"], receipt["message"], receipt["id"]) == ("follow_up", "Add an alert", made.id)


def test_an_action(client):
    """Its text arrives as it is, and its first line is the receipt's message."""
    outcome = client.add_action(REFERENCE, "Fail over\n\nto *Dublin*", assignee="Bob Brewer")
    made = client.api.action(outcome.id)
    assert (made.description, made.assignee.name) == ("Fail over\n\nto *Dublin*", "Bob Brewer")
    assert outcome.to_frame()["message"].item() == "Fail over"


def test_an_attachment(client):
    """The link is there with its title."""
    outcome = client.attach(REFERENCE, "https://example.com/graph", title="Graph")
    attached = client.api.incident_attachments(client.incident(REFERENCE).id)
    made = next(record for record in attached if record.id == outcome.id)
    assert (made.resource.permalink, made.resource.title) == ("https://example.com/graph", "Graph")
    assert outcome.sentence == "INC-293: link attached."


def test_priorities_are_known_from_follow_ups(client):
    """The API lists none: a name that a follow-up has is found, an ID always works, and others are offered."""
    known = priorities(client)
    for priority in ("LOW", known["Low"]):
        outcome = client.add_follow_up(REFERENCE, f"With {priority}", priority=priority)
        assert outcome.record.priority.name == "Low"
    with pytest.raises(errors.UnknownName, match="No follow-up has the priority 'Urgnt'") as caught:
        client.add_follow_up(REFERENCE, "x", priority="Urgnt")
    assert "did you mean Urgent?" in caught.value.hint
    assert "a priority's ID always works" in caught.value.hint


def test_a_priority_of_long_ago(client, sandbox, monkeypatch):
    """Where no recent follow-up has it, all are read."""
    from incidentio_magic.client import tasks

    monkeypatch.setattr(tasks, "_RECENT", tasks.timedelta(0))
    assert client.add_follow_up(REFERENCE, "x", priority="Low").record.priority.name == "Low"


def test_an_organisation_without_priorities(client, monkeypatch):
    """Without any priority the error says to give its ID."""
    from incidentio_magic.client.tasks import TaskMixin

    monkeypatch.setattr(TaskMixin, "_follow_ups_with_priorities", lambda *_arguments: iter(([], [])))
    with pytest.raises(errors.UnknownName) as caught:
        client.add_follow_up(REFERENCE, "x", priority="Low")
    assert caught.value.hint == "give the priority's ID"


def test_two_priorities_of_one_name(client, monkeypatch):
    """Of two priorities with one name none is chosen, and their IDs are offered."""
    from incidentio_magic.api.models import Named
    from incidentio_magic.client.tasks import TaskMixin

    both = [Named(id="P1", name="Urgent"), Named(id="P2", name="urgent")]
    monkeypatch.setattr(TaskMixin, "_follow_ups_with_priorities", lambda *_arguments: iter((both, [])))
    with pytest.raises(errors.AmbiguousName) as caught:
        client.add_follow_up(REFERENCE, "x", priority="Urgent")
    assert "P1" in caught.value.hint
    assert "P2" in caught.value.hint


def test_somebody_unknown(client, sandbox):
    """A person who does not exist is an error before anything is sent."""
    for act in (
        lambda: client.add_follow_up(REFERENCE, "x", assignee="nobody@example.com"),
        lambda: client.add_action(REFERENCE, "x", assignee="nobody@example.com"),
    ):
        with pytest.raises(errors.UnknownName):
            act()
    assert not [request for request in sandbox.requests if request["method"] != "GET"]


@pytest.mark.parametrize("status", ["completed", "not_doing", "Not doing"])
def test_statuses(client, status):
    """A follow-up and an action are finished, dropped and reopened."""
    client.add_follow_up(REFERENCE, "Add an alert")
    for change in (client.change_follow_up, client.change_action):
        number = f"{REFERENCE}#1"
        change(number, status="outstanding")
        assert change(number, status=status).record.status == status.lower().replace(" ", "_")
        assert change(number, status="outstanding").record.status == "outstanding"
        with pytest.raises(errors.DraftError, match="'deleted' cannot be set"):
            change(number, status="deleted")
        with pytest.raises(errors.DraftError, match="nothing to change"):
            change(number)


@pytest.mark.parametrize("nobody", ["none", "Nobody", "-"])
def test_reassigning(client, nobody):
    """Somebody else, or nobody, is to do it."""
    client.add_follow_up(REFERENCE, "Add an alert")
    for change in (client.change_follow_up, client.change_action):
        assert change(f"{REFERENCE}#1", assignee="bob@example.com").record.assignee.email == "bob@example.com"
        assert change(f"{REFERENCE}#1", assignee=nobody).record.assignee is None
        assert not change(f"{REFERENCE}#1", assignee=nobody).sent


@pytest.mark.parametrize(
    "act",
    [
        lambda io: io.add_follow_up(REFERENCE, " "),
        lambda io: io.add_action(REFERENCE, ""),
        lambda io: io.attach(REFERENCE, "example.com"),
    ],
)
def test_what_cannot_be_sent(client, sandbox, act):
    """A draft with problems is refused before anything is sent."""
    with pytest.raises(errors.DraftError):
        act(client)
    assert not [request for request in sandbox.requests if request["method"] != "GET"]


def test_a_private_incident_stays_masked(client):
    """The receipt of a write to a private incident does not hold its text."""
    outcome = client.add_follow_up("INC-297", "The secret title")
    assert "secret" not in outcome.to_frame().to_csv()
    assert "secret" not in outcome.sentence


@pytest.mark.parametrize(("kind", "reference"), [("follow_up", "INC-280"), ("action", "INC-293")])
def test_what_a_list_shows_is_what_a_change_takes(client, kind, reference):
    """The number beside a follow-up or an action in its list names the same one when it is changed."""
    listed = getattr(client, f"{kind}s")(reference, status="all")
    change = getattr(client, f"change_{kind}")
    for label, identity in zip(listed[kind], listed["id"], strict=True):
        assert label.startswith(f"{reference}#")
        assert change(label, assignee="carol@example.com").id == identity
