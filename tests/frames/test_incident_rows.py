"""Incidents collected as columns, batch by batch: the same frame as from all records at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.frames import MASK, Frames, IncidentRows, incident_rows

MAJOR = models.Severity("S2", "Major", 2)
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ODD = [
    {},
    {"severity": None, "incident_type": None, "permalink": None, "mode": "brand_new"},
    {"severity": {"id": "S9", "name": "Unheard of"}, "name": ""},
    {"visibility": "private"},
    {"incident_status": {"id": "ST9", "name": "Ænd\x1bing", "category": "new"}, "name": "a\x07b\u202ec"},
    {"updated_at": "0001-01-01T00:00:00Z"},
    {"severity": {"id": "S0", "name": "Another"}, "created_at": "9999-12-31T23:59:59.999999Z"},
]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Let a batch have three incidents, so that severities and statuses differ from batch to batch."""
    monkeypatch.setattr(incident_rows, "_BATCH", 3)


@pytest.fixture
def odd(make_incident):
    """Make incidents with everything strange, the newest first."""
    return [
        make_incident(
            **{"id": f"I{place}", "reference": f"INC-{place}", "created_at": f"2026-11-{20 - place}T12:00:00Z"} | odd
        )
        for place, odd in enumerate(ODD)
    ]


def collected(frames, incidents, *, wide=False, declared=lambda incident: incident.created_at):
    """Return the rows of incidents."""
    rows = IncidentRows(lambda: frames, wide=wide)
    rows.add(incidents, declared)
    return rows


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("show_private", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_the_same_frame_as_at_once(odd, wide, show_private, timezone):
    """The frame of several batches equals the frame of all records: values, order, dtypes and categories."""
    frames = Frames([MAJOR], timezone=timezone, show_private=show_private)
    at_once = frames.incidents(sorted(odd, key=lambda incident: incident.created_at, reverse=True), wide=wide)
    frame = collected(frames, odd, wide=wide).frame(None, oldest_first=False)
    pd.testing.assert_frame_equal(frame, at_once)
    assert frame.attrs == at_once.attrs
    assert (frame["name"] == MASK).sum() == (0 if show_private else 1)


@pytest.mark.parametrize("wide", [False, True])
def test_no_incidents(wide):
    """Without incidents the frame has the same columns and dtypes."""
    frames = Frames([MAJOR])
    frame = collected(frames, [], wide=wide).frame(None, oldest_first=False)
    pd.testing.assert_frame_equal(frame, frames.incidents([], wide=wide))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("oldest_first", [False, True])
def test_the_first_by_declaration(make_incident, wide, oldest_first):
    """Of incidents declared at the same moment, the one that was added first comes first, in both orders."""
    moments = {"INC-1": 2, "INC-2": 5, "INC-3": 2, "INC-4": 1, "INC-5": 5, "INC-6": 2}
    incidents = [make_incident(id=reference, reference=reference) for reference in moments]
    rows = collected(
        Frames(), incidents, wide=wide, declared=lambda incident: MOMENT + moments[incident.id] * timedelta(days=1)
    )
    wanted = sorted(moments, key=lambda reference: moments[reference], reverse=not oldest_first)
    assert list(rows.frame(4, oldest_first=oldest_first)["reference"]) == wanted[:4]
    assert len(rows) == len(moments)


def test_a_column_that_only_a_later_batch_has(make_incident):
    """A wide frame has the column of a field that only the last incident mentions."""
    entry = {"custom_field": {"id": "F", "name": "Team", "field_type": "text"}, "values": [{"value_text": "Red"}]}
    plain = [make_incident(id=f"I{place}") for place in range(4)]
    rows = collected(Frames(), [*plain, make_incident(id="I5", custom_field_entries=[entry])], wide=True)
    frame = rows.frame(None, oldest_first=False)
    assert frame["field.Team"].isna().to_list() == [True] * 4 + [False]


def test_the_frames_are_made_late(make_incident):
    """What makes the frames is asked for once, after the first incident was read: it may wait for other lists."""
    events = []

    def frames():
        events.append("frames")
        return Frames()

    def incidents():
        events.append("read")
        yield from [make_incident()] * 7

    rows = IncidentRows(frames)
    rows.add(incidents(), lambda incident: incident.created_at)
    rows.frame(None, oldest_first=False)
    assert events == ["read", "frames"]


def test_the_parts_that_incidents_share(make_incident_json):
    """Incidents that share their equal parts make the same frame."""
    people = [
        None,
        [],
        [{"role": {"role_type": "lead"}}, {"role": {"role_type": "lead"}, "assignee": {"name": "Bob"}}],
        [{"role": {}, "assignee": {"name": "Eve"}}, {"role": {"role_type": "lead"}, "assignee": {"name": "Alice"}}],
        [{"role": {"role_type": "lead"}, "assignee": {}}],
    ]
    wire = [
        make_incident_json(id=f"I{place}", incident_role_assignments=people[place % len(people)], **odd)
        for place, odd in enumerate(ODD * 2)
    ]
    plain, sharing = (list(map(partial(msgspec.convert, type=models.NarrowIncident), wire)) for _ in range(2))
    parts = models.CommonParts()
    parts.share(sharing[:5])
    parts.share(sharing[5:])
    pd.testing.assert_frame_equal(Frames().incidents(sharing), Frames().incidents(plain))
    first, again = sharing[0], sharing[len(ODD)]
    assert first.incident_status is again.incident_status
    assert first.severity is again.severity
    assert first.mode is again.mode
