"""The figures themselves, on incidents whose durations are known.

Serves `metrics/business.py`, `metrics/impact.py`, `metrics/observations.py` and `metrics/outcomes.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.api import models
from incidentio_magic.frames import MASK
from incidentio_magic.metrics import (
    BusinessHours,
    Duration,
    Measurement,
    Observations,
    durations_frame,
    metrics_frame,
    microseconds,
)

FIX = Duration("declared to fixed", "T1", "T2", "Reported at", "Fixed at")
START = pd.Timestamp("2026-01-05T00:00:00Z")


def incident(make_incident, start, end, **changes):
    """Return an incident with two timestamps, in seconds after the start; None for one that is not set."""
    values = [
        {"incident_timestamp": {"id": f"T{number}", "name": "x"}}
        | ({} if at is None else {"value": {"value": (START + pd.Timedelta(seconds=at)).isoformat()}})
        for number, at in ((1, start), (2, end))
    ]
    return make_incident(incident_timestamp_values=values, **changes)


def measured(incidents, by=(), **options):
    """Return the metrics of some incidents."""
    seen = Observations()
    for incident in incidents:
        seen.add(incident)
    return metrics_frame(Measurement(seen, [FIX], by, ["Minor", "Major"], seen.severity, "UTC", **options))


@pytest.mark.parametrize(
    ("count", "p90"), [(1, 1), (2, 2), (5, 5), (9, 9), (10, 9), (11, 10), (19, 18), (20, 18), (21, 19), (100, 90)]
)
def test_p90_is_one_of_the_durations(make_incident, count, p90):
    """Nine of ten lasted no longer than p90; below ten it is the longest."""
    frame = measured(incident(make_incident, 0, seconds) for seconds in range(count, 0, -1))
    assert frame.loc[0, "p90"] == pd.Timedelta(seconds=p90)
    assert frame.loc[0, "n"] == count


@pytest.mark.slow
@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=60))
def test_p90_holds_for_any_durations(seconds):
    """At least nine of ten lasted no longer than p90, and fewer than nine of ten were shorter."""
    made = [
        models.Incident(
            id=str(number),
            name="x",
            reference="x",
            mode="standard",
            visibility="public",
            incident_status=models.IncidentStatus("S", "Closed", "closed", 1),
            created_at=START.to_pydatetime(),
            updated_at=START.to_pydatetime(),
            incident_timestamp_values=[
                models.IncidentTimestampValue(models.IncidentTimestamp(name, name), models.TimestampValue(at))
                for name, at in (
                    ("T1", START.to_pydatetime()),
                    ("T2", (START + pd.Timedelta(seconds=lasted)).to_pydatetime()),
                )
            ],
        )
        for number, lasted in enumerate(seconds)
    ]
    p90 = measured(made).loc[0, "p90"].total_seconds()
    assert sum(second <= p90 for second in seconds) * 10 >= 9 * len(seconds)
    assert sum(second < p90 for second in seconds) * 10 < 9 * len(seconds)


CLOSED = {"id": "C", "name": "Closed", "category": "closed", "rank": 9}
LEARNING = {"id": "L", "name": "Documenting", "category": "learning", "rank": 8}


@pytest.mark.parametrize(
    ("start", "end", "changes", "column"),
    [
        (0, 60, {}, "n"),
        (0, 0, {}, "n"),
        (0, None, {}, "open"),
        (None, None, {}, "excluded.missing"),
        (None, 60, {}, "excluded.missing"),
        (0, None, {"incident_status": CLOSED}, "excluded.missing"),
        (0, None, {"incident_status": LEARNING}, "excluded.missing"),
        (60, 0, {}, "excluded.reversed"),
        (60, 0, {"mode": "test"}, "excluded.test"),
        (0, None, {"mode": "tutorial"}, "excluded.test"),
        (0, 60, {"incident_status": {**CLOSED, "category": "merged"}}, "excluded.merged"),
        (0, 60, {"incident_status": {**CLOSED, "category": "declined"}}, "excluded.declined"),
        (0, 60, {"incident_status": {**CLOSED, "category": "canceled"}}, "excluded.canceled"),
        (0, 60, {"incident_status": {**CLOSED, "category": "something new"}}, "n"),
    ],
)
def test_one_incident_is_counted_once(make_incident, start, end, changes, column):
    """An incident is in n, among the open ones, or excluded for one reason."""
    frame = measured([incident(make_incident, start, end, **changes)])
    columns = ["n", "open", *(name for name in frame.columns if name.startswith("excluded."))]
    assert {name: int(frame.loc[0, name]) for name in columns} == {name: int(name == column) for name in columns}
    assert frame.loc[0, "excluded"] == column.startswith("excluded")


@pytest.mark.parametrize(
    ("status", "value", "changes", "column"),
    [
        ("success", 60, {}, "n"),
        ("success", -60, {}, "excluded.reversed"),
        ("success", None, {}, "excluded.missing"),
        ("timestamps_missing", None, {}, "open"),
        ("timestamps_missing", 60, {}, "open"),
        ("timestamps_missing", 60, {"incident_status": CLOSED}, "excluded.stale"),
        ("timestamps_missing", None, {"incident_status": CLOSED}, "excluded.missing"),
        ("calculating", 60, {"incident_status": CLOSED}, "excluded.stale"),
        ("invalid_timestamps", None, {}, "excluded.reversed"),
        ("invalid_timestamps", 60, {"incident_status": CLOSED}, "excluded.stale"),
        ("something new", 60, {"incident_status": CLOSED}, "excluded.stale"),
    ],
)
def test_a_duration_metric_counts_only_when_it_holds(make_incident, status, value, changes, column):
    """The service's own duration counts where its status says success, and is told apart otherwise."""
    metric = {"duration_metric": {"id": "M", "name": "Lasted"}, "status": status}
    metric |= {} if value is None else {"value_seconds": value}
    seen = Observations()
    seen.add(make_incident(duration_metrics=[metric], **changes))
    frame = metrics_frame(Measurement(seen, [Duration("Lasted", metric="M")], (), [], seen.severity, "UTC"))
    columns = ["n", "open", *(name for name in frame.columns if name.startswith("excluded."))]
    assert {name: int(frame.loc[0, name]) for name in columns} == {name: int(name == column) for name in columns}


