"""One incident's records in, one story out: who has authority, what is joined, what is marked.

Serves `timeline/activity.py`, `timeline/escalations.py`, `timeline/event.py`,
`timeline/kinds.py`, `timeline/other_sources.py`, `timeline/records.py` and `timeline/updates.py`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import history
import msgspec
import pytest
from history import ALICE, BOB, NOON, SEVERITIES, STATUSES

from incidentio_magic.timeline import DEFAULT_SOURCES, KINDS, SOURCES, Records, merge
from incidentio_magic.timeline.records import UNREADABLE

UNREAD = {"timestamps": False, **{name: () for name in SOURCES if name != "timestamps"}}


def minutes(event):
    """Return how many minutes after noon an event happened."""
    return (event.at - NOON).total_seconds() / 60


def rows(records):
    """Return the events of records by ID."""
    events = merge(records)
    found = {(event.source, event.type, event.entry_id): event for event in events}
    assert len(found) == len(events)
    return {event.entry_id: event for event in events}


def only(**sources):
    """Return the records of an incident of which only these sources told something."""
    return Records(history.incident(stamps=sources.pop("stamps", {}), **sources.pop("incident", {})), **sources)


def test_every_source_in_order():
    """A history in which every source tells something is one list, in which each fact stands once."""
    reported = [
        (minutes(entry), entry.source, entry.kind, entry.type, entry.entry_id, entry.also_in)
        for entry in merge(history.whole())
    ]
    assert reported == [
        (-30, "timestamps", "timestamp", "incident_timestamp", "TS-Impact started at", ()),
        (-20, "timeline", "note", "timeline_item", "T1", ()),
        (-3, "alerts", "alert", "fired", "AL1", ()),
        (0, "activity", "declaration", "incident_update", "A0", ("updates:U0",)),
        (0, "timestamps", "timestamp", "incident_timestamp", "TS-Reported at", ()),
        (1, "activity", "alert", "alert_attached_to_incident", "A3", ("alerts:L-AL1",)),
        (2, "activity", "page", "escalation_created", "A1", ("escalations:EV1",)),
        (2, "escalations", "notification", "notified_users", "EV2", ()),
        (3, "activity", "workflow", "workflow_ran", "A13", ("workflows:R1",)),
        (5, "activity", "acknowledgement", "escalation_acknowledged", "A2", ("escalations:EV3",)),
        (6, "activity", "call", "incident_call_started", "A10", ("calls:C1",)),
        (8, "transcripts", "transcript", "spoken", "S1", ()),
        (10, "activity", "action", "action_created", "A6", ("actions:AC1",)),
        (12, "activity", "role", "role_update", "A15", ()),
        (15, "activity", "timestamp", "incident_timestamp_set", "A9", ()),
        (20, "timeline", "status", "incident_update", "T2", ("activity:A4", "activity:A5", "updates:U1")),
        (25, "activity", "action", "action_updated", "A7", ("actions:AC1",)),
        (39, "activity", "call", "incident_call_ended", "A11", ("calls:C1",)),
        (40, "activity", "timestamp", "incident_timestamp_occurred", "A8", ("timestamps:TS-Fixed at",)),
        (40, "updates", "status", "incident_update", "U2", ()),
        (40, "escalations", "escalation", "resolved", "EV4", ()),
        (41, "activity", "other", "sandwich_ordered", "A14", ()),
        (41, "alerts", "alert", "resolved", "AL1", ()),
        (45, "follow_ups", "follow_up", "created", "F1", ()),
        (50, "activity", "postmortem", "postmortem_document_v2_changed", "A12", ("postmortems:P1",)),
        (900, "follow_ups", "follow_up", "completed", "F1", ()),
    ]


def test_status_and_severity_as_of_each_moment():
    """Each event has the status and the severity after everything up to it; before the declaration there are none."""
    course = {minutes(entry): (entry.status, entry.severity) for entry in merge(history.whole())}
    assert course[-3] == (None, None)
    assert course[0] == course[15] == ("Investigating", "Minor")
    assert course[20] == course[39] == ("Fixing", "Minor")
    assert course[40] == course[900] == ("Monitoring", "Major")


def test_a_promoted_entry_fills_its_item_and_overwrites_nothing():
    """An item keeps its own words and person; the entry adds what changed and when it was first written down."""
    row = rows(history.whole())["T2"]
    assert (row.title, row.detail, row.actor, row.curated) == ("Fixing: rolled back", "By **hand**.", "Alice", True)
    assert (row.before, row.after) == ("Investigating", "Fixing")
    bare = history.item("T2", 20, activity_log_id="A4", creator={"api_key": {"id": "K", "name": "Bot"}})
    promoted_later = history.item("T3", 20, activity_log_id="A4", created_at=history.at(400))
    row = rows(replace(history.whole(), timeline=[bare]))["T2"]
    assert (row.detail, row.actor, row.actor_kind) == ("Rolling back.", "Bot", "api_key")
    assert not rows(replace(history.whole(), timeline=[promoted_later]))["T3"].backdated


def test_an_entry_promoted_twice_belongs_to_the_item_that_was_first():
    """Of two items from one entry the first has the entry, and the other stays a row of its own."""
    second = history.item("T9", 20, activity_log_id="A4", created_at=history.at(30))
    found = rows(replace(history.whole(), timeline=[second, history.item("T2", 20, activity_log_id="A4")]))
    assert found["T2"].also_in == ("activity:A4", "activity:A5", "updates:U1")
    assert (found["T9"].also_in, found["T9"].kind, found["T9"].curated) == ((), "note", True)


def test_an_item_whose_entry_was_not_read_stands_alone():
    """Without the activity log an item is a note of its own, with the time it was given."""
    row = rows(replace(history.whole(), activity=()))["T2"]
    assert (row.kind, row.type, minutes(row), row.also_in) == ("note", "timeline_item", 20, ())


@pytest.mark.parametrize("left", ["activity", "updates"])
def test_either_log_alone_tells_status_and_severity(left):
    """Where the scope for updates or for the activity log is missing, the other one is enough for what both tell."""
    records = only(
        activity=[
            history.declared(),
            history.moved("A4", "U1", 20, "Investigating", "Fixing", previous_severity=SEVERITIES["Minor"])
            if left == "updates"
            else history.moved(
                "A4", "U1", 20, "Investigating", "Fixing",
                previous_severity=SEVERITIES["Minor"], new_severity=SEVERITIES["Major"],
            ),
        ],
        updates=[history.update("U0", 0, "Investigating", "Minor"), history.update("U1", 20, "Fixing", "Major")],
        timeline=[history.item("T1", 10), history.item("T2", -10)],
    )  # fmt: skip
    other = "updates" if left == "activity" else "activity"
    found = merge(replace(records, **{other: ()}))
    assert [(entry.kind, entry.before, entry.after, entry.status, entry.severity) for entry in found] == [
        ("note", None, None, None, None),
        ("declaration", None, "Investigating, Minor", "Investigating", "Minor"),
        ("note", None, None, "Investigating", "Minor"),
        ("status", "Investigating, Minor", "Fixing, Major", "Fixing", "Major"),
    ]


def test_nothing_is_known_of_the_status_without_either_log():
    """Without updates and activity the status is left open, never guessed from what it is now."""
    records = replace(history.whole(), activity=(), updates=())
    assert {(entry.status, entry.severity) for entry in merge(records)} == {(None, None)}


def test_what_was_before_the_first_known_move():
    """A log that begins late tells from its first move what had been before."""
    records = only(activity=[history.moved("A4", "U1", 20, "Fixing", "Monitoring")], timeline=[history.item("T1", 10)])
    assert [(entry.entry_id, entry.status) for entry in merge(records)] == [("T1", "Fixing"), ("A4", "Monitoring")]
    with_update = replace(records, updates=[history.update("U1", 20, "Monitoring"), history.update("U2", 30, "Closed")])
    assert merge(with_update)[0].status == "Fixing"
    second = history.changed("A5", 20, "Fixing", "Monitoring")
    assert merge(replace(records, activity=[second]))[0].status == "Fixing"
    assert merge(only(timeline=records.timeline, updates=with_update.updates))[0].status is None
    later = [history.update("U0", 15, "Investigating"), history.update("U1", 20, "Fixing")]
    moved = [history.moved("A4", "U1", 20, "Investigating", "Fixing")]
    assert merge(only(timeline=records.timeline, updates=later, activity=moved))[0].status is None


def test_a_status_move_is_one_row():
    """The second entry that a status move writes is part of the update that made it; one of another move is not."""
    moves = [
        history.declared(),
        history.moved("A1", "U1", 10, "Investigating", "Fixing"),
        history.changed("A2", 10.01, "Investigating", "Fixing"),
        history.changed("A3", 30, "Fixing", "Monitoring"),
        history.moved("A4", "U2", 40, "Monitoring", "Fixing"),
        history.changed("A5", 40, "Investigating", "Fixing"),
        history.changed("A6", 10.02, "Investigating", "Fixing"),
    ]
    for order in (moves, moves[::-1]):
        found = rows(only(activity=order))
        assert set(found) == {"A0", "A1", "A3", "A4", "A5", "A6"}
        assert found["A1"].also_in == ("activity:A2",)
        assert found["A1"].title == "Status is now Fixing"


def test_severity_moves_and_plain_updates():
    """An update that moves the severity only, or nothing, is of that kind, whichever source tells it."""
    reported = {"id": "U1", "previous_severity": SEVERITIES["Minor"], "new_severity": SEVERITIES["Major"]}
    found = rows(only(activity=[history.declared(), history.entry("A1", 5, "incident_update", reported)]))
    assert (found["A1"].kind, found["A1"].before, found["A1"].after) == ("severity", "Minor", "Major")
    assert found["A1"].title == "Severity is now Major"
    assert found["A0"].title == "Declared as Investigating"
    shared = [
        history.update("U0", 0, "Investigating", "Minor"),
        history.update("U1", 5, "Investigating", "Major"),
        history.update("U2", 6, "Investigating", "Major", message="Still looking."),
    ]
    found = rows(only(updates=shared))
    assert (found["U1"].kind, found["U1"].title) == ("severity", "Severity is now Major")
    assert (found["U2"].kind, found["U2"].title, found["U2"].detail) == ("update", "Shared an update", "Still looking.")
    plain = history.entry("A2", 6, "incident_update", {"id": "U2", "message": "Still looking."})
    row = rows(only(updates=shared, activity=[plain]))["A2"]
    assert (row.kind, row.before, row.after, row.also_in) == ("update", None, None, ("updates:U2",))


def test_each_acknowledgement_is_paired_with_its_own():
    """Of two acknowledgements of a page each pairs with the entry of the same person, nearest in time."""
    page = history.escalation(
        "E1", ("EV1", "triggered", 0), ("EV2", "acked", 3), ("EV3", "acked", 9), ("EV4", "acked", 10)
    )
    log = [
        history.entry("A1", 9, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
        history.entry("A2", 3, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
        history.entry("A3", 10, "escalation_acknowledged", {"escalation_id": "E1", "acknowledger": ALICE}),
        history.entry("A4", 3, "escalation_acknowledged", {"escalation_id": "E2", "acknowledger": BOB}),
    ]
    found = rows(only(activity=log, escalations=[page]))
    assert {name: entry.also_in for name, entry in found.items()} == {
        "EV1": (), "A2": ("escalations:EV2",), "A1": ("escalations:EV3",), "A3": (), "A4": (), "EV4": (),
    }  # fmt: skip


def test_every_event_of_an_escalation_is_a_row():
    """Each event has its own row, also one that is new to us; a page made by an API key has nobody who made it."""
    page = history.escalation(
        "E1", ("EV1", "triggered", 0), ("EV2", "notified_users", 0), ("EV3", "notified_channels", 1),
        ("EV4", "entered_grace_period", 2), ("EV5", "expired", 30), ("EV6", "handed_to_the_moon", 31), creator={},
    )  # fmt: skip
    found = merge(only(escalations=[page]))
    assert [(entry.entry_id, entry.kind, entry.actor) for entry in found] == [
        ("EV1", "page", None),
        ("EV2", "notification", None),
        ("EV3", "notification", None),
        ("EV4", "escalation", None),
        ("EV5", "escalation", None),
        ("EV6", "escalation", None),
    ]
    assert found[-1].title == "Page handed to the moon: Checkout fails"


def test_an_alert_is_never_given_a_moment_of_attachment():
    """When an alert was attached only the log knows; without it the link is named where the alert fired."""
    records = only(alerts=[history.alert("AL1", -3, 41), history.alert("AL1", -3, 41, link="L-2")])
    found = [(entry.type, minutes(entry), entry.also_in, entry.url) for entry in merge(records)]
    url = "https://monitors.example.com/1"
    assert found == [("fired", -3, ("alerts:L-2", "alerts:L-AL1"), url), ("resolved", 41, (), url)]
    attached = rows(history.whole())["A3"]
    assert (attached.detail, attached.url) == ("5xx", url)


def test_a_timestamp_says_who_set_it_and_when():
    """A moment that somebody recorded later has its own row, marked as backdated, with who set it last to that."""
    stamp = {"id": "TS-Impact", "name": "Impact", "rank": 1}
    log = [
        history.entry(
            name,
            when,
            "incident_timestamp_set",
            {"incident_timestamp": stamp, "new_value": value, "updater": {"user": who}},
        )
        for name, when, value, who in (
            ("A1", 10, history.at(-30), ALICE),
            ("A2", 20, history.at(-20), BOB),
            ("A3", 30, history.at(-30), BOB),
            ("A4", 40, history.at(-20), ALICE),
            ("A5", 41, history.at(-40), ALICE),
        )
    ]
    found = rows(only(activity=log, stamps={"Impact": -30}))
    row = found["TS-Impact"]
    assert (minutes(row), row.actor, row.actor_kind, row.backdated) == (-30, "Bob", "user", True)
    assert row.recorded_at == found["A3"].at
    assert {row.backdated for name, row in found.items() if name != "TS-Impact"} == {False}
    unknown = rows(only(stamps={"Impact": -30}))["TS-Impact"]
    assert (unknown.actor, unknown.recorded_at, unknown.backdated) == (None, None, False)


def test_timestamps_of_one_moment_are_told_apart_by_their_entry_s_title():
    """Where several timestamps fell on one moment an entry stands for the one it names, and for no other."""
    log = [history.entry("A1", 0, "incident_timestamp_occurred", title="Accepted at was set")]
    found = rows(only(activity=log, stamps={"Reported at": 0, "Accepted at": 0}))
    assert found["A1"].also_in == ("timestamps:TS-Accepted at",)
    assert found["TS-Reported at"].also_in == ()
    reworded = [history.entry("A1", 5, "incident_timestamp_occurred", title="Es wurde gesetzt")]
    assert set(rows(only(activity=reworded, stamps={"Fixed at": 5}))) == {"A1"}


def test_backdated_items_are_marked():
    """What was written down more than five minutes after it happened is marked; what was promoted late is not."""
    items = [
        history.item("T1", 0, created_at=history.at(5)),
        history.item("T2", 0, created_at=history.at(6)),
        history.item("T3", 50, created_at=history.at(1)),
    ]
    assert {name for name, row in rows(only(timeline=items)).items() if row.backdated} == {"T2"}


def test_streams_are_named_and_do_not_move_the_parent():
    """Rows of a stream carry its reference; one that cannot be read may be private, and its ID is not shown."""
    stream = history.incident(id="01STREAM", reference="INC-8", visibility="private")
    reported = {"id": "U9", "previous_status": STATUSES["Investigating"], "new_status": STATUSES["Closed"]}
    log = [
        history.declared(),
        history.entry("A1", 10, "incident_update", reported, incident_id="01STREAM"),
        history.entry("A2", 11, "slack_pin", incident_id="01OTHER"),
    ]
    shared = [history.update("U9", 10, "Closed", incident_id="01STREAM")]
    records = only(activity=log, updates=shared, others={"01STREAM": stream})
    found = rows(records)
    assert (found["A1"].incident, found["A1"].status, found["A1"].private) == ("INC-8", "Investigating", True)
    assert (found["A2"].incident, found["A2"].private) == (UNREADABLE, True)
    assert found["A1"].also_in == ("updates:U9",)


def test_merged_incidents_are_marked_on_both_sides():
    """An incident that was merged says into which; the one it went into says which came, and masks a private one."""
    gone = [
        history.update("U0", 0, "Investigating", "Minor"),
        history.update("U1", 10, "Closed", "Minor", merged_into_incident_id="01BIG"),
    ]
    into = history.incident(id="01BIG", reference="INC-8")
    event = rows(only(updates=gone, others={"01BIG": into}))["U1"]
    assert (event.kind, event.title) == ("merge", "Merged into INC-8")
    assert (event.before, event.after) == ("INC-7", "INC-8")
    unread = rows(only(updates=gone))["U1"]
    assert (unread.title, unread.after) == (f"Merged into {UNREADABLE}", UNREADABLE)
    came = {"source_incident": history.slim("INC-3", "private"), "incident_update_id": "U77", "merger": {"user": BOB}}
    event = rows(only(activity=[history.entry("A1", 5, "incident_merged", came)]))["A1"]
    assert (event.kind, event.before, event.after) == ("merge", "INC-3", "INC-7")
    assert (event.actor, event.private) == ("Bob", True)


def test_a_merge_that_its_own_log_records_says_into_which():
    """Where the log of the merged incident has an entry of it, too, the update says into which it was merged."""
    own = {"source_incident": history.slim("INC-7") | {"id": history.ID}, "incident_update_id": "U1"}
    updates = [
        history.update("U0", 0, "Investigating", "Minor"),
        history.update("U1", 10, "Closed", "Minor", merged_into_incident_id="01BIG"),
    ]
    log = [history.entry("A1", 10, "incident_merged", own)]
    others = {"01BIG": history.incident(id="01BIG", reference="INC-8")}
    event = rows(only(updates=updates, activity=log, others=others))["A1"]
    assert (event.kind, event.before, event.after, event.also_in) == ("merge", "INC-7", "INC-8", ("updates:U1",))


def test_a_page_about_a_private_incident_is_private_too():
    """The title of a page that is also about a private incident may tell of it, also where the log tells the page."""
    page = history.escalation(
        "E1", ("EV1", "triggered", 2), related_incidents=[history.slim("INC-7"), history.slim("INC-9", "private")]
    )
    log = [history.entry("A1", 2, "escalation_created", {"escalation_id": "E1"})]
    assert [entry.private for entry in merge(only(escalations=[page]))] == [True]
    assert [entry.private for entry in merge(only(escalations=[page], activity=log))] == [True]
    assert {
        entry.private for entry in merge(replace(history.whole(), incident=history.incident(visibility="private")))
    } == {True}


def test_unknown_types_pass_through():
    """A type nobody has heard of keeps its title and its type; so does one whose content is not as promised."""
    odd = [
        history.entry("A1", 1, "moon_landed", title="The moon landed"),
        replace_content(history.entry("A2", 2, "incident_update"), {"incident_update": ["not", "a", "record"]}),
        replace_content(
            history.entry("A3", 3, "role_update"), {"role_update": {"updater": "somebody", "new_assignee": 7}}
        ),
        replace_content(history.entry("A4", 4, "moon_landed"), {"moon_landed": {"updater": {"user": ALICE}, "on": 1}}),
        replace_content(history.entry("A5", 5, "workflow_ran"), {"workflow_ran": {"creator": None}}),
    ]
    found = rows(only(activity=odd))
    assert (found["A1"].kind, found["A1"].type, found["A1"].title) == ("other", "moon_landed", "The moon landed")
    assert (found["A2"].kind, found["A2"].title) == ("update", "incident update")
    assert (found["A3"].actor, found["A3"].after) == (None, "7")
    assert (found["A4"].kind, found["A4"].actor) == ("other", "Alice")
    assert found["A5"].kind == "workflow"


def replace_content(entry, content):
    """Return an entry with content that the vendor's models would not render."""
    return type(entry)(**{**{name: getattr(entry, name) for name in entry.__struct_fields__}, "content": content})


