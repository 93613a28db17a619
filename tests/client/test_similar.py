"""Similar incidents of the sandbox, against its raw JSON."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest
import requests

from incidentio_magic import errors
from incidentio_magic.frames import MASK


def raw(sandbox, path, **query):
    """Return an answer of the sandbox as it writes it."""
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    return requests.get(f"{sandbox.url}{path}", params=query, headers=headers, timeout=30).json()


def moments(incident):
    """Return an incident's timestamps by name."""
    return {
        stamp["incident_timestamp"]["name"]: datetime.fromisoformat(stamp["value"]["value"])
        for stamp in incident["incident_timestamp_values"]
        if stamp.get("value")
    }


@pytest.mark.slow
def test_rows_are_earlier_ordered_and_explained(client):
    """Every row was declared earlier, scores fall, and each says why it is there."""
    frame = client.similar("INC-293", limit=20)
    assert len(frame) == 20
    declared = client.vocabulary.declared_at(client.incident("INC-293"))
    assert (frame["declared_at"] < declared).all()
    assert frame.loc[~frame["related"], "score"].is_monotonic_decreasing
    assert (frame["why"].str.len() > 0).all()
    assert frame.attrs["compared"] > 200
    assert "private incidents were not compared" in frame.attrs["why_incomplete"]
    service = client.incidents(wide=True, all=True).set_index("reference")["field.Affected service"]
    shared = frame[frame["why"].str.contains("Affected service: ")]
    assert len(shared)
    assert set(service.loc[shared["reference"]]) == {service["INC-293"]}


@pytest.mark.slow
def test_how_and_how_long_are_those_of_the_raw_json(sandbox, client):
    """The duration is from the declaration to the fix, and the fix is the message shared then, or the root cause."""
    frame = client.similar("INC-293", limit=15)
    checked = 0
    for row in frame.to_dict("records"):
        incident = raw(sandbox, f"/v2/incidents/{row['reference'].partition('-')[2]}")["incident"]
        found = moments(incident)
        if "Fixed at" not in found:
            continue
        checked += 1
        assert row["lasted"] == pd.Timedelta(found["Fixed at"] - found["Reported at"])
        causes = [
            value["value_text"]
            for entry in incident["custom_field_entries"]
            if entry["custom_field"]["name"] == "Root cause"
            for value in entry["values"]
        ]
        if causes:
            assert row["fix"] == f"Root cause: {causes[0]}"
            continue
        updates = raw(sandbox, "/v2/incident_updates", incident_id=incident["id"], page_size=250)["incident_updates"]
        reported = [update for update in updates if update.get("message")]
        nearest = min(
            reported, key=lambda update: abs(datetime.fromisoformat(update["created_at"]) - found["Fixed at"])
        )
        assert row["fix"] == nearest["message"]
    assert checked > 5


def test_related_incidents_are_marked(sandbox, client):
    """What the service calls related is there, first and marked, whatever its words."""
    identity = client.incident("INC-284").id
    found = raw(sandbox, "/v1/incident_relationships", incident_id=identity, page_size=25)
    related = {link["incident"]["id"] for link in found["incident_relationships"]}
    assert related
    frame = client.similar("INC-284")
    marked = frame[frame["related"]]
    assert {client.incident(reference).id for reference in marked["reference"]} == related
    assert frame["related"].tolist() == sorted(frame["related"], reverse=True)
    assert marked["why"].str.startswith("related in incident.io").all()


@pytest.mark.slow
def test_private_incidents_are_compared_only_on_request(client):
    """A private incident is neither compared nor named unless requested, and comparing one itself is refused."""
    everything = client.incidents(all=True, wide=True, show_private=True)
    private = set(everything.loc[everything["visibility"] == "private", "reference"])
    assert not private & set(client.similar("INC-293", limit=300)["reference"])
    shown = client.similar("INC-293", limit=300, show_private=True)
    assert private & set(shown["reference"])
    assert "private" not in shown.attrs["why_incomplete"]
    secret = max(private)
    with pytest.raises(errors.InputError, match="is private") as refused:
        client.similar(secret)
    assert "--show-private" in refused.value.hint


@pytest.mark.slow
def test_a_related_private_incident_is_masked(sandbox, client, monkeypatch):
    """A private incident that the service calls related is listed without its words."""
    everything = client.incidents(all=True, wide=True, show_private=True)
    secret = everything.loc[everything["visibility"] == "private", "reference"].iloc[-1]
    incident = client.incident(secret)
    monkeypatch.setattr(client, "_related", lambda _incident: [incident])
    row = client.similar("INC-293").iloc[0]
    assert (row["reference"], row["name"], row["fix"]) == (secret, MASK, MASK)
    assert row["why"] == "related in incident.io"


@pytest.mark.slow
def test_a_source_that_fails_is_said(sandbox, connect_to):
    """Without alerts or relationships the rest is there, and the frame says what is missing."""
    sandbox.fault(endpoint="GET /v2/incident_alerts", kind="status", status=500)
    sandbox.fault(endpoint="GET /v1/incident_relationships", kind="status", status=500)
    frame = connect_to(max_wait=0.0).similar("INC-293")
    assert len(frame) == 10
    assert not frame.attrs["complete"]
    assert "alerts: " in frame.attrs["why_incomplete"]
    assert "related incidents: " in frame.attrs["why_incomplete"]


@pytest.mark.slow
def test_nothing_earlier(client):
    """Where nothing is compared, the frame has its columns and says so."""
    full = client.similar("INC-293")
    empty = client.similar("INC-293", since="2026-01-16")
    assert empty.empty
    assert empty.attrs["compared"] == 0
    assert list(empty.dtypes.astype(str)) == list(full.dtypes.astype(str))
    with pytest.raises(errors.InputError, match="limit"):
        client.similar("INC-293", limit=0)
