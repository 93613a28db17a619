"""Pages, follow-ups and actions as they are named: exactly one, or nothing and the numbers to choose from."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names import work

REFERENCE = "INC-293"


@pytest.fixture
def page(client):
    """Return the page that a text names."""

    def page(text, wanted="acked"):
        return work.page(text, client.api, client.vocabulary, wanted=wanted)

    return page


@pytest.fixture
def paged(client):
    """Page somebody and return the page's ID."""
    return lambda title: client.page(REFERENCE, title, to="alice@example.com").record.id


def test_the_one_page_that_waits(page, paged, client):
    """A reference means the page that waits for an answer, and a number any of them, oldest first."""
    first = paged("one")
    client.acknowledge(REFERENCE)
    second = paged("two")
    assert page(REFERENCE)[0].id == second
    assert page(f"{REFERENCE}#1")[0].id == first
    assert page("293#2")[0].id == second
    found, incident = page(second)
    assert (found.id, incident.reference) == (second, REFERENCE)


def test_several_pages_wait(page, paged):
    """Nothing is chosen among several, and each number that is offered leads to a page."""
    paged("one")
    paged("two")
    with pytest.raises(errors.AmbiguousName, match="2 pages of INC-293 are waiting") as caught:
        page(REFERENCE)
    offered = [word for word in caught.value.hint.split() if "#" in word]
    assert len({page(number)[0].id for number in offered}) == 2


def test_no_page_waits(page, paged, client):
    """The newest page that already is as wanted is meant, so that a second run finds it done."""
    with pytest.raises(errors.UnknownName, match="INC-293 has no page") as caught:
        page(REFERENCE)
    assert "%incidents pages lists" in caught.value.hint
    paged("one")
    client.acknowledge(REFERENCE)
    newest = paged("two")
    client.acknowledge(REFERENCE)
    assert page(REFERENCE)[0].id == newest
    with pytest.raises(errors.UnknownName, match="INC-293 has 2 pages, none of which is waiting") as caught:
        page(REFERENCE, "cancelled")
    assert "%incidents pages INC-293" in caught.value.hint


def test_a_page_without_an_incident(page, client):
    """A page that an alert raised is named by its ID, and is about no incident."""
    body = {"idempotency_key": "k", "title": "x", "user_ids": [client.vocabulary.user("alice@example.com").id]}
    made = client.api.create_escalation(body)
    assert page(made.id) == (made, None)


def test_a_full_id_of_an_incident(page, paged, client):
    """The ID of an incident means its page, as its reference does."""
    made = paged("one")
    assert page(client.incident(REFERENCE).id)[0].id == made


@pytest.mark.parametrize("typed", ["nonsense", "01KF0Z9FKR0002TJYP94Y91VE3"])
def test_what_names_no_page(page, typed):
    """What is neither a reference nor an ID says how a page is named."""
    with pytest.raises(errors.UnknownName, match=f"There is no page '{typed}'") as caught:
        page(typed)
    assert "INC-123#1" in caught.value.hint


def test_an_incident_that_there_is_not(page):
    """A reference that does not exist is an incident's error."""
    with pytest.raises(errors.UnknownName, match="There is no incident 'INC-99999'"):
        page("INC-99999")


@pytest.mark.parametrize("kind", [models.FollowUp, models.Action])
def test_tasks(client, kind):
    """A number and an ID name the same task; its label leads back to it."""

    def task(text):
        return work.task(text, kind, client.api, client.vocabulary)

    if kind is models.FollowUp:
        client.add_follow_up(REFERENCE, "Add an alert")
    found, incident, label = task(f"{REFERENCE}#1")
    assert isinstance(found, kind)
    assert (incident.reference, label) == (REFERENCE, f"{REFERENCE}#1")
    assert task(found.id) == (found, incident, found.id)
    with pytest.raises(errors.InputError, match="name one by its number") as caught:
        task(REFERENCE)
    assert "INC-293#1" in caught.value.hint
    with pytest.raises(errors.UnknownName, match="'INC-293#99'"):
        task(f"{REFERENCE}#99")
    with pytest.raises(errors.UnknownName, match="There is no"):
        task("01KF0Z9FKR0002TJYP94Y91VE3")


def test_only_an_id_is_looked_up_as_one(client, sandbox):
    """A numbered task is found in the incident's list; no request asks for a task of that name."""
    client.add_follow_up(REFERENCE, "Add an alert")
    incident = client.incident(REFERENCE)
    before = len(sandbox.requests)
    for name in (REFERENCE, incident.id):
        work.task(f"{name}#1", models.FollowUp, client.api, client.vocabulary)
    with pytest.raises(errors.InputError, match="name one by its number"):
        work.task(REFERENCE, models.FollowUp, client.api, client.vocabulary)
    asked = [request["path"] for request in sandbox.requests[before:]]
    assert [path for path in asked if path.startswith("/v3/follow_ups/")] == []


def test_an_incident_without_tasks(client):
    """The error counts none and does not offer a number that there is not."""
    reference = client.declare("Quiet", severity="Minor").reference
    with pytest.raises(errors.InputError, match="has 0 follow-ups") as caught:
        work.task(reference, models.FollowUp, client.api, client.vocabulary)
    assert "#1" not in caught.value.hint
