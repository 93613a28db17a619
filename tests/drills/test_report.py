"""What is shown of a drill: frames with fixed columns, and a card that is escaped and says what to practise.

Serves `api/models/drill.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from incidentio_magic.api.models.drill import Drill
from incidentio_magic.drills import scoring
from incidentio_magic.drills.reading import known, scenario
from incidentio_magic.drills.report import (
    Card,
    class_frame,
    feed_frame,
    metrics_frame,
    results_frame,
    scenarios_frame,
)
from incidentio_magic.drills.scoring import Result

START = datetime(2026, 1, 15, 14, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\x1b[31m"
RESULTS = (
    Result("declared within 5 min as Major", scoring.IN_TIME, "Major at 2 min", START, 20, 20, ""),
    Result("first update within 10 min", scoring.LATE, "late: after 14 min", START, 5, 10, "share sooner"),
    Result(HOSTILE, scoring.NO, HOSTILE, None, 0, 10, HOSTILE),
)


def drill(name="Trainee 01", feed=(), incidents=()):
    """Return a drill that has run for ten minutes."""
    return msgspec.convert(
        {
            "id": name, "name": "database-pool", "key": {"id": name, "name": name}, "document": {},
            "started_at": START, "now": START + timedelta(minutes=10), "incident_ids": list(incidents),
            "feed": list(feed), "ended_at": None,
        },
        Drill,
    )  # fmt: skip


def test_metrics_until_now():
    """Metrics are read minute by minute, from half an hour before the drill until now, not further."""
    frame = metrics_frame(scenario("database-pool"), drill(), "Europe/Berlin")
    assert list(frame.columns) == [
        "minute",
        "at",
        "error rate (%)",
        "pool connections (of 100)",
        "orders (per minute)",
    ]
    assert (frame["minute"].min(), frame["minute"].max()) == (-30, 10)
    assert str(frame["at"].dt.tz) == "Europe/Berlin"
    assert frame.set_index("minute").loc[0, "error rate (%)"] == 7.1
    assert set(map(str, frame.dtypes.iloc[2:])) == {"Float64"}


def test_metrics_and_events_wait_in_a_pause():
    """Minutes are those of the scenario: an event and what is measured then stay together after a pause."""
    event = {"at": START + timedelta(minutes=7), "kind": "alert", "who": "x", "title": "y"}
    pause = (START + timedelta(minutes=2), START + timedelta(minutes=5))
    paused = msgspec.structs.replace(drill(feed=[event]), pauses=(pause,))
    assert list(feed_frame(paused, "UTC")["minute"]) == [4]
    frame = metrics_frame(scenario("database-pool"), paused, "UTC").set_index("minute")
    assert frame.index.max() == 7
    assert frame.loc[4, "at"] == event["at"]
    assert frame.loc[2, "at"] == pause[0]
    waiting = msgspec.structs.replace(drill(), paused_at=pause[0])
    assert metrics_frame(scenario("database-pool"), waiting, "UTC")["minute"].max() == 2


FEED = [{"at": START, "kind": "alert", "who": "x", "title": "y"}]
EMPTY = {
    "feed": lambda: (feed_frame(drill(), "UTC"), feed_frame(drill(feed=FEED), "UTC")),
    "results": lambda: (results_frame([], "UTC"), results_frame(RESULTS, "UTC")),
    "scenarios": lambda: (scenarios_frame([]), scenarios_frame([scenario(entry) for entry in known()])),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_columns_are_the_same_when_empty(kind):
    """Each frame has its columns and dtypes also without rows."""
    empty, full = EMPTY[kind]()
    assert len(empty) == 0 < len(full)
    assert dict(empty.dtypes.map(str)) == dict(full.dtypes.map(str))


def test_a_class_is_compared():
    """One row a trainee: total, percentage, the weakest point, and each expectation's percentage."""
    other = (RESULTS[0], RESULTS[1], Result(HOSTILE, scoring.IN_TIME, "", START, 10, 10, ""))
    rows = [(drill("Trainee 01", incidents=["I1"]), RESULTS), (drill("Trainee 02"), other)]
    frame = class_frame(rows, {"I1": "INC-301"})
    assert list(frame["score"]) == [25, 35]
    assert list(frame["percent"]) == [62.5, 87.5]
    assert frame["incident"].iloc[0] == "INC-301"
    assert frame["incident"].isna().iloc[1]
    assert frame["weakest"].iloc[1] == "first update within 10 min"
    assert list(frame["declared within 5 min as Major"]) == [100, 100]
    assert class_frame([], {}).empty


def test_own_practice_says_so():
    """A drill that a trainee started alone is never taken for the class's."""
    practice = msgspec.structs.replace(drill(), practice=True)
    frame = class_frame([(drill(), RESULTS), (practice, RESULTS)], {})
    assert list(frame["drill"]) == ["database-pool", "database-pool (own practice)"]


def test_different_drills_are_compared_by_their_totals():
    """Where trainees do different drills there are no columns for single expectations."""
    frame = class_frame([(drill(), RESULTS), (drill("Trainee 02"), RESULTS[:1])], {})
    assert list(frame.columns) == ["trainee", "drill", "incident", "score", "of", "percent", "weakest"]


def test_the_card_is_to_be_read():
    """The card says the score, each expectation with its mark, and what to practise, the worst first."""
    card = Card("The database", "Trainee 01", 41.2, True, RESULTS)
    text = repr(card)
    assert "25 of 40 points · Trainee 01 · ended after 41 min" in text
    assert "✓ declared within 5 min as Major" in text
    assert text.index("<script>", text.index("To practise")) < text.index("share sooner")
    assert "\x1b" not in text
    html = card._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html
    assert "width:62%" in html or "width:63%" in html


def test_a_card_without_faults():
    """Who did everything right is given no advice."""
    card = Card("x", "y", 1, False, RESULTS[:1])
    assert "practise" not in repr(card)
    assert "practise" not in card._repr_html_()
    assert "running for 1 min" in repr(card)
