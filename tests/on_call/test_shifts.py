"""Shifts as spans: joined where one goes on, gaps that nobody covers, who is on call and who is next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api import models
from incidentio_magic.on_call.shifts import duties_at, duties_between, gaps, joined, reaches

START = datetime(2026, 3, 27, tzinfo=UTC)
PEOPLE = {name: models.User(name, name.title()) for name in ("ada", "bob")}


def at(hours):
    """Return the moment so many hours after the start."""
    return START + timedelta(hours=hours)


def shift(first, last, name="ada", *, rotation="R", override=False):
    """Return a shift between two hours."""
    user = PEOPLE[name] if name else None
    return models.ShiftInForce(at(first), at(last), user, None, rotation, override)


def spans(*shifts):
    """Return the joined shifts as hours."""
    return [
        ((span.start - START) / timedelta(hours=1), (span.end - START) / timedelta(hours=1), span.user.id)
        for span in joined(shifts)
    ]


def duties(found):
    """Return duties as hours, None where the shifts do not say one."""
    hours = [
        [None if moment is None else (moment - START) / timedelta(hours=1) for moment in (duty.start, duty.end)]
        for duty in found
    ]
    return [(*bounds, duty.state, duty.user and duty.user.id) for bounds, duty in zip(hours, found, strict=True)]


def test_what_goes_on_is_one_span():
    """Days in a row of one person in one rotation are one span; a gap, an override or another rotation ends it."""
    assert spans(shift(24, 48), shift(0, 24), shift(48, 72, "bob")) == [(0, 48, "ada"), (48, 72, "bob")]
    assert spans(shift(0, 8), shift(9, 17)) == [(0, 8, "ada"), (9, 17, "ada")]
    assert spans(shift(0, 8), shift(8, 9, override=True)) == [(0, 8, "ada"), (8, 9, "ada")]
    assert spans(shift(0, 8), shift(8, 9, rotation="S")) == [(0, 8, "ada"), (8, 9, "ada")]
    assert spans(shift(0, 10), shift(2, 5)) == [(0, 10, "ada")]


def test_a_shift_of_nobody_covers_nothing():
    """A shift without a person, or that ends before it begins, is none."""
    assert spans(shift(0, 8, None), shift(8, 8), shift(9, 8)) == []


def test_gaps():
    """A gap is what no rotation covers; two rotations cover together."""
    found = joined([shift(1, 3), shift(2, 5, "bob", rotation="S"), shift(8, 9)])
    assert gaps(found, at(0), at(10)) == [(at(0), at(1)), (at(5), at(8)), (at(9), at(10))]
    assert gaps(found, at(1), at(5)) == []
    assert gaps([], at(1), at(5)) == [(at(1), at(5))]


HOURS = st.integers(0, 60)
SHIFTS = st.lists(st.tuples(HOURS, HOURS, st.sampled_from(["ada", "bob", None]), st.sampled_from("RS")), max_size=8)


@given(SHIFTS)
def test_every_hour_is_covered_or_in_a_gap(drawn):
    """Each hour of a window has somebody on call, or lies in exactly one gap: never both, never neither."""
    shifts = [shift(first, last, name, rotation=rotation) for first, last, name, rotation in drawn]
    found = joined(shifts)
    empty = gaps(found, at(0), at(60))
    for hour in range(60):
        middle = at(hour + 0.5)
        somebody = any(each.user and each.start_at <= middle < each.end_at for each in shifts)
        assert somebody == any(span.start <= middle < span.end for span in found)
        assert [first <= middle < last for first, last in empty].count(True) == (not somebody)


def test_now_and_next():
    """Who is on call comes with who is next, also where the same person is."""
    found = duties_at(joined([shift(-5, 3), shift(3, 9, "bob"), shift(9, 20)]), at(0), at(100))
    assert duties(found) == [(-5, 3, "on call", "ada"), (3, 9, "next", "bob")]


def test_the_moment_of_a_handover_is_the_next_person_s():
    """At the very moment of a handover the one who takes over is on call."""
    found = duties_at(joined([shift(-5, 0), shift(0, 9, "bob"), shift(9, 20)]), at(0), at(100))
    assert duties(found)[0] == (0, 9, "on call", "bob")


def test_each_rotation_has_its_next():
    """Two rotations that hand over at different times have a row each."""
    rows = [shift(-5, 3), shift(3, 9, "bob"), shift(-2, 7, "bob", rotation="S"), shift(7, 8, rotation="S")]
    found = duties_at(joined(rows), at(0), at(100))
    assert duties(found)[2:] == [(3, 9, "next", "bob"), (7, 8, "next", "ada")]


def test_a_gap_says_when_it_began_and_when_it_ends():
    """Nobody on call is a row of its own, from the end of the last shift to the beginning of the next one."""
    found = duties_at(joined([shift(-5, -2), shift(4, 9, "bob")]), at(0), at(100))
    assert duties(found) == [(-2, 4, "nobody", None), (4, 9, "next", "bob")]


def test_a_gap_between_this_shift_and_the_next():
    """A gap that is still ahead is a row as well."""
    found = duties_at(joined([shift(-5, 2), shift(4, 9, "bob")]), at(0), at(100))
    assert duties(found)[1] == (2, 4, "nobody", None)


def test_nobody_at_all():
    """A schedule without shifts has nobody, since and until nobody knows when."""
    assert duties(duties_at([], at(0), at(100))) == [(None, None, "nobody", None)]
    assert duties(duties_between([], at(0), at(9), at(100))) == [(None, None, "nobody", None)]


def test_between_two_moments():
    """A window lists every shift in it, whole, with the gaps between and at its ends."""
    rows = joined([shift(-5, 2), shift(4, 9, "bob"), shift(20, 30)])
    found = duties_between(rows, at(0), at(12), at(40))
    assert duties(found) == [
        (-5, 2, "on call", "ada"),
        (2, 4, "nobody", None),
        (4, 9, "next", "bob"),
        (9, 20, "nobody", None),
    ]


@pytest.mark.parametrize(
    ("rows", "enough"),
    [
        ([], False),
        ([shift(-5, 2)], False),
        ([shift(-5, 2), shift(2, 9, "bob")], True),
        ([shift(-5, 100), shift(2, 9, "bob", rotation="S")], False),
        ([shift(-5, 100), shift(100, 109)], False),
    ],
)
def test_whether_it_was_read_far_enough(rows, enough):
    """It is far enough when everybody's end and everybody's successor lie before the horizon."""
    assert reaches(joined(rows), at(0), at(99)) is enough
