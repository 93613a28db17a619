"""Times as people type them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import InputError
from incidentio_magic.names.times import ahead, depends_on_now, happened, is_relative, length, span, within

NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
KOLKATA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")


def utc(*parts: int) -> datetime:
    """Return a time in UTC."""
    return datetime(*parts, tzinfo=UTC)


DAY_END = (23, 59, 59, 999999)

# What is typed, the zone, and what it means as a first and as a last bound.
BOUNDS = {
    "4h": (UTC_ZONE, NOW - timedelta(hours=4), NOW - timedelta(hours=4)),
    "30s": (UTC_ZONE, utc(2026, 11, 23, 12), utc(2026, 11, 23, 12)),
    "90 M": (UTC_ZONE, NOW - timedelta(minutes=90), NOW - timedelta(minutes=90)),
    "7d": (BERLIN, NOW - timedelta(days=7), NOW - timedelta(days=7)),
    "2w": (UTC_ZONE, NOW - timedelta(weeks=2), NOW - timedelta(weeks=2)),
    "0d": (UTC_ZONE, NOW, NOW),
    "now": (UTC_ZONE, NOW, NOW),
    "today": (UTC_ZONE, utc(2026, 11, 23), utc(2026, 11, 23, *DAY_END)),
    "Yesterday": (UTC_ZONE, utc(2026, 11, 22), utc(2026, 11, 22, *DAY_END)),
    "2026-01-31": (UTC_ZONE, utc(2026, 1, 31), utc(2026, 1, 31, *DAY_END)),
    " 2026-01-31 ": (UTC_ZONE, utc(2026, 1, 31), utc(2026, 1, 31, *DAY_END)),
    "20260131": (UTC_ZONE, utc(2026, 1, 31), utc(2026, 1, 31, *DAY_END)),
    "2026-W05-6": (UTC_ZONE, utc(2026, 1, 31), utc(2026, 1, 31, *DAY_END)),
    "2026-01-31 in Berlin": (BERLIN, utc(2026, 1, 30, 23), utc(2026, 1, 31, 22, 59, 59, 999999)),
    "2026-01-31 in Kolkata": (KOLKATA, utc(2026, 1, 30, 18, 30), utc(2026, 1, 31, 18, 29, 59, 999999)),
    "2026-01-31T14:05": (UTC_ZONE, utc(2026, 1, 31, 14, 5), utc(2026, 1, 31, 14, 5)),
    "2026-01-31 14:05": (UTC_ZONE, utc(2026, 1, 31, 14, 5), utc(2026, 1, 31, 14, 5)),
    "2026-01-31T14:05:06": (UTC_ZONE, utc(2026, 1, 31, 14, 5, 6), utc(2026, 1, 31, 14, 5, 6)),
    "2026-01-31T14:05 in Berlin": (BERLIN, utc(2026, 1, 31, 13, 5), utc(2026, 1, 31, 13, 5)),
    "2026-07-31T14:05 in Berlin": (BERLIN, utc(2026, 7, 31, 12, 5), utc(2026, 7, 31, 12, 5)),
    "2026-01-31T14:05Z in Berlin": (BERLIN, utc(2026, 1, 31, 14, 5), utc(2026, 1, 31, 14, 5)),
    "2026-01-31T14:05+05:30 in Berlin": (BERLIN, utc(2026, 1, 31, 8, 35), utc(2026, 1, 31, 8, 35)),
    "2026-03-29 in Berlin": (BERLIN, utc(2026, 3, 28, 23), utc(2026, 3, 29, 21, 59, 59, 999999)),
    "2026-10-25 in Berlin": (BERLIN, utc(2026, 10, 24, 22), utc(2026, 10, 25, 22, 59, 59, 999999)),
    "2026-10-25T02:30+02:00 in Berlin": (BERLIN, utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 0, 30)),
    "2026-10-25T02:30+01:00 in Berlin": (BERLIN, utc(2026, 10, 25, 1, 30), utc(2026, 10, 25, 1, 30)),
    "11:05": (UTC_ZONE, utc(2026, 11, 23, 11, 5), utc(2026, 11, 23, 11, 5)),
    "12:00:30": (UTC_ZONE, NOW, NOW),
    "12:00:31": (UTC_ZONE, utc(2026, 11, 22, 12, 0, 31), utc(2026, 11, 22, 12, 0, 31)),
    "9:05:30": (UTC_ZONE, utc(2026, 11, 23, 9, 5, 30), utc(2026, 11, 23, 9, 5, 30)),
    "14:05": (UTC_ZONE, utc(2026, 11, 22, 14, 5), utc(2026, 11, 22, 14, 5)),
    "13:00 in Berlin": (BERLIN, utc(2026, 11, 23, 12), utc(2026, 11, 23, 12)),
    "13:01 in Berlin": (BERLIN, utc(2026, 11, 22, 12, 1), utc(2026, 11, 22, 12, 1)),
    "07:01 in New York": (NEW_YORK, utc(2026, 11, 22, 12, 1), utc(2026, 11, 22, 12, 1)),
    "0001-01-01": (UTC_ZONE, utc(1, 1, 1), utc(1, 1, 1, *DAY_END)),
    "9999-12-31": (UTC_ZONE, utc(9999, 12, 31), utc(9999, 12, 31, *DAY_END)),
}


@pytest.mark.parametrize(("text", "meant"), BOUNDS.items(), ids=BOUNDS)
def test_bounds(text, meant):
    """A day as a first bound means its start, as a last bound its end; every other time means itself, in UTC."""
    zone, first, last = meant
    text = text.partition(" in ")[0]
    assert span(text, "", now=NOW, zone=zone) == (first, None)
    assert span("", text, now=NOW, zone=zone) == (None, last)


def test_today_is_the_zones_day():
    """Today is the day it is where the user is."""
    late = utc(2026, 11, 23, 23, 30)
    assert span("today", "today", now=late, zone=BERLIN) == (
        utc(2026, 11, 23, 23),
        utc(2026, 11, 24, 22, 59, 59, 999999),
    )


def test_no_bounds():
    """Nothing typed is no bound."""
    assert span("", "", now=NOW, zone=UTC_ZONE) == (None, None)


def test_one_day():
    """The same day as both bounds is that day."""
    first, last = span("2026-01-31", "2026-01-31", now=NOW, zone=BERLIN)
    assert last - first == timedelta(days=1) - timedelta(microseconds=1)


@pytest.mark.parametrize("text", ["now", "2h", "2026-01-31T14:05", "11:05"])
def test_one_moment(text):
    """The same moment as both bounds is no mistake."""
    first, last = span(text, text, now=NOW, zone=UTC_ZONE)
    assert first == last


@pytest.mark.parametrize(
    ("since", "until"), [("2026-02-01", "2026-01-31"), ("1h", "2h"), ("now", "1s"), ("today", "yesterday")]
)
def test_exchanged_bounds(since, until):
    """Bounds in the wrong order are told, since nothing could fit."""
    with pytest.raises(InputError, match="swap the two bounds"):
        span(since, until, now=NOW, zone=UTC_ZONE)


HINT = "write it like 4h, 7d, 2026-01-31, 2026-01-31T14:05 or 14:05"
UNREADABLE = [
    "24:00",
    "12:60",
    " ", "soon", "4", "h", "-4h", "4 hours", "4h ago", "1h30m", "1234567d",
    "999999w", "2026", "2026-13-01", "2026-02-30",

    "31.01.2026", "01/31/2026", "2026-01-31T25:00", "2026-01-31T14:05+99:00", "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-12:00", "tomorrow", "2026-01-31\x00", "½h",
]  # fmt: skip


@pytest.mark.parametrize("text", UNREADABLE, ids=map(repr, UNREADABLE))
def test_unreadable_times(text):
    """What is no time is told with the forms that are."""
    for since, until in ((text, ""), ("", text)):
        with pytest.raises(InputError, match="is not a time") as caught:
            span(since, until, now=NOW, zone=UTC_ZONE)
        assert caught.value.hint == HINT


def test_the_edge_of_time():
    """A day whose start or end lies outside of all time in this zone is told as such."""
    for text, zone in (("0001-01-01", BERLIN), ("9999-12-31", NEW_YORK)):
        with pytest.raises(InputError, match="is not a time"):
            span(text, text, now=NOW, zone=zone)


DECLARED = utc(2026, 11, 20, 10, 0)

HAPPENED = {
    "14:05": (UTC_ZONE, utc(2026, 11, 20, 14, 5)),
    "09:30": (UTC_ZONE, utc(2026, 11, 20, 9, 30)),
    "9:30": (UTC_ZONE, utc(2026, 11, 20, 9, 30)),
    " 9:30 ": (UTC_ZONE, utc(2026, 11, 20, 9, 30)),
    "9:30:15": (UTC_ZONE, utc(2026, 11, 20, 9, 30, 15)),
    "09:30:15": (UTC_ZONE, utc(2026, 11, 20, 9, 30, 15)),
    "04:00": (UTC_ZONE, utc(2026, 11, 20, 4)),
    "03:59": (UTC_ZONE, utc(2026, 11, 21, 3, 59)),
    "0:00": (UTC_ZONE, utc(2026, 11, 21)),
    "11:05 in Berlin": (BERLIN, utc(2026, 11, 20, 10, 5)),
    "05:00 in Berlin": (BERLIN, utc(2026, 11, 20, 4)),
    "04:59 in Berlin": (BERLIN, utc(2026, 11, 21, 3, 59)),
    "01:00 in New York": (NEW_YORK, utc(2026, 11, 20, 6)),
    "22:59 in New York": (NEW_YORK, utc(2026, 11, 21, 3, 59)),
    "23:00 in New York": (NEW_YORK, utc(2026, 11, 20, 4)),
    "20m": (UTC_ZONE, NOW - timedelta(minutes=20)),
    "2026-11-20T08:00": (UTC_ZONE, utc(2026, 11, 20, 8)),
    "2026-11-20T08:00+01:00": (UTC_ZONE, utc(2026, 11, 20, 7)),
    "2026-11-19": (UTC_ZONE, utc(2026, 11, 19)),
    "now": (UTC_ZONE, NOW),
    "2026-11-23T12:01:30": (UTC_ZONE, utc(2026, 11, 23, 12, 1, 30)),
}


@pytest.mark.parametrize(("text", "meant"), HAPPENED.items(), ids=HAPPENED)
def test_happened(text, meant):
    """A bare time of day is taken near the declaration, from six hours before it, in the user's zone."""
    zone, moment = meant
    assert happened(text.partition(" in ")[0], declared=DECLARED, now=NOW, zone=zone) == moment


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=400)], ids=str)
def test_a_time_of_day_means_the_same_for_ever(later):
    """The same cell run another day means the same moment."""
    moment = happened("14:05", declared=DECLARED, now=NOW, zone=BERLIN)
    assert happened("14:05", declared=DECLARED, now=NOW + later, zone=BERLIN) == moment


