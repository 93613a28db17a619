"""Moments of every year in every zone, and spans of any length: a value or an empty cell, never an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api.models import NO_TIME
from incidentio_magic.frames.moments import EARLIEST, UNSET, in_zone, microseconds, spans, times

ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Apia", "America/St_Johns", "Europe/Dublin")
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))]))


@given(st.lists(st.none() | MOMENTS, max_size=5), st.sampled_from(ZONES))
def test_every_moment_is_itself_or_empty(moments, zone):
    """A moment is the same moment in the zone; one outside the calendar of the zone is NaT; all can be shown."""
    column = times(moments, zone)
    assert str(column.dtype) == f"datetime64[us, {zone}]"
    assert pd.DataFrame({"at": column}).to_string()
    for moment, found in zip(moments, column, strict=True):
        try:
            expected = None if moment is None else moment.astimezone(UTC).astimezone(ZoneInfo(zone))
        except OverflowError:
            expected = None
        if expected is not None and zone != "UTC" and microseconds(expected) < EARLIEST:
            expected = None if pd.isna(found) else expected
        assert pd.isna(found) if expected is None else found == expected


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
@pytest.mark.parametrize("zone", ZONES)
def test_the_ends_of_the_calendar(text, zone):
    """The first and the last moment have a row in every zone, and the others of the column stay."""
    column = times([datetime.fromisoformat(text), datetime(2026, 1, 1, tzinfo=UTC)], zone)
    assert column[1] == datetime(2026, 1, 1, tzinfo=UTC)
    assert pd.isna(column[0]) or column[0] == datetime.fromisoformat(text)


def test_nothing():
    """No moments are an empty column."""
    assert len(times([], "UTC")) == len(spans([])) == 0
    assert in_zone(np.array([UNSET]), "UTC").isna().all()


@given(st.lists(st.none() | st.integers() | st.floats(), max_size=5))
def test_every_span_is_itself_or_empty(seconds):
    """Spans of centuries are kept; what 64 bits of microseconds do not hold, and what is no number, is NaT."""
    column = spans(seconds)
    assert str(column.dtype) == "timedelta64[us]"
    for value, found in zip(seconds, column.to_numpy().astype(np.int64), strict=True):
        if found == UNSET:
            assert value is None or not abs(value) < 9.2e12
        else:
            assert found == round(value * 1_000_000)


def test_centuries():
    """Nine thousand years are a span like others."""
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
    assert spans([(last - first).total_seconds()])[0] == last - first
    assert microseconds(last) - microseconds(first) == (last - first) // timedelta(microseconds=1)


def test_a_moment_that_is_not_known_is_empty():
    """A moment that the service left out, or that could not be read, is NaT, not the year 1."""
    known = datetime(2026, 1, 15, 14, tzinfo=UTC)
    assert list(times([None, NO_TIME, known], "Europe/Berlin").isna()) == [True, True, False]
