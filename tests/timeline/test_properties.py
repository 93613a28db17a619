"""What holds for every history: a total and stable order, nothing lost, nothing twice, true status and severity.

Serves `timeline/states.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

import history
from history import BOB, NOON, SEVERITIES, STATUSES
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.timeline import SOURCES, Records, merge

MOMENTS = st.integers(-30, 60)
MANY = tuple(source for source in SOURCES if source != "timestamps")


@dataclass(frozen=True)
class Move:
    """What happened at a moment, and where it was written down.

    Args:
        minute: When, in minutes after noon.
        status: The status from then on.
        severity: The severity from then on.
        told_by: `log`, `update`, or both.
        twice: Whether the log has a second entry of it.
    """

    minute: int
    status: str
    severity: str
    told_by: str
    twice: bool


def number(place: int, kind: str) -> str:
    """Return an ID; like the service's, IDs sort by when they were made."""
    return f"{place:04}{kind}"


@st.composite
def moves(draw):
    """Draw what happened to the status and the severity, in the order of time."""
    count = draw(st.integers(1, 6))
    minutes = sorted(draw(st.lists(st.integers(0, 20), min_size=count, max_size=count)))
    return [
        Move(
            minute,
            draw(st.sampled_from(list(STATUSES))),
            draw(st.sampled_from(list(SEVERITIES))),
            draw(st.sampled_from(["log", "update", "both"])),
            draw(st.booleans()),
        )
        for minute in minutes
    ]


def recorded(course: list[Move]) -> Records:
    """Return the log and the updates of what happened."""
    log, shared = [], []
    before: Move | None = None
    for place, move in enumerate(course):
        update_id = number(place, "B")
        if move.told_by != "log":
            shared.append(history.update(update_id, move.minute, move.status, move.severity))
        if move.told_by != "update":
            content = {"id": update_id, "updater": {"user": BOB}}
            for name, known in (("status", STATUSES), ("severity", SEVERITIES)):
                old, new = before and getattr(before, name), getattr(move, name)
                if old != new:
                    content |= {f"new_{name}": known[new]} | ({f"previous_{name}": known[old]} if old else {})
            log.append(history.entry(number(place, "C"), move.minute, "incident_update", content))
            if before and move.twice and before.status != move.status:
                log.append(history.changed(number(place, "D"), move.minute, before.status, move.status))
        before = move
    return Records(history.incident(), activity=log, updates=shared)


@st.composite
def histories(draw):
    """Draw an incident with records of every source, many of which tell the same as others."""
    records = recorded(draw(moves()))
    log = list(records.activity)
    promoted = draw(st.lists(st.sampled_from([item.id for item in log] or ["gone"]), max_size=3))
    items = [
        history.item(number(place, "T"), draw(MOMENTS), activity_log_id=entry)
        for place, entry in enumerate([*promoted, "gone", None])
    ]
    stamps = {f"Moment {place}": draw(MOMENTS) for place in range(draw(st.integers(0, 3)))}
    for name, minute in stamps.items():
        when = draw(MOMENTS)
        if draw(st.booleans()):
            reported = {
                "incident_timestamp": {"id": f"TS-{name}", "name": name, "rank": 1},
                "new_value": history.at(minute),
            }
            log.append(history.entry(f"S-{name}", when, "incident_timestamp_set", reported))
        if draw(st.booleans()):
            log.append(history.entry(f"O-{name}", minute, "incident_timestamp_occurred", title=f"{name} was set"))
    names = draw(st.lists(st.sampled_from(["triggered", "notified_users", "acked", "acked", "expired"]), max_size=5))
    page = history.escalation("E1", *((f"EV{place}", name, draw(MOMENTS)) for place, name in enumerate(names)))
    for name, content in (
        ("escalation_created", {"escalation_id": "E1"}),
        ("escalation_acknowledged", {"escalation_id": "E1", "acknowledger": BOB}),
        ("alert_attached_to_incident", {"alert_id": "AL0"}),
        ("action_created", {"action_id": "AC0"}),
        ("action_updated", {"action_id": "AC0", "previous_status": "outstanding", "new_status": "completed"}),
        ("follow_up_created", {"follow_up_id": "F0"}),
        ("incident_call_started", None),
        ("incident_call_ended", None),
        ("postmortem_document_v2_changed", None),
        ("workflow_ran", {"event_title": "Announce", "creator": {"workflow": {"id": "W1", "name": "Announce"}}}),
        ("moon_landed", None),
    ):
        log += [
            history.entry(f"{name}-{place}", draw(MOMENTS), name, content) for place in range(draw(st.integers(0, 2)))
        ]

    def some(make, *more):
        return [
            make(f"{make.__name__}{place}" if place else more[0], draw(MOMENTS), *more[1:])
            for place in range(draw(st.integers(0, 2)))
        ]

    ended = draw(st.none() | MOMENTS)
    return replace(
        records,
        incident=history.incident(stamps=stamps),
        activity=log,
        timeline=items,
        escalations=[page],
        alerts=some(history.alert, "AL0", ended),
        actions=some(history.action, "AC0", ended),
        follow_ups=some(history.follow_up, "F0", ended),
        calls=some(history.call, "C0", ended),
        postmortems=some(history.document, "P0"),
        transcripts=some(history.printed, "S0", "Hello."),
        workflows=some(history.run, "R0"),
    )