def test_changes_are_told_by_name():
    """Roles, fields, names, types, visibility and tasks tell what was and what is, as people know it."""
    field = {"id": "F1", "name": "Region", "description": "", "field_type": "multi_select", "options": []}
    kind = {
        "id": "K1",
        "name": "Platform",
        "description": "",
        "is_default": True,
        "create_in_triage": "optional",
        "private_incidents_only": False,
        **dict.fromkeys(("created_at", "updated_at"), history.at(0)),
    }
    option = {"id": "O1", "value": "eu-west", "custom_field_id": "F1", "sort_key": 1}
    changes = {
        "custom_field_value_update": (
            {
                "custom_field": field,
                "previous_values": [{"value_text": "us"}],
                "new_values": [{"value_option": option}, {"value_numeric": "12"}],
            },
            ("us", "eu-west, 12"),
        ),
        "incident_rename": ({"previous_name": "Old", "new_name": "New"}, ("Old", "New")),
        "incident_type_changed": ({"new_incident_type": kind}, (None, "Platform")),
        "incident_visibility_changed": (
            {"previous_visibility": "public", "new_visibility": "private"},
            ("public", "private"),
        ),
        "follow_up_updated": (
            {
                "follow_up_id": "F1",
                "previous_status": "outstanding",
                "new_status": "outstanding",
                "previous_assignee": ALICE,
                "new_assignee": BOB,
            },
            ("Alice", "Bob"),
        ),
        "summary_update": ({"new_summary": "It is bad."}, (None, None)),
    }
    for name, (content, expected) in changes.items():
        (row,) = merge(only(activity=[history.entry("A1", 1, name, content)]))
        assert (row.before, row.after) == expected, name
    assert row.detail == "It is bad."


