"""The chart of metrics."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from eventful import inside, rows

from incidentio_magic import errors
from incidentio_magic.plots import metrics_chart

DURATIONS = ["declared to fixed", "Time to fix"]


def metrics(*groups, by=("month", "severity"), **attrs):
    """Return a frame of metrics: each group is its names, the duration, n, minutes of median and p90, and open ones."""
    frame = pd.DataFrame(groups, columns=[*by, "duration", "n", "median", "p90", "open"])
    for name in ("median", "p90"):
        frame[name] = pd.to_timedelta(frame[name].astype("Float64").mul(60).astype("Int64"), unit="s").astype(
            "timedelta64[us]"
        )
    frame["mean"] = frame["median"]
    frame["excluded"] = 0
    frame = frame.astype(dict.fromkeys(("n", "open", "excluded"), "Int64"))
    frame["duration"] = pd.Categorical(frame["duration"], DURATIONS, ordered=True)
    if "severity" in by:
        frame["severity"] = pd.Categorical(frame["severity"], ["Minor", "Major", "Critical"], ordered=True)
    frame.attrs = {"incidents": 9, "timestamps": {"fixed": "Fixed at"}, **attrs}
    return frame


YEAR = metrics(
    ("2026-01", "Minor", "declared to fixed", 3, 60, 90, 0),
    ("2026-01", "Major", "declared to fixed", 0, None, None, 2),
    ("2026-02", None, "declared to fixed", 1, 0, 0, 0),
    ("2026-01", "Minor", "Time to fix", 3, 50, 90, 1),
)


def test_a_panel_a_duration(png_of):
    """Each duration has its panel, months in order, a colour for each severity by rank, grey for none."""
    chart = metrics_chart(YEAR)
    assert [entry["vconcat"][0]["title"]["text"] for entry in chart.spec["concat"]] == DURATIONS
    domains = [entry["domain"] for entry in inside(chart.spec, "scale") if entry and "range" in entry]
    assert all(domain == ["Minor", "Major", "(none)"] for domain in domains)
    assert ["2026-01", "2026-02"] in [entry.get("domain") for entry in inside(chart.spec, "scale") if entry]
    assert repr(chart).startswith("How long incidents take: declared to fixed, Time to fix.\nOf 9 incidents.")
    assert "fixed is 'Fixed at'" in repr(chart)
    png_of(chart)


def test_figures_are_those_of_the_frame():
    """Medians and p90 in seconds, counts and open ones as they are, all of it on hovering; nothing is drawn at zero."""
    first, open_only, zero, _other = rows(metrics_chart(YEAR).spec, "tip")
    assert (first["median"], first["p90"], first["n"], first["open"], first["all"]) == (3600, 5400, 3, 0, 3)
    assert first["tip"] == {
        "month": "2026-01", "severity": "Minor",
        "median": "1 h", "p90": "1 h 30 min", "mean": "1 h", "n": "3", "open": "0", "excluded": "0",
    }  # fmt: skip
    assert (open_only["median"], open_only["n"], open_only["all"]) == (None, 0, 2)
    assert "median" not in open_only["tip"]
    assert zero["median"] == 1
    assert zero["tip"]["median"] == "0 s"


@pytest.mark.parametrize("by", [(), ("severity",), ("month",), ("type", "month")])
def test_other_groupings(png_of, by):
    """One grouping lies side by side, none puts the durations there, and month goes along the axis wherever it is."""
    names = {"severity": "Minor", "month": "2026-01", "type": "Platform"}
    chart = metrics_chart(metrics((*(names[entry] for entry in by), "Time to fix", 3, 50, 90, 1), by=by))
    (row,) = rows(chart.spec, "tip")
    assert row["place"] == ("2026-01" if "month" in by else names[by[0]] if by else "Time to fix")
    assert row["colour"] == ("Platform" if "type" in by else "all")
    png_of(chart)


def test_a_month_without_incidents_keeps_its_place():
    """Months are as far apart as they are, whatever happened in them."""
    rows_of = [(month, "Time to fix", 1, 1, 1, 0) for month in ("2025-11", "2026-02")]
    domains = [
        entry.get("domain") for entry in inside(metrics_chart(metrics(*rows_of, by=("month",))).spec, "scale") if entry
    ]
    assert ["2025-11", "2025-12", "2026-01", "2026-02"] in domains


def test_nothing_to_draw(png_of):
    """Without a single figure the chart says so, and why."""
    nothing = metrics(("2026-01", "Minor", "Time to fix", 0, None, None, 0), why_incomplete="the list broke off")
    chart = metrics_chart(nothing)
    assert repr(chart).startswith("How long incidents take: no incident has any of these durations.")
    assert "Incomplete: the list broke off." in repr(chart)
    png_of(chart)


def test_no_rows_at_all(png_of):
    """The frame of an empty filter is a chart too."""
    png_of(metrics_chart(metrics()))


def test_open_ones_alone_are_drawn(png_of):
    """Where nothing is over yet, the hollow bars are all there is."""
    png_of(metrics_chart(metrics(("2026-01", "Minor", "Time to fix", 0, None, None, 2))))


@pytest.mark.parametrize(
    ("frame", "printed"),
    [
        (
            metrics(("2026-01", "Minor", "c", "Time to fix", 1, 1, 1, 0), by=("month", "severity", "type")),
            "groupings, not 3",
        ),
        (
            metrics(
                *((f"{1990 + n // 12}-{n % 12 + 1:02}", "Time to fix", 1, 1, 1, 0) for n in range(61)), by=("month",)
            ),
            "month has 61 values",
        ),
        (
            metrics(*(("2026-01", f"t{n}", "Time to fix", 1, 1, 1, 0) for n in range(13)), by=("month", "type")),
            "type has 13 values",
        ),
    ],
)
def test_too_much_is_refused(frame, printed):
    """More than can be told apart is an error that says so."""
    with pytest.raises(errors.InputError, match=printed):
        metrics_chart(frame)


def test_hostile_names_are_data(png_of):
    """Names of types and durations are neither expressions nor addresses."""
    frame = metrics(("2026-01", "</script> {{ 1 }} datum['x']", "Time to fix", 3, 50, 90, 1), by=("month", "type"))
    chart = metrics_chart(frame)
    assert not any("script" in str(entry) for entry in [*inside(chart.spec, "expr"), *inside(chart.spec, "filter")])
    assert "http" not in json.dumps(chart.spec)
    png_of(chart)


@pytest.mark.slow
def test_a_few_panels_and_few_bytes(png_of):
    """At most six durations are drawn, the others are named; a chart of a year takes at most 150 kB of a notebook."""
    months = [f"2025-{month:02}" for month in range(1, 13)]
    names = [f"duration {number}" for number in range(9)]
    many = [
        (month, severity, DURATIONS[0], 7, 50 + place, 90 + place, 1)
        for month in months
        for severity in ("Minor", "Major", "Critical")
        for place, _name in enumerate(names)
    ]
    frame = metrics(*many)
    frame["duration"] = pd.Categorical(names * (len(many) // len(names)), names, ordered=True)
    chart = metrics_chart(frame)
    assert len(chart.spec["concat"]) == 6
    assert "Not drawn, in .frame: duration 6, duration 7, duration 8" in chart.spec["title"]["subtitle"]
    content, _metadata = chart._repr_mimebundle_()
    assert len(json.dumps(content)) < 150_000
    png_of(chart)


def test_few_durations_are_faint():
    """A median of fewer than five durations is drawn faint, and the chart says so."""
    chart = metrics_chart(YEAR)
    assert {"test": "datum.n < 5", "value": 0.35} in list(inside(chart.spec, "condition"))
    assert "faint if n < 5 (log scale)" in repr(chart)
