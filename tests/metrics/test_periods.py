"""Months, quarters and weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.metrics.periods import PERIODS, all_between, names_of


@given(st.dates(date(2, 1, 1), date(9998, 12, 31)))
def test_weeks_are_those_of_iso_8601(day):
    """The name of a week is what the calendar of the standard library says, in every year."""
    times = pd.DatetimeIndex([day.isoformat()], dtype="datetime64[us, UTC]")
    year, week, _day = day.isocalendar()
    assert names_of("week", times) == [f"{year:04}-W{week:02}"]


def test_each_period_is_that_of_the_time_zone():
    """A moment belongs to the month, quarter and week that the wall shows there."""
    times = pd.DatetimeIndex(["2025-12-31T23:30:00Z"]).tz_convert("Europe/Berlin")
    assert [names_of(period, times) for period in PERIODS] == [["2026-01"], ["2026-Q1"], ["2026-W01"]]


@pytest.mark.parametrize(("period", "count"), [("month", 13), ("quarter", 5), ("week", 53)])
def test_every_period_between_is_there(period, count):
    """Periods without a moment are there, too, and in order."""
    times = pd.DatetimeIndex([pd.Timestamp("2025-01-06T12:00Z") + timedelta(days=step) for step in (0, 364)])
    found = all_between(period, times.tz_convert("UTC"))
    assert len(found) == count
    assert found == sorted(found)
    assert {*names_of(period, times)} == {found[0], found[-1]}


def test_no_moments_have_no_periods():
    """Nothing between nothing."""
    assert all_between("month", pd.DatetimeIndex([], dtype="datetime64[us, UTC]")) == []
