"""Two groups side by side."""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import pytest

from incidentio_magic.metrics.comparison import FEWEST, comparison_frame, difference_interval


def compared(first, second):
    """Return the row of one duration in two groups."""
    row = ("declared to fixed", np.array(first, dtype=float), np.array(second, dtype=float))
    return comparison_frame([row], ("2025-Q3", "2025-Q4")).loc[0]


def test_a_clear_difference_is_said():
    """Where the whole interval lies on one side, the finding says which group takes longer."""
    row = compared(range(100, 200), range(400, 500))
    assert row["difference"] == pd.Timedelta(seconds=300)
    assert pd.Timedelta(0) < row["low"] <= row["difference"] <= row["high"]
    assert row["finding"] == "longer in 2025-Q4"
    assert compared(range(400, 500), range(100, 200))["finding"] == "shorter in 2025-Q4"


@pytest.mark.parametrize(("first", "second", "finding"), [(1, 1.5, "longer"), (1.5, 1, "shorter"), (1, 1, "no clear")])
def test_half_a_second_is_a_difference(first, second, finding):
    """Where each of a group took the same, the least difference is certain."""
    assert compared([first] * 50, [second] * 50)["finding"].startswith(finding)


def test_no_difference_is_not_made_up():
    """Groups that are alike have an interval around zero."""
    row = compared(range(100), range(100))
    assert row["low"] <= pd.Timedelta(0) <= row["high"]
    assert row["finding"] == "no clear difference"


@pytest.mark.parametrize("few", [0, 1, FEWEST - 1])
def test_too_few_say_nothing(few):
    """With too few in a group there is a median at most, and no interval."""
    row = compared(range(few), range(50))
    assert pd.isna(row["low"])
    assert row["finding"].startswith(f"too few to compare: {few} in the smaller group")
    assert row["n.first"] == few


def test_the_interval_is_that_of_resampled_medians():
    """The same as resampling by hand, within what chance does, and the same at each call."""
    generator = np.random.default_rng(7)
    first, second = generator.exponential(60, 40), generator.exponential(90, 50)
    low, high = difference_interval(first, second)
    assert (low, high) == difference_interval(first, second)
    by_hand = sorted(
        statistics.median(generator.choice(second, 50)) - statistics.median(generator.choice(first, 40))
        for _ in range(4000)
    )
    width = by_hand[3899] - by_hand[99]
    assert abs(low - by_hand[99]) < width / 6
    assert abs(high - by_hand[3899]) < width / 6


def test_each_duration_is_drawn():
    """Of two durations the median of a resample is the shorter, the longer, or their mean."""
    assert difference_interval(np.zeros(2), np.array([100.0, 0.0])) == (0, 100)
    assert difference_interval(np.array([100.0, 0.0]), np.zeros(2)) == (-100, 0)


def test_columns_when_empty():
    """Without a duration the columns are the same."""
    empty, full = comparison_frame([], ("a", "b")), comparison_frame([("d", np.ones(9), np.ones(9))], ("a", "b"))
    assert list(empty.dtypes) == list(full.dtypes)
    assert list(empty.columns) == list(full.columns)
