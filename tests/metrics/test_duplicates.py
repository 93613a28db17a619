"""Durations that are the same by their moments or by all of their values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentio_magic.api import models
from incidentio_magic.metrics import Duration, Observations, distinct, excluded_anyway, without_repeated

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
OURS = Duration("declared to fixed", "T1", "T2", "Reported at", "Fixed at")
METRIC = Duration("Time to fix", metric="M1")


def incident(number, minutes, seconds, *, status="success", category="closed"):
    """Return an incident that was fixed after so many minutes, and what the service says of its duration."""
    ends = {"T1": NOON} if minutes is None else {"T1": NOON, "T2": NOON + timedelta(minutes=minutes)}
    return models.Incident(
        id=f"I{number}",
        reference=f"INC-{number}",
        name="",
        mode="standard",
        visibility="public",
        incident_status=models.IncidentStatus(category, category, category, 0),
        created_at=NOON,
        updated_at=NOON,
        incident_timestamp_values=[
            models.IncidentTimestampValue(models.IncidentTimestamp(name, name, 0), models.TimestampValue(moment))
            for name, moment in ends.items()
        ],
        duration_metrics=[models.DurationMetric(models.Named("M1", "Time to fix"), status, seconds)],
    )


def found(incidents):
    """Return the names of the durations that are kept, and what the metric repeats."""
    seen = Observations()
    for single in incidents:
        seen.add(single)
    kept, same = without_repeated(seen, [OURS], [METRIC], excluded_anyway(seen, ()))
    return [duration.name for duration in kept], same


ALIKE = [incident(number, number, number * 60) for number in range(12)]


def test_a_metric_with_the_values_of_another_is_the_same():
    """Ten equal values and nothing that differs make two durations one; an open incident is open in both."""
    going_on = incident(99, None, None, status="timestamps_missing", category="live")
    assert found([*ALIKE, going_on]) == (["declared to fixed"], {"Time to fix": "declared to fixed"})


@pytest.mark.parametrize(
    "other",
    [
        incident(99, 5, 301),
        incident(99, 5, 300, status="calculating"),
        incident(99, None, 300),
        incident(99, 5, None, status="timestamps_missing", category="live"),
    ],
)
def test_one_incident_in_which_they_differ_keeps_both(other):
    """Another value, or a value that only one of them has, makes figures that differ."""
    assert found([*ALIKE, other]) == (["declared to fixed", "Time to fix"], {})


def test_few_equal_values_may_be_chance():
    """Nine equal values are too few to say that two durations are one; ten are enough."""
    assert found(ALIKE[:9]) == (["declared to fixed", "Time to fix"], {})
    assert found(ALIKE[:10]) == (["declared to fixed"], {"Time to fix": "declared to fixed"})


def test_the_same_moments_are_the_same_duration():
    """Two durations between the same timestamps are one, without any incident; the same name twice needs no word."""
    pair = Duration("Reported at to Fixed at", "T1", "T2", "Reported at", "Fixed at")
    back = Duration("Fixed at to Reported at", "T2", "T1", "Fixed at", "Reported at")
    assert distinct([OURS, pair, back, back]) == ([OURS, back], {"Reported at to Fixed at": "declared to fixed"})
