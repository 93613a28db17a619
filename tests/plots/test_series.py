"""The user's own metrics on the time axis of the events."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from eventful import events, inside, rows

from incidentio_magic import errors
from incidentio_magic.plots import timeline_chart
from incidentio_magic.plots.series import thinned

TIMES = pd.date_range("2026-01-14T18:00:00Z", periods=11, freq="min")
FRAME = events((0, {}), (10, {}))


def drawn(given, **options):
    """Return the rows of the user's series."""
    return rows(timeline_chart(FRAME, series=given, **options).spec, "series")


def test_a_series(png_of):
    """A Series is a line with its values on hovering; what lies outside the chart's time is left out."""
    rate = pd.Series(range(11), index=TIMES, name="errors")
    outside = pd.Series([1.0], index=TIMES[:1] - pd.Timedelta(days=1), name="errors")
    chart = timeline_chart(FRAME, series={"rate": pd.concat([rate, outside])})
    found = rows(chart.spec, "series")
    assert [entry["value"] for entry in found] == list(range(11))
    assert found[3]["tip"] == {"at": "2026-01-14 18:03:00 UTC", "errors": "3"}
    assert found[0]["at"] == rows(chart.spec, "who")[0]["at"]
    png_of(chart)


def test_a_frame_has_a_line_a_column(png_of):
    """Numeric columns are lines with a legend, twins of one name are told apart, others are left out."""
    frame = pd.DataFrame([[1, 2.0, "x", 3]] * 11, index=TIMES, columns=["a", "b", "host", "a"])
    chart = timeline_chart(FRAME, series={"load": frame})
    assert {row["series"] for row in rows(chart.spec, "series")} == {"a", "b", "a (3)"}
    assert "load" in list(inside(chart.spec, "title"))
    png_of(chart)


def test_times_without_a_zone_are_read_in_the_shown_one():
    """An index without a zone is read in the zone of the chart, which says so; one with another zone is converted."""
    local = TIMES.tz_convert("Europe/Berlin").tz_localize(None)
    naive = timeline_chart(FRAME, series={"rate": pd.Series(range(11), index=local)}, timezone="Europe/Berlin")
    berlin = drawn({"rate": pd.Series(range(11), index=TIMES)}, timezone="Europe/Berlin")
    assert [row["at"] for row in rows(naive.spec, "series")] == [row["at"] for row in berlin]
    assert "rate names no time zone: its times are read as Europe/Berlin" in naive.spec["title"]["subtitle"]
    aware = timeline_chart(FRAME, series={"rate": pd.Series(range(11), index=TIMES)})
    assert not any("names no time zone" in line for line in aware.spec["title"]["subtitle"])


def test_times_that_come_twice_are_an_error():
    """Times of the hour that comes twice are not guessed: the error says how to name their zone."""
    twice = pd.Series(range(11), index=pd.date_range("2025-10-26T02:00", periods=11, freq="min"))
    with pytest.raises(errors.InputError, match="ambiguous in Europe/Berlin") as caught:
        drawn({"rate": twice}, timezone="Europe/Berlin")
    assert 'rate.tz_localize("UTC")' in caught.value.hint


def titles(columns):
    """Return the title and the columns of each axis of a frame."""
    frame = pd.DataFrame(columns, index=TIMES)
    views = timeline_chart(FRAME, series={"load": frame}).spec["vconcat"]
    panels = [view for view in views if "y" in view.get("encoding", {}) and "series" in view["data"]["values"][0]]
    return {
        panel["encoding"]["y"]["title"]: sorted({row["series"] for row in panel["data"]["values"]}) for panel in panels
    }


@pytest.mark.parametrize(
    ("columns", "axes"),
    [
        (
            {"p50 (ms)": 20, "p99 (ms)": 900, "errors (%)": 3},
            {"ms": ["p50 (ms)", "p99 (ms)"], "errors (%)": ["errors (%)"]},
        ),
        ({"web-1": 3, "web-2": 5}, {"load": ["web-1", "web-2"]}),
        ({"errors": 3, "requests": 90_000}, {"errors": ["errors"], "requests": ["requests"]}),
        ({"errors": 0, "requests": 90_000}, {"load": ["errors", "requests"]}),
    ],
)
def test_an_axis_for_each_unit(columns, axes):
    """Columns of one unit or of one size share an axis, others have their own, under their own names."""
    assert titles({name: [value] * 11 for name, value in columns.items()}) == axes


def test_gaps_stay_gaps():
    """A missing or infinite value breaks the line."""
    found = drawn({"rate": pd.Series([1, np.nan, np.inf, *range(8)], index=TIMES)})
    assert [entry["value"] for entry in found[:4]] == [1, None, None, 0]


def test_many_values_are_thinned_without_losing_a_peak():
    """Of each stretch the lowest and the highest stay."""
    times = pd.date_range("2026-01-14T18:00:00Z", periods=100_000, freq="ms")
    values = pd.Series(np.sin(np.arange(100_000) / 500), index=times)
    values.iloc[77_777] = 50
    values.iloc[20_000:30_000] = np.nan
    kept = thinned(values, 1000)
    assert len(kept) <= 1000
    assert kept.max() == 50
    assert kept.index.is_monotonic_increasing
    assert kept.isna().any()
    assert len(drawn({"rate": values})) <= 1500


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ([1, 2], "rate is neither a DataFrame nor a Series.", "index is the time"),
        (pd.Series([1, 2]), "The index of rate is not the time.", "rate.set_index('time')"),
        (pd.DataFrame({"host": ["a"] * 11}, index=TIMES), "rate has no numbers to draw.", "pd.to_numeric"),
        (pd.Series(range(11), index=TIMES + pd.Timedelta(days=2)), "rate has no value between", "UTC"),
        (pd.Series([np.nan] * 11, index=TIMES), "rate has no value between", "UTC"),
        (pd.DataFrame(np.ones((11, 21)), index=TIMES), "rate has 21 columns, too many to tell apart.", "at most 20"),
    ],
)
def test_what_cannot_be_drawn_says_why(given, message, hint):
    """Each mistake is an error with what to do about it."""
    with pytest.raises(errors.InputError) as caught:
        drawn({"rate": given})
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


def test_nothing_is_drawn_outside_the_axes():
    """Lines and points are clipped, so that a value outside the chart's time does not run over its labels."""
    spec = timeline_chart(FRAME, series={"rate": pd.Series(range(11), index=TIMES)}).spec
    marks = [mark for mark in inside(spec, "mark") if isinstance(mark, dict) and mark["type"] in {"line", "point"}]
    assert {mark["type"] for mark in marks} == {"line", "point"}
    assert all(mark.get("clip") for mark in marks if "invalid" in mark or mark.get("opacity") == 0)
