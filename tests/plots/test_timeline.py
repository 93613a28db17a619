"""The chart of a timeline.

Serves `plots/_lanes.py`, `plots/_tooltips.py`, `plots/axis.py`, `plots/bands.py`, `plots/events.py`, `plots/looks.py`
and `plots/spans.py`.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest
from eventful import START, events, inside, page, rows

from incidentio_magic.frames import MASK
from incidentio_magic.plots import timeline_chart
from incidentio_magic.plots._lanes import arranged, lane_of
from incidentio_magic.plots.looks import CHARACTER

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} ' \" \\ \n] } datum.x \u202e" + "long " * 60


def test_empty(png_of):
    """An empty timeline is a chart that says so, with what could not be read."""
    chart = timeline_chart(events(why_incomplete="activity forbidden (scope)"))
    assert repr(chart) == "INC-7: no events.\nIncomplete: activity forbidden (scope)."
    assert rows(chart.spec, "text") == [{"text": "No events."}]
    png_of(chart)


def test_one_event(png_of):
    """One event is drawn in the middle of some minutes, with its label."""
    chart = timeline_chart(events((0, {})))
    (point,) = rows(chart.spec, "tip")
    assert point["label"] == "Shared an update"
    assert repr(chart) == "INC-7: 1 event from 2026-01-14 18:00:00 UTC to 2026-01-14 18:00:00 UTC"
    width, height = png_of(chart)
    assert 1500 < width < 2300
    assert height < 800


def test_an_event_without_a_time_is_named_and_not_drawn(png_of):
    """The other events are drawn; where none has a time the chart says so."""
    frame = events((0, {}), (5, {}))
    frame.loc[1, "at"] = pd.NaT
    chart = timeline_chart(frame)
    assert len(rows(chart.spec, "tip")) == 1
    assert "Not drawn, because the time is unknown: 1 event." in repr(chart)
    assert len(chart.frame) == 2
    png_of(chart)
    frame.loc[0, "at"] = pd.NaT
    assert "Not drawn, because the time is unknown: 2 events." in repr(timeline_chart(frame))


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31T23:59:59"])
def test_an_event_at_the_edge_of_the_calendar(png_of, edge):
    """There is no room beside it, and it is drawn all the same."""
    frame = events((0, {}), (5, {}))
    frame.loc[1, "at"] = pd.Timestamp(edge, tz="UTC")
    chart = timeline_chart(frame.sort_values("at", ignore_index=True))
    assert len(rows(chart.spec, "tip")) == 2
    png_of(chart)


def test_the_message_is_read_on_hovering():
    """A message comes in rows that a tooltip shows whole; one that is too long for it ends with a mark."""
    message = "\n\n".join(f"Paragraph {n}: " + "we know more now. " * 12 for n in range(3))
    chart = timeline_chart(events((0, {"detail": message, "from": "Fixing", "to": "Monitoring"})))
    (point,) = rows(chart.spec, "who")
    pieces = [text for name, text in point["tip"].items() if name.startswith("message")]
    assert " ".join(" ".join(pieces).split()) == " ".join(message.split())
    assert max(map(len, pieces)) <= 220
    assert point["tip"]["change"] == "Fixing → Monitoring"
    assert point["tip"]["who"] == "Alice Archer"
    assert point["tip"]["then"] == "Investigating · Major"
    (long,) = rows(timeline_chart(events((0, {"detail": message * 30}))).spec, "who")
    assert list(long["tip"].values())[-1].endswith("…")


def test_the_order_of_a_tooltip_does_not_depend_on_the_data():
    """A saved notebook sorts the names of the data; the tooltip's expression has them in the order they are read."""
    chart = timeline_chart(events((0, {"detail": "More"})))
    saved = json.loads(json.dumps(chart.spec, sort_keys=True))
    (expression,) = {text for text in inside(saved, "expr") if "since declared" in text}
    places = [expression.index(f"'{name}': ") for name in ("at", "what", "who", "change", "source", "message")]
    assert places == sorted(places)
    assert set(rows(saved, "who")[0]["tip"]) <= set(re.findall(r"'([^']+)': datum", expression))


def test_long_titles_are_cut_in_labels_only():
    """A label is short; the tooltip has the whole title."""
    title = "The error rate of the checkout went up " * 5
    (point,) = rows(timeline_chart(events((0, {"title": title}))).spec, "who")
    assert len(point["label"]) <= 46
    assert point["label"].endswith("…")
    assert "".join(text for name, text in point["tip"].items() if name.startswith("what")) == title.strip()


