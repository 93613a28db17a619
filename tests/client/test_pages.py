"""Pages and alerts as frames: what is in them, what is private, and what could not be read.

Serves `frames/pages.py` and `client/_lists.py`.
"""

from __future__ import annotations

import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.frames import MASK

PAGES = {
    "page": "string", "title": "string", "status": "string", "waiting": "boolean", "paged": "string",
    "paged_at": "datetime64[us, UTC]", "acknowledged_by": "string", "acknowledged_after": "timedelta64[us]",
    "waited": "timedelta64[us]", "path": "string", "incident": "string", "acknowledged_at": "datetime64[us, UTC]",
    "priority": "string", "creator": "string", "id": "string",
}  # fmt: skip
ALERTS = {
    "title": "string", "status": "string", "source": "string", "incidents": "string",
    "fired_at": "datetime64[us, UTC]", "resolved_at": "datetime64[us, UTC]", "lasted": "timedelta64[us]",
    "url": "string", "description": "string", "deduplication_key": "string", "id": "string",
}  # fmt: skip


def kinds(frame):
    """Return the type of each column."""
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def test_the_pages_of_an_incident_are_counted(client):
    """An incident's pages are named by their place in it, newest first, whatever else is asked for."""
    client.page("INC-291", "Look at the replica", to="bob@example.com")
    frame = client.pages("INC-291")
    assert frame["page"].tolist() == ["INC-291#2", "INC-291#1"]
    assert frame["incident"].tolist() == ["INC-291"] * 2
    waiting = client.pages("INC-291", status="waiting")
    assert waiting["page"].tolist() == ["INC-291#2"]
    assert waiting["title"].tolist() == ["Look at the replica"]


def test_a_page_that_waits(client, sandbox):
    """A page nobody has acknowledged says how long it has waited, and who was paged."""
    client.page("INC-291", "Look", to="bob@example.com")
    sandbox.advance(7 * 60)
    row = client.pages().iloc[0]
    assert (row["status"], row["waiting"], row["paged"]) == ("triggered", True, "Bob Brewer")
    assert row["waited"] == pd.Timedelta(minutes=7)
    assert pd.isna(row["acknowledged_at"])
    assert pd.isna(row["acknowledged_after"])


def test_an_acknowledged_page(client):
    """Who acknowledged it comes with how long that took from its first call."""
    row = client.pages("INC-291").iloc[0]
    assert row["acknowledged_after"] == row["acknowledged_at"] - row["paged_at"] > pd.Timedelta(0)
    assert row["acknowledged_by"] == "Ivan Joiner"
    assert row["path"] == "Platform on-call"
    assert pd.isna(row["waited"])


def test_the_last_day_and_whatever_waits(client, sandbox):
    """Without a filter there is the last day, and an older page only if it still waits; the frame says so."""
    client.page("INC-291", "Still there", to="bob@example.com")
    sandbox.advance(30 * 3600)
    frame = client.pages()
    assert frame["title"].tolist() == ["Still there"]
    assert frame.attrs["limited_to"] == "the last 24 hours and all waiting pages"
    more = client.pages(since="30d")
    assert len(more) > 1
    assert more.attrs["limited_to"] == ""
    assert more["paged_at"].is_monotonic_decreasing


def test_bounds_are_exact(client):
    """The service filters by whole days; a frame is cut to the second."""
    whole = client.pages(since="3d")
    third = whole["paged_at"].sort_values().iloc[2]
    first = third.strftime("%Y-%m-%dT%H:%M:%S")
    assert set(client.pages(since=first)["id"]) == set(whole[whole["paged_at"] >= third]["id"])


def test_private_pages_are_masked(client):
    """The title of a page about a private incident is shown only where that was asked for."""
    hidden, shown = client.pages(since="30d"), client.pages(since="30d", show_private=True)
    private = hidden["title"] == MASK
    assert 0 < private.sum() < len(hidden)
    assert MASK not in set(shown["title"])
    titles = set(shown[private.to_numpy()]["title"])
    assert not any(title in hidden.to_csv() for title in titles)


@pytest.mark.parametrize("status", ["wating", "xyz"])
def test_a_status_that_does_not_exist(client, status):
    """A status that does not exist gets an offer of those that do."""
    with pytest.raises(errors.UnknownName, match=f"There is no status of pages '{status}'") as caught:
        client.pages(status=status)
    assert "waiting" in caught.value.hint


def test_pages_without_the_names_of_paths(client, monkeypatch):
    """A key that may not see escalation paths still sees pages."""

    def refuse(*_which, **_how):
        raise errors.PermissionDenied("no", status=403)

    client.vocabulary.statuses()  # the service's time is known from its answer, also from a refusal
    monkeypatch.setattr(client.vocabulary, "escalation_paths", refuse)
    frame = client.pages(since="30d")
    assert len(frame)
    assert frame["path"].isna().all()


