"""The time that incidents cost people, on minutes that are known."""

from __future__ import annotations

import msgspec
import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.metrics import Measurement, Observations, load_frame, people_frame

SATURDAY, MONDAY = "2026-01-03T12:00:00Z", "2026-01-05T12:00:00Z"
MINUTES = ("total", "working", "late", "sleeping")
SHOWN = (*MINUTES, "weekend")


def spent(*minutes):
    """Return the fields of an incident that hold its minutes: total, working, late, sleeping."""
    return {f"workload_minutes_{name}": value for name, value in zip(MINUTES, minutes, strict=True)}


def load(incidents, by=(), timezone="UTC", **options):
    """Return the load of some incidents, each column of time in minutes."""
    seen = Observations(teams={"T1": "Payments", "T2": "Search"}, minutes=True)
    for incident in incidents:
        seen.add(incident)
    frame = load_frame(Measurement(seen, (), by, ["Minor", "Major", "Critical"], seen.severity, timezone, **options))
    return frame.assign(**{name: frame[name] / pd.Timedelta(minutes=1) for name in SHOWN})


def participant(identity, name, *minutes):
    """Return one person's share of an incident."""
    names = ("", "_in_working_hours", "_in_late_hours", "_in_sleeping_hours")
    workload = {f"minutes_spent_on_incident{name}": value for name, value in zip(names, minutes, strict=True)}
    return msgspec.convert(
        {"user": {"id": identity, "name": name, "email": "", "role": "responder"}, "workload": workload},
        models.ParticipantWorkload,
        strict=False,
    )


def test_sums_of_a_group(make_incident):
    """Each column adds up its own minutes; what no workload is known of counts as an incident only."""
    frame = load(
        [
            make_incident(id="A", created_at=SATURDAY, **spent(100, 50, 30, 20)),
            make_incident(id="B", created_at=MONDAY, **spent(10, 7, 2, 1)),
            make_incident(id="C", created_at=MONDAY),
        ]
    )
    (row,) = frame.to_dict("records")
    assert row == {
        "incidents": 3,
        "known": 2,
        "total": 110,
        "working": 57,
        "late": 32,
        "sleeping": 21,
        "weekend": 100,
    }


def test_what_counts_in_no_duration(make_incident):
    """A test incident is left out, unless a filter names it."""
    incidents = [
        make_incident(id="A", created_at=MONDAY, **spent(10, 7, 2, 1)),
        make_incident(id="B", created_at=MONDAY, mode="test", **spent(5, 5, 0, 0)),
    ]
    assert load(incidents)["total"].tolist() == [10]
    assert load(incidents, wanted={"test"})["total"].tolist() == [15]
    assert load(incidents[1:]).empty


@pytest.mark.parametrize(("timezone", "weekend"), [("UTC", 0), ("America/New_York", 10)])
def test_the_weekend_is_that_of_the_time_zone(make_incident, timezone, weekend):
    """Monday at two in the morning is Sunday evening in New York; the weekend begins with Saturday."""
    frame = load([make_incident(created_at="2026-01-05T02:00:00Z", **spent(10, 0, 0, 10))], timezone=timezone)
    assert frame["weekend"].tolist() == [weekend]


@pytest.mark.parametrize(("day", "weekend"), [(2, 0), (3, 10), (4, 10), (5, 0)])
def test_saturday_and_sunday_are_the_weekend(make_incident, day, weekend):
    """From Saturday until Sunday, and no other day."""
    frame = load([make_incident(created_at=f"2026-01-0{day}T12:00:00Z", **spent(10, 0, 0, 10))])
    assert frame["weekend"].tolist() == [weekend]


def test_no_known_minutes(make_incident):
    """Where nothing is known there is no time, not none at all."""
    frame = load([make_incident(created_at=SATURDAY)])
    assert frame[["incidents", "known"]].to_numpy().tolist() == [[1, 0]]
    assert frame[list(SHOWN)].isna().all(axis=None)


def test_groups_are_in_order(make_incident):
    """The most severe first, then teams by name, and what has no value last; rows are numbered from 0."""
    frame = load(
        [
            make_incident(
                id=f"{severity}{team}",
                created_at=MONDAY,
                severity=severity and {"id": severity, "name": severity, "rank": 1},
                team_ids=[team] if team else [],
                **spent(1, 1, 0, 0),
            )
            for severity in (None, "Minor", "Critical", "Major")
            for team in (None, "T2", "T1")
        ],
        by=("severity", "team"),
    )
    groups = frame[["severity", "team"]].astype(object).where(frame[["severity", "team"]].notna(), None)
    assert groups.to_numpy().tolist() == [
        [severity, team] for severity in ("Critical", "Major", "Minor", None) for team in ("Payments", "Search", None)
    ]
    assert frame.index.tolist() == list(range(12))


def test_a_severity_without_incidents_has_no_row(make_incident):
    """Only groups that incidents are in are listed."""
    frame = load([make_incident(created_at=MONDAY, **spent(10, 7, 2, 1))], by=("severity",))
    assert frame[["severity", "incidents"]].to_numpy().tolist() == [["Major", 1]]


def test_an_incident_of_two_teams_counts_for_each(make_incident):
    """Its minutes stand in both groups."""
    frame = load([make_incident(created_at=MONDAY, team_ids=["T1", "T2"], **spent(10, 7, 2, 1))], by=("team",))
    assert frame[["team", "total"]].to_numpy().tolist() == [["Payments", 10], ["Search", 10]]


def test_each_person(make_incident):
    """Each column is the sum of a person's own minutes; the weekend's are those of incidents declared then."""
    frame = people_frame(
        {
            "A": [participant("U1", "Ada", 100, 50, 30, 20), participant("U2", "Ben", 3, 1, 1, 1)],
            "B": [participant("U1", "Ada", 10, 7, 2, 1), participant("U2", "Ben", 200, 90, 80, 30)],
        },
        {"A": True, "B": False},
    )
    minutes = frame.assign(**{name: frame[name] / pd.Timedelta(minutes=1) for name in SHOWN})
    assert minutes.to_dict("records") == [
        {"person": "Ben", "incidents": 2, "total": 203, "working": 91, "late": 81, "sleeping": 31, "weekend": 3},
        {"person": "Ada", "incidents": 2, "total": 110, "working": 57, "late": 32, "sleeping": 21, "weekend": 100},
    ]


def test_people_without_minutes_are_left_out():
    """Nobody is listed for time that was not spent; equal totals are in the order of names."""
    frame = people_frame(
        {
            "A": [
                participant("U1", "Zoe", 10, None, None, None),
                participant("U2", "Ada", 10, 10, 0, 0),
                participant("U3", "Nil", 0, 5, 5, 5),
                participant("U4", "Non", None, 5, 5, 5),
            ]
        },
        {"A": False},
    )
    assert frame["person"].tolist() == ["Ada", "Zoe"]
    assert frame["working"].tolist() == [pd.Timedelta(minutes=10), pd.Timedelta(0)]
    assert frame["weekend"].tolist() == [pd.Timedelta(0), pd.Timedelta(0)]
