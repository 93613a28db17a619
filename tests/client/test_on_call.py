"""Who is on call, held against the sandbox's own record: over a change of the clocks, overrides, and gaps.

Serves `frames/on_call.py` and `magics/_frames.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import requests

from incidentio_magic import errors
from incidentio_magic.api.pagination import Listing, Page

COLUMNS = {
    "schedule": "string", "state": "string", "name": "string", "email": "string", "starts_at": "datetime64[us, UTC]",
    "ends_at": "datetime64[us, UTC]", "override": "boolean", "rotation": "string", "timezone": "string",
    "schedule_id": "string", "rotation_id": "string", "user_id": "string",
}  # fmt: skip


def record(sandbox, name, start, end):
    """Return a schedule's shifts in force, as the service itself lists them."""
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    schedules = requests.get(f"{sandbox.url}/v2/schedules", headers=headers, timeout=10).json()["schedules"]
    query = {
        "schedule_id": next(schedule["id"] for schedule in schedules if schedule["name"] == name),
        "entry_window_start": start.isoformat(),
        "entry_window_end": end.isoformat(),
    }
    answer = requests.get(f"{sandbox.url}/v2/schedule_entries", query, headers=headers, timeout=10).json()
    return [
        (datetime.fromisoformat(shift["start_at"]), datetime.fromisoformat(shift["end_at"]), shift["user"]["id"])
        for shift in answer["schedule_entries"]["final"]
    ]


CHANGES = {
    "Payments primary": "2026-03-29T00:00:00+00:00",  # London
    "Search follow-the-day": "2026-03-08T00:00:00+00:00",  # New York
    "Platform office hours": "2026-10-25T00:00:00+00:00",  # Berlin
}


@pytest.mark.parametrize(("name", "change"), CHANGES.items())
def test_every_hour_around_a_change_of_the_clocks(client, sandbox, name, change):
    """Each hour of four days around the change has the person, or the nobody, of the service's own record."""
    middle = datetime.fromisoformat(change)
    start, end = middle - timedelta(days=2), middle + timedelta(days=2)
    shifts = record(sandbox, name, start, end)
    frame = client.oncall(name, at=start, until=end)
    for hour in range(96):
        moment = start + timedelta(hours=hour, minutes=30)
        expected = sorted(user for first, last, user in shifts if first <= moment < last)
        found = frame[(frame["starts_at"] <= moment) & (frame["ends_at"] > moment)]
        assert sorted(found["user_id"].dropna()) == expected
        assert list(found["state"] == "nobody") == ([False] * len(expected) or [True])


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kolkata"])
def test_a_handover_stays_at_its_local_time(connect_to, zone):
    """The clocks change on Sunday; on Monday London hands over at nine of its own new time, wherever it is read."""
    client = connect_to(timezone=zone)
    before, after = (
        client.oncall("Payments primary", at=datetime(2026, 3, 30, 7, minute, tzinfo=UTC) + timedelta(minutes=1))
        for minute in (58, 59)
    )
    assert before["ends_at"].iloc[0] == after["starts_at"].iloc[0] == pd.Timestamp("2026-03-30T08:00Z")
    assert str(before["ends_at"].dt.tz) == zone
    assert before["name"].iloc[1] == after["name"].iloc[0] != before["name"].iloc[0]


def test_an_override_is_marked(client):
    """An override stands in place of the planned shift, and who was planned comes back after it."""
    frame = client.oncall("payments primary")
    assert frame["override"].tolist() == [True, False]
    assert frame["state"].tolist() == ["on call", "next"]
    assert frame["ends_at"].iloc[0] == frame["starts_at"].iloc[1] == pd.Timestamp("2026-01-15T20:00Z")
    planned = client.oncall("Payments primary", at="2026-01-15T11:59")
    assert planned["name"].iloc[0] == frame["name"].iloc[1]


def test_nobody_is_said_as_such(client):
    """In the evening nobody is on call in the office's schedule, from closing time until the next morning's shift."""
    frame = client.oncall("Platform office hours", at="2026-01-16T20:00")
    row = frame.iloc[0]
    assert (row["state"], row["name"] is pd.NA) == ("nobody", True)
    assert (row["starts_at"], row["ends_at"]) == (pd.Timestamp("2026-01-16T16:00Z"), pd.Timestamp("2026-01-19T08:00Z"))
    assert frame["state"].tolist() == ["nobody", "next"]


def test_all_schedules_have_fixed_columns(client):
    """Columns and types are the same for all schedules, one person, and nobody."""
    everybody = client.oncall()
    nothing = client.oncall(person="bob@example.com", until="+1d")
    for frame in (everybody, nothing):
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == COLUMNS
        assert frame.attrs["complete"]
    assert everybody["schedule"].nunique() == 3
    assert nothing.empty