def test_groups_without_a_severity(make_incident):
    """Incidents without a severity are a group too, after the severities, of which the most severe comes first."""
    made = [
        incident(make_incident, 0, 60),
        incident(make_incident, 0, 90, severity=None),
        incident(make_incident, 0, 30, severity={"id": "1", "name": "Minor", "rank": 1}),
    ]
    frame = measured(made, ["severity"])
    assert frame["severity"].astype(object).where(frame["severity"].notna(), None).tolist() == ["Major", "Minor", None]
    assert frame["median"].dt.total_seconds().tolist() == [60, 30, 90]
    assert frame["severity"].cat.ordered


def test_an_incident_that_begins_now_is_at_risk(make_incident):
    """Among open incidents one counts that has lasted no time yet."""
    made = [incident(make_incident, 0, 0), incident(make_incident, 0, None)]
    row = measured(made, with_open=True, as_of=microseconds(START.to_pydatetime())).loc[0]
    assert row["km.at_risk"] == 2
    assert row["km.median"] == pd.Timedelta(0)


def test_months_are_of_the_declaration(make_incident):
    """The month is that of the timestamp that means declared; where it is not set, of the creation."""
    created = {"created_at": "2026-02-03T10:00:00Z"}
    made = [incident(make_incident, 0, 60, **created), incident(make_incident, None, None, **created)]
    assert list(measured(made, ["month"], declared="T1")["month"]) == ["2026-01", "2026-02"]
    assert list(measured(made, ["month"])["month"]) == ["2026-02"]


