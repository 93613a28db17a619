"""Pages and their acknowledgements."""

from __future__ import annotations

import history
from history import BOB, NOON

from incidentio_magic.timeline import Records, merge, pages


def reported(**sources):
    """Return the pages of a history."""
    found = pages(merge(Records(history.incident(), **sources)))
    return [
        (
            entry["escalation"],
            entry["entry_id"],
            (entry["paged_at"] - NOON).total_seconds() / 60,
            entry["acknowledgement_id"],
            entry["acknowledged_at"] and (entry["acknowledged_at"] - NOON).total_seconds() / 60,
            entry["by"],
        )
        for entry in found
    ]


def test_a_page_and_its_first_acknowledgement():
    """A page is acknowledged when the first person did; one that nobody acknowledged is open; others do not mix in."""
    first = history.escalation(
        "E1", ("EV1", "triggered", 0), ("EV2", "acked", 7), ("EV3", "acked", 5), ("EV4", "resolved", 9)
    )
    second = history.escalation("E2", ("EV5", "triggered", 1), ("EV6", "notified_users", 1), ("EV7", "expired", 31))
    assert reported(escalations=[second, first]) == [
        ("E1", "EV1", 0, "EV3", 5, "Bob"),
        ("E2", "EV5", 1, None, None, None),
    ]


def test_the_log_and_the_escalation_tell_one_page():
    """A page of which the activity log tells too is one page, by the rows that stand in the timeline."""
    log = [
        history.entry("A1", 2, "escalation_created", {"escalation_id": "E1"}),
        history.entry("A2", 5, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
    ]
    page = history.escalation("E1", ("EV1", "triggered", 2), ("EV2", "acked", 5))
    expected = [("E1", "A1", 2, "A2", 5, "Bob")]
    assert reported(escalations=[page], activity=log) == reported(activity=log) == expected
    promoted = [history.item("T1", 2, activity_log_id="A1")]
    assert reported(escalations=[page], activity=log, timeline=promoted) == [("E1", "T1", 2, "A2", 5, "Bob")]


def test_an_acknowledgement_without_its_page_is_no_page():
    """An acknowledgement alone, of a page that was not read, and other events make no page."""
    log = [
        history.entry("A2", 5, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
        history.entry("A3", 5, "pagerduty_incident_triggered"),
    ]
    assert reported(activity=log, alerts=[history.alert("AL1", 0)]) == []
