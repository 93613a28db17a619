"""Responses to pages in Python: which page is meant, what a snooze lasts, and what stays masked."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from incidentio_magic import errors
from incidentio_magic.api.models import MASK
from incidentio_magic.names import work

PUBLIC, PRIVATE = "INC-293", "INC-297"


def test_a_receipt(client):
    """The receipt names what was done, the page's title and ID, and the incident's state."""
    page = client.page(PUBLIC, "Wake up", to="alice@example.com").record
    receipt = client.acknowledge(PUBLIC).to_frame().iloc[0]
    assert (receipt["outcome"], receipt["verb"], receipt["reference"]) == ("sent", "acknowledge", PUBLIC)
    assert (receipt["message"], receipt["id"]) == ("Wake up", page.id)
    assert receipt["at"] == client.api.escalation(page.id).updated_at
    assert receipt["status"]
    assert list(client.log()["verb"]) == ["page", "acknowledge"]


def test_how_long_a_snooze_is(client, sandbox):
    """It ends that long after the service's present time."""
    client.page(PUBLIC, "Wake up", to="alice@example.com")
    outcome = client.snooze(PUBLIC, "2h", dry_run=True)
    until = next(shown for name, shown, _id in outcome.rows if name == "until")
    assert until == f"{client.transport.now() + timedelta(hours=2):%Y-%m-%d %H:%M:%S} UTC"
    with pytest.raises(errors.InputError, match="'soon' is not a duration"):
        client.snooze(PUBLIC, "soon")


@pytest.mark.parametrize("call", ["acknowledge", "cancel", "snooze"])
def test_a_private_incident_stays_masked(client, connect_to, call):
    """The title of a page of a private incident is in no sentence, preview, receipt or error unless asked for."""
    client.page(PRIVATE, "The secret title", to="alice@example.com")
    arguments = (PRIVATE, "30m") if call == "snooze" else (PRIVATE,)
    for outcome in (getattr(client, call)(*arguments, dry_run=True), getattr(client, call)(*arguments)):
        shown = f"{outcome!r} {outcome._repr_html_()} {outcome.to_frame().to_csv()}"
        assert "secret" not in shown
        assert MASK in shown
    open_client = connect_to(show_private=True, ledger=client.settings.ledger.with_name("other.jsonl"))
    assert "The secret title" in getattr(open_client, call)(*arguments).sentence


def test_a_page_about_no_incident(client):
    """It is answered by its ID; the receipt names no incident."""
    users = [client.vocabulary.user("alice@example.com").id]
    page = client.api.create_escalation({"idempotency_key": "k", "title": "Disk full", "user_ids": users})
    preview = client.acknowledge(page.id, dry_run=True)
    assert "acknowledge the page 'Disk full':" in preview.sentence
    outcome = client.acknowledge(page.id)
    assert outcome.sent
    assert outcome.reference == ""
    assert outcome.to_frame()["id"].item() == page.id
    again = client.acknowledge(page.id, dry_run=True)
    assert "A real run would send nothing either" in again.sentence


def test_what_a_list_shows_is_what_a_response_takes(client):
    """The number beside a page in its list names the same page when it is answered."""
    for title in ("one", "two", "three"):
        client.page(PUBLIC, title, to="alice@example.com")
    listed = client.pages(PUBLIC)
    for label, identity in zip(listed["page"], listed["id"], strict=True):
        assert client.acknowledge(label).id == identity


def test_one_private_incident_among_others_masks_the_title(client, monkeypatch):
    """A page that is about a private incident too does not show its title, although its first incident is public."""
    page = client.page(PUBLIC, "The secret title", to="alice@example.com").record
    hidden = msgspec.structs.replace(page.related_incidents[0], id="01OTHER", visibility="private")
    both = msgspec.structs.replace(page, related_incidents=[*page.related_incidents, hidden])
    incident = client.incident(PUBLIC)
    monkeypatch.setattr(work, "page", lambda *_arguments, **_wanted: (both, incident))
    outcome = client.acknowledge(PUBLIC, dry_run=True)
    assert "secret" not in repr(outcome)
    assert MASK in repr(outcome)