def told_facts(records: Records) -> Counter[tuple[str, str]]:
    """Return how many events each record tells, by source and ID; an alert's link is told beside its events."""
    facts: Counter[tuple[str, str]] = Counter()
    for name in ("timeline", "activity", "updates", "postmortems", "transcripts", "workflows"):
        facts.update((name, entry.id) for entry in getattr(records, name))
    facts.update(("escalations", event.id) for page in records.escalations for event in page.events)
    for link in records.alerts:
        facts[("alerts", link.id)] = 1
        facts[("alerts", link.alert.id)] = 1 + (link.alert.resolved_at is not None)
    for name in ("actions", "follow_ups"):
        facts.update({(name, entry.id): 1 + (entry.completed_at is not None) for entry in getattr(records, name)})
    facts.update({("calls", call.id): 1 + (call.ended_at is not None) for call in records.calls})
    stamps = records.incident.incident_timestamp_values or ()
    facts.update(("timestamps", stamp.incident_timestamp.id) for stamp in stamps if stamp.value)
    return facts


@given(histories())
def test_nothing_is_lost_and_nothing_told_twice(records):
    """Each fact of each record is one row, or is named in exactly one row of a source with more authority."""
    events = merge(records)
    reported = Counter((event.source, event.entry_id) for event in events)
    linked = Counter(tuple(link.split(":", 1)) for event in events for link in event.also_in)
    assert reported + linked == told_facts(records)
    assert all(
        SOURCES.index(link.split(":")[0]) >= SOURCES.index(event.source) for event in events for link in event.also_in
    )
    assert {event.curated for event in events if event.source == "timeline"} == {True}


@given(histories(), st.randoms())
def test_the_order_is_total_and_does_not_depend_on_the_input(records, dice):
    """The events are sorted by time, source, writing and ID, and are the same whatever order the records come in."""
    events = merge(records)
    keys = [
        (
            event.at,
            SOURCES.index(event.source),
            event.recorded_at is None,
            event.recorded_at or NOON,
            event.entry_id,
            event.type,
        )
        for event in events
    ]
    assert all(first < second for first, second in pairwise(keys))
    shuffled = replace(
        records, **{name: dice.sample(list(getattr(records, name)), len(getattr(records, name))) for name in MANY}
    )
    assert merge(shuffled) == events


@given(moves())
def test_status_and_severity_are_those_that_were(course):
    """Wherever a move was written down, each moment has the status and the severity of the last move up to it."""
    records = recorded(course)
    probes = [history.item(f"T{minute}", minute) for minute in range(-1, 22)]
    for entry in merge(replace(records, timeline=probes)):
        past = [move for move in course if move.minute <= (entry.at - NOON).total_seconds() / 60]
        assert (entry.status, entry.severity) == ((past[-1].status, past[-1].severity) if past else (None, None))


@given(histories(), st.sampled_from(MANY))
def test_a_source_that_cannot_be_read_takes_only_its_own_along(records, missing):
    """Without one source the facts of all others are still told, each once."""
    left = replace(records, **{missing: ()})
    events = merge(left)
    reported = Counter((event.source, event.entry_id) for event in events)
    linked = Counter(tuple(link.split(":", 1)) for event in events for link in event.also_in)
    assert reported + linked == told_facts(left)