def test_every_source_tells_its_facts_alone():
    """Without the activity log every other source has its own rows, each once, with all that it knows."""
    runs = [history.run("R1", 3)]
    found = merge(replace(history.whole(), activity=(), timeline=(), workflows=runs))
    assert [f"{entry.source} {entry.kind} {entry.type}: {entry.title}" for entry in found] == [
        "timestamps timestamp incident_timestamp: Impact started at",
        "alerts alert fired: Alert fired: Errors above 5%",
        "updates declaration incident_update: Declared as Investigating",
        "timestamps timestamp incident_timestamp: Reported at",
        "escalations page triggered: Paged: Checkout fails",
        "escalations notification notified_users: Notified Bob",
        "workflows workflow workflow_run: Workflow ran: Announce",
        "escalations acknowledgement acked: Acknowledged: Checkout fails",
        "calls call started: The call started",
        "transcripts transcript spoken: Can we roll back?",
        "actions action created: Action created: Roll back",
        "updates status incident_update: Status is now Fixing",
        "actions action completed: Action completed: Roll back",
        "calls call ended: The call ended",
        "updates status incident_update: Status is now Monitoring; Severity is now Major",
        "escalations escalation resolved: Page resolved: Checkout fails",
        "timestamps timestamp incident_timestamp: Fixed at",
        "alerts alert resolved: Alert resolved: Errors above 5%",
        "follow_ups follow_up created: Follow-up created: Write a runbook",
        "postmortems postmortem in_app: Postmortem: INC-7: Checkout fails",
        "follow_ups follow_up completed: Follow-up completed: Write a runbook",
    ]
    monitor, issue = "https://monitors.example.com/1", "https://issues.example.com/OPS-1"
    page = "https://app.incident.io/org/incidents/7/post-mortems/P1"
    assert [(entry.detail, entry.actor, entry.before, entry.after, entry.about, entry.url) for entry in found] == [
        (None, None, None, None, None, None),
        ("5xx", None, None, "firing", "AL1", monitor),
        ("We see errors.", "Alice", None, "Investigating, Minor", None, None),
        (None, None, None, None, None, None),
        (None, "Alice", None, None, "E1", None),
        ("Urgency: high", None, None, "Bob", "E1", None),
        (None, "Announce", None, None, "W1", None),
        (None, "Bob", None, None, "E1", None),
        (None, None, None, None, "C1", None),
        (None, "Alice", None, None, None, None),
        ("Assignee: Bob", "Alice", None, None, "AC1", None),
        ("Rolling back.", "Alice", "Investigating", "Fixing", None, None),
        (None, None, None, "completed", "AC1", None),
        (None, None, None, None, "C1", None),
        ("Fixed.", "Alice", "Fixing, Minor", "Monitoring, Major", None, None),
        (None, None, None, None, "E1", None),
        (None, None, None, None, None, None),
        ("5xx", None, None, "resolved", "AL1", monitor),
        ("How to roll back.", "Alice", None, None, "F1", issue),
        ("Status: in_progress", None, None, None, "P1", page),
        (None, None, None, "completed", "F1", issue),
    ]
    people = {None: None, "Announce": "workflow", "Alice": "user", "Bob": "user"}
    assert all(entry.actor_kind == people[entry.actor] for entry in found)
    assert {entry.incident for entry in found} == {"INC-7"}
    assert all(entry.recorded_at == entry.at for entry in found if entry.source != "timestamps")
    assert not any(entry.private or entry.curated for entry in found)
    assert [entry.also_in for entry in found if entry.also_in] == [("alerts:L-AL1",)]


