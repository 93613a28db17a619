"""Spans, sums and local times of moments that may be unknown, or at the edge of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidentio_magic.api.models import NO_TIME
from incidentio_magic.moments import between, later, local, seconds_between

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
FIRST = datetime(1, 1, 1, 1, tzinfo=UTC)  # an hour after what stands for an unknown moment
LAST = datetime.max.replace(tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("unknown", [None, NO_TIME])
def test_nothing_is_known_of_an_unknown_moment(unknown):
    """Neither a span from or to it, nor what is later, nor what a clock showed."""
    assert between(unknown, NOON) is between(NOON, unknown) is None
    assert seconds_between(unknown, NOON) is seconds_between(NOON, unknown) is None
    assert later(unknown, HOUR) is None
    assert local(unknown, UTC) is None


def test_known_moments():
    """Spans may be nothing or negative, and are rounded to whole seconds where seconds are asked for."""
    assert between(NOON, NOON + HOUR) == HOUR
    assert between(NOON + HOUR, NOON) == -HOUR
    assert seconds_between(NOON, NOON) == 0
    assert seconds_between(NOON, NOON + timedelta(seconds=1.6)) == 2
    assert later(NOON, HOUR) == NOON + HOUR
    assert local(NOON, ZoneInfo("America/New_York")).hour == 7


def test_the_edge_of_the_calendar():
    """What would be beyond it is not known; spans across all of it are."""
    assert later(LAST, HOUR) is later(FIRST, -2 * HOUR) is None
    assert local(LAST, ZoneInfo("Pacific/Auckland")) is local(FIRST, ZoneInfo("America/New_York")) is None
    assert between(FIRST, LAST) == LAST - FIRST
