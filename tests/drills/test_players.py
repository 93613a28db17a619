"""Calibration: what an expert, a hasty, a silent and a gaming player get, in every scenario that comes along.

Each plays with the real client on a sandbox; the bands are what the scores are meant to say.
Serves `drills/played.py`, `drills/planning.py`, `drills/library.py` and `sandbox/classroom/records.py`.
"""

from __future__ import annotations

from functools import partial

import pytest

from incidentio_magic.drills.library import Library
from incidentio_magic.drills.played import scenario_of
from incidentio_magic.drills.practice import Practice
from incidentio_magic.drills.reading import known, scenario
from incidentio_magic.drills.scoring import score
from incidentio_magic.sandbox.classroom.records import record_of

# At least and at most, in percent of the points.
BANDS = {"expert": (95, 100), "hasty": (0, 65), "silent": (0, 0), "gaming": (0, 30)}
PATHS = ("Payments on-call", "Search on-call", "Checkout on-call", "Platform on-call")


class Player:
    """Plays a drill minute by minute.

    Args:
        io: The trainee's client.
        school: The sandbox, whose clock is moved.
        practice: The trainee's drills.
    """

    def __init__(self, io, school, practice):
        self.io, self.school, self.practice = io, school, practice
        self.minute = 0.0
        self.reference = ""

    def at(self, minute):
        """Let time pass until a minute."""
        self.school.advance((minute - self.minute) * 60)
        self.minute = minute

    def play(self, acts, ends_at):
        """Do what is planned, in order, and end the drill."""
        for minute, _place, act in sorted((minute, place, act) for place, (minute, act) in enumerate(acts)):
            self.at(minute)
            act()
        self.at(ends_at)
        self.practice.stop(self.practice.present())

    def declare(self, name, severity, visibility="public"):
        """Declare the incident that the rest is about."""
        made = self.io.declare(name, severity=severity, private=visibility == "private")
        self.reference = made.reference

    def alarms(self):
        """Return the incidents that alerts have opened."""
        return [self.io.api.incident(identity).reference for identity in self.practice.present().incident_ids]

    def update(self, message, **more):
        """Share an update on the incident."""
        self.io.update(self.reference, message, **more)

    def page(self, expectation):
        """Page the path or the people that an expectation names."""
        if expectation.path:
            self.io.page(self.reference, path=expectation.path)
        else:
            self.io.page(self.reference, to=list(expectation.people))

    def page_path(self, path):
        """Page a path."""
        self.io.page(self.reference, path=path)

    def end_alarms(self):
        """Let a colleague decline every alarm."""
        for reference in self.alarms():
            self.practice.end_incident(self.practice.present(), "decline", reference)


def of_kind(chosen, kind):
    """Return a scenario's expectations of a kind."""
    return [expectation for expectation in chosen.expectations if expectation.kind == kind]


def expert(player, chosen):
    """Return what somebody does who does all of it well, a minute before it would be late."""
    acts = []
    begun = 0.0
    for expectation in of_kind(chosen, "declared"):
        begun = expectation.within - 1
        name, visibility = "Customers cannot use the service", expectation.visibility or "public"
        acts.append((begun, partial(player.declare, name, expectation.severity[0], visibility)))
    acts.extend(
        (max(expectation.after, begun) + 1, partial(player.page, expectation))
        for expectation in of_kind(chosen, "paged")
    )
    for expectation in of_kind(chosen, "escalated"):
        message = "It is worse now, in all regions."
        acts.append((expectation.after + 1, partial(player.update, message, severity=expectation.severity[0])))
    every = min((expectation.every for expectation in of_kind(chosen, "cadence")), default=15)
    over = max((expectation.after for expectation in of_kind(chosen, "closed")), default=0)
    first = min((expectation.within for expectation in of_kind(chosen, "updated")), default=every)
    minute = begun + min(first, every) - 1
    while over and minute < over:
        acts += [(minute, partial(player.update, f"We have looked at part {int(minute)} and go on from there."))]
        minute += every - 1
    if over:
        acts.append((over + 1, partial(player.update, "All is normal again, the cause is known.", status="Closed")))
    acts.extend((expectation.within - 1, player.end_alarms) for expectation in of_kind(chosen, "ended"))
    return acts


def hasty(player, chosen):
    """Return what somebody does who does everything at once, without a look."""
    return [
        (0, partial(player.declare, "Everything is down", "Critical")),
        *((1, partial(player.page_path, path)) for path in PATHS),
        (2, partial(player.update, "We are looking at it and will report.")),
        (6, partial(player.update, "It should be fine again by now.", status="Closed")),
    ]


def silent(player, chosen):
    """Return nothing."""
    return []


def gaming(player, chosen):
    """Return what somebody does who knows the rules and says nothing: all in time, empty words, pages to everybody."""
    severity = next((each.severity[0] for each in of_kind(chosen, "declared")), "Minor")
    worst = next((each.severity[0] for each in of_kind(chosen, "escalated")), severity)
    return [
        (0, partial(player.declare, "xx", severity)),
        *((1, partial(player.page_path, path)) for path in PATHS),
        (1, partial(player.update, "u", severity=worst)),
        *((minute, partial(player.update, "u", again=True)) for minute in range(5, int(chosen.minutes) - 1, 5)),
        (chosen.minutes - 1, partial(player.update, ".", status="Closed")),
    ]


PLAYERS = {"expert": expert, "hasty": hasty, "silent": silent, "gaming": gaming}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind in {"hasty", "silent"})) for kind in PLAYERS]
)
@pytest.mark.parametrize("name", known())
def test_each_player_gets_what_it_deserves(make, school, name, kind):
    """The score tells the players apart in every scenario, and the server's own figure is the same."""
    chosen = scenario(name)
    io = make(0)
    practice = Practice(io)
    practice.start(name)
    player = Player(io, school, practice)
    player.play(PLAYERS[kind](player, chosen), chosen.minutes)
    drill = practice.present()
    results = score(scenario_of(drill).expectations, practice.played(drill))
    percent = 100 * sum(result.score for result in results) / sum(result.of for result in results)
    least, most = BANDS[kind]
    assert least <= percent <= most, "\n".join(
        f"{entry.score:g}/{entry.of:g} {entry.expected}: {entry.found}" for entry in results
    )
    assert percent == 100 or any(result.practise for result in results)
    assert school.service
    record = record_of(school.service, school.service.drills.find(drill.id, None))
    assert Library().score(record)["score"] == sum(result.score for result in results)