def test_everything_of_a_private_incident_is_private():
    """Each row of a private incident, of whatever source, tells that it is."""
    hidden = replace(history.whole(), incident=history.incident(visibility="private", stamps={"Reported at": 0}))
    assert {entry.private for entry in merge(hidden)} == {True}
    bare = replace(hidden, activity=(), timeline=())
    assert {entry.private for entry in merge(bare)} == {True}
    assert {entry.source for entry in merge(bare)} == set(SOURCES) - {"activity", "timeline"}


def test_everything_of_a_stream_carries_its_reference():
    """Each row that names the incident it belongs to is that of the stream, where it belongs to one."""
    stream = history.incident(id="01STREAM", reference="INC-8", visibility="private")
    reported = {"incident_id": "01STREAM"}
    records = only(
        timeline=[history.item("T1", 1, **reported)],
        activity=[history.entry("A1", 1, "slack_pin", **reported)],
        updates=[history.update("U1", 1, "Fixing", **reported)],
        others={"01STREAM": stream},
    )
    assert {(entry.incident, entry.private, entry.status) for entry in merge(records)} == {("INC-8", True, None)}


def test_an_entry_s_word_on_what_moved_counts():
    """Where the log says that an update moved nothing, a list of updates that begins late does not say otherwise."""
    late = [history.update("U2", 6, "Fixing", "Major", message="Still looking.")]
    plain = history.entry("A2", 6, "incident_update", {"id": "U2", "message": "Still looking."})
    row = rows(only(updates=late, activity=[plain]))["A2"]
    assert (row.kind, row.before, row.after, row.also_in) == ("update", None, None, ("updates:U2",))
    assert rows(only(updates=late))["U2"].kind == "declaration"


