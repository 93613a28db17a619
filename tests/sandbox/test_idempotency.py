"""A key makes one thing, however often and however concurrently it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox

COUNTS = {
    "/v2/incidents": "incidents",
    "/v2/incident_updates": "incident_updates",
    "/v2/incident_timeline_items": "incident_timeline_items",
    "/v2/escalations": "escalations",
}


def payloads(call: Caller) -> dict[str, dict[str, Any]]:
    """Return a good body for every endpoint that takes a key."""
    incident = call.declare(name="To be written about", incident_status_id=call.status("Investigating"))
    path = call.get("/v2/escalation_paths")["escalation_paths"][0]["id"]
    about = {"incident_id": incident["id"]}
    return {
        "/v2/incidents": {"visibility": "public", "severity_id": call.severity("Minor"), "name": "Once"},
        "/v2/incident_updates": about | {"message": "Once", "to_incident_status_id": call.status("Fixing")},
        "/v2/incident_timeline_items": about | {"title": "Once", "timestamp": "2026-06-01T11:00:00Z"},
        "/v2/escalations": about | {"title": "Once", "escalation_path_id": path},
    }


@pytest.mark.parametrize("path", COUNTS)
def test_eight_at_once_make_one(own: Sandbox, own_call: Caller, path: str) -> None:
    """Eight threads with one key make one row and all get the same answer, with the first one's status."""
    sent = payloads(own_call)[path] | {"idempotency_key": "once"}
    before = own_call.get("/sandbox/state")["counts"][COUNTS[path]]

    def post(_: int) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {own.key}"}
        response = requests.post(own.url + path, json=sent, headers=headers, timeout=30)
        return response.status_code, response.content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(post, range(8)))
    assert len(answers) == 1
    assert answers.pop()[0] == (200 if path == "/v2/incidents" else 201)
    grown = own_call.get("/sandbox/state")["counts"][COUNTS[path]] - before
    assert grown == 1


def test_a_replay_after_the_state_moved_on(own_call: Caller) -> None:
    """A replayed update answers as it did at first, even though the move would not be legal any more."""
    sent = payloads(own_call)["/v2/incident_updates"] | {"idempotency_key": "early"}
    first = own_call("POST", "/v2/incident_updates", json=sent)
    incident = {"id": sent["incident_id"]}
    assert own_call.update(incident, to_incident_status_id=own_call.status("Closed")).status_code == 201
    again = own_call("POST", "/v2/incident_updates", json=sent)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    refused = own_call("POST", "/v2/incident_updates", json=sent | {"idempotency_key": "late"})
    assert refused.status_code == 422


def test_a_replayed_declaration_shows_the_incident_as_it_is(own_call: Caller) -> None:
    """Declaring again with the same key shows the same incident, with what has changed since."""
    sent = payloads(own_call)["/v2/incidents"] | {"idempotency_key": "again"}
    first = own_call("POST", "/v2/incidents", json=sent).json()["incident"]
    own_call.edit(first, name="Renamed")
    again = own_call("POST", "/v2/incidents", json=sent).json()["incident"]
    assert (again["id"], again["name"]) == (first["id"], "Renamed")


def test_keys_belong_to_their_endpoint(own_call: Caller) -> None:
    """The same key at another endpoint makes another thing."""
    for path, sent in payloads(own_call).items():
        response = own_call("POST", path, json=sent | {"idempotency_key": "shared"})
        assert response.status_code in (200, 201), response.text


def test_a_refused_write_does_not_use_up_its_key(own_call: Caller) -> None:
    """After a 422 the same key works with a better body."""
    sent = payloads(own_call)["/v2/incidents"] | {"idempotency_key": "better"}
    assert own_call("POST", "/v2/incidents", json=sent | {"severity_id": None}).status_code == 422
    assert own_call("POST", "/v2/incidents", json=sent).status_code == 200
