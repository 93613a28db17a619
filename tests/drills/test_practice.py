"""Drills on the sandbox, from the start to the score.

Serves `api/drills.py` and `sandbox/classroom/drill_routes.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.drills.played import scenario_of
from incidentio_magic.drills.practice import Practice
from incidentio_magic.drills.reading import known, scenario
from incidentio_magic.drills.scoring import score
from incidentio_magic.sandbox import Sandbox


def scores(practice):
    """Return the present drill's scores."""
    drill = practice.present()
    return [entry.score for entry in score(scenario_of(drill).expectations, practice.played(drill))]


def test_a_drill_played_well(make, school):
    """Who declares, updates, pages, escalates and closes in time gets every point."""
    io = make(0)
    practice = Practice(io)
    practice.start("database-pool")
    school.advance(240)
    reference = io.declare("Checkout refuses payments", severity="Major").reference
    for minutes, act in (
        (2, lambda: io.page(reference, path="Checkout on-call")),
        (6, lambda: io.update(reference, "We look at the pool.", status="Fixing")),
        (11, lambda: io.update(reference, "All regions now.", severity="Critical")),
        (16, lambda: io.update(reference, "The job is killed.")),
        (12, lambda: io.update(reference, "Orders are normal.", status="Closed")),
    ):
        school.advance(minutes * 60)
        assert act().sent
    practice.stop(practice.present())
    assert scores(practice) == [20, 10, 10, 20, 10, 10]
    assert {entry.title for entry in practice.present().feed} == {
        event.title for event in scenario("database-pool").events
    }


def test_a_name_given_after_the_end_counts_for_nothing(make, school):
    """The score of an ended drill stays as it is when its incident gets a better name."""
    io = make(0)
    practice = Practice(io)
    practice.start("database-pool")
    school.advance(240)
    reference = io.declare("xx", severity="Major").reference
    practice.stop(practice.present())
    before = scores(practice)
    io.edit(reference, name="Checkout refuses payments")
    assert scores(practice) == before == [5, 0, 0, 0, 0, 0]


def test_a_drill_played_badly(make, school):
    """Who does it late, with the wrong severity and without words gets what that is worth."""
    io = make(0)
    practice = Practice(io)
    practice.start("database-pool")
    school.advance(600)
    reference = io.declare("Checkout is slow", severity="Minor").reference
    school.advance(3000)
    io.update(reference, status="Closed")
    practice.stop(practice.present())
    # Declared late (half) and as the wrong severity (half again); closed in time, but without a message.
    assert scores(practice) == [5, 0, 0, 0, 0, 5]


def test_a_false_alarm(make, school):
    """The alarm's incidents are declined and merged by a colleague, and nobody is woken."""
    io = make(0)
    practice = Practice(io)
    practice.start("false-alarm")
    school.advance(480)
    drill = practice.present()
    first, second = (io.api.incident(identity).reference for identity in drill.incident_ids)
    assert practice.end_incident(drill, "merge", second, first) == f"{second} is now Merged into {first}."
    assert practice.end_incident(drill, "decline", first) == f"{first} is now Declined."
    practice.stop(drill)
    assert scores(practice) == [40, 30]


def test_the_dashboard_is_for_the_drill_only(make, school):
    """Another incident is not ended, and the error says what to do."""
    io = make(0)
    practice = Practice(io)
    practice.start("false-alarm")
    with pytest.raises(errors.InputError, match="only incidents of this drill"):
        practice.end_incident(practice.present(), "decline", "INC-19")


def test_a_drill_outlives_its_kernel(make, school):
    """Another client with the same key goes on where the first was."""
    Practice(make(0)).start("bad-deploy")
    school.advance(360)
    again = Practice(make(0))
    drill = again.present()
    assert scenario_of(drill) == scenario("bad-deploy")
    assert len(drill.feed) == 2
    with pytest.raises(errors.InputError, match="There is no drill"):
        Practice(make(1)).present()


