"""What a read says about parts that it could not understand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest


@pytest.fixture
def spoil(client, monkeypatch):
    """Let the service answer differently from now on: what a function makes of the rows of a list."""

    def spoil(path, name, change):
        send = client.transport.send

        def spoiled(request):
            answer = send(request)
            if request.path != path:
                return answer
            body = json.loads(answer.content)
            body[name] = change(body[name])
            return replace(answer, content=json.dumps(body).encode(), decoded=None)

        monkeypatch.setattr(client.transport, "send", spoiled)

    return spoil


def test_an_odd_part_in_a_list(client, spoil):
    """The row is there without the odd part, and the frame says how many parts are missing, and where."""
    whole = client.incidents(all=True, limit=20)
    spoil("/v2/incidents", "incidents", lambda rows: [rows[0] | {"severity": 7}, *rows[1:]])
    frame = client.incidents(all=True, limit=20)
    assert list(frame["reference"]) == list(whole["reference"])
    assert frame["severity"].isna().iloc[0]
    assert frame.attrs["unreadable"] == {"incidents.severity": 1}
    assert frame.attrs["complete"] == whole.attrs["complete"]
    assert whole.attrs["unreadable"] == {}


def test_a_lost_row(client, spoil):
    """A row without a reference is missing, which makes the list incomplete; here one on each of its two pages."""
    whole = client.incidents()
    spoil("/v2/incidents", "incidents", lambda rows: [rows[0] | {"reference": ""}, *rows[1:]])
    frame = client.incidents()
    assert len(frame) == len(whole) - 2
    assert frame.attrs["unreadable"] == {"incidents.reference": 2}
    assert (frame.attrs["complete"], frame.attrs["why_incomplete"]) == (False, "2 records could not be read")


def test_an_odd_part_of_an_incident_that_is_shown(client, spoil):
    """An incident that is shown alone says it."""
    reference = client.incidents(all=True, limit=1)["reference"].iloc[0]
    assert client.show(reference).attrs["unreadable"] == {}
    number = reference.removeprefix("INC-")
    spoil(f"/v2/incidents/{number}", "incident", lambda incident: incident | {"severity": 7})
    frame = client.show(reference)
    assert frame.attrs["unreadable"] == {"incident.severity": 1}
    assert "severity" not in frame.index


@pytest.mark.parametrize(
    ("path", "method", "part"),
    [("/v1/severities", "severities", "name"), ("/v2/users", "users", "email"), ("/v3/teams", "teams", "name")],
)
def test_a_list_of_the_organisation(client, spoil, path, method, part):
    """A list of the organisation says which parts are missing, and that it is incomplete without a whole record."""
    whole = getattr(client, method)()
    assert (whole.attrs["complete"], whole.attrs["unreadable"]) == (True, {})
    name = path.rpartition("/")[2]
    client.vocabulary.refresh()
    spoil(path, name, lambda rows: [rows[0] | {part: [7]}, rows[1] | {"id": ""}, *rows[2:]])
    frame = getattr(client, method)()
    assert len(frame) == len(whole) - 1
    assert f"{name}.{part}" in frame.attrs["unreadable"]
    assert not frame.attrs["complete"]
    assert frame.attrs["why_incomplete"].endswith("1 could not be read")


def test_an_odd_part_in_updates(client, spoil):
    """Updates say it too."""
    reference = client.incidents(all=True, limit=1)["reference"].iloc[0]
    spoil("/v2/incident_updates", "incident_updates", lambda rows: [row | {"message": 5} for row in rows])
    frame = client.updates(reference)
    assert frame.attrs["unreadable"] == {"incident_updates.message": len(frame)}
    assert frame.attrs["complete"]


def test_a_duration_that_no_clock_counts(client, spoil):
    """A duration of more seconds than a number of the columns holds costs that duration, not the metrics."""
    endless = {"duration_metric": {"id": "DM1", "name": "Length"}, "status": "success", "value_seconds": 10**30}
    spoil("/v2/incidents", "incidents", lambda rows: [row | {"duration_metrics": [endless]} for row in rows])
    frame = client.metrics(since="30d")
    assert frame.attrs["unreadable"]["incidents.duration_metrics.value_seconds"] > 0
    assert not frame.loc[frame["duration"] == "Length", "n"].sum()