@pytest.mark.parametrize(
    ("declared", "text", "moment"),
    [
        (utc(2026, 3, 29, 0, 30), "03:30", utc(2026, 3, 29, 1, 30)),
        (utc(2026, 3, 29, 0, 30), "01:45", utc(2026, 3, 29, 0, 45)),
        (utc(2026, 10, 24, 23, 30), "03:00", utc(2026, 10, 25, 2, 0)),
    ],
    ids=["after the hour left out", "before it", "after the hour that comes twice"],
)
def test_clock_changes(declared, text, moment):
    """On the days of a clock change every other time of day still means one moment."""
    assert happened(text, declared=declared, now=NOW, zone=BERLIN) == moment


TWICE = {"2026-10-25T02:00", "2026-10-25T02:30", "2026-10-25T02:59:59"}
NEVER = {"2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59:59"}


@pytest.mark.parametrize("text", sorted(TWICE | NEVER))
def test_a_local_time_of_a_clock_change_is_refused(text):
    """A local time that came twice, or never, is refused everywhere; each time that the hint offers is accepted."""
    declared = utc(2026, int(text[5:7]), int(text[8:10]), 0, 15)
    for attempt in (
        lambda: span(text, "", now=NOW, zone=BERLIN),
        lambda: span("", text, now=NOW, zone=BERLIN),
        lambda: happened(text, declared=declared, now=NOW, zone=BERLIN),
        lambda: happened(text[11:], declared=declared, now=NOW, zone=BERLIN),
        lambda: within(text[11:], "", declared=declared, now=NOW, zone=BERLIN),
        lambda: happened(text[11:], declared=None, now=declared + timedelta(hours=3), zone=BERLIN),
    ):
        with pytest.raises(InputError, match="occurred twice" if text in TWICE else "There is no") as caught:
            attempt()
        offered = re.findall(r"2026-\S+\+\d\d:\d\d", caught.value.hint)
        moments = {happened(each, declared=declared, now=NOW, zone=BERLIN) for each in offered}
        assert len(moments) == 2
        assert max(moments) - min(moments) == timedelta(hours=1)