def test_a_class(make, school):
    """The facilitator starts a drill for everybody, and sees each trainee's own score and no other's."""
    facilitator = Practice(make())
    _, drills = facilitator.start("bad-deploy", everyone=True)
    assert len(drills) == 3
    quick, slow = make(0), make(1)
    school.advance(300)
    quick.declare("Search finds nothing", severity="Major")
    school.advance(600)
    slow.declare("Search finds nothing", severity="Minor")
    for drill in facilitator.newest_of_all():
        facilitator.stop(drill)
    got = {
        drill.key.name: score(scenario_of(drill).expectations, facilitator.played(drill))[0].score
        for drill in facilitator.newest_of_all()
    }
    assert got == {"Trainee 01": 20, "Trainee 02": 5, "Trainee 03": 0}


def test_only_the_facilitator_steers(make):
    """A trainee changes neither the class's clock nor the others' drills."""
    trainee = Practice(make(0))
    with pytest.raises(errors.InputError, match="only the facilitator"):
        trainee.start("bad-deploy", speed=30)
    with pytest.raises(errors.PermissionDenied):
        trainee.start("bad-deploy", everyone=True)
    with pytest.raises(errors.PermissionDenied):
        trainee.newest_of_all()


def test_the_clock_runs_as_fast_as_asked(make, school):
    """--speed lets the sandbox's clock run faster; the end of the drill gives the speed back."""
    practice = Practice(make())
    practice.start("bad-deploy", speed=60)
    assert school.service.clock.speed == 60
    practice.stop(practice.present())
    assert school.service.clock.speed == 0
    practice.start("bad-deploy", speed=60)
    practice.start("bad-deploy", speed=30)
    practice.start("bad-deploy")  # two that still ran have ended without being stopped
    practice.stop(practice.present())
    assert school.service.clock.speed == 0
    with pytest.raises(errors.InputError, match="cannot run at this speed: speed must"):
        practice.start("bad-deploy", speed=1e6)


def test_names_are_checked_before_it_starts(make, school, tmp_path):
    """A scenario that names what the organisation has not is refused with the nearest name; nothing starts."""
    practice = Practice(make(0))
    text = """title = "x"
briefing = "x"
minutes = 5
[[event]]
at = 0
kind = "message"
by = "{by}"
title = "x"
[[expect]]
kind = "{kind}"
within = 5
{rest}
"""
    for by, kind, rest, printed in (
        ("Bob Brewer", "declared", 'severity = "Mayor"', "Major"),
        ("Bob Brewer", "paged", 'path = "Payment on-call"', "Payments on-call"),
        ("Bob Brewer", "paged", 'people = "Alice Archr"', "Alice Archer"),
        ("Bob Brewer", "ended", 'status = "Declind"', "Declined"),
        ("Bob Brewr", "updated", "", "Bob Brewer"),
    ):
        path = tmp_path / "own.toml"
        path.write_text(text.format(by=by, kind=kind, rest=rest))
        with pytest.raises(errors.ScenarioError) as caught:
            practice.start(str(path))
        assert "own.toml, line" in caught.value.message
        assert printed in caught.value.hint
    with pytest.raises(errors.InputError, match="There is no drill"):
        practice.present()


def test_names_are_found_however_they_are_spelt(make, school, tmp_path):
    """Other capitals, more spaces, an address or an ID: the person meant acts, and the right thing gets its points."""
    io = make(0)
    practice = Practice(io)
    carol = io.vocabulary.user("Carol Carver")
    major = io.vocabulary.severity("Major")
    path = tmp_path / "own.toml"
    for by, severity, paged in (
        ("carol carver", "MAJOR", 'path = "checkout   on-call"'),
        (carol.email, major.id, f'people = "{carol.id}"'),
        (carol.id, "Major", f'people = "{carol.email.upper()}"'),
    ):
        path.write_text(f"""title = "x"
briefing = "x"
minutes = 5
[[event]]
at = 1
kind = "message"
by = "{by}"
title = "x"
[[expect]]
kind = "declared"
within = 5
severity = "{severity}"
[[expect]]
kind = "paged"
within = 5
{paged}
""")
        practice.start(str(path))
        reference = io.declare(f"Checkout refuses payments of {severity}", severity="Major").reference
        if "path" in paged:
            io.page(reference, path="Checkout on-call")
        else:
            io.page(reference, to=["Carol Carver"])
        school.advance(120)
        assert scores(practice) == [10, 10]
        assert practice.present().feed[0].who == "Carol Carver"
        items = io.api.timeline_items(io.incident(reference).id)
        assert [item.creator.user.name for item in items if item.creator and item.creator.user] == ["Carol Carver"]


