"""The chart of a timeline."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from eventful import START, events, inside, page, rows

from incidentio_magic.frames import MASK
from incidentio_magic.plots import timeline_chart

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} ' \" \\ \n] } datum.x \u202e" + "long " * 60


def test_empty(png_of):
    """An empty timeline is a chart that says so, with what could not be read."""
    chart = timeline_chart(events(why_incomplete="activity forbidden (scope)"))
    assert repr(chart) == "Timeline of INC-7: no events.\nIncomplete: activity forbidden (scope)."
    assert rows(chart.spec, "text") == [{"text": "No events."}]
    png_of(chart)


def test_one_event(png_of):
    """One event is drawn in the middle of some minutes, with its label."""
    chart = timeline_chart(events((0, {})))
    (point,) = rows(chart.spec, "tip")
    assert point["label"] == "Shared an update"
    assert repr(chart) == "Timeline of INC-7: 1 event from 2026-01-14 18:00:00 UTC to 2026-01-14 18:00:00 UTC"
    width, height = png_of(chart)
    assert 1500 < width < 2200
    assert height < 800


def test_the_whole_message_is_told_on_hovering():
    """A long message comes in rows that a tooltip shows whole; nothing of it is lost."""
    message = "\n\n".join(f"Paragraph {n}: " + "we know more now and say so. " * 40 for n in range(3))
    chart = timeline_chart(events((0, {"detail": message, "from": "Fixing", "to": "Monitoring"})))
    (point,) = rows(chart.spec, "tip")
    pieces = [text for name, text in point["tip"].items() if name.startswith("message")]
    assert " ".join(" ".join(pieces).split()) == " ".join(message.split())
    assert max(map(len, pieces)) <= 220
    assert point["tip"]["change"] == "Fixing → Monitoring"
    assert point["tip"]["who"] == "Alice Archer"
    assert point["tip"]["then"] == "Investigating · Major"


def test_long_titles_are_cut_in_labels_only():
    """A label is short; the tooltip has the whole title."""
    title = "The error rate of the checkout went up " * 5
    (point,) = rows(timeline_chart(events((0, {"title": title}))).spec, "tip")
    assert len(point["label"]) <= 60
    assert point["label"].endswith("…")
    assert "".join(text for name, text in point["tip"].items() if name.startswith("what")) == title.strip()


def test_labels_do_not_repeat_their_lane():
    """A label leaves out the kind that its lane is named after; the tooltip has the whole title."""
    titles = {"action": "Action given up: Roll back", "status": "Status is now Fixing", "note": "Alert fired: it did"}
    frame = events(*((0, {"kind": kind, "title": title}) for kind, title in titles.items()))
    points = rows(timeline_chart(frame).spec, "tip")
    assert [one["label"] for one in points] == ["Given up: Roll back", "Status is now Fixing", "Alert fired: it did"]
    assert [one["tip"]["what"] for one in points] == list(titles.values())


def test_hostile_text_is_data(png_of):
    """What somebody wrote is never part of an expression or of the specification's structure."""
    changes = {"title": HOSTILE, "detail": HOSTILE, "actor": HOSTILE, "kind": HOSTILE, "source": HOSTILE}
    chart = timeline_chart(events((0, changes), (5, {}), incident=HOSTILE, why_incomplete=HOSTILE))
    plain = timeline_chart(events((0, {"kind": "note", "source": "odd"}), (5, {})))
    assert list(inside(chart.spec, "expr")) == list(inside(plain.spec, "expr"))
    assert list(inside(chart.spec, "filter")) == list(inside(plain.spec, "filter"))
    assert "\u202e" not in repr(chart)
    assert not any("\u202e" in str(one) for one in inside(chart.spec, "title"))
    png_of(chart)


def test_nothing_is_fetched():
    """The specification holds all of its data and no address of anything."""
    text = json.dumps(timeline_chart(events((0, {"url": "https://example.com/1"}), (3, {}))).spec)
    assert "http" not in text
    assert '"url"' not in text


def test_masks_stay():
    """What the frame masks, the chart masks: it knows the frame alone."""
    frame = events((0, {"title": MASK, "detail": MASK}))
    (point,) = rows(timeline_chart(frame).spec, "tip")
    assert point["tip"]["what"] == point["tip"]["message"] == MASK


@pytest.mark.parametrize("number", [5, 500, 1000])
def test_few_and_many_events(png_of, number):
    """Whatever their number, the lanes keep their height, points of one moment step aside, and labels need room."""
    kinds = ["update", "alert", "page", "role", "action"]
    frame = events(*((minutes * 90 / number, {"kind": kinds[minutes % 5]}) for minutes in range(number)))
    chart = timeline_chart(frame)
    points = rows(chart.spec, "tip")
    assert len([one for one in points if "shift" in one]) == number
    assert (sum(bool(one.get("label")) for one in points if "shift" in one) > number / 2) == (number == 5)
    if number > 5:
        assert {one["shift"] for one in points if "shift" in one} > {0.0}
    width, height = png_of(chart)
    assert width < 2200
    assert height < 1000


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
    bands = [(one["row"], one["is"], one["lasted"]) for one in rows(chart.spec, "row")]
    assert bands == [
        ("status", "Investigating", "10 min"),
        ("status", "Fixing", "20 min"),
        ("status", "Closed", "0 s"),
        ("severity", "Major", "10 min"),
        ("severity", "Critical", "20 min"),
    ]
    starts = [one["start"] for one in rows(chart.spec, "row")]
    ends = [one["end"] for one in rows(chart.spec, "row")]
    assert all(start < end for start, end in zip(starts, ends, strict=True))