@pytest.mark.parametrize("day", ["2026-09-06", "2018-11-04"])
def test_a_day_without_a_midnight(day):
    """A day that begins with a clock change starts with its first moment."""
    zone = ZoneInfo("America/Santiago" if day.startswith("2026") else "America/Sao_Paulo")
    start, _end = span(day, "", now=NOW, zone=zone)
    assert f"{start.astimezone(zone):%Y-%m-%d %H:%M}" == f"{day} 01:00"


@pytest.mark.parametrize("text", ["2026-11-23T12:02", "2026-12-01", "9999-12-31", "2026-11-23T13:00+00:00"])
def test_the_future_is_refused(text):
    """What has not happened yet is refused, beyond a minute for clocks that differ."""
    with pytest.raises(InputError, match="is in the future"):
        happened(text, declared=DECLARED, now=NOW, zone=UTC_ZONE)


def test_a_future_time_of_day():
    """A time of day that is still to come after the declaration asks for the date."""
    with pytest.raises(InputError, match="2026-11-23 14:05 UTC is in the future") as caught:
        happened("14:05", declared=NOW - timedelta(hours=1), now=NOW, zone=UTC_ZONE)
    assert caught.value.hint == "give the date too, like 2026-11-22T14:05"  # the latest day that it can mean


@pytest.mark.parametrize(
    "text", ["24:00", "25:00", "12:60", "1:5", "123:00", "noon", "", " ", "14.05", "2pm", "\u0662\u0665:\u0660\u0660"]
)
def test_unreadable_moments(text):
    """What is no time is told with the forms that are."""
    with pytest.raises(InputError, match="is not a time") as caught:
        happened(text, declared=DECLARED, now=NOW, zone=UTC_ZONE)
    assert caught.value.hint == HINT


