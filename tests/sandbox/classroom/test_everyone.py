"""Whose incidents, alerts and pages a class's lists show: your own and shared ones, or on request everyone's.

Serves `sandbox/http/context.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYONE = {"X-Sandbox-Everyone": "true"}
ALARM = {"after": 0, "kind": "alert", "who": "", "title": "Disk full", "text": "", "opens": True}
TEST = "mode[one_of]=test"
LISTS = {
    "/v2/incidents": TEST,
    "/v1/incidents": "",
    "/v2/alerts": "page_size=50",
    "/v2/escalations": "",
    "/v2/incident_updates": "page_size=250",
    "/v3/follow_ups": "incident_mode=test",
    "/v3/actions": "incident_mode=test",
    "/v2/actions": "incident_mode=test",
}


@pytest.fixture(scope="module")
def school() -> Iterator[Sandbox]:
    """A class of three, two of whom are a team; each test resets it."""
    people = [("Ada", ""), ("Bob", "Blue"), ("Cleo", "Blue")]
    with Sandbox(epoch="2026-06-01T12:00:00Z", incidents=20, people=people, frozen=True) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, method: str, path: str, key: str, **more: object) -> requests.Response:
    """Send a request with a key."""
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}  # type: ignore[dict-item]
    return requests.request(method, sandbox.url + path, headers=headers, timeout=10, **more)  # type: ignore[arg-type]


def listed(sandbox: Sandbox, path: str, key: str, **headers: str) -> tuple[set[str], bool]:
    """Return the IDs of a list, and whether it says that only one's own are shown."""
    found = ask(sandbox, "GET", f"{path}?{LISTS[path]}", key, headers=headers)
    assert found.ok, found.text
    rows = found.json()[path.rpartition("/")[2]]
    return {row["id"] for row in rows}, found.headers.get("X-Sandbox-Shown") == "own"


def made(sandbox: Sandbox, key: str) -> str:
    """Declare a test incident, with an update, a page, an action and a follow-up; return its ID."""
    severity = ask(sandbox, "GET", "/v1/severities", key).json()["severities"][0]["id"]
    body = {"idempotency_key": "k", "visibility": "public", "mode": "test", "severity_id": severity, "name": "Mine"}
    identity: str = ask(sandbox, "POST", "/v2/incidents", key, json=body).json()["incident"]["id"]
    path = ask(sandbox, "GET", "/v2/escalation_paths", key).json()["escalation_paths"][0]["id"]
    for endpoint, content in (
        ("/v2/incident_updates", {"idempotency_key": "k", "message": "News"}),
        ("/v2/escalations", {"idempotency_key": "k", "title": "Help", "escalation_path_id": path}),
        ("/v3/actions", {"description": "Look"}),
        ("/v3/follow_ups", {"title": "Learn"}),
    ):
        answer = ask(sandbox, "POST", endpoint, key, json={"incident_id": identity, **content})
        assert answer.ok, answer.text
    return identity


@pytest.mark.parametrize("path", LISTS)
def test_a_facilitators_lists(school: Sandbox, path: str) -> None:
    """A list leaves out what one trainee has alone, and says so; with the header it has everything."""
    school.reset()
    ada = school.roster.trainees[0].key
    before = listed(school, path, school.key)
    assert before == (before[0], False)  # nothing belongs to a trainee yet
    assert ask(school, "POST", "/sandbox/drills", ada, json={"name": "x", "acts": [ALARM]}).ok
    made(school, ada)
    of_ada = listed(school, path, ada)[0] - before[0]
    assert of_ada
    assert listed(school, path, school.key) == (before[0], True)
    everything, is_own = listed(school, path, school.key, **EVERYONE)
    assert everything == before[0] | of_ada
    assert not is_own


def test_what_is_named_is_shown(school: Sandbox) -> None:
    """A facilitator reads a trainee's incident, and what is about it, by naming it."""
    school.reset()
    identity = made(school, school.roster.trainees[0].key)
    found = ask(school, "GET", f"/v2/incidents/{identity}", school.key).json()["incident"]
    assert found["name"] == "Mine"
    for path, name in (
        (f"/v2/incident_updates?incident_id={identity}", "incident_updates"),
        (f"/v2/escalations?incident[one_of]={identity}", "escalations"),
        (f"/v3/actions?incident_id={identity}&incident_mode=test", "actions"),
        (f"/v2/incident_timeline?incident_id={identity}", "incident_timeline_items"),
    ):
        answer = ask(school, "GET", path, school.key)
        assert answer.json().get(name, [0]), path
        assert "X-Sandbox-Shown" not in answer.headers
    update = {"idempotency_key": "f", "incident_id": identity, "message": "From the facilitator"}
    assert ask(school, "POST", "/v2/incident_updates", school.key, json=update).status_code == 201


def test_what_is_shared_is_shown(school: Sandbox) -> None:
    """The incidents of a drill that several play are on the facilitator's list; those of one trainee are not."""
    school.reset()
    before = listed(school, "/v2/incidents", school.key)[0]
    body = {"name": "x", "everyone": True, "shared": True, "acts": []}
    assert ask(school, "POST", "/sandbox/drills", school.key, json=body).ok
    alone, shared = (made(school, school.roster.trainees[place].key) for place in (0, 1))
    assert listed(school, "/v2/incidents", school.key)[0] - before == {shared}
    assert listed(school, "/v2/incidents", school.key, **EVERYONE)[0] - before == {alone, shared}


def test_only_the_facilitator_asks_for_everyone(school: Sandbox) -> None:
    """A trainee's and an unknown key's request is refused, whatever it asks for."""
    school.reset()
    trainee = school.roster.trainees[0].key
    for path in (*LISTS, "/v1/identity"):
        refused = ask(school, "GET", path, trainee, headers=EVERYONE)
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["message"] == "Only the facilitator sees everyone's incidents"
    assert ask(school, "GET", "/v2/incidents", "nobody", headers=EVERYONE).status_code == 401


def test_without_a_class_nobody_asks_for_everyone() -> None:
    """A sandbox without trainees refuses the header and says what starts a class."""
    with Sandbox(epoch="2026-06-01T12:00:00Z", incidents=2) as sandbox:
        refused = ask(sandbox, "GET", "/v2/incidents", sandbox.key, headers=EVERYONE)
        assert refused.status_code == 400
        assert "not a class" in refused.json()["errors"][0]["message"]
        assert "X-Sandbox-Shown" not in ask(sandbox, "GET", "/v2/incidents", sandbox.key).headers