def test_unknown_status_has_no_band():
    """Before anything is known, and where nothing ever is, no band is drawn."""
    assert not rows(timeline_chart(events((0, {"status": None, "severity": None}))).spec, "row")
    some = rows(timeline_chart(events((0, {"status": None, "severity": None}), (5, {}))).spec, "row")
    assert {one["from"] for one in some} == {"2026-01-14 18:05:00 UTC"}


def test_still_open():
    """The bands of an open incident and its unanswered page reach the present moment."""
    chart = timeline_chart(events((0, {"kind": "page"}), (30, {}), open=True, pages=[page(0)]))
    assert {one["until"] for one in rows(chart.spec, "row")} == {"2026-01-14 20:00:00 UTC"}
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
    first, last = rows(chart.spec, "shift")
    assert first["tip"]["at"] == "2026-01-14 19:00:00 CET"
    assert last["tip"]["at"] == "2026-04-14 20:00:00 CEST"
    assert first["at"] == (START.timestamp() + 3600) * 1000  # the clock of the zone
    assert last["at"] - first["at"] == 90 * 24 * 3600 * 1000
    titles = [one for one in inside(chart.spec, "title") if isinstance(one, str)]
    assert "Europe/Berlin (UTC+01:00)" in titles
    assert all(one.get("type") == "utc" for one in inside(chart.spec, "scale") if one and "param" in str(one))


def test_a_long_tail_is_left_to_the_strip(png_of):
    """Weeks after the work do not squeeze it: the window has the busy part, and a strip of all events moves it."""
    busy = [(minute, {}) for minute in range(0, 60, 3)]
    chart = timeline_chart(events(*busy, *((60 * 24 * day, {}) for day in range(1, 6))))
    assert "Shown are the 20 that are close together; the strip below has them all" in repr(chart)
    window = next(one for one in inside(chart.spec, "params") if one[0]["name"] == "window")[0]
    begins, ends = window["value"]["x"]
    assert ends - begins < 3600 * 1000
    assert begins < START.timestamp() * 1000 < ends
    png_of(chart)


def test_even_events_need_no_strip():
    """Events spread over all of the time are all shown."""
    chart = timeline_chart(events(*((60 * hour, {}) for hour in range(12))))
    assert "Shown" not in repr(chart)
    assert not any(one[0]["name"] == "window" for one in inside(chart.spec, "params"))


def test_the_legend_filters():
    """The sources are in the legend, which shows those that are clicked; every layer of events obeys."""
    chart = timeline_chart(events((0, {"source": "timeline", "curated": True}), (5, {}), (9, {"source": "alerts"})))
    (selection,) = [one[0] for one in inside(chart.spec, "params")]
    assert selection == {"name": "shown", "select": {"type": "point", "fields": ["source"]}, "bind": "legend"}
    assert list(inside(chart.spec, "filter")).count({"param": "shown"}) == 2
    domains = [one.get("domain") for one in inside(chart.spec, "scale") if one]
    assert ["timeline", "activity", "alerts"] in domains
    assert ["on the curated timeline", "not on it"] in domains


def test_streams_and_doubles_are_named():
    """An event of a stream says so, and one that several sources tell names them."""
    frame = events((0, {"incident": "INC-7-1", "also_in": "updates:U1", "actor": "Sandbox", "actor_kind": "api_key"}))
    (point,) = rows(timeline_chart(frame).spec, "shift")
    assert point["tip"]["stream"] == "INC-7-1"
    assert point["tip"]["source"] == "activity, also in updates:U1"
    assert point["tip"]["who"] == "Sandbox (api key)"


def test_backdated_events_say_when_they_were_written_down():
    """On hovering, what was written down long after it happened says when; moments read like all others."""
    frame = events((0, {"kind": "timestamp", "to": "2026-01-14T17:30:00Z"}), (5, {}), backdated=["0"])
    frame["recorded_at"] += pd.Timedelta(minutes=30)
    late, other = rows(timeline_chart(frame, timezone="Europe/Berlin").spec, "shift")
    assert late["tip"]["written down"] == "2026-01-14 19:30:00 CET"
    assert late["tip"]["change"] == "(none) → 2026-01-14 18:30:00 CET"
    assert "written down" not in other["tip"]


def test_training_is_said():
    """A chart of a training session says that it is one."""
    assert "Training mode: test only" in repr(timeline_chart(events((0, {}), banner="Training mode: test only")))


def test_a_quiet_present_is_left_to_the_strip():
    """An incident that is open long after its last event is shown while it happened; the strip reaches to now."""
    chart = timeline_chart(events((0, {}), (20, {}), (40, {}), open=True, as_of="2026-01-16T18:00:00+00:00"))
    assert "The incident is still open; the strip below reaches to the present" in repr(chart)
