"""When an incident was declared: its own timestamp of that meaning, else its creation; the same in every question."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.api.filters import Window
from incidentio_magic.names.declaration import declared_at, declared_timestamp

LONG_AGO = "2023-05-09T10:12:00Z"


def stamp(identity, name, rank=1):
    """Return the definition of a timestamp."""
    return models.IncidentTimestamp(identity, name, rank)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ""),
        (["Fixed at"], ""),
        (["Fixed at", "Reported at"], "2"),
        (["Reported at", "Declared at"], "2"),
        (["The time the incident was reported"], ""),
        (["Time reported"], "1"),
        (["REPORTED", "Reported at"], "1"),
        (["Reported", "Opened at", "Raised"], "1"),
    ],
)
def test_the_timestamp_that_means_declared(names, found):
    """Case and filler words do not count, and the clearest name wins."""
    assert declared_timestamp([stamp(str(number), name) for number, name in enumerate(names, 1)]) == found


def test_without_its_timestamp_an_incident_was_declared_when_it_was_created(make_incident):
    """A timestamp that is absent, empty or another one leaves the creation."""
    created = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for values in (None, [], [{"incident_timestamp": {"id": "X", "name": "Reported at"}}]):
        incident = make_incident(created_at="2026-11-23T12:00:00Z", incident_timestamp_values=values)
        assert declared_at(incident, "X") == declared_at(incident, "") == created
    values = [{"incident_timestamp": {"id": "X", "name": "Reported at"}, "value": {"value": LONG_AGO}}]
    incident = make_incident(created_at="2026-11-23T12:00:00Z", incident_timestamp_values=values)
    assert declared_at(incident, "X") == datetime(2023, 5, 9, 10, 12, tzinfo=UTC)
    assert declared_at(incident, "Y") == declared_at(incident, "") == created


@pytest.fixture
def retrospective(client):
    """The reference of an incident of May 2023 that is declared today."""
    outcome = client.declare(
        "Search was down", severity="Major", mode="retrospective", timestamp={"Reported at": LONG_AGO}
    )
    return outcome.reference


@pytest.mark.slow
def test_every_question_takes_the_same_moment(client, retrospective):
    """Filters, months, elapsed times and bare times of day all count from the declaration of May 2023."""
    may = {"since": "2023-05-01", "until": "2023-05-31"}
    assert list(client.incidents(all=True, **may)["reference"]) == [retrospective]
    assert list(client.incidents(all=True, wide=True, **may)["reference"]) == [retrospective]
    assert retrospective not in set(client.incidents(all=True, since="30d")["reference"])
    by_month = client.metrics(by="month", **may)
    assert set(by_month["month"]) == {"2023-05"}
    assert set(client.metrics(by="month", since="30d")["month"]).isdisjoint({"2023-05"})
    client.event(retrospective, "The first query failed", at="10:30")
    timeline = client.timeline(retrospective)
    event = timeline[timeline["title"] == "The first query failed"].iloc[0]
    assert event["at"] == pd.Timestamp("2023-05-09T10:30Z")
    assert event["elapsed"] == pd.Timedelta(minutes=18)
    assert "The first query failed" in set(client.timeline(retrospective, since="10:20", until="10:40")["title"])


def test_an_edit_and_a_draft_count_from_the_declaration(client, retrospective):
    """A bare time of a timestamp is one of that day, and the draft tells the day of the declaration."""
    client.edit(retrospective, timestamp={"Fixed at": "11:00"})
    shown = client.show(retrospective)[retrospective]
    assert shown["at.Fixed at"].startswith("2023-05-09 11:00")
    assert "| Declared | 2023-05-09 10:12" in client.postmortem(retrospective).markdown


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_limit_takes_the_last_declared(client, retrospective, limit):
    """Between bounds a limit counts by declaration: an old incident that is written down today is not a new one."""
    newest = client.incidents(all=True, since="2023-01-01", limit=limit)
    assert len(newest) == limit
    assert retrospective not in set(newest["reference"])
    oldest = client.incidents(all=True, since="2023-01-01", limit=limit, sort="created_at")
    assert oldest["reference"].iloc[0 if limit == 1 else -1] == retrospective


def test_an_incident_whose_time_cannot_be_read_is_not_cut(make_incident):
    """What the service listed for the bounds stays, if its own time cannot be read."""
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert window.holds(models.NO_TIME)
    assert not window.holds(make_incident(created_at="2026-03-01T00:00:00Z").created_at)