def test_a_failed_run_says_why():
    """A workflow run that failed tells its error and the step, also where the log told of the run."""
    failed = [history.run("R1", 3, error="The channel was not found.")]
    expected = "Failed: The channel was not found.\n- `slack.post_message`: The channel was not found."
    assert rows(only(workflows=failed))["R1"].detail == expected
    assert rows(replace(history.whole(), workflows=failed))["A13"].detail == expected


def test_ties_are_broken_by_source_then_writing_then_id():
    """What happened at one moment is ordered by the source's authority, the time of writing and the ID; always so."""
    items = [
        history.item("T2", 5, created_at=history.at(9)),
        history.item("T3", 5, created_at=history.at(8)),
        history.item("T1", 5, created_at=history.at(9)),
    ]
    log = [history.entry("A1", 5, "slack_pin")]
    shared = [history.update("U1", 5, "Fixing")]
    stamps = {"Fixed at": 5}
    answers = {
        tuple(entry.entry_id for entry in merge(only(timeline=order, activity=log, updates=shared, stamps=stamps)))
        for order in permutations(items)
    }
    assert answers == {("T3", "T1", "T2", "A1", "U1", "TS-Fixed at")}
    stamp = {"id": "TS-Zenith", "name": "Zenith", "rank": 1}
    reported = {"incident_timestamp": stamp, "new_value": history.at(5), "updater": {"user": BOB}}
    log = [history.entry("A1", 30, "incident_timestamp_set", reported)]
    found = merge(only(activity=log, stamps={"Fixed at": 5, "Zenith": 5}))
    assert [entry.entry_id for entry in found] == ["TS-Zenith", "TS-Fixed at", "A1"]  # nobody knows who set Fixed at


