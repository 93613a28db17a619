"""An impact begins where a timestamp says so, else with the declaration, else with the incident itself."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from incidentio_magic.api import models
from incidentio_magic.metrics.impact import impact_of

TIMESTAMPS = [models.IncidentTimestamp(name, name) for name in ("Reported at", "Impact started at", "Fixed at")]
CREATED = datetime(2026, 1, 15, 12, tzinfo=UTC)


def impact(make_incident, **hours):
    """Return the impact of an incident created at 12:00, whose timestamps are set to hours of that day."""
    names = {"reported": "Reported at", "began": "Impact started at", "fixed": "Fixed at"}
    values = [
        {
            "incident_timestamp": msgspec.to_builtins(models.IncidentTimestamp(names[name], names[name])),
            "value": {"value": f"2026-01-15T{hour:02}:00:00Z"},
        }
        for name, hour in hours.items()
    ]
    incident = make_incident(created_at="2026-01-15T12:00:00Z", incident_timestamp_values=values)
    return impact_of(incident, TIMESTAMPS)


@pytest.mark.parametrize(
    ("hours", "start", "name"),
    [
        ({}, 12, ""),
        ({"fixed": 14}, 12, ""),
        ({"reported": 11}, 11, "Reported at"),
        ({"began": 9}, 9, "Impact started at"),
        ({"reported": 11, "began": 9}, 9, "Impact started at"),
    ],
)
def test_where_it_begins(make_incident, hours, start, name):
    """The impact's own timestamp comes before that of the declaration, and both before the incident's creation."""
    found = impact(make_incident, **hours)
    assert (found.start, found.start_name) == (CREATED.replace(hour=start), name)


def test_where_it_ends(make_incident):
    """Without a timestamp of its own an impact ends when the incident is fixed; until then the end is unknown."""
    assert impact(make_incident, fixed=14).end == CREATED.replace(hour=14)
    unfixed = impact(make_incident)
    assert (unfixed.end, unfixed.end_name) == (None, "Fixed at")
