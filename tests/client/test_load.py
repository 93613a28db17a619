"""The time that incidents cost people, recomputed from the sandbox's raw JSON."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import pandas as pd
import pytest
import requests

from incidentio_magic import errors

MODES = ("standard", "retrospective", "test", "tutorial")
CATEGORIES = ("triage", "live", "paused", "learning", "closed", "declined", "canceled", "merged")
HOURS = ("total", "working", "late", "sleeping")


def raw(sandbox, path, name, **query):
    """Return all records of a list as the sandbox writes them."""
    found, after = [], None
    while True:
        given = {**({} if "workloads" in name else {"page_size": 50}), **query} | ({"after": after} if after else {})
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        answer = requests.get(f"{sandbox.url}{path}", params=given, headers=headers, timeout=30).json()
        found += answer[name]
        after = answer.get("pagination_meta", {}).get("after")
        if not after or not answer[name]:
            return found


def declared(incident):
    """Return when an incident was reported."""
    for stamp in incident["incident_timestamp_values"]:
        if stamp["incident_timestamp"]["name"] == "Reported at" and stamp.get("value"):
            return datetime.fromisoformat(stamp["value"]["value"])
    return datetime.fromisoformat(incident["created_at"])


@pytest.fixture
def counted(sandbox):
    """The incidents that count, as the sandbox writes them."""
    everything = {"mode[one_of]": MODES, "status_category[one_of]": CATEGORIES}
    return [
        incident
        for incident in raw(sandbox, "/v2/incidents", "incidents", **everything)
        if incident["mode"] not in {"test", "tutorial"}
        and incident["incident_status"]["category"] not in {"declined", "canceled", "merged"}
    ]


@pytest.mark.slow
def test_teams_and_months_are_those_of_the_raw_json(sandbox, client, counted):
    """Every sum of every team and month is what the incidents' own minutes add up to."""
    names = {team["id"]: team["name"] for team in raw(sandbox, "/v3/teams", "teams")}
    expected = defaultdict(lambda: defaultdict(float))
    for incident in counted:
        moment = declared(incident)
        for team in [names[identity] for identity in incident["team_ids"]] or [None]:
            group = expected[team, f"{moment:%Y-%m}"]
            group["incidents"] += 1
            total = incident.get("workload_minutes_total")
            if total is None:
                continue
            group["known"] += 1
            for name in HOURS:
                group[name] += incident[f"workload_minutes_{name}"]
            group["weekend"] += total if moment.weekday() >= 5 else 0
    frame = client.load(by="team,month")
    assert len(frame) == len(expected) > 20
    for row in frame.to_dict("records"):
        group = expected[None if pd.isna(row["team"]) else row["team"], row["month"]]
        assert (row["incidents"], row["known"]) == (group["incidents"], group["known"])
        if group["known"]:
            for name in (*HOURS, "weekend"):
                assert row[name] == pd.Timedelta(minutes=group[name])
        else:
            assert pd.isna(row["total"])
    assert expected[None, "2026-01"]["incidents"]
    assert frame["weekend"].max() > pd.Timedelta(0)


@pytest.mark.slow
def test_each_person_only_where_requested(sandbox, client, counted):
    """The load of each person is the sum of what the service says of each participant; groups name nobody."""
    recent = [incident for incident in counted if declared(incident) >= datetime.fromisoformat("2025-12-20T00:00:00Z")]
    expected = defaultdict(float)
    for incident in recent:
        path = "/v2/incident_participant_workloads"
        for participant in raw(sandbox, path, "incident_participant_workloads", incident_id=incident["id"]):
            expected[participant["user"]["name"]] += participant["workload"]["minutes_spent_on_incident"]
    before = len(sandbox.requests)
    frame = client.load(per_person=True, since="2025-12-20")
    asked = [request["path"] for request in sandbox.requests[before:]]
    assert asked.count("/v2/incident_participant_workloads") == len(recent)
    found = frame.set_index("person")["total"]
    assert set(found.index) == {name for name, minutes in expected.items() if minutes}
    for name, total in found.items():
        assert total.total_seconds() == pytest.approx(expected[name] * 60)
    assert found.is_monotonic_decreasing
    assert "person" not in client.load(by="team")
    with pytest.raises(errors.InputError, match="cannot be grouped"):
        client.load(by="team", per_person=True)


def test_empty_and_whole(client):
    """Without incidents the frame has its columns; without a grouping it is one row."""
    whole = client.load(by="")
    assert len(whole) == 1
    empty = client.load(by="team,month", since="2030-01-01")
    full = client.load(by="team,month")
    assert empty.empty
    assert dict(empty.dtypes.astype(str)) == dict(full.dtypes.astype(str))
    assert client.load(by="", since="2030-01-01").empty
    assert client.load(per_person=True, since="2030-01-01").empty


@pytest.mark.slow
def test_figures_by_team(client, counted, sandbox):
    """Durations can be grouped by team, too: an incident of several teams counts for each of them."""
    frame = client.metrics(by="team")
    rows = frame[frame["duration"] == "declared to fixed"]
    names = {team["id"]: team["name"] for team in raw(sandbox, "/v3/teams", "teams")}
    sizes = defaultdict(int)
    for incident in counted:
        for identity in incident["team_ids"] or [None]:
            sizes[names.get(identity)] += 1
    for row in rows.to_dict("records"):
        hidden = sum(row[f"excluded.{reason}"] for reason in ("test", "merged", "declined", "canceled"))
        assert row["n"] + row["open"] + row["excluded"] - hidden == sizes[None if pd.isna(row["team"]) else row["team"]]
    assert "An incident of several teams counts for each of them." in frame.attrs["notes"]
