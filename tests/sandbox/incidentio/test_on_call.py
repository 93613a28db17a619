"""Alerts, and what can be done to a page: acknowledge, snooze, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Caller


def paged(call: Caller) -> dict[str, Any]:
    """Page somebody about an incident, and return the escalation."""
    incident = call.declare()
    path = call.get("/v2/escalation_paths")["escalation_paths"][0]["id"]
    sent = {"idempotency_key": incident["id"], "title": "Wake up", "escalation_path_id": path}
    return call("POST", "/v2/escalations", json=sent | {"incident_id": incident["id"]}).json()["escalation"]


def status(call: Caller, escalation: dict[str, Any]) -> str:
    """Return an escalation's present status."""
    return call.get(f"/v2/escalations/{escalation['id']}")["escalation"]["status"]


def act(call: Caller, escalation: dict[str, Any], action: str, **sent: Any) -> int:
    """Act on an escalation, and return the HTTP status."""
    return call("POST", f"/v2/escalations/{escalation['id']}/actions/{action}", json=sent or None).status_code


def test_a_page_is_acknowledged_once(call: Caller) -> None:
    """The key acknowledges a page; after that nobody is being paged, and its key still finds it."""
    escalation = paged(call)
    assert act(call, escalation, "respond", response="ack") == 200
    assert status(call, escalation) == "acked"
    assert act(call, escalation, "respond", response="ack") == 422
    incident = escalation["related_incidents"][0]["id"]
    found = call.get("/v2/escalations", ("idempotency_key[is]", incident))["escalations"]
    assert [page["id"] for page in found] == [escalation["id"]]
    events = [event["event"] for event in found[0]["events"]]
    assert events == ["triggered", "notified_users", "acked"]


def test_a_page_can_be_snoozed_but_a_key_cannot_decline_it(call: Caller) -> None:
    """A snooze needs its end; declining is for people."""
    escalation = paged(call)
    assert act(call, escalation, "respond", response="nack") == 422
    assert act(call, escalation, "respond", response="snooze") == 422
    details = {"snooze_until": "2026-06-02T12:00:00Z"}
    assert act(call, escalation, "respond", response="snooze", snooze_details=details) == 200
    assert status(call, escalation) == "snoozed"


def test_cancelling_twice_does_no_more_than_once(call: Caller) -> None:
    """A cancelled page stays cancelled; one that is over cannot be cancelled."""
    escalation = paged(call)
    assert [act(call, escalation, "cancel") for _ in range(2)] == [200, 200]
    assert status(call, escalation) == "cancelled"
    over = call.get("/v2/escalations", ("status[one_of]", "resolved"))["escalations"][0]
    assert act(call, over, "cancel") == 422
    assert act(call, {"id": "01NOTHING"}, "cancel") == 404


def test_alerts_are_filtered_and_need_a_page_size(call: Caller) -> None:
    """Alerts come newest first, by status, source and deduplication key; without a page size they are refused."""
    assert call("GET", "/v2/alerts").status_code == 422
    assert call("GET", "/v2/alerts?page_size=51").status_code == 422
    firing = call.get("/v2/alerts", ("page_size", "50"), ("status[one_of]", "firing"))["alerts"]
    assert firing
    assert {alert["status"] for alert in firing} == {"firing"}
    moments = [datetime.fromisoformat(alert["created_at"]) for alert in firing]
    assert moments == sorted(moments, reverse=True)
    (found,) = call.get("/v2/alerts", ("page_size", "1"), ("deduplication_key[is]", firing[0]["deduplication_key"]))[
        "alerts"
    ]
    assert found == firing[0]
    source = call.get("/v2/alert_sources")["alert_sources"][0]["id"]
    mine = call.get("/v2/alerts", ("page_size", "50"), ("alert_source[one_of]", source))["alerts"]
    assert {alert["alert_source_id"] for alert in mine} == {source}


@pytest.mark.parametrize("table", ["actions", "follow_ups"])
def test_tasks_are_made_changed_and_completed(call: Caller, table: str) -> None:
    """A task is made with its texts; replacing it sets its status, and completing it its time."""
    incident, name = call.declare(), table[:-1]
    texts = {"description": "Rotate the keys"} | ({"title": "Keys"} if table == "follow_ups" else {})
    assert call("POST", f"/v3/{table}", json={"incident_id": "x"} | texts).status_code == 422
    made = call("POST", f"/v3/{table}", json={"incident_id": incident["id"]} | texts)
    assert made.status_code == 201
    task = made.json()[name]
    assert task["status"] == "outstanding"
    done = call("PUT", f"/v3/{table}/{task['id']}", json=texts | {"status": "completed"}).json()[name]
    assert (done["status"], done["id"]) == ("completed", task["id"])
    assert done["completed_at"]
    again = call("PUT", f"/v3/{table}/{task['id']}", json=texts | {"status": "outstanding"}).json()[name]
    assert "completed_at" not in again
    assert call("PUT", f"/v3/{table}/{task['id']}", json=texts).status_code == 422
    assert call.get(f"/v3/{table}", ("incident_id", incident["id"]))[table] == [again]
    older = call.get(f"/v2/{table}", ("incident_id", incident["id"]))[table]
    assert [action["id"] for action in older] == [task["id"]]


def test_attachments_relationships_and_workloads(call: Caller) -> None:
    """A link is attached once; a merged incident names where it went; time spent adds up to the incident's."""
    incident = call.declare()
    resource = {"resource_type": "arbitrary_url", "url": "https://example.com/1", "title": "Graph"}
    sent = {"incident_id": incident["id"], "resource": resource}
    first, second = (call("POST", "/v1/incident_attachments", json=sent).json() for _ in range(2))
    assert first == second
    listed = call.get("/v1/incident_attachments", ("incident_id", incident["id"]))["incident_attachments"]
    assert [attachment["resource"]["title"] for attachment in listed] == ["Graph"]
    wrong = {"incident_id": incident["id"], "resource": {"resource_type": "arbitrary_url"}}
    assert call("POST", "/v1/incident_attachments", json=wrong).status_code == 422
    merged = call.get("/v2/incidents", ("status_category[one_of]", "merged"))["incidents"][0]
    (related,) = call.get("/v1/incident_relationships", ("incident_id", merged["id"]))["incident_relationships"]
    back = call.get("/v1/incident_relationships", ("incident_id", related["incident"]["id"]))
    assert merged["id"] in [relationship["incident"]["id"] for relationship in back["incident_relationships"]]
    oldest = call.get("/v2/incidents", ("sort_by", "created_at_oldest_first"))["incidents"][0]
    spent = call.get("/v2/incident_participant_workloads", ("incident_id", oldest["id"]))
    total = sum(
        participant["workload"]["minutes_spent_on_incident"] for participant in spent["incident_participant_workloads"]
    )
    assert total == pytest.approx(oldest["workload_minutes_total"])


def test_a_postmortem_moves_to_another_status(call: Caller) -> None:
    """A document's status is replaced; one that does not exist is refused."""
    document = call.get("/v1/postmortem_documents")["postmortem_documents"][0]
    path = f"/v1/postmortem_documents/{document['id']}"
    for wanted in ("in_review", "completed"):
        assert call("PUT", path, json={"status": wanted}).json()["postmortem_document"]["status"] == wanted
    assert call("PUT", path, json={"status": "done"}).status_code == 422