def test_when_an_incident_was_declared(client):
    """An incident stands for the moment of its declaration."""
    declared = client.show("INC-291").loc["at.Reported at"].iloc[0]
    declared = datetime.fromisoformat(declared.replace(" UTC", "+00:00"))
    assert client.oncall(at="INC-291").equals(client.oncall(at=declared))
    assert client.oncall(at="INC-291").attrs["at"] == declared.isoformat(timespec="seconds")


def test_mine(connect_to):
    """Only who the settings say is listed, for two weeks; an API key alone is no person."""
    with pytest.raises(errors.InputError, match="does not say who you are") as caught:
        connect_to().oncall(mine=True)
    assert "IncidentMagics.user" in caught.value.hint
    frame = connect_to(user="carol@example.com").oncall(mine=True)
    assert set(frame["name"]) == {"Carol Carver"}
    assert frame.equals(connect_to().oncall(person="Carol Carver", until="+14d"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"at": "noon"}, errors.InputError, "'noon' is not a time"),
        ({"at": "INC-99999"}, errors.UnknownName, "There is no incident 'INC-99999'"),
        ({"until": "2025-01-01"}, errors.InputError, "until 2025-01-01 is not within a year after"),
        ({"until": "+400d"}, errors.InputError, "not within a year"),
        ({"person": "nobody@example.com"}, errors.UnknownName, "There is no person"),
    ],
)
def test_what_cannot_be_understood(client, arguments, error, message):
    """A time, an incident or a person that does not exist is an error that says so."""
    with pytest.raises(error, match=message):
        client.oncall(**arguments)


def test_a_mistyped_schedule(client):
    """A schedule that does not exist gets an offer, which works."""
    with pytest.raises(errors.UnknownName, match="There is no schedule 'Payment primary'") as caught:
        client.oncall("Payment primary")
    assert caught.value.hint == "did you mean Payments primary?"


def test_a_schedule_that_cannot_be_read_is_named(client, monkeypatch):
    """The others are there; the one that fails is named, and the frame says that it is not complete."""
    read = client.api.schedule_entries
    payments = client.vocabulary.find("schedules", "Payments primary")

    def fail(identity, start, end):
        if identity == payments.id:
            raise errors.ServiceUnavailable("The service is busy.", status=503)
        return read(identity, start, end)

    monkeypatch.setattr(client.api, "schedule_entries", fail)
    frame = client.oncall()
    assert "Payments primary" not in set(frame["schedule"])
    assert frame["schedule"].nunique() == 2
    assert (frame.attrs["complete"], frame.attrs["missing"]) == (False, {"Payments primary": "The service is busy"})


def test_no_gap_is_claimed_where_shifts_could_not_be_read(client, monkeypatch):
    """A shift that cannot be read may have covered the time, so nobody is not said, and the frame says why."""

    def lose(_identity, _start, _end):
        return Listing(lambda _cursor: Page([], None, {"schedule_entries.final": 1}, 1))

    monkeypatch.setattr(client.api, "schedule_entries", lose)
    frame = client.oncall("Platform office hours")
    assert frame.empty
    assert "so gaps are unknown" in frame.attrs["why_incomplete"]
    assert sum(frame.attrs["unreadable"].values()) >= 1


def test_whom_a_path_would_page(client):
    """Levels name people; a schedule stands for who is on call in it now, an override included."""
    frame = client.responders("payments ON-CALL")
    assert frame["level"].tolist() == [1, 2, 2]
    assert frame["via"].fillna("").tolist() == ["", "", "Payments primary"]
    assert frame["name"].iloc[2] == client.oncall("Payments primary")["name"].iloc[0]
    assert frame["after"].dt.total_seconds().tolist() == [0, 300, 300]
    assert frame.attrs["ends_in"] == "then again, 2 times"


def test_a_schedule_of_nobody_is_said(client, sandbox, monkeypatch):
    """A level whose schedule has nobody on call says so, instead of leaving it out."""
    listed = client.api.schedules(with_next_shifts=True).whole()
    monkeypatch.setattr(
        client.api,
        "schedules",
        lambda **_how: Listing(
            lambda _cursor: Page([type(schedule)(schedule.id, schedule.name) for schedule in listed], None)
        ),
    )
    frame = client.responders("Payments on-call")
    assert frame["name"].isna().tolist() == [False, False, True]
    path = client.vocabulary.find("escalation_paths", "Payments on-call")
    assert any("nobody: Payments primary" in people for _level, people in client.woken(path))


def test_a_dry_run_names_whom_it_would_wake(client):
    """A dry run of a page lists the levels of its path; nobody is paged."""
    outcome = client.page("INC-291", path="Payments on-call", dry_run=True)
    levels = {name: text for name, text, _identity in outcome.rows}
    assert levels["level 1"] == "Carol Carver, high urgency"
    assert "(Payments primary), low urgency" in levels["level 2 after 5 min"]
    assert levels["then"] == "again, 2 times"
    assert "level 1" not in {
        name for name, _text, _identity in client.page("INC-291", to="bob@example.com", dry_run=True).rows
    }