TYPED = st.text() | st.from_regex(r"\A[0-9]{0,6}[-:T ]?[0-9]{0,4}[-:TZW+ ]?[0-9]{0,4}[:+-]?[0-9]{0,4}[smhdw]?\Z")


@given(TYPED, TYPED, st.sampled_from([UTC_ZONE, BERLIN, KOLKATA, NEW_YORK]))
def test_only_input_errors_come_out(since, until, zone):
    """Whatever is typed, a time in UTC comes out, or an InputError."""
    with suppress(InputError):
        assert all(
            entry is None or entry.utcoffset() == timedelta(0) for entry in span(since, until, now=NOW, zone=zone)
        )
    with suppress(InputError):
        assert happened(since, declared=DECLARED, now=NOW, zone=zone) <= NOW + timedelta(minutes=1)
    with suppress(InputError):
        bounds = within(since, until, declared=DECLARED, now=NOW, zone=zone)
        assert all(bound is None or bound.utcoffset() == timedelta(0) for bound in bounds)


WITHIN = {
    "a time of day means the one near the declaration": ("23:50", "00:40", (14, 23, 50), (15, 0, 40)),
    "one bound is enough": ("", "01:00", None, (15, 1, 0)),
    "a time ago is from now": ("2d", "", (20, 12, 0), None),
    "a date is the whole day": ("2026-01-15", "2026-01-15", (15, 0, 0), (15, 23, 59, 59, 999999)),
}