def test_labels_do_not_repeat_their_lane():
    """A label leaves out the kind that its lane is named after; the tooltip has the whole title."""
    titles = {"action": "Action given up: Roll back", "status": "Status is now Fixing", "note": "Alert fired: it did"}
    frame = events(*((0, {"kind": kind, "title": title}) for kind, title in titles.items()))
    points = {point["tip"]["what"]: point["label"] for point in rows(timeline_chart(frame).spec, "who")}
    assert points == dict(
        zip(titles.values(), ["Given up: Roll back", "Status is now Fixing", "Alert fired: it did"], strict=True)
    )


def test_hostile_text_is_data(png_of):
    """What somebody wrote is never part of an expression or of the specification's structure."""
    changes = {"title": HOSTILE, "detail": HOSTILE, "actor": HOSTILE, "kind": HOSTILE, "source": HOSTILE}
    chart = timeline_chart(events((0, changes), (5, {}), incident=HOSTILE, why_incomplete=HOSTILE))
    plain = timeline_chart(events((0, {"kind": "note", "source": "odd"}), (5, {})))
    assert list(inside(chart.spec, "expr")) == list(inside(plain.spec, "expr"))
    assert list(inside(chart.spec, "filter")) == list(inside(plain.spec, "filter"))
    assert "\u202e" not in repr(chart)
    assert not any("\u202e" in str(title) for title in inside(chart.spec, "title"))
    png_of(chart)


def test_nothing_is_fetched():
    """The specification holds all of its data and no address of anything."""
    text = json.dumps(timeline_chart(events((0, {"url": "https://example.com/1"}), (3, {}))).spec)
    assert "http" not in text
    assert '"url"' not in text


def test_masks_stay():
    """What the frame masks, the chart masks: it knows the frame alone."""
    frame = events((0, {"title": MASK, "detail": MASK}))
    (point,) = rows(timeline_chart(frame).spec, "who")
    assert point["tip"]["what"] == point["tip"]["message"] == MASK


@pytest.mark.parametrize("number", [4, 30, 300, 3000])
def test_few_and_many_events(png_of, number):
    """Few events are drawn one by one with their labels, many in groups that say how many; none is lost."""
    kinds = ["update", "alert", "page", "role", "action"]
    message = "We know more now and say so. " * 5
    frame = events(*((place * 90 / number, {"kind": kinds[place % 5], "detail": message}) for place in range(number)))
    chart = timeline_chart(frame)
    points = rows(chart.spec, "who")
    assert sum(point.get("events", 1) for point in points) == number
    assert all(int(point["tip"]["events"]) == point["events"] for point in points if "events" in point)
    assert ("are grouped" in repr(chart)) == (number >= 300)
    if number == 4:
        assert all(point["label"] for point in points)
    width, height = png_of(chart)
    assert width < 2300
    assert height < 1300
    bundle, _metadata = chart._repr_mimebundle_()
    assert len(json.dumps(bundle)) < 150_000


def test_labels_do_not_overlap():
    """On each row a label ends before the next mark or label begins."""
    kinds = ["update", "alert", "page", "role", "action", "field"]
    frame = events(
        *((place * 1.7 % 100, {"kind": kinds[place % 6]}) for place in sorted(range(80), key=lambda n: n * 1.7 % 100))
    )
    pixels = [(at - START).total_seconds() / 60 * 7 for at in frame["at"]]
    marks = arranged(list(map(lane_of, frame["kind"])), pixels, list(frame["title"]))
    assert sum(len(mark.events) for mark in marks) == len(frame)
    rows_of = {}
    for mark in marks:
        length = len(mark.label) * CHARACTER
        left, right = (mark.pixel, mark.pixel + length) if mark.side > 0 else (mark.pixel - length, mark.pixel)
        rows_of.setdefault((mark.lane, mark.row), []).append((left, right))
    for spans in rows_of.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))


def test_colour_says_who_acts():
    """People, automation, alerts and what customers see have a colour each, whichever source an event is from."""
    chart = timeline_chart(
        events(
            (0, {"actor_kind": "user", "source": "updates"}),
            (5, {"actor_kind": "api_key"}),
            (10, {"kind": "alert", "actor_kind": None}),
            (15, {"kind": "status_page", "actor_kind": "user"}),
        )
    )
    assert {point["who"] for point in rows(chart.spec, "who")} == {"people", "automation", "alerts", "customers"}
    domains = [scale.get("domain") for scale in inside(chart.spec, "scale") if scale]
    assert ["people", "automation", "alerts", "customers"] in domains
    assert not list(inside(chart.spec, "bind"))  # no click leaves empty rows


