"""What the facilitator's page shows and does, over HTTP: drills, scores, actions and silence by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from incidentio_magic.drills.library import Library
from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = [("Ada", "Blue"), ("Bob", "Blue"), ("Cleo", "")]


@pytest.fixture(scope="module")
def seeded() -> Iterator[Sandbox]:
    """A class of three with names, and a library of scenarios."""
    choices: dict[str, Any] = {"epoch": "2026-01-15T14:00:00Z", "incidents": 15, "frozen": True}
    with Sandbox(people=PEOPLE, library=Library(), **choices) as sandbox:
        yield sandbox


@pytest.fixture
def school(seeded: Sandbox) -> Sandbox:
    """The class as it was at its start."""
    seeded.reset()
    return seeded


def ask(school: Sandbox, method: str, path: str, key: str = "", **more: Any) -> Any:
    """Send a request that must succeed: the facilitator's page's, or with a key, and return its answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {"X-Sandbox-Admin": school.roster.admin}
    answer = requests.request(method, school.url + path, headers=headers, timeout=10, **more)
    assert answer.ok, answer.text
    return answer.json()


def people(school: Sandbox) -> dict[str, Any]:
    """Return what the page shows of each trainee, by name."""
    return {person["name"]: person for person in ask(school, "GET", "/sandbox/class/state")["people"][1:]}


def ids(school: Sandbox, *names: str) -> list[str]:
    """Return the IDs of trainees."""
    return [people(school)[name]["id"] for name in names]


def declare(school: Sandbox, number: int, name: str = "Search finds nothing") -> str:
    """Let a trainee declare an incident."""
    key = school.roster.trainees[number].key
    severity = next(
        entry["id"] for entry in ask(school, "GET", "/v1/severities", key)["severities"] if entry["name"] == "Major"
    )
    sent = {"idempotency_key": name, "visibility": "public", "mode": "test", "name": name, "severity_id": severity}
    return str(ask(school, "POST", "/v2/incidents", key, json=sent)["incident"]["id"])


def test_a_drill_for_some(school: Sandbox) -> None:
    """A scenario is started for the chosen ones, paused and stopped for one of them, and for all who are left."""
    assert {scenario["name"] for scenario in ask(school, "GET", "/sandbox/class/state")["scenarios"]} >= {
        "bad-deploy",
        "slow-burn",
    }
    started = ask(
        school, "POST", "/sandbox/class/drills", json={"scenario": "bad-deploy", "people": ids(school, "Ada", "Cleo")}
    )
    assert started == {"drills": 2}
    found = people(school)
    assert [found[name]["drill"] and found[name]["drill"]["state"] for name in ("Ada", "Bob", "Cleo")] == [
        "running",
        None,
        "running",
    ]
    assert ask(school, "POST", "/sandbox/class/drills/pause", json={"people": ids(school, "Cleo")}) == {"drills": 1}
    school.advance(600)
    found = people(school)
    assert (found["Ada"]["drill"]["seconds"], found["Cleo"]["drill"]["seconds"]) == (600, 0)
    assert found["Cleo"]["drill"]["state"] == "paused"
    assert found["Cleo"]["silence"] is None
    ask(school, "POST", "/sandbox/class/drills/resume", json={"people": []})
    assert people(school)["Cleo"]["drill"]["state"] == "running"
    assert ask(school, "POST", "/sandbox/class/drills/stop", json={}) == {"drills": 2}
    assert {person["drill"] and person["drill"]["state"] for person in people(school).values()} == {"ended", None}


def test_scores_actions_and_silence_are_live(school: Sandbox) -> None:
    """Points, the last action and the time since then follow what each trainee does, and nobody else's does."""
    ask(school, "POST", "/sandbox/class/drills", json={"scenario": "bad-deploy", "people": []})
    school.advance(240)
    assert people(school)["Ada"]["silence"] == 240
    assert people(school)["Ada"]["drill"]["score"] == {"score": 0, "of": 60, "pending": 60}
    declare(school, 0)
    school.advance(60)
    found = people(school)
    assert found["Ada"]["action"] == "declared an incident"
    assert found["Ada"]["silence"] == 60
    assert found["Ada"]["drill"]["score"] == {"score": 20, "of": 60, "pending": 40}
    assert found["Bob"]["action"] == ""
    assert found["Bob"]["silence"] == 301  # the frozen clock moved on by a second with the declaration
    assert found["Bob"]["drill"]["score"]["score"] == 0


def test_what_was_refused_is_no_action(school: Sandbox) -> None:
    """Reading, and a write that was refused, is presence, but no action."""
    key = school.roster.trainees[0].key
    headers = {"Authorization": f"Bearer {key}"}
    assert requests.post(f"{school.url}/v2/incidents", json={}, headers=headers, timeout=9).status_code == 403
    found = people(school)["Ada"]
    assert found["connected"]
    assert found["action"] == ""


def test_whose_incidents_are(school: Sandbox) -> None:
    """Each open incident says whose it is: a trainee's, or those who share it; an alarm's, too."""
    alarm = {"after": 0, "kind": "alert", "who": "", "title": "Flapping", "text": "", "opens": True}
    ask(school, "POST", "/sandbox/drills", school.roster.trainees[2].key, json={"name": "mine", "acts": [alarm]})
    shared = {"name": "shared", "key_ids": ids(school, "Ada", "Bob"), "shared": True, "acts": []}
    ask(school, "POST", "/sandbox/drills", school.key, json=shared)
    declare(school, 1)
    by = {
        incident["name"]: incident["by"]
        for incident in ask(school, "GET", "/sandbox/class/state")["incidents"]
        if incident["mode"] == "test"
    }
    assert by["Flapping"] == "Cleo"
    assert by["Search finds nothing"] == "Ada, Bob"
    assert all(incident["by"] for incident in ask(school, "GET", "/sandbox/class/state")["incidents"])


def test_a_scenario_that_is_none(school: Sandbox) -> None:
    """An unknown scenario or person is refused; a sandbox without a library offers no scenarios."""
    headers = {"X-Sandbox-Admin": school.roster.admin}
    for sent in ({"scenario": "nothing"}, {}, {"scenario": "bad-deploy", "people": ["01X"]}):
        answer = requests.post(f"{school.url}/sandbox/class/drills", json=sent, headers=headers, timeout=9)
        assert answer.status_code == 422
    with Sandbox(epoch="2026-01-15T14:00:00Z", incidents=0, trainees=1) as plain:
        assert ask(plain, "GET", "/sandbox/class/state")["scenarios"] == []


def test_a_reset_forgets_drills_and_scores(school: Sandbox) -> None:
    """After a reset nobody plays, nobody has done anything, and the names are there."""
    ask(school, "POST", "/sandbox/class/drills", json={"scenario": "bad-deploy", "people": []})
    declare(school, 0)
    ask(school, "POST", "/sandbox/reset")
    found = people(school)
    assert list(found) == ["Ada", "Bob", "Cleo"]
    assert {(person["drill"], person["action"], person["requests"]) for person in found.values()} == {(None, "", 0)}
