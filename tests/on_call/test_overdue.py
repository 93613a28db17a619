"""How long an incident may go without an update."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidentio_magic.errors import UnknownName
from incidentio_magic.on_call.overdue import NO_SEVERITY, UpdateRule

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_defaults_by_severity(severities):
    """The more severe, the sooner; without a severity a day."""
    rule = UpdateRule(list(severities.values()), {})
    assert [rule.spans[name] for name in ("Critical", "Major", "Minor")] == [
        timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4),
    ]  # fmt: skip
    assert rule.spans[NO_SEVERITY] == timedelta(hours=24)


def test_what_is_set_instead(severities, make_incident):
    """A given span replaces a default, and None means never."""
    rule = UpdateRule(list(severities.values()), {"major": timedelta(minutes=5), "Minor": None})
    incident = make_incident()
    assert rule.is_overdue(incident, NOW - timedelta(minutes=6), NOW)
    assert not rule.is_overdue(incident, NOW - timedelta(minutes=5), NOW)
    minor = make_incident(severity={"id": "SEV1", "name": "Minor", "rank": 1})
    assert not rule.is_overdue(minor, None, NOW + timedelta(days=90))
    with pytest.raises(UnknownName):
        UpdateRule(list(severities.values()), {"Mayor": None})


def test_the_last_change_bounds_an_unknown_update(severities, make_incident):
    """While the last update is not read, the last change stands for it; a paused incident is never overdue."""
    rule = UpdateRule(list(severities.values()), {})
    assert rule.is_overdue(make_incident(), None, NOW)  # changed 12:30
    assert not rule.is_overdue(make_incident(), None, NOW - timedelta(minutes=30))
    paused = {"id": "ST9", "name": "Paused", "category": "paused", "rank": 9}
    assert not rule.is_overdue(make_incident(incident_status=paused), None, NOW)