def test_a_record_that_was_listed_twice_is_told_once():
    """A record that two pages of a list both held is one event."""
    whole = history.whole()
    doubled = replace(whole, **{name: [*getattr(whole, name)] * 2 for name in SOURCES if name != "timestamps"})
    assert merge(doubled) == merge(whole)


def test_an_empty_history_is_empty():
    """An incident of which nothing was read has no events."""
    assert merge(only()) == []
    assert merge(replace(history.whole(), **UNREAD)) == []


def test_names_of_sources_and_kinds():
    """Every kind and source an event has is one of those that can be asked for."""
    found = merge(history.whole())
    assert {entry.source for entry in found} | {"actions", "calls", "postmortems", "workflows"} == set(SOURCES)
    assert {entry.kind for entry in found} <= set(KINDS)
    assert SOURCES[: len(DEFAULT_SOURCES)] == DEFAULT_SOURCES


@pytest.mark.parametrize("value", [None, {}, {"value": None}])
def test_a_timestamp_without_a_moment_is_no_event(value):
    """A timestamp that nobody has set, in whichever way that is written, has no row, and the others have theirs."""
    incident = history.incident(stamps={"Impact": -30})
    (impact,) = incident.incident_timestamp_values
    empty = msgspec.convert(
        {"incident_timestamp": {"id": "TS-Fixed", "name": "Fixed", "rank": 2}, "value": value}, type(impact)
    )
    both = msgspec.structs.replace(incident, incident_timestamp_values=[empty, impact])
    assert set(rows(Records(both))) == {"TS-Impact"}


