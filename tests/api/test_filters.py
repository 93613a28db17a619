"""Filters in the API's own IDs, and how a query spells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, Choice, IncidentFilter, Window

NEWEST = ("sort_by", "created_at_newest_first")
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
LAST = datetime(2026, 11, 7, 23, 59, 59, 999999, tzinfo=UTC)
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)

QUERIES = {
    "nothing": (IncidentFilter(), []),
    "oldest": (IncidentFilter(oldest_first=True), []),
    "status": (
        IncidentFilter(status=Choice(("1", "2"))),
        [("status[one_of]", "1"), ("status[one_of]", "2")],
    ),
    "not status": (IncidentFilter(status=Choice(not_in=("1",))), [("status[not_in]", "1")]),
    "category": (IncidentFilter(category=Choice(("live",))), [("status_category[one_of]", "live")]),
    "severity from": (IncidentFilter(severity=Choice(at_least="1")), [("severity[gte]", "1")]),
    "severity to": (IncidentFilter(severity=Choice(at_most="1")), [("severity[lte]", "1")]),
    "type": (
        IncidentFilter(type=Choice(("1",), ("2",))),
        [("incident_type[one_of]", "1"), ("incident_type[not_in]", "2")],
    ),
    "role": (IncidentFilter(roles={"R": Choice(("U",))}), [("incident_role[R][one_of]", "U")]),
    "nobody": (IncidentFilter(roles={"R": Choice(blank=True)}), [("incident_role[R][is_blank]", "true")]),
    "field": (
        IncidentFilter(fields={"F": Choice(("a", "b")), "G": Choice(not_in=("c",))}),
        [("custom_field[F][one_of]", "a"), ("custom_field[F][one_of]", "b"), ("custom_field[G][not_in]", "c")],
    ),
    "modes": (
        IncidentFilter(modes=("test", "standard")),
        [("mode[one_of]", "test"), ("mode[one_of]", "standard")],
    ),
    "since": (IncidentFilter(created=Window(NOON)), [("created_at[gte]", "2026-11-03")]),
    "until": (IncidentFilter(created=Window(None, LAST)), [("created_at[lte]", "2026-11-07")]),
    "range": (
        IncidentFilter(created=Window(NOON, LAST), updated=Window(FIRST)),
        [("created_at[date_range]", "2026-11-03~2026-11-07"), ("updated_at[gte]", "2026-11-01")],
    ),
}


@pytest.mark.parametrize(("which", "pairs"), QUERIES.values(), ids=QUERIES)
def test_queries(which, pairs):
    """Each filter is spelled in brackets, once for each value, and the order always named."""
    order = ("sort_by", "created_at_oldest_first") if which.oldest_first else NEWEST
    query = which.query()
    assert query[-1] == order
    left = [pair for pair in query[:-1] if which.category != Choice() or not pair[0].startswith("status_category")]
    assert left == pairs


LEFT_OUT = [("status_category[not_in]", category) for category in ("declined", "canceled", "merged")]


@pytest.mark.parametrize(
    ("which", "categories"),
    [
        (IncidentFilter(), LEFT_OUT),
        (IncidentFilter(status=Choice(not_in=("1",)), modes=("test",)), LEFT_OUT),
        (IncidentFilter(status=Choice(("1",))), EVERY_CATEGORY.pairs("status_category")),
        (IncidentFilter(category=Choice(not_in=("closed",))), [("status_category[not_in]", "closed")]),
        (IncidentFilter(status=Choice(("1",)), category=Choice(("live",))), [("status_category[one_of]", "live")]),
    ],
)
def test_a_list_names_its_categories(which, categories):
    """No list relies on what the service leaves out by itself; a status is found whatever its category is."""
    assert [pair for pair in which.query() if pair[0].startswith("status_category")] == list(categories)


def test_everything_names_every_category_and_mode():
    """To leave out nothing, every category and every mode must be named."""
    pairs = IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE).query()
    assert {value for name, value in pairs if name == "mode[one_of]"} == {
        "standard", "retrospective", "test", "tutorial",
    }  # fmt: skip
    assert {value for name, value in pairs if name == "status_category[one_of]"} == {
        "triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        (Window(), NOON, True),
        (Window(NOON), NOON, True),
        (Window(NOON), NOON - timedelta(microseconds=1), False),
        (Window(None, NOON), NOON, True),
        (Window(None, NOON), NOON + timedelta(microseconds=1), False),
        (Window(FIRST, LAST), NOON, True),
        (Window(FIRST, LAST), LAST + timedelta(seconds=1), False),
        (Window(FIRST, LAST), FIRST - timedelta(seconds=1), False),
    ],
)
def test_windows_include_both_ends(window, moment, inside):
    """A window holds its own bounds and what lies between them."""
    assert window.holds(moment) is inside


CREATED, UPDATED = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("which", "admitted"),
    [
        (IncidentFilter(), True),
        (IncidentFilter(created=Window(CREATED, CREATED)), True),
        (IncidentFilter(created=Window(CREATED + timedelta(seconds=1))), False),
        (IncidentFilter(created=Window(None, CREATED - timedelta(seconds=1))), False),
        (IncidentFilter(updated=Window(UPDATED)), True),
        (IncidentFilter(updated=Window(UPDATED + timedelta(seconds=1))), False),
        (IncidentFilter(modes=("test",)), False),
        (IncidentFilter(modes=("test", "standard")), True),
        (IncidentFilter(modes=EVERY_MODE), True),
    ],
    ids=[
        "anything",
        "exact",
        "too early",
        "too late",
        "updated",
        "not updated",
        "other mode",
        "mode",
        "every mode",
    ],
)
def test_admits(make_incident, which, admitted):
    """What the service lists by the day is cut to the second."""
    assert which.admits(make_incident()) is admitted


@pytest.mark.parametrize(
    ("modes", "mode", "admitted"),
    [
        (EVERY_MODE, "", True),
        (EVERY_MODE, "rehearsal", True),
        (("standard",), "", True),
        (("standard",), "rehearsal", False),
        (("test",), "", False),
        (("test",), "rehearsal", False),
        ((), "rehearsal", True),
    ],
)
def test_admits_a_mode_that_is_missing_or_new(make_incident, modes, mode, admitted):
    """No incident is dropped for want of a mode, except where only tests are meant; every mode means new ones too."""
    incident = msgspec.structs.replace(make_incident(), mode=mode)
    assert IncidentFilter(modes=modes).admits(incident) is admitted
