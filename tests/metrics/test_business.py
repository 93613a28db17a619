"""Business hours against a count minute by minute: windows, nights, holidays, and the time outside.

Serves `metrics/holidays.py`.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentio_magic import errors
from incidentio_magic.frames.moments import microseconds
from incidentio_magic.metrics import BusinessHours

MONDAY = datetime(2026, 1, 5, tzinfo=ZoneInfo("UTC"))
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def counted(text, start, end, **options):
    """Return the hours between two moments that count."""
    moments = (np.array([microseconds(moment)]) for moment in (start, end))
    return BusinessHours.read(text, options.pop("zone", "UTC"), **options).seconds(*moments)[0] / 3600


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon-Fri 09:00-17:00", 40),
        ("Mon-Fri 09:00-12:30,13:30-18:00", 40),
        ("Mon-Fri 09:00-12:30, 13:30-18:00; Sat 10-14", 44),
        ("Mon,Wed,Fri 9-17", 24),
        ("Mon-Tue,Fri 9-17", 24),
        ("Mon-Fri 22:00-06:00", 40),
        ("Sun 22:00-06:00", 8),
        ("Mon-Fri 09:00-17:00; Wed 12:00-20:00", 43),
        ("Mon-Fri 22:00-06:00; Sat 00:00-08:00", 42),
        ("Mon-Sun 00:00-24:00", 168),
        ("Sat-Sun 00-24", 48),
    ],
)
def test_hours_of_a_week(text, hours):
    """Several windows, days and nights count; where two overlap, the time counts once."""
    start = MONDAY + timedelta(hours=7)
    assert counted(text, start, start + timedelta(weeks=1)) == hours
    outside = counted(text, start, start + timedelta(weeks=1), outside=True)
    assert outside == 168 - hours


def test_the_last_minute_of_an_hour():
    """Minutes go to 59; nothing is counted where there is nothing."""
    assert counted("Mon 09:59-10:59", MONDAY, MONDAY + timedelta(weeks=1)) == 1
    with pytest.raises(errors.InputError):
        BusinessHours.read("Mon 09:00-09:60", "UTC")
    none = np.array([], dtype=np.int64)
    assert len(BusinessHours.read("Mon 09-17", "UTC").seconds(none, none)) == 0


def test_a_night_belongs_to_the_day_on_which_it_begins():
    """The early hours of Saturday count with Friday's night, those of Monday do not."""
    assert counted("Mon-Fri 22:00-06:00", MONDAY, MONDAY + timedelta(hours=8)) == 0
    saturday = MONDAY + timedelta(days=5)
    assert counted("Mon-Fri 22:00-06:00", saturday, saturday + timedelta(hours=12)) == 6


def test_no_hours_begin_on_a_holiday():
    """Public holidays of a country, and of a part of one, have no business hours."""
    start = datetime(2026, 1, 5, tzinfo=ZoneInfo("UTC"))
    assert counted("Mon-Fri 09:00-17:00", start, start + timedelta(weeks=1), holidays="DE") == 40
    assert counted("Mon-Fri 09:00-17:00", start, start + timedelta(weeks=1), holidays="DE-BY") == 32  # Epiphany
    christmas = datetime(2026, 12, 25, tzinfo=ZoneInfo("UTC"))
    assert counted("Mon-Fri 09:00-17:00", christmas, christmas + timedelta(days=1), holidays="de") == 0
    assert counted("Mon-Fri 09:00-17:00", christmas, christmas + timedelta(days=1), holidays="DE", outside=True) == 24
    monday = datetime(2023, 12, 25, tzinfo=ZoneInfo("UTC"))  # so is the next
    assert counted("Mon 09:00-17:00", monday, monday + timedelta(days=1), holidays="DE") == 0


HOURS = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: hours[0] != hours[1])
WINDOWS = st.lists(st.tuples(st.sets(st.integers(0, 6), min_size=1), HOURS), min_size=1, max_size=3)


@settings(max_examples=25)
@given(WINDOWS, st.integers(0, 600), st.integers(1, 200), st.booleans())
def test_any_windows_against_a_count_by_the_hour(windows, begins, lasts, outside):
    """For any windows and any span, what counts is what a count by the half hour finds."""
    text = "; ".join(
        f"{','.join(WEEK[day] for day in sorted(days))} {opens:02}:00-{closes:02}:00"
        for days, (opens, closes) in windows
    )

    def is_open(moment):
        for days, (opens, closes) in windows:
            if opens < closes:
                if moment.weekday() in days and opens <= moment.hour < closes:
                    return True
            elif (moment.weekday() in days and moment.hour >= opens) or (
                (moment.weekday() - 1) % 7 in days and moment.hour < closes
            ):
                return True
        return False

    start = MONDAY + timedelta(minutes=30 * begins)
    steps = [start + timedelta(minutes=30 * step) for step in range(lasts)]
    expected = sum(is_open(moment) is not outside for moment in steps) / 2
    assert counted(text, start, start + timedelta(minutes=30 * lasts), outside=outside) == pytest.approx(expected)


def test_a_year_in_a_zone_that_changes_its_clock():
    """Within a year of Berlin's clock, hours and holidays are what a count by the hour finds."""
    import holidays

    free = holidays.country_holidays("DE", subdiv="BE", years=2026)
    zone = ZoneInfo("Europe/Berlin")
    start, end = (datetime(year, 1, 1, tzinfo=zone).astimezone(ZoneInfo("UTC")) for year in (2026, 2027))
    moment, expected = start, 0
    while moment < end:
        local = moment.astimezone(zone)
        expected += local.weekday() < 5 and 8 <= local.hour < 18 and date(*local.timetuple()[:3]) not in free
        moment += timedelta(hours=1)
    assert counted("Mon-Fri 08:00-18:00", start, end, zone="Europe/Berlin", holidays="DE-BE") == expected


def test_hours_explain_themselves():
    """The hours are written out, with nights, holidays and what is outside."""
    hours = BusinessHours.read("Mon-Tue 9-17; Fri 22:00-06:00", "UTC", holidays="DE", outside=True)
    assert str(hours) == (
        "the time outside Mon, Tue 09:00 to 17:00 and Fri 22:00 to 06:00 the next day (UTC), no holidays of DE"
    )


def test_without_the_package_holidays_are_an_error(monkeypatch):
    """Where the extra is missing, the error names what to install."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(errors.SettingsError, match="not installed") as missing:
        BusinessHours.read("Mon-Fri 09:00-17:00", "UTC", holidays="DE")
    assert "incidentio-magic[holidays]" in missing.value.hint
    BusinessHours.read("Mon-Fri 09:00-17:00", "UTC")