def test_pages_that_cannot_be_read_are_an_error(client, monkeypatch):
    """Without the right to see pages there is an error, not an empty frame."""
    monkeypatch.setattr(client.api, "escalations", lambda *_which, **_how: Listing(_refused))
    with pytest.raises(errors.PermissionDenied):
        client.pages()


def _refused(_cursor):
    raise errors.PermissionDenied("no", status=403)


def test_frames_are_the_same_when_empty(client):
    """Columns and types are those of a full frame."""
    assert kinds(client.pages(since="30d")) == kinds(client.pages(since="1s")) == PAGES
    assert kinds(client.alerts(since="30d")) == kinds(client.alerts(since="1s")) == ALERTS
    assert client.pages(since="1s").empty
    assert client.alerts(since="1s").empty


def test_alerts_and_their_incidents(client):
    """What fires comes with the incidents it belongs to and its source, newest first."""
    frame = client.alerts(firing=True)
    assert set(frame["status"]) == {"firing"}
    assert frame["resolved_at"].isna().all()
    assert frame["incidents"].str.startswith("INC-").all()
    assert frame["source"].notna().all()
    assert (frame["lasted"] == (pd.Timestamp("2026-01-15T14:00Z") - frame["fired_at"])).all()
    resolved = client.alerts(since="30d")
    resolved = resolved[resolved["status"] == "resolved"]
    assert (resolved["lasted"] == resolved["resolved_at"] - resolved["fired_at"]).all()


def test_alerts_of_a_source(client):
    """Alerts are filtered by the name of their source; a typo gets an offer."""
    every = client.alerts(since="90d")
    some = client.alerts(source="error tracker", since="90d")
    assert set(some["source"]) == {"Error tracker"}
    assert len(some) == (every["source"] == "Error tracker").sum()
    with pytest.raises(errors.UnknownName) as caught:
        client.alerts(source="Eror tracker")
    assert caught.value.hint == "did you mean Error tracker?"


def test_many_alerts_are_linked_as_few_are(client, monkeypatch):
    """Of many alerts all links are read at once; each alert has the same incidents."""
    few = client.alerts(since="30d")
    monkeypatch.setattr("incidentio_magic.client.pages._ALERT_BY_ALERT", 1)
    assert client.alerts(since="30d").equals(few)


@pytest.mark.parametrize("at_once", [1, 100])
def test_alerts_whose_incidents_cannot_be_read(client, monkeypatch, at_once):
    """Whose alert it is may be private, so its words are hidden; the frame says what is missing."""
    monkeypatch.setattr("incidentio_magic.client.pages._ALERT_BY_ALERT", at_once)
    monkeypatch.setattr(client.api, "incident_alerts", lambda *_which, **_how: Listing(_refused))
    frame = client.alerts(since="30d")
    assert frame["incidents"].isna().all()
    assert set(frame["title"]) == {MASK}
    assert (frame.attrs["complete"], list(frame.attrs["missing"])) == (False, [f"incidents of {len(frame)} alerts"])


def test_alerts_of_private_incidents_are_masked(client, monkeypatch):
    """The words of a private incident's alert are hidden, its reference is not."""
    (alert,) = [alert for alert in client.api.alerts() if alert.source_url and alert.source_url.endswith("/298")]
    link = next(iter(client.api.incident_alerts(alert_id=alert.id)))
    private = type(link.incident)(**{**_values(link.incident), "visibility": "private"})
    changed = type(link)(link.id, link.alert, private)
    monkeypatch.setattr(
        client.api, "incident_alerts", lambda *_which, **_how: Listing(lambda _cursor: Page([changed], None))
    )
    frame = client.alerts(since="1d")
    row = frame[frame["id"] == alert.id].iloc[0]
    assert (row["title"], row["url"], row["description"]) == (MASK, MASK, MASK)
    assert row["incidents"] == "INC-298"
    assert client.alerts(since="1d", show_private=True)["title"].str.contains("lost its replica").any()


def _values(record):
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_an_unfinished_list_is_said(client, monkeypatch):
    """A list of which records were lost makes a frame that says so, and counts what could not be read."""
    some = list(client.api.escalations())[:2]
    lossy = Page(some, None, {"escalations": 3}, lost=3)
    monkeypatch.setattr(client.api, "escalations", lambda *_which, **_how: Listing(lambda _cursor: lossy))
    frame = client.pages(since="30d")
    assert len(frame) == 2
    assert (frame.attrs["complete"], frame.attrs["unreadable"]) == (False, {"escalations": 3})
    assert "3 records could not be read" in frame.attrs["why_incomplete"]
