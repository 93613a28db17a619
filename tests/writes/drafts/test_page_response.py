"""A response to a page: what is sent, and what it is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import PageResponse

UNTIL = datetime(2026, 1, 15, 14, 30, 10, 5, tzinfo=UTC)
PAGE = models.Escalation(id="01PAGE", title="Wake up", status="triggered")


def response(verb, **more):
    """Return a response to the page."""
    return PageResponse(verb, PAGE, "Wake up", **more)


def test_what_is_sent():
    """An acknowledgement and a snooze have a body, a cancellation has none; blank reasons are left out."""
    assert response("acknowledge").payload() == {"response": "ack"}
    assert response("cancel").payload() == {}
    details = {"snooze_until": "2026-01-15T14:30:10Z"}
    assert response("snooze", until=UNTIL, reason=" ").payload() == {"response": "snooze", "snooze_details": details}
    assert response("snooze", until=UNTIL, reason="busy").payload()["snooze_details"]["reason"] == "busy"


def test_a_snooze_needs_its_end():
    """A snooze without an end has a problem that names the option."""
    assert response("snooze", until=UNTIL).problems() == {}
    assert "--for" in response("snooze").problems()["for"]
    assert response("cancel").problems() == {}


def test_the_intent_is_the_page_and_what_is_done():
    """The key differs by verb, page and organisation, and not by the moment at which a snooze would end."""
    keys = {response(verb).key("A") for verb in ("acknowledge", "cancel", "snooze")} | {response("cancel").key("B")}
    assert len(keys) == 4
    assert response("snooze", until=UNTIL).key("A") == response("snooze").key("A")


@pytest.mark.parametrize(("verb", "status"), [("acknowledge", "acked"), ("cancel", "cancelled"), ("snooze", "snoozed")])
def test_when_it_is_done(verb, status):
    """It is done when the page has the status that it leads to, and then only."""
    statuses = ("triggered", "acked", "cancelled", "snoozed", "resolved")
    done = [found for found in statuses if response(verb).is_done(models.Escalation(id="P", status=found))]
    assert done == [status]


def test_the_preview(make_incident):
    """The preview names incident, page, its present status, the end and the reason."""
    rows = response("snooze", incident=make_incident(), until=UNTIL, reason="busy").rows()
    assert rows == [
        ("incident", "INC-7", "01INC7"),
        ("page", "Wake up", "01PAGE"),
        ("status", "triggered", ""),
        ("until", "2026-01-15 14:30:10 UTC", ""),
        ("reason", "busy", ""),
    ]
    assert response("cancel").rows() == [("page", "Wake up", "01PAGE"), ("status", "triggered", "")]


def test_what_it_is_called(make_incident):
    """Messages name the page by its title and incident, and where to look."""
    about = response("acknowledge", incident=make_incident())
    assert about.does == "acknowledge the page 'Wake up' of INC-7"
    assert about.happened == "the page 'Wake up' of INC-7 was acknowledged"
    assert about.check == "%incidents pages INC-7"
    assert response("cancel").happened == "the page 'Wake up' was cancelled"
    assert response("cancel").check == "%incidents pages"