@pytest.mark.parametrize(("since", "until", "first", "last"), WITHIN.values(), ids=WITHIN)
def test_within_an_incident(since, until, first, last):
    """Inside the story of an incident a time of day means the same, whenever it is asked for."""
    found = within(
        since,
        until,
        declared=utc(2026, 1, 15, 0, 5),
        now=utc(2026, 1, 22, 12, 0),
        zone=UTC_ZONE,
    )
    assert found == tuple(bound and utc(2026, 1, *bound) for bound in (first, last))


def test_bounds_within_an_incident_are_checked():
    """A bound that is no time of day, or lies after the other, is told."""
    times = {"declared": utc(2026, 1, 15, 12, 0), "now": utc(2026, 1, 22), "zone": UTC_ZONE}
    with pytest.raises(InputError, match="is not a time of day"):
        within("25:00", "", **times)
    with pytest.raises(InputError, match="is after"):
        within("14:00", "13:00", **times)


@pytest.mark.parametrize(
    ("text", "relative", "depends"),
    [
        ("20m", True, True),
        (" 4H ", True, True),
        ("now", True, True),
        ("Yesterday", True, True),
        ("14:05", False, True),
        ("2026-01-31", False, False),
        ("2026-01-31T14:05", False, False),
        ("", False, False),
    ],
)
def test_what_a_text_is_counted_from(text, relative, depends):
    """A time ago or a day by name is counted from the present; a bare time of day depends on it, too."""
    assert (is_relative(text), depends_on_now(text)) == (relative, depends)


# What is typed, and what it means as a moment and as an end, in Berlin.
AHEAD = {
    "now": (NOW, NOW),
    "+4h": (NOW + timedelta(hours=4), NOW + timedelta(hours=4)),
    "4h": (NOW - timedelta(hours=4), NOW + timedelta(hours=4)),
    "+7d": (NOW + timedelta(days=7), NOW + timedelta(days=7)),
    "18:00": (utc(2026, 11, 23, 17), utc(2026, 11, 23, 17)),
    "09:00": (utc(2026, 11, 24, 8), utc(2026, 11, 24, 8)),
    "tomorrow": (utc(2026, 11, 23, 23), utc(2026, 11, 24, 22, 59, 59, 999999)),
    "2026-12-24": (utc(2026, 12, 23, 23), utc(2026, 12, 24, 22, 59, 59, 999999)),
    "2026-12-24T18:00": (utc(2026, 12, 24, 17), utc(2026, 12, 24, 17)),
    "2026-12-24T18:00Z": (utc(2026, 12, 24, 18), utc(2026, 12, 24, 18)),
}


@pytest.mark.parametrize("text", AHEAD)
def test_moments_that_may_lie_ahead(text):
    """A time of day is the next one, a sign counts ahead, and an end without a sign does, too."""
    moment, end = AHEAD[text]
    assert ahead(text, start=NOW, zone=BERLIN) == moment
    assert ahead(text, start=NOW, zone=BERLIN, end=True) == end


@pytest.mark.parametrize("text", ["noon", "+noon", "25:00", "+999999w", "2026-13-01"])
def test_what_is_no_moment_ahead(text):
    """What cannot be read is refused, with what can be typed."""
    with pytest.raises(InputError, match="is not a time") as caught:
        ahead(text, start=NOW, zone=BERLIN)
    assert "+4h" in caught.value.hint or "4h" in caught.value.hint


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("30m", timedelta(minutes=30)), (" 2 H ", timedelta(hours=2)), ("1d", timedelta(days=1)), ("1w", timedelta(7))],
)
def test_a_length_of_time(typed, meant):
    """A number and its unit are a length of time."""
    assert length(typed) == meant


@pytest.mark.parametrize("typed", ["", "30", "m", "0m", "-5m", "1.5h", "14:05", "2026-01-31", "soon"])
def test_what_is_no_length_of_time(typed):
    """Anything else is refused in quotes, with the form to write, and so is no time at all."""
    with pytest.raises(InputError, match=f"'{typed}' is not a duration") as caught:
        length(typed)
    assert length(caught.value.hint.split()[3].strip(",")) == timedelta(minutes=30)
