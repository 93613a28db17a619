"""Drills in the sandbox: what is planned happens at its time, once, on the incident that is meant.

Serves `sandbox/classroom/colleagues.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.incidentio.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Caller

ACTS = [
    {"after": 0, "kind": "alert", "who": "Metrics monitors", "title": "Errors above 5 %", "text": "eu-west"},
    {"after": 120, "kind": "report", "who": "Bob Brewer", "title": "A customer cannot pay", "text": "Ticket 7"},
    {"after": 600, "kind": "message", "who": "Alice Archer", "title": "How is it going?", "text": ""},
]


def start(call: Caller, *acts: dict[str, Any]) -> dict[str, Any]:
    """Start a drill."""
    answer = call("POST", "/sandbox/drills", json={"name": "practice", "document": {"n": 1}, "acts": list(acts)})
    assert answer.status_code == 201, answer.text
    return answer.json()["drills"][0]


def now(call: Caller) -> dict[str, Any]:
    """Return the newest drill."""
    return call.get("/sandbox/drills")["drills"][0]


def test_acts_happen_at_their_time(own: Sandbox, own_call: Caller) -> None:
    """Nothing happens before it is due; what is due happens once, as of its own time, however late it is noticed."""
    began = start(own_call, *ACTS)
    assert [entry["title"] for entry in began["feed"]] == ["Errors above 5 %"]
    own.advance(119)
    assert len(now(own_call)["feed"]) == 1
    own.advance(3600)
    feed = now(own_call)["feed"]
    assert [entry["at"] for entry in feed] == ["2026-06-01T12:00:00Z", "2026-06-01T12:02:00Z", "2026-06-01T12:10:00Z"]
    assert len(now(own_call)["feed"]) == 3
    assert now(own_call)["document"] == {"n": 1}


def test_colleagues_speak_on_the_incident(own: Sandbox, own_call: Caller) -> None:
    """Once the key has declared a test incident, alerts and colleagues turn up on it, and on no other."""
    start(own_call, *ACTS)
    real = own_call.declare(name="Real")
    own.advance(30)
    practice = own_call.declare(name="Practice", mode="test")
    own_call.declare(name="A second one", mode="test")
    own.advance(900)
    assert now(own_call)["incident_ids"][0] == practice["id"]
    items = own_call.everything(
        "/v2/incident_timeline_items", "incident_timeline_items", ("incident_id", practice["id"])
    )
    assert [(item["title"], item["creator"]["user"]["name"]) for item in items] == [
        ("Bob Brewer: A customer cannot pay", "Bob Brewer"),
        ("Alice Archer: How is it going?", "Alice Archer"),
    ]
    assert items[0]["timestamp"] == "2026-06-01T12:02:00Z"
    linked = own_call.get("/v2/incident_alerts", ("page_size", "50"), ("incident_id", practice["id"]))
    assert [alert["alert"]["title"] for alert in linked["incident_alerts"]] == ["Errors above 5 %"]
    path, name = "/v2/incident_activity_log_entries", "incident_activity_log_entries"
    assert [
        entry
        for entry in own_call.everything(path, name, ("incident_id", practice["id"]))
        if "Pinned" in entry["title"]
    ]
    assert not [
        entry for entry in own_call.everything(path, name, ("incident_id", real["id"])) if "Pinned" in entry["title"]
    ]


def test_an_alert_may_open_an_incident(own: Sandbox, own_call: Caller) -> None:
    """An alert that opens one makes a test incident in triage, which a colleague can decline or merge."""
    alert = {"kind": "alert", "who": "Synthetic checks", "title": "Flapping", "text": "again", "opens": True}
    drill = start(own_call, {"after": 0, **alert}, {"after": 60, **alert})
    own.advance(61)
    first, second = now(own_call)["incident_ids"]
    incident = own_call.get(f"/v2/incidents/{first}")["incident"]
    assert (incident["mode"], incident["incident_status"]["name"]) == ("test", "Triage")
    linked = own_call.get("/v2/incident_alerts", ("incident_id", first), ("page_size", "50"))["incident_alerts"]
    assert [entry["alert"]["title"] for entry in linked] == ["Flapping"]
    path = f"/sandbox/drills/{drill['id']}/dashboard"
    merge = {"end": "merge", "incident_id": second, "into_incident_id": first}
    assert own_call("POST", path, json=merge).status_code == 200
    assert own_call("POST", path, json={"end": "decline", "incident_id": first}).status_code == 200
    ended = [own_call.get(f"/v2/incidents/{entry}")["incident"]["incident_status"]["name"] for entry in (first, second)]
    assert ended == ["Declined", "Merged"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": "decline", "incident_id": "01REAL"},
        {"end": "merge", "incident_id": "first"},
        {"end": "merge", "incident_id": "first", "into_incident_id": "first"},
        {"end": "merge", "incident_id": "first", "into_incident_id": "01REAL"},
        {"end": "delete", "incident_id": "first"},
        {},
    ],
)
def test_the_dashboard_ends_only_the_drills_own(own_call: Caller, wrong: dict[str, str]) -> None:
    """No other incident can be ended or merged into by it, and none into itself."""
    alert = {"kind": "alert", "who": "", "title": "Flapping", "text": "", "opens": True}
    drill = start(own_call, {"after": 0, **alert})
    real = own_call.declare(name="Real")["id"]
    first = now(own_call)["incident_ids"][0]
    sent = {name: {"first": first, "01REAL": real}.get(value, value) for name, value in wrong.items()}
    assert own_call("POST", f"/sandbox/drills/{drill['id']}/dashboard", json=sent).status_code == 422


def test_a_stopped_drill_is_quiet(own: Sandbox, own_call: Caller) -> None:
    """What was still planned never happens; another start ends the one that runs."""
    drill = start(own_call, *ACTS)
    assert own_call("POST", f"/sandbox/drills/{drill['id']}/stop").json()["drill"]["ended_at"]
    own.advance(3600)
    assert len(now(own_call)["feed"]) == 1
    start(own_call, *ACTS)
    start(own_call, *ACTS)
    assert [entry["ended_at"] is None for entry in own_call.get("/sandbox/drills")["drills"]] == [True, False, False]


def test_drills_survive_a_restart(tmp_path: Path) -> None:
    """A drill goes on where it was when the sandbox is started again on its file."""
    import requests

    database = str(tmp_path / "drill.sqlite")
    with Sandbox(database=database, epoch="2026-06-01T12:00:00Z", incidents=3, frozen=True) as sandbox:
        sent = {"name": "practice", "acts": ACTS}
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        requests.post(f"{sandbox.url}/sandbox/drills", json=sent, headers=headers, timeout=9).raise_for_status()
    with Sandbox(database=database, frozen=True) as sandbox:
        sandbox.advance(3600)
        drills = requests.get(f"{sandbox.url}/sandbox/drills", headers=headers, timeout=9).json()["drills"]
        assert len(drills[0]["feed"]) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("after", -1), ("after", "soon"), ("after", True), ("kind", "party"), ("title", ""), ("opens", "yes")],
)
def test_impossible_acts_are_refused(own_call: Caller, field: str, value: object) -> None:
    """A refused act is named by its place."""
    fields = own_call.fields(
        "POST", "/sandbox/drills", json={"name": "x", "acts": [ACTS[0], {**ACTS[1], field: value}]}
    )
    assert list(fields) == [f"/acts/1/{field}"]


def test_the_clock_runs_faster() -> None:
    """A clock runs at the speed it is given, without a leap, and may stand still."""
    real = [0.0]
    clock = Clock(datetime(2026, 6, 1, 12, tzinfo=UTC), frozen=False, real=lambda: real[0])
    real[0] = 10
    clock.run(30)
    real[0] = 12
    assert clock.now().timestamp() - datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp() == 10 + 60
    clock.run(0)
    real[0] = 99
    assert clock.frozen
    assert clock.now().timestamp() - datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp() == 70
    with pytest.raises(ValueError, match="speed"):
        clock.run(-1)


def test_the_clock_is_steered_over_http(own_call: Caller) -> None:
    """The admin route runs and advances the clock, and refuses nonsense."""
    assert own_call("POST", "/sandbox/clock", json={"speed": 60, "advance": 60}).json()["speed"] == 60
    assert own_call("POST", "/sandbox/clock", json={"speed": 0}).json()["frozen"]
    for wrong in ({}, {"speed": "fast"}, {"speed": 1e9}, {"speed": True}):
        assert own_call("POST", "/sandbox/clock", json=wrong).status_code == 422


def test_a_paused_drill_waits(own: Sandbox, own_call: Caller) -> None:
    """Nothing happens in a pause; what was planned happens so much later, and the pause is in the answer."""
    drill = start(own_call, *ACTS)
    own.advance(60)
    assert own_call("POST", f"/sandbox/drills/{drill['id']}/pause").json()["drill"]["paused_at"]
    own.advance(3600)
    assert len(now(own_call)["feed"]) == 1
    own_call("POST", f"/sandbox/drills/{drill['id']}/pause")  # a second press changes nothing
    resumed = own_call("POST", f"/sandbox/drills/{drill['id']}/resume").json()["drill"]
    assert resumed["pauses"] == [["2026-06-01T12:01:00Z", "2026-06-01T13:01:00Z"]]
    own.advance(59)
    assert len(now(own_call)["feed"]) == 1
    own.advance(1)
    assert now(own_call)["feed"][1]["at"] == "2026-06-01T13:02:00Z"
    own_call("POST", f"/sandbox/drills/{drill['id']}/resume")  # nothing to resume
    assert len(now(own_call)["pauses"]) == 1


def test_a_pause_ends_with_its_drill(own: Sandbox, own_call: Caller) -> None:
    """A drill that is stopped while it is paused has ended, and its pause with it."""
    drill = start(own_call, *ACTS)
    own_call("POST", f"/sandbox/drills/{drill['id']}/pause")
    own.advance(60)
    stopped = own_call("POST", f"/sandbox/drills/{drill['id']}/stop").json()["drill"]
    assert stopped["paused_at"] is None
    assert stopped["pauses"] == [["2026-06-01T12:00:00Z", "2026-06-01T12:01:00Z"]]


def test_what_a_drill_leaves_is_closed(own: Sandbox, own_call: Caller) -> None:
    """Stopping closes the drill's open incidents after its end, cancels their pages, resolves its alerts; no others."""
    alarm = {"after": 0, "kind": "alert", "who": "", "title": "Flapping", "text": "", "opens": True}
    drill = start(own_call, alarm)
    before = own_call.declare(name="Real")
    practice = own_call.declare(name="Practice", mode="test")
    ended = own_call.declare(name="Ended", mode="test")
    own_call.update(ended, to_incident_status_id=own_call.status("Closed without review"))
    page = {"idempotency_key": "page", "title": "x", "incident_id": practice["id"]}
    page["escalation_path_id"] = own_call.get("/v2/escalation_paths")["escalation_paths"][0]["id"]
    assert own_call("POST", "/v2/escalations", json=page).status_code == 201
    stopped = own_call("POST", f"/sandbox/drills/{drill['id']}/stop").json()["drill"]
    statuses = {
        row["name"]: own_call.get(f"/v2/incidents/{row['id']}")["incident"]["incident_status"]["name"]
        for row in (before, practice, ended, *[{"name": "Flapping", "id": drill["incident_ids"][0]}])
    }
    assert statuses == {
        "Real": before["incident_status"]["name"],
        "Practice": "Closed",
        "Ended": "Closed without review",
        "Flapping": "Canceled",
    }
    updates = own_call.everything("/v2/incident_updates", "incident_updates", ("incident_id", practice["id"]))
    assert "left open" in updates[-1]["message"]
    assert updates[-1]["created_at"] == stopped["ended_at"].replace("Z", ".001Z")
    pages = own_call.get("/v2/escalations", ("incident[one_of]", practice["id"]))["escalations"]
    assert [row["status"] for row in pages] == ["cancelled"]
    fired = own_call.get("/v2/alerts", ("page_size", "50"))["alerts"]
    assert [alert["status"] for alert in fired if alert["title"] == "Flapping"] == ["resolved"]