@pytest.mark.parametrize("name", ["follow_up", "action"])
def test_what_is_to_be_done_is_one_row(name):
    """A follow-up and an action are one row with the entry that says they were created."""
    records = {f"{name}s": [history.follow_up("T1", 5) if name == "follow_up" else history.action("T1", 5)]}
    log = [history.entry("A1", 5, f"{name}_created", {f"{name}_id": "T1", "actor": {"user": ALICE}})]
    found = rows(only(activity=log, **records))
    assert len(found) == 1
    (event,) = found.values()
    assert {event.source, *event.also_in} >= {"activity"} or event.also_in


@pytest.mark.parametrize(("seconds", "is_the_same"), [(0, True), (1, True), (1.5, False), (-1, True), (-1.5, False)])
def test_a_timestamp_and_its_entry_are_a_second_apart_at_most(seconds, is_the_same):
    """A timestamp that is a second from its entry in the log is one row with it: the log has whole seconds."""
    log = [history.entry("A1", 5 + seconds / 60, "incident_timestamp_occurred", title="Fixed at was set")]
    found = rows(only(activity=log, stamps={"Fixed at": 5}))
    assert set(found) == ({"A1"} if is_the_same else {"A1", "TS-Fixed at"})


@pytest.mark.parametrize(("started", "is_the_same"), [(5, True), (4, True), (3.5, False), (6, True), (6.5, False)])
def test_a_call_and_its_entry_are_a_minute_apart_at_most(started, is_the_same):
    """A call that began up to a minute from its entry in the log is one row with it."""
    found = rows(only(activity=[history.entry("A1", 5, "incident_call_started")], calls=[history.call("C1", started)]))
    assert set(found) == ({"A1"} if is_the_same else {"A1", "C1"})


def test_an_update_that_repeats_the_status_is_no_change():
    """An entry whose status before and after are the same is an update, and not a move."""
    content = {
        "id": "U1",
        "previous_status": STATUSES["Fixing"],
        "new_status": STATUSES["Fixing"],
        "updater": {"user": BOB},
    }
    found = rows(only(activity=[history.entry("A1", 5, "incident_update", content)]))
    assert found["A1"].kind == "update"


def test_two_updates_that_move_the_status_alike():
    """Two updates that made the same move within a minute are two rows, the second no entry of the first."""
    entries = [history.moved(f"A{number}", f"U{number}", 5, "Fixing", "Monitoring") for number in (1, 2)]
    assert set(rows(only(activity=entries))) == {"A1", "A2"}


def test_a_status_change_belongs_to_an_update_only():
    """Two entries of the same move, without an update that made it, are two rows."""
    content = {"previous_status": STATUSES["Fixing"], "new_status": STATUSES["Monitoring"]}
    entries = [history.entry(f"A{number}", 5, "status_change", content) for number in (1, 2)]
    assert set(rows(only(activity=entries))) == {"A1", "A2"}
