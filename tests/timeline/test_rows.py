"""Rows that stand for several records: which row a record finds, and what it adds to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentio_magic.timeline.event import Event
from incidentio_magic.timeline.rows import EventMerge

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = ("acked", "01PAGE")


def event(minute=0, **changes):
    """Return an event so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Event(
        at, "activity", "page", "x", f"at {minute}", f"E{minute}", "INC-7", None, **{"private": False} | changes
    )


@pytest.fixture
def merged():
    """Three rows with one key: ten minutes after noon, at noon, and an hour later."""
    merged = EventMerge()
    for minute in (10, 0, 60):
        merged.add(event(minute), KEY)
    return merged


@pytest.mark.parametrize(("minute", "place"), [(-99, 1), (0, 1), (4, 1), (6, 0), (34, 0), (36, 2), (99, 2)])
def test_the_nearest_row_is_taken(merged, minute, place):
    """Before or after, the nearest one counts, whatever the order in which the rows came."""
    assert merged.take(KEY, NOON + timedelta(minutes=minute)) == place


def test_without_a_moment_the_first_row_is_taken(merged):
    """The rows are taken in the order in which they came, each once."""
    assert [merged.take(KEY) for _ in range(4)] == [0, 1, 2, None]
    assert merged.take(("acked", "another page")) is None


@pytest.mark.parametrize(("minute", "place"), [(2, 1), (-2, 1), (2.1, None), (-2.1, None), (62, 2)])
def test_no_row_beyond_the_limit_is_taken(merged, minute, place):
    """A row at the limit still counts, before and after."""
    assert merged.take(KEY, NOON + timedelta(minutes=minute), within=timedelta(minutes=2)) == place


def test_a_row_that_does_not_fit_stays(merged):
    """It is left for a record that it fits."""
    assert merged.take(KEY, NOON, fits=lambda row: row.at > NOON) == 0
    assert merged.take(KEY, NOON) == 1


def test_gaps_are_filled_and_nothing_is_overwritten():
    """What the row has stays; an actor comes with its kind, and an empty value fills nothing."""
    merged = EventMerge()
    place = merged.add(event(detail="ours"))
    merged.fill(
        place, link="updates:U1", detail="theirs", url="https://example.com", about="", actor="Ada", actor_kind="user"
    )
    row = merged.events[place]
    assert (row.detail, row.url, row.about, row.actor, row.actor_kind) == (
        *("ours", "https://example.com", None),
        *("Ada", "user"),
    )
    merged.fill(place, link="updates:U2", actor="Ben", actor_kind="api_key")
    row = merged.events[place]
    assert (row.actor, row.actor_kind, row.also_in) == ("Ada", "user", ("updates:U1", "updates:U2"))
    merged.fill(place)
    assert merged.events[place] == row


@pytest.mark.parametrize(
    ("ours", "expected"),
    [((None, None), ("a", "b")), (("x", None), ("x", None)), ((None, "y"), (None, "y")), (("x", "y"), ("x", "y"))],
)
def test_a_change_is_taken_as_a_whole(ours, expected):
    """Half of one source's change is never completed with half of another's."""
    merged = EventMerge()
    place = merged.add(event(before=ours[0], after=ours[1]))
    merged.fill(place, before="a", after="b")
    assert (merged.events[place].before, merged.events[place].after) == expected


@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize("theirs", [False, True])
def test_private_once_is_private(ours, theirs):
    """A row is private where any of its records is."""
    merged = EventMerge()
    place = merged.add(event(private=ours))
    merged.fill(place, private=theirs)
    assert merged.events[place].private is (ours or theirs)


def test_the_latest_row_is_found_without_being_taken(merged):
    """The time of recording counts where it is known; rows that do not fit are passed over."""
    late = NOON + timedelta(days=1)
    place = merged.add(Event(NOON, "activity", "page", "x", "x", "E", "INC-7", late, private=False), KEY)
    for _ in range(2):
        assert merged.last(KEY, fits=lambda _row: True) is merged.events[place]
    assert merged.last(KEY, fits=lambda row: row.recorded_at is None) is merged.events[2]
    assert merged.last(KEY, fits=lambda _row: False) is None
    assert merged.last(("acked", "another page"), fits=lambda _row: True) is None
