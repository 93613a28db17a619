"""Everything that is known of one incident: complete, masked, and honest about its gaps."""

from __future__ import annotations

import msgspec
import pytest

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.frames import MASK


def test_what_is_known(client):
    """Facts, updates, tasks, pages, alerts, the timeline and links are there, and last the sources."""
    text = client.context("INC-291").markdown
    assert text.startswith("# INC-291: Search lost its replica in us-west (as of 2026-01-15 14:00 UTC)\n")
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "Facts", "Summary", "Last updates", "Left to do", "Pages", "Alerts", "Timeline", "Links", "Sources",
    ]  # fmt: skip
    assert "- role.Incident Lead: Mallory Mason" in text
    assert "acknowledged by Ivan Joiner after 1 min 39 s" in text
    assert text.count("We know the cause") == 2  # as an update, and once in the timeline
    last = client.updates("INC-291")["message"].dropna().iloc[-1]
    assert last in text


def test_it_is_as_small_as_asked_for(client):
    """It fits, and says what it leaves out."""
    whole = client.context("INC-291").markdown
    small = client.context("INC-291", size=2500).markdown
    assert len(small) <= 2500 < len(whole)
    assert "left out" in small or "No room for" in small
    with pytest.raises(errors.InputError, match="too small"):
        client.context("INC-291", size=100)


def test_no_private_word_is_in_it(client):
    """Of a private incident there are people, times and kinds, and none of its words, unless that was asked for."""
    incident = client.incident("INC-297")
    hidden, shown = (client.context("INC-297", show_private=show).markdown for show in (False, True))
    words = {incident.name, *(update.message for update in client.api.incident_updates(incident.id))}
    words |= {action.description for action in client.api.actions(incident.id)}
    words |= {page.title for page in client.api.escalations(incident.id)}
    for text in filter(None, words):
        assert text not in hidden
        assert text.splitlines()[0][:30] in shown
    assert f"The text of this private incident is hidden ({MASK})" in hidden
    assert MASK not in shown
    assert "acknowledgement, 🔒 private (Erin Fletcher)" in hidden


def test_events_without_a_time(client, monkeypatch):
    """An event whose time is missing, or lies in year 1, is told without one, and so is an update."""
    read = client.api.incident_updates

    def undated(*which, **how):
        updates = [msgspec.structs.replace(update, created_at=models.NO_TIME) for update in read(*which, **how)]
        return Listing(lambda _cursor: Page(updates, None))

    monkeypatch.setattr(client.api, "incident_updates", undated)
    text = client.context("INC-291").markdown
    assert "- (no time) Fixing: " in text
    assert "- 2026-01-14 18:06 " in text


def test_gaps_are_named(client, monkeypatch):
    """A source that is refused is named first among the sources; the rest is there."""

    def refused(*_which, **_how):
        def fetch(_cursor):
            raise errors.PermissionDenied("The key lacks a scope.", status=403)

        return Listing(fetch)

    for name in ("escalations", "incident_attachments"):
        monkeypatch.setattr(client.api, name, refused)
    text = client.context("INC-291").markdown
    sources = text.partition("## Sources")[2]
    assert "- not read: escalations: The key lacks a scope" in sources
    assert "- not read: attachments: The key lacks a scope" in sources
    assert "## Pages" not in text
    assert "## Timeline" in text


def test_an_incident_that_does_not_exist(client):
    """There is no text about nothing."""
    with pytest.raises(errors.UnknownName):
        client.context("INC-99999")
