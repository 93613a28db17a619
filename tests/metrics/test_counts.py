"""Counts of incidents with control limits."""

from __future__ import annotations

import pytest

from incidentio_magic.metrics.counts import counts_frame

MONTHS = [f"2025-{month:02}" for month in range(1, 13)]


def counted(numbers, partial="2026-01"):
    """Return the counts of months with so many incidents."""
    months = MONTHS[: len(numbers)]
    periods = [month for month, number in zip(months, numbers, strict=True) for _ in range(number)]
    return counts_frame(periods, months, {partial})


def test_limits_are_three_standard_deviations():
    """Of a Poisson count: the mean, and three times its root to either side, never below zero."""
    frame = counted([4, 4, 4, 4, 4, 40])
    assert frame.loc[0, "mean"] == pytest.approx(10)
    assert frame.loc[0, "upper"] == pytest.approx(10 + 3 * 10**0.5, abs=0.006)
    assert frame.loc[0, "lower"] == pytest.approx(10 - 3 * 10**0.5, abs=0.006)
    assert list(frame["outside"]) == [False] * 5 + [True]


def test_a_month_without_incidents_counts_as_zero():
    """It is there, and part of the mean."""
    frame = counted([6, 0, 6, 6, 0, 6])
    assert list(frame["incidents"]) == [6, 0, 6, 6, 0, 6]
    assert frame.loc[0, "mean"] == pytest.approx(4)


def test_the_current_period_has_no_part_in_the_limits():
    """What is not over has a count, and is never outside."""
    frame = counted([5] * 6 + [90], partial="2025-07")
    assert frame.loc[0, "mean"] == pytest.approx(5)
    assert not frame["outside"].any()


@pytest.mark.parametrize("numbers", [[], [3], [3] * 5])
def test_few_periods_have_no_limits(numbers):
    """Fewer than six whole periods say nothing about chance; the columns stay."""
    frame = counted(numbers)
    assert frame["mean"].isna().all()
    assert not frame["outside"].any()
    assert list(frame.columns) == ["period", "incidents", "mean", "lower", "upper", "outside"]
