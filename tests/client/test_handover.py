"""A shift collected from the sandbox: opened, changed, closed, paged, open, overdue; private masked; gaps named.

Serves `frames/handover.py`.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.api.pagination import Listing
from incidentio_magic.frames import MASK

COLUMNS = [
    "section", "incident", "name", "severity", "status", "lead", "at", "what", "needs_update", "waiting", "permalink",
]  # fmt: skip


def of(brief, section):
    """Return the rows of a section."""
    return brief.frame[brief.frame["section"] == section]


def test_a_shift(client, sandbox):
    """What this shift did is in it: an incident declared, moved, paged about and closed."""
    sandbox.advance(60)
    reference = client.declare("Exports hang", "Since the deploy.", severity="Major").reference
    client.update(reference, "Found it", status="Fixing")
    client.page(reference, "Look", to="bob@example.com")
    client.update(reference, "All good", status="Closed without review")
    brief = client.handover(since="30m")
    assert list(brief.frame.columns) == COLUMNS
    assert of(brief, "opened")["incident"].tolist()[-1] == reference
    changed = of(brief, "changed")
    assert changed.loc[changed["incident"] == reference, "what"].iloc[-1].startswith("Investigating → Fixing; Found it")
    (closed,) = of(brief, "closed").to_dict("records")
    assert (closed["incident"], closed["status"]) == (reference, "Closed without review")
    assert closed["what"].startswith("Fixing → Closed without review; All good")
    (paged,) = of(brief, "paged").to_dict("records")
    assert paged["waiting"]
    assert "paged Bob Brewer; triggered" in paged["what"]
    assert reference not in set(of(brief, "open")["incident"])
    assert "A page is still waiting" in brief.markdown


def test_what_is_open(client):
    """Every open incident is there, the most severe first, with its lead and its last update."""
    rows = of(client.handover(), "open")
    listed = client.incidents(open=True)
    assert set(rows["incident"]) == set(listed["reference"])
    ranks = [severity.name for severity in client.vocabulary.severities()]
    order = [ranks.index(name) if isinstance(name, str) else -1 for name in rows["severity"]]
    assert order == sorted(order, reverse=True)
    row = rows[rows["incident"] == "INC-291"].iloc[0]
    last = client.updates("INC-291").dropna(subset="message").iloc[-1]
    assert (row["at"], row["what"]) == (last["at"], last["message"])


def test_any_update_counts_for_the_rule(client):
    """A change of status without a message is an update too, as on the board."""
    rule = {"Minor": timedelta(hours=1)}
    assert of(client.handover(overdue=rule), "open").set_index("incident")["needs_update"]["INC-298"]
    client.update("INC-298", status="Fixing")
    row = of(client.handover(overdue=rule), "open").set_index("incident").loc["INC-298"]
    assert not row["needs_update"]


@pytest.mark.slow
def test_overdue_for_an_update(client):
    """How long an incident may go without an update is a rule that can be set; paused ones are never overdue."""
    by_default = of(client.handover(), "open").set_index("incident")["needs_update"]
    assert by_default["INC-291"]
    assert not by_default["INC-290"]  # paused
    never = client.handover(overdue=dict.fromkeys(("Major", "Critical", "Moderate", "Minor", "no severity")))
    assert not of(never, "open")["needs_update"].any()
    soon = client.handover(overdue={"Minor": timedelta(minutes=1)})
    assert of(soon, "open").set_index("incident")["needs_update"]["INC-298"]


@pytest.mark.slow
def test_overdue_follow_ups_by_a_rule(client):
    """Follow-ups are overdue by a rule only."""
    assert of(client.handover(), "overdue").empty
    late = of(client.handover(due={"": "30d"}), "overdue")
    frame = client.follow_ups(due={"": "30d"})
    assert len(late) == frame["overdue"].sum() > 0


def test_private_words_are_masked(client):
    """Neither the frame nor the text has a private incident's words, unless that was asked for."""
    hidden, shown = client.handover(since="2d"), client.handover(since="2d", show_private=True)
    name = client.incident("INC-297").name
    assert client.incident("INC-297").is_private
    assert MASK in hidden.markdown
    assert name not in hidden.markdown
    assert name not in hidden.frame.to_csv()
    assert name in shown.markdown
    assert MASK not in shown.markdown


def test_the_shift_of_a_schedule(client):
    """A schedule's present shift says when it began."""
    brief = client.handover(schedule="Platform office hours")
    assert brief.frame.attrs["from"] == "2026-01-15T08:00:00+00:00"
    assert "On call in Platform office hours: Alice Lorimer, from 2026-01-16 08:00 Alice Lorimer" in brief.markdown
    assert "Payments primary" not in brief.markdown


def test_a_schedule_of_nobody(client, sandbox):
    """Where nobody is on call there is no shift, and the error says what to type."""
    sandbox.advance(4 * 3600)
    with pytest.raises(errors.InputError, match="Nobody is on call") as caught:
        client.handover(schedule="Platform office hours")
    assert "--since" in caught.value.hint
    with pytest.raises(errors.InputError, match="say when the shift began"):
        client.handover(schedule="Platform office hours", since="2h")


def test_what_cannot_be_read_is_named(client, monkeypatch):
    """A source that is refused is named in the text and the frame; the others are there."""

    def refused(*_which, **_how):
        def fetch(_cursor):
            raise errors.PermissionDenied("The key lacks a scope.", status=403)

        return Listing(fetch)

    for name in ("escalations", "alerts", "follow_ups"):
        monkeypatch.setattr(client.api, name, refused)
    brief = client.handover(due={"": "1d"})
    assert set(brief.frame.attrs["missing"]) == {"pages", "alerts", "follow-ups"}
    assert not brief.frame.attrs["complete"]
    assert "- pages: The key lacks a scope" in brief.markdown
    assert not of(brief, "open").empty


def test_training_hands_over_test_incidents(connect_to):
    """In training mode only test incidents are in a handover."""
    client = connect_to(training=True)
    client.declare("Practice", severity="Minor")
    rows = client.handover().frame
    modes = {client.incident(reference).mode for reference in rows.loc[rows["section"] == "open", "incident"]}
    assert modes == {"test"}


def test_an_empty_frame_has_its_types(client):
    """A shift in which nothing happened has the same columns and types."""
    full, empty = client.handover(since="12h").frame, client._frames().handover([])
    assert empty.empty
    categories = ["severity", "status"]
    assert full.dtypes.drop(categories).equals(empty.dtypes.drop(categories))
    assert isinstance(full["at"].dtype, pd.DatetimeTZDtype)