def test_the_window_is_the_impact():
    """What follows the impact is left to the strip, also where most events are written down days later."""
    impact = {"start": START.isoformat(), "end": (START + timedelta(minutes=40)).isoformat()}
    later = [(60 * 48 + minute, {}) for minute in range(0, 300, 10)]
    chart = timeline_chart(events((0, {}), (12, {}), (40, {}), *later, impact=impact))
    assert "Shown: the impact, 3 of 33 events; the strip below shows all of them" in repr(chart)
    begins, ends = next(params for params in inside(chart.spec, "params") if params[0]["name"] == "window")[0]["value"][
        "x"
    ]
    assert begins < START.timestamp() * 1000 < ends
    assert ends - begins < 50 * 60 * 1000


@pytest.mark.parametrize(
    "impact", [{"start": "", "end": ""}, {"start": "2026-01-15T00:00:00+00:00", "end": "2026-01-14T18:00:00+00:00"}]
)
def test_an_impact_that_cannot_be_is_no_window(png_of, impact):
    """An impact without an end, or that ends before it begins, leaves the window to the events."""
    chart = timeline_chart(events((0, {}), (30, {}), (60, {}), impact=impact))
    assert "the impact" not in repr(chart)
    png_of(chart)


def test_the_incident_s_name_is_the_title():
    """Reference and name are the title; a masked name stays masked."""
    assert repr(timeline_chart(events((0, {}), name="Checkout fails"))).startswith("INC-7 · Checkout fails: 1 event")
    assert repr(timeline_chart(events((0, {}), name=MASK))).startswith(f"INC-7 · {MASK}: 1 event")


def test_bands_follow_the_columns():
    """Status and severity change where the events say; the last event of a moment counts."""
    chart = timeline_chart(
        events(
            (0, {}),
            (10, {"status": "Investigating"}),
            (10, {"status": "Fixing", "severity": "Critical"}),
            (30, {"status": "Closed", "severity": "Critical"}),
        )
    )
    bands = [(row["row"], row["is"], row["lasted"]) for row in rows(chart.spec, "row")]
    assert bands == [
        ("status", "Investigating", "10 min"),
        ("status", "Fixing", "20 min"),
        ("status", "Closed", "0 s"),
        ("severity", "Major", "10 min"),
        ("severity", "Critical", "20 min"),
    ]
    starts = [row["start"] for row in rows(chart.spec, "row")]
    ends = [row["end"] for row in rows(chart.spec, "row")]
    assert all(start < end for start, end in zip(starts, ends, strict=True))


def test_unknown_status_has_no_band():
    """Before anything is known, and where nothing ever is, no band is drawn."""
    assert not rows(timeline_chart(events((0, {"status": None, "severity": None}))).spec, "row")
    some = rows(timeline_chart(events((0, {"status": None, "severity": None}), (5, {}))).spec, "row")
    assert {entry["from"] for entry in some} == {"2026-01-14 18:05:00 UTC"}


def test_still_open():
    """The bands of an open incident and its unanswered page reach the present moment."""
    chart = timeline_chart(events((0, {"kind": "page"}), (30, {}), open=True, pages=[page(0)]))
    assert {row["until"] for row in rows(chart.spec, "row")} == {"2026-01-14 20:00:00 UTC"}
    (wait,) = rows(chart.spec, "dash")
    assert wait["tip"]["acknowledged"] == "not yet"
    assert wait["end"] - wait["start"] == 2 * 3600 * 1000


def test_pages_and_acknowledgements(png_of):
    """A page is drawn until its acknowledgement, which says how long it took and by whom; without one it is dashed."""
    frame = events((0, {"kind": "page"}), (1, {"kind": "page"}), (9, {}), pages=[page(0, after=2.5), page(1)])
    chart = timeline_chart(frame)
    answered, never = rows(chart.spec, "dash")
    assert answered["tip"]["acknowledged"] == "after 2 min 30 s by Bob Baker, 2026-01-14 18:02:30 UTC"
    assert answered["end"] - answered["start"] == 150_000
    assert never["tip"]["acknowledged"] == "never"
    assert answered["colour"] != never["colour"]
    assert "acknowledged never" in repr(chart)
    png_of(chart)


def test_pages_of_a_filtered_timeline_are_not_drawn_without_their_lane():
    """Where the pages themselves are filtered out, so are their spans."""
    assert not rows(timeline_chart(events((0, {}), pages=[page(0, after=1)])).spec, "dash")