def test_a_service_that_is_no_sandbox(make, monkeypatch):
    """On the real service there are no drills."""
    client = make(0)
    monkeypatch.setattr(client.api, "is_sandbox", lambda: False)
    with pytest.raises(errors.InputError, match="Drills need a sandbox"):
        Practice(client)


@pytest.mark.parametrize("name", known())
def test_every_scenario_starts_on_the_sandbox(make, school, name):
    """Each one that comes along names only what the sandbox has, and all its events happen."""
    practice = Practice(make(2))
    practice.start(name)
    school.advance(7200)
    assert len(practice.present().feed) == len(scenario(name).events)
    assert len(practice.played(practice.present()).incidents) == sum(event.opens for event in scenario(name).events)


def test_what_comes_after_the_end_counts_no_more(make, school):
    """Updates and pages after the end of a drill change no score."""
    io = make(0)
    practice = Practice(io)
    practice.start("bad-deploy")
    school.advance(60)
    reference = io.declare("Search finds nothing", severity="Major").reference
    school.advance(600)
    practice.stop(practice.present())
    before = scores(practice)
    school.advance(60)
    io.update(reference, "late")
    io.page(reference, path="Search on-call")
    assert scores(practice) == before


def test_a_kernel_s_own_sandbox_keeps_its_drill_in_a_file(tmp_path, make):
    """A sandbox on a file goes on with its drill when it is started again."""
    database = str(tmp_path / "own.sqlite")
    with Sandbox(database=database, incidents=5, frozen=True) as sandbox:
        Practice(make(where=sandbox)).start("bad-deploy")
    with Sandbox(database=database, frozen=True) as sandbox:
        sandbox.advance(600)
        assert len(Practice(make(where=sandbox)).present().feed) == 3


def test_colleagues_and_alerts_are_in_the_timeline(make, school):
    """What fired before the declaration and what colleagues say after it stand in the timeline; its board lists it."""
    io = make(0)
    Practice(io).start("database-pool")
    school.advance(300)
    reference = io.declare("Checkout refuses payments", severity="Major").reference
    school.advance(900)
    reported = io.timeline(reference, show_private=True).to_string()
    assert "Alice Archer: Where are we?" in reported
    assert "Checkout error rate above 5 % in eu-west" in reported
    assert "Checkout error rate above 50 % in all regions" in reported
    listed = io.incidents(open=True)
    assert reference in set(listed["reference"])


def test_after_a_reset_messages_are_true(make, school):
    """What was written before is gone and said to be; another's incident of that number is not taken for your own."""
    io, other = make(0), make(1)
    first = io.declare("Search finds nothing today", severity="Minor").reference
    assert io.update(first, "We look at the index.").sent
    assert io.page(first, path="Search on-call").sent
    school.reset()
    with pytest.raises(errors.UnknownName, match="There is no incident"):
        io.update(first, "We look at the index.")
    assert other.declare("Somebody else is first", severity="Minor").reference == first
    for read in (io.show, lambda reference: io.update(reference, "We look at the index.")):
        with pytest.raises(errors.UnknownName, match="that this key may see"):
            read(first)
    again = io.declare("Search finds nothing today", severity="Minor")
    assert again.sent
    assert again.reference != first
    assert io.update(again.reference, "We look at the index.").sent
    assert io.page(again.reference, path="Search on-call").sent
    assert list(io.incidents(open=True)["reference"]) == [again.reference]
