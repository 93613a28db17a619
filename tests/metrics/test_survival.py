"""Kaplan-Meier estimates, against a published example and an independent computation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.metrics.survival import MEDIAN, P90, Survival

# Weeks of remission with 6-mercaptopurine (Freireich and others, 1963): a textbook's example.
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
ONGOING = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def survival(ended, ongoing):
    """Return the estimate of some durations."""
    return Survival(np.array(ended, dtype=float), np.array(ongoing, dtype=float))


def test_a_published_example():
    """The curve of the textbook, its median of 23 weeks, and no p90, which the data do not reach."""
    estimate = survival(ENDED, ONGOING)
    assert list(estimate.times) == [6, 7, 10, 13, 16, 22, 23]
    assert list(estimate.at_risk) == [21, 17, 15, 12, 11, 7, 6]
    assert list(np.round(estimate.surviving, 4)) == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    median = estimate.quantile(MEDIAN)
    assert (median.value, median.low, median.at_risk) == (23, 13, 6)
    assert math.isnan(median.high)
    assert math.isnan(estimate.quantile(P90).value)


def by_hand(ended, ongoing, share):
    """Return the quantile, computed step by step."""
    surviving = 1.0
    for time in sorted(set(ended)):
        at_risk = sum(other >= time for other in [*ended, *ongoing])
        surviving *= 1 - ended.count(time) / at_risk
        if surviving <= 1 - share + 1e-12:
            return time
    return None


@given(
    st.lists(st.integers(0, 1000), max_size=40),
    st.lists(st.integers(0, 1000), max_size=40),
    st.sampled_from([MEDIAN, P90]),
)
def test_any_durations(ended, ongoing, share):
    """The estimate is what a computation step by step gives, and lies within its interval."""
    quantile = survival(ended, ongoing).quantile(share)
    expected = by_hand(ended, ongoing, share)
    assert math.isnan(quantile.value) if expected is None else quantile.value == expected
    if expected is not None and not math.isnan(quantile.low):
        assert quantile.low <= expected
    if expected is not None and not math.isnan(quantile.high):
        assert expected <= quantile.high


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_without_open_ones_it_is_the_plain_quantile(ended):
    """Where everything has ended, half lasted no longer than the median."""
    value = survival(ended, []).quantile(MEDIAN).value
    assert sum(duration <= value for duration in ended) * 2 >= len(ended)
    assert sum(duration < value for duration in ended) * 2 < len(ended)


@pytest.mark.parametrize("ongoing", [[], [5.0, 9.0]])
def test_nothing_ended(ongoing):
    """Without a single end nothing can be said."""
    quantile = survival([], ongoing).quantile(MEDIAN)
    assert math.isnan(quantile.value)
    assert quantile.at_risk == 0


def test_open_ones_make_the_median_longer():
    """An incident that has lasted long without an end counts for that long."""
    ended = [10.0, 20.0, 30.0]
    assert survival(ended, []).quantile(MEDIAN).value == 20
    assert survival(ended, [100.0, 100.0]).quantile(MEDIAN).value == 30
