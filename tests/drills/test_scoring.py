"""Scores: pure, from records made by hand; every expected figure is worked out here, not by the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from incidentio_magic.api import models
from incidentio_magic.drills.scenario import Expectation
from incidentio_magic.drills.scoring import Played, score

START = datetime(2026, 1, 15, 14, tzinfo=UTC)
RANKS = {"minor": 1, "moderate": 2, "major": 3, "critical": 4}
CATEGORIES = {
    "Triage": "triage", "Investigating": "live", "Fixing": "live", "Documenting": "learning", "Closed": "closed",
    "Declined": "declined", "Merged": "merged",
}  # fmt: skip


def at(minutes):
    """Return the moment so many minutes after the start."""
    return (START + timedelta(minutes=minutes)).isoformat()


def severity(name):
    """Return a severity as the service writes it."""
    return name and {"id": name, "name": name, "rank": RANKS[name.lower()]}


def status(name):
    """Return a status as the service writes it."""
    return {"id": name, "name": name, "category": CATEGORIES[name], "rank": 1}


class Recorded:
    """A drill written by hand: what was done at which minute."""

    def __init__(self, until=60, over=True, name="Checkout refuses payments", visibility="public", pauses=()):
        self.until, self.over, self.name, self.visibility = until, over, name, visibility
        self.pauses = [(START + timedelta(minutes=begin), START + timedelta(minutes=end)) for begin, end in pauses]
        self.incidents, self.updates, self.mine, self.pages = [], {}, set(), []

    def declare(self, minute, grade="Major", state="Investigating", mine=True):
        """Declare an incident."""
        identity = f"I{len(self.incidents) + 1}"
        self.incidents.append([identity, minute, grade, state])
        self.updates[identity] = [(minute, None, state, grade)]
        if mine:
            self.mine.add(identity)
        return self

    def update(self, minute, message=None, state=None, grade=None, number=1):
        """Share an update."""
        incident = self.incidents[number - 1]
        message = f"In minute {minute} we found something new." if message is None else message
        incident[2], incident[3] = grade or incident[2], state or incident[3]
        self.updates[incident[0]].append((minute, message, incident[3], incident[2]))
        return self

    def page(self, minute, *names):
        """Page."""
        self.pages.append((START + timedelta(minutes=minute), frozenset(names)))
        return self

    def played(self):
        """Return the records."""
        incidents = [
            msgspec.convert(
                {
                    "id": identity, "reference": f"INC-{number}", "mode": "test",
                    "name": self.name, "visibility": self.visibility,
                    "incident_status": status(state), "severity": severity(grade), "created_at": at(minute),
                    "updated_at": at(minute), "permalink": "",
                },
                models.Incident,
                strict=False,
            )
            for number, (identity, minute, grade, state) in enumerate(self.incidents, 1)
        ]  # fmt: skip
        updates = {
            identity: [
                msgspec.convert(
                    {
                        "id": f"U{number}", "incident_id": identity, "created_at": at(minute), "message": message,
                        "new_incident_status": status(state), "new_severity": severity(grade),
                    },
                    models.IncidentUpdate,
                    strict=False,
                )
                for number, (minute, message, state, grade) in enumerate(rows)
            ]
            for identity, rows in self.updates.items()
        }  # fmt: skip
        end = START + timedelta(minutes=self.until)
        return Played(START, end, self.over, incidents, frozenset(self.mine), updates, self.pages, RANKS, self.pauses)


def expect(kind, **values):
    """Return an expectation worth ten points."""
    return Expectation(kind, **values)


DECLARED = expect("declared", within=5, severity=("Major", "Critical"))
UPDATED = expect("updated", within=10)
CADENCE = expect("cadence", every=20)
ESCALATED = expect("escalated", after=20, within=5, severity=("Critical",))
PATH = expect("paged", path="Payments on-call", within=10)
PEOPLE = expect("paged", people=("Alice Archer", "bob@example.com"), within=10)
CLOSED = expect("closed", within=40)
ENDED = expect("ended", within=10, status=("Declined", "Merged"))
QUIET = expect("quiet")
PRIVATE = expect("declared", within=5, severity=("Major",), visibility="private")
OVER_AT_50 = expect("cadence", every=20, after=50)
LATER = expect("paged", path="Payments on-call", after=20, within=10)
FIXED_AT_30 = expect("closed", within=40, after=30)

CASES = {
    "declared in time": (DECLARED, Recorded().declare(5), "in time", 10),
    "declared late": (DECLARED, Recorded().declare(9), "late", 5),
    "declared far too late": (DECLARED, Recorded().declare(11), "no", 0),
    "declared with the wrong severity": (DECLARED, Recorded().declare(2, "Minor"), "partly", 5),
    "declared late and wrong": (DECLARED, Recorded().declare(8, "Minor"), "late", 2.5),
    "graded right later only": (DECLARED, Recorded().declare(2, "Minor").update(3, grade="Major"), "partly", 5),
    "never declared": (DECLARED, Recorded(), "no", 0),
    "not declared yet": (DECLARED, Recorded(until=9, over=False), "pending", 0),
    "no longer to be declared": (DECLARED, Recorded(until=11, over=False), "no", 0),
    "another's incident is no declaration": (DECLARED, Recorded().declare(1, mine=False), "no", 0),
    "updated in time": (UPDATED, Recorded().declare(5).update(15), "in time", 10),
    "updated late": (UPDATED, Recorded().declare(5).update(16), "late", 5),
    "never updated": (UPDATED, Recorded().declare(5), "no", 0),
    "a status without words is no update": (UPDATED, Recorded().declare(5).update(6, "", state="Fixing"), "no", 0),
    "not updated yet": (UPDATED, Recorded(until=20, over=False).declare(5), "pending", 0),
    "cadence kept": (
        CADENCE,
        Recorded().declare(0).update(20).update(40).update(55, state="Closed"),
        "in time",
        10,
    ),
    "cadence kept to the end": (
        CADENCE,
        Recorded(until=60).declare(5).update(25).update(45),
        "in time",
        10,
    ),
    "one gap too long": (CADENCE, Recorded().declare(0).update(35).update(50, state="Closed"), "partly", 5),
    "silence": (CADENCE, Recorded().declare(0).update(55, state="Closed"), "no", 0),
    "what comes after the end does not count": (
        CADENCE,
        Recorded(until=200).declare(0).update(15, state="Closed"),
        "in time",
        10,
    ),
    "cadence of a running drill": (CADENCE, Recorded(until=15, over=False).declare(0), "pending", 0),
    "cadence without an incident": (CADENCE, Recorded(), "no", 0),
    "escalated in time": (ESCALATED, Recorded().declare(1).update(25, grade="Critical"), "in time", 10),
    "escalated before": (ESCALATED, Recorded().declare(1, "Critical"), "partly", 2.5),
    "escalated a moment before": (ESCALATED, Recorded().declare(1).update(19, grade="Critical"), "partly", 2.5),
    "escalated late": (ESCALATED, Recorded().declare(1).update(29, grade="Critical"), "late", 5),
    "escalated far too late": (ESCALATED, Recorded().declare(1).update(31, grade="Critical"), "no", 0),
    "never escalated": (ESCALATED, Recorded().declare(1).update(22), "no", 0),
    "not escalated yet": (ESCALATED, Recorded(until=21, over=False).declare(1), "pending", 0),
    "paged the path": (PATH, Recorded().declare(1).page(10, "Payments on-call"), "in time", 10),
    "paged late": (PATH, Recorded().declare(1).page(20, "payments ON-CALL"), "late", 5),
    "paged another": (PATH, Recorded().declare(1).page(2, "Search on-call"), "no", 0),
    "paged nobody": (PATH, Recorded().declare(1), "no", 0),
    "paged both people in two pages": (
        PEOPLE,
        Recorded().declare(1).page(3, "Alice Archer").page(5, "Bob Brewer", "bob@example.com"),
        "in time",
        10,
    ),
    "paged one of two": (PEOPLE, Recorded().declare(1).page(3, "Alice Archer"), "partly", 2.5),
    "closed with a message": (CLOSED, Recorded().declare(1).update(40, state="Closed"), "in time", 10),
    "closed without a message": (CLOSED, Recorded().declare(1).update(30, "", state="Closed"), "partly", 5),
    "closed late": (CLOSED, Recorded(until=90).declare(1).update(60, state="Documenting"), "late", 5),
    "never closed": (CLOSED, Recorded().declare(1).update(30), "no", 0),
    "closed at first, and again": (
        CLOSED,
        Recorded().declare(1).update(20, state="Documenting").update(30, "", state="Closed"),
        "in time",
        10,
    ),
    "reopened": (CLOSED, Recorded().declare(1).update(20, state="Closed").update(30, state="Fixing"), "no", 0),
    "two alarms ended": (
        ENDED,
        Recorded()
        .declare(0, None, "Triage", mine=False)
        .declare(3, None, "Triage", mine=False)
        .update(8, "", "Declined")
        .update(10, "", "Merged", number=2),
        "in time",
        10,
    ),
    "one of two alarms ended": (
        ENDED,
        Recorded()
        .declare(0, None, "Triage", mine=False)
        .declare(3, None, "Triage", mine=False)
        .update(8, "", "Declined"),
        "partly",
        5,
    ),
    "an alarm closed instead": (
        ENDED,
        Recorded().declare(0, None, "Triage", mine=False).update(8, "It was fine after all", "Closed"),
        "partly",
        5,
    ),
    "an alarm ended late": (
        ENDED,
        Recorded().declare(0, None, "Triage", mine=False).update(15, "", "Declined"),
        "late",
        5,
    ),
    "an alarm left": (ENDED, Recorded().declare(0, None, "Triage", mine=False), "no", 0),
    "quiet": (QUIET, Recorded().declare(0, None, "Triage", mine=False).update(5, "", "Declined"), "in time", 10),
    "quiet, and nobody looked": (QUIET, Recorded().declare(0, None, "Triage", mine=False), "no", 0),
    "quiet where there was nothing": (QUIET, Recorded(), "in time", 10),
    "a name of two letters": (DECLARED, Recorded(name="xx").declare(2), "partly", 2.5),
    "a name of one word": (DECLARED, Recorded(name="Checkout").declare(2), "partly", 2.5),
    "declared in public": (PRIVATE, Recorded().declare(2), "partly", 2.5),
    "declared in private": (PRIVATE, Recorded(visibility="private").declare(2), "in time", 10),
    "empty words are no update": (UPDATED, Recorded().declare(5).update(6, "update").update(12), "in time", 10),
    "nothing but empty words": (
        UPDATED,
        Recorded().declare(5).update(6, "...").update(8, "on it on it on it"),
        "no",
        0,
    ),
    "empty words at a cadence": (
        CADENCE,
        Recorded()
        .declare(0)
        .update(15, "update")
        .update(30, "ok")
        .update(45, "still on it")
        .update(59, state="Closed"),
        "no",
        0,
    ),
    "the same words again": (
        CADENCE,
        Recorded().declare(0).update(15, "We look at the pool.").update(30, "We look at the pool!").update(50),
        "partly",
        5,
    ),
    "no update in a short drill": (CADENCE, Recorded(until=15).declare(5), "no", 0),
    "closed early, with updates": (
        OVER_AT_50,
        Recorded().declare(0).update(15).update(30, state="Closed").update(45),
        "partly",
        5,
    ),
    "closed early to be spared updates": (OVER_AT_50, Recorded().declare(0).update(5, state="Closed"), "no", 0),
    "paged early": (LATER, Recorded().declare(1).page(5, "Payments on-call"), "partly", 2.5),
    "paged everybody": (
        PATH,
        Recorded().declare(1).page(2, "Search on-call").page(2, "Payments on-call").page(2, "Platform on-call"),
        "partly",
        2.5,
    ),
    "paged one more": (
        PATH,
        Recorded().declare(1).page(2, "Search on-call").page(3, "Payments on-call"),
        "in time",
        10,
    ),
    "closed before it was over": (FIXED_AT_30, Recorded().declare(1).update(20, state="Closed"), "partly", 2.5),
    "closed two minutes before it was over": (
        FIXED_AT_30,
        Recorded().declare(1).update(28, state="Closed"),
        "in time",
        10,
    ),
    "closed three minutes before": (FIXED_AT_30, Recorded().declare(1).update(27, state="Closed"), "partly", 2.5),
    "closed once it was over": (FIXED_AT_30, Recorded().declare(1).update(30, state="Closed"), "in time", 10),
    "closed with empty words": (CLOSED, Recorded().declare(1).update(30, "done", state="Closed"), "partly", 5),
    "a pause does not count": (DECLARED, Recorded(pauses=[(1, 31)]).declare(35), "in time", 10),
    "a pause does not count between updates": (
        CADENCE,
        Recorded(until=80, pauses=[(10, 40)]).declare(0).update(45).update(65, state="Closed"),
        "in time",
        10,
    ),
    "quiet so far": (QUIET, Recorded(over=False), "pending", 0),
    "not quiet: paged": (QUIET, Recorded().page(3, "x"), "no", 0),
    "not quiet: declared": (QUIET, Recorded().declare(3), "no", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_scores(case):
    """Each course of events gets the points worked out for it, and advice exactly where it fell short."""
    expectation, reported, done, points = CASES[case]
    (result,) = score([expectation], reported.played())
    assert (result.done, result.score) == (done, points)
    assert bool(result.practise) is (done not in {"in time", "pending"})
    assert result.found
    assert result.of == 10


def test_points_and_advice_of_the_scenario():
    """A scenario says what counts how much, and what to practise."""
    (result,) = score([Expectation("updated", within=1, points=7, practise="say more")], Recorded().declare(1).played())
    assert (result.of, result.practise) == (7, "say more")


def test_the_same_records_give_the_same_scores():
    """Scoring keeps nothing: the same records give equal results, in the order of the expectations."""
    reported = (
        Recorded()
        .declare(2)
        .update(9)
        .update(22, grade="Critical")
        .update(38, state="Closed")
        .page(4, "Payments on-call")
    )
    expectations = [DECLARED, UPDATED, CADENCE, ESCALATED, PATH, CLOSED]
    first, second = score(expectations, reported.played()), score(expectations, reported.played())
    assert first == second
    assert [entry.score for entry in first] == [10, 10, 10, 10, 10, 10]
