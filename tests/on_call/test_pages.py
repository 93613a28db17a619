"""What became of a page, from its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from incidentio_magic.api import models
from incidentio_magic.on_call.pages import GROUPS, STATUSES, WAITING, PageStory

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


def event(kind, minutes, *people):
    """Return an event so many minutes after the page was made."""
    users = [{"id": name, "name": name.title()} for name in people]
    return {"id": f"{kind}{minutes}", "event": kind, "occurred_at": AT + timedelta(minutes=minutes), "users": users}


def story(*events, **changes):
    """Return what became of a page with these events."""
    record = {"id": "E", "title": "Down", "status": "triggered", "created_at": AT, "events": list(events), **changes}
    return PageStory(msgspec.convert(record, models.Escalation), "INC-7#1")


def test_an_acknowledged_page():
    """The first acknowledgement counts, from when it began to page; people are named once, in order."""
    found = story(
        event("acked", 9, "eve"),
        event("notified_users", 1, "ada"),
        event("triggered", 1),
        event("acked", 7, "bob"),
        event("notified_users", 5, "bob", "ada"),
        status="acked",
    )
    assert (found.paged_at, found.acknowledged_at) == (AT + timedelta(minutes=1), AT + timedelta(minutes=7))
    assert (found.paged, found.acknowledged_by, found.is_waiting) == ("Ada, Bob", "Bob, Eve", False)


def test_a_page_without_events():
    """What no event says is not known, and it began when it was made."""
    found = story()
    assert (found.paged_at, found.acknowledged_at, found.paged, found.acknowledged_by) == (AT, None, None, None)
    assert (found.incidents, found.is_private) == (None, False)


@pytest.mark.parametrize("status", [*STATUSES, "brand_new"])
def test_what_waits(status):
    """A page waits while it pages, will page, or is snoozed; a status nobody knows is not said to wait."""
    assert story(status=status).is_waiting is (status in WAITING)
    assert GROUPS["waiting"] == WAITING


def test_a_page_about_a_private_incident():
    """One private incident is enough to make a page private."""
    slim = {"id": "1", "reference": "INC-1", "name": "Open", "visibility": "public"}
    other = {"id": "2", "reference": "INC-2", "name": "Secret", "visibility": "private"}
    assert story(related_incidents=[slim]).is_private is False
    both = story(related_incidents=[slim, other, slim])
    assert (both.is_private, both.incidents) == (True, "INC-1, INC-2")