def test_the_time_zone_is_followed():
    """Axis, tooltips and text are in the zone asked for, the axis with one distance from UTC throughout."""
    frame = events((0, {}), (60 * 24 * 90, {}))  # across the beginning of summer time
    chart = timeline_chart(frame, timezone="Europe/Berlin")
    first, last = rows(chart.spec, "who")
    assert first["tip"]["at"] == "2026-01-14 19:00:00 CET"
    assert last["tip"]["at"] == "2026-04-14 20:00:00 CEST"
    assert first["at"] == (START.timestamp() + 3600) * 1000  # the clock of the zone
    assert last["at"] - first["at"] == 90 * 24 * 3600 * 1000
    titles = [entry for entry in inside(chart.spec, "title") if isinstance(entry, str)]
    assert "Europe/Berlin (UTC+01:00)" in titles
    assert all(entry.get("type") == "utc" for entry in inside(chart.spec, "scale") if entry and "param" in str(entry))


def test_a_long_tail_is_left_to_the_strip(png_of):
    """Weeks after the work do not squeeze it: the window has the busy part, and a strip of all events moves it."""
    busy = [(minute, {}) for minute in range(0, 60, 3)]
    chart = timeline_chart(events(*busy, *((60 * 24 * day, {}) for day in range(1, 6))))
    assert "Shown: the busiest part, 20 of 25 events; the strip below shows all of them" in repr(chart)
    window = next(params for params in inside(chart.spec, "params") if params[0]["name"] == "window")[0]
    begins, ends = window["value"]["x"]
    assert ends - begins < 3600 * 1000
    assert begins < START.timestamp() * 1000 < ends
    png_of(chart)


def test_even_events_need_no_strip():
    """Events spread over all of the time are all shown."""
    chart = timeline_chart(events(*((60 * hour, {}) for hour in range(12))))
    assert "Shown" not in repr(chart)
    assert not any(params[0]["name"] == "window" for params in inside(chart.spec, "params"))


def test_streams_and_doubles_are_named():
    """An event of a stream says so, and one that several sources tell names them."""
    frame = events((0, {"incident": "INC-7-1", "also_in": "updates:U1", "actor": "Sandbox", "actor_kind": "api_key"}))
    (point,) = rows(timeline_chart(frame).spec, "who")
    assert point["tip"]["stream"] == "INC-7-1"
    assert point["tip"]["source"] == "activity, also in updates:U1"
    assert point["tip"]["who"] == "Sandbox (api key)"


def test_backdated_events_say_when_they_were_written_down():
    """On hovering, what was written down long after it happened says when; moments read like all others."""
    frame = events((0, {"kind": "timestamp", "to": "2026-01-14T17:30:00Z"}), (5, {}), backdated=["0"])
    frame["recorded_at"] += pd.Timedelta(minutes=30)
    other, late = rows(timeline_chart(frame, timezone="Europe/Berlin").spec, "who")  # lane by lane
    assert late["tip"]["recorded"] == "2026-01-14 19:30:00 CET"
    assert late["tip"]["change"] == "(none) → 2026-01-14 18:30:00 CET"
    assert "recorded" not in other["tip"]


def test_training_is_said():
    """A chart of a training session says that it is one."""
    assert "Training mode: test only" in repr(timeline_chart(events((0, {}), banner="Training mode: test only")))


def test_a_quiet_present_is_left_to_the_strip():
    """An incident that is open long after its last event is shown while it happened; the strip reaches to now."""
    chart = timeline_chart(events((0, {}), (20, {}), (40, {}), open=True, as_of="2026-01-16T18:00:00+00:00"))
    assert "Shown: the busiest part, 3 of 3 events; the strip below shows all of them" in repr(chart)


def test_bands_and_their_labels_end_with_the_chart():
    """A band and its label are clipped where the chart's time ends."""
    spec = timeline_chart(events((0, {}), (10, {"status": "Fixing"}))).spec
    parts = [part for layer in inside(spec, "layer") for part in layer]
    bands = next(layer for layer in inside(spec, "layer") if "middle" in json.dumps(layer))
    assert {part["mark"]["type"] for part in bands} >= {"bar", "text"}
    assert len(parts) > len(bands)
    assert all(part["mark"]["clip"] for part in bands if part["mark"]["type"] in {"bar", "text"})


def test_marks_of_a_crowded_lane_do_not_overlap():
    """Groups of a crowded lane begin at least a stretch apart, so that their numbers can be read."""
    pixels = [float(pixel) for pixel in range(0, 760, 3)]
    marks = arranged(["updates"] * len(pixels), pixels, ["x"] * len(pixels))
    starts = [mark.pixel for mark in marks]
    assert all(later - earlier >= 38 for earlier, later in pairwise(starts))
    assert sum(len(mark.events) for mark in marks) == len(pixels)