@pytest.mark.parametrize(
    ("text", "start", "end", "hours"),
    [
        ("Mon-Fri 09:00-17:00", "2026-01-09T16:00", "2026-01-12T10:00", 2),  # over a weekend
        ("Mon-Fri 09:00-17:00", "2026-01-10T10:00", "2026-01-11T10:00", 0),
        ("Mon-Fri 09:00-17:00", "2026-01-05T00:00", "2026-01-19T00:00", 80),
        ("Sat-Mon 00:00-24:00", "2026-01-05T00:00", "2026-01-12T00:00", 72),
        ("wed 10:00-11:30", "2026-01-07T00:00", "2026-01-07T11:00", 1),
        ("Mon-Fri 9-17", "2026-01-09T16:00", "2026-01-12T10:00", 2),
        ("Mon-Sun 00:00-24:00", "1999-01-07T00:00", "1999-01-08T01:00", 25),
    ],
)
def test_business_hours(text, start, end, hours):
    """Only what lies within the hours counts, by the clock of the time zone."""
    zone = "Europe/Berlin"
    moments = [
        pd.Series([pd.Timestamp(entry, tz=zone).value // 1000]).to_numpy().astype("int64") for entry in (start, end)
    ]
    assert BusinessHours.read(text, zone).seconds(*moments).tolist() == [hours * 3600]


@pytest.mark.parametrize(
    ("text", "start", "end", "hours"),
    [
        ("Mon-Sun 00:00-24:00", "2026-10-25T02:30+02:00", "2026-10-25T02:15+01:00", 0.75),  # an hour that comes twice
        ("Mon-Sun 00:00-24:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", 25),
        ("Mon-Sun 00:00-24:00", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", 23),
        ("Sun 01:00-03:30", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", 1.5),  # from two to three there is none
        ("Mon-Fri 09:00-17:00", "2026-10-23T16:00+02:00", "2026-10-26T10:00+01:00", 2),
        ("Mon-Fri 09:00-17:00", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00", 2),
        ("Mon-Fri 09:00-17:00", "0001-01-01T00:00+00:00", "0001-01-01T00:00+00:00", 0),
    ],
)
def test_business_hours_when_the_clock_is_changed(text, start, end, hours):
    """Hours are by the clock on the wall, and within them the time that really passed counts; it is never negative."""
    moments = [np.array([microseconds(datetime.fromisoformat(entry))], dtype=np.int64) for entry in (start, end)]
    assert BusinessHours.read(text, "Europe/Berlin").seconds(*moments).tolist() == [hours * 3600]


@given(st.lists(st.tuples(st.integers(0, 2**51), st.integers(0, 2**43)), min_size=1, max_size=20))
def test_all_hours_of_the_week_are_all_time(moments):
    """Where every hour counts, what counts is what passed, in any time zone."""
    start, lasted = np.array(moments, dtype=np.int64).T
    for zone in ("Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"):
        seconds = BusinessHours.read("Mon-Sun 00:00-24:00", zone).seconds(start, start + lasted)
        assert np.allclose(seconds, lasted / 1_000_000, rtol=0, atol=1e-6)


def test_business_hours_explain_themselves():
    """Hours are written out, with their time zone."""
    assert str(BusinessHours.read("fri-mon 9:00-17:30", "UTC")) == "Mon, Fri, Sat, Sun 09:00 to 17:30 (UTC)"


def test_each_duration_of_each_incident(make_incident):
    """Every duration has a row for every incident, numbered from 0; what goes on has lasted until now."""
    seen = Observations(names=True)
    for made in (
        incident(make_incident, 0, 60, id="A", reference="INC-1", name="Down"),
        incident(make_incident, 30, None, id="B", reference="INC-2", name="Secret", visibility="private"),
    ):
        seen.add(made)
    back = Duration("fixed to declared", "T2", "T1", "Fixed at", "Reported at")
    what = Measurement(seen, [FIX, back], (), ["Minor", "Major"], seen.severity, "UTC", declared="T1")
    frame = durations_frame(what, microseconds((START + pd.Timedelta(seconds=100)).to_pydatetime()))
    assert frame.index.tolist() == [0, 1, 2, 3]
    assert frame["reference"].tolist() == ["INC-1", "INC-2"] * 2
    assert frame["severity"].cat.ordered
    assert frame["name"].tolist() == ["Down", MASK] * 2
    assert frame["duration"].tolist() == [FIX.name] * 2 + [back.name] * 2
    assert frame["month"].tolist() == ["2026-01"] * 4
    first, second = frame.loc[0], frame.loc[1]
    assert (first["outcome"], first["lasted"], first["ended_at"]) == (
        *("counted", pd.Timedelta(seconds=60)),
        START + pd.Timedelta(seconds=60),
    )
    assert pd.isna(first["so_far"])
    assert (second["outcome"], second["so_far"], second["started_at"]) == (
        *("open", pd.Timedelta(seconds=70)),
        START + pd.Timedelta(seconds=30),
    )
    assert pd.isna(second["lasted"])
    assert pd.isna(second["ended_at"])


def test_the_fields_of_each_incident(make_incident):
    """Each field of the groups is a column beside the month, with an incident's values in one text."""
    fields = [
        models.CustomField(identity, name, field_type="multi_select")
        for identity, name in (("F1", "Team"), ("F2", "Region"))
    ]

    def entry(field, *values):
        options = [{"value_option": {"id": value, "value": value}} for value in values]
        return {"custom_field": {"id": field.id, "name": field.name, "field_type": "multi_select"}, "values": options}

    seen = Observations(names=True, fields=fields)
    filled = [[entry(fields[0], "Blue", "Red"), entry(fields[1], "EU")], [entry(fields[1], "US")]]
    for entries in filled:
        seen.add(incident(make_incident, 0, 60, custom_field_entries=entries))
    frame = durations_frame(Measurement(seen, [FIX], fields, [], seen.severity, "UTC"), 0)
    place = list(frame.columns).index("month")
    assert list(frame.columns)[place : place + 3] == ["month", "field.Team", "field.Region"]
    assert frame["field.Team"].fillna("none").tolist() == ["Blue, Red", "none"]
    assert frame["field.Region"].tolist() == ["EU", "US"]


@pytest.mark.parametrize(
    "frame_of",
    [
        metrics_frame,
        lambda what: metrics_frame(replace(what, with_open=True)),
        lambda what: durations_frame(what, 0),
    ],
    ids=["figures", "estimates", "each incident"],
)
@pytest.mark.parametrize("by", [(), ("severity",)])
def test_the_columns_of_no_duration(make_incident, frame_of, by):
    """Where nothing can be measured there are the same columns of the same types, and no row."""
    seen = Observations(names=True)
    seen.add(incident(make_incident, 0, 60))
    measurement = Measurement(seen, [], by, ["Major"], seen.severity, "UTC")
    none, some = (frame_of(replace(measurement, durations=durations)) for durations in ([], [FIX]))
    assert (len(none), len(some)) == (0, 1)
    types = [frame.drop(columns="duration").dtypes.astype(str).to_dict() for frame in (none, some)]
    assert types[0] == types[1]
