"""A class: a key for each trainee, a page for the facilitator, a secret that guards it, nothing lost.

Serves `sandbox/classroom/presence.py`, `sandbox/classroom/key_file.py` and `sandbox/classroom/roster.py`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EPOCH = "2026-06-01T12:00:00Z"
MESSAGES = 12
EVERYONE = {"X-Sandbox-Everyone": "true"}


class Started:
    """A class in a process of its own, and what it printed."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "incidentio_magic", "sandbox", "--epoch", EPOCH, "--incidents", "15"]
        self.process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.process.stdout
        self.lines = [self.process.stdout.readline()]
        while not re.match(r"# .*(they are not shown again|keys from before)", self.lines[-1]):
            self.lines.append(self.process.stdout.readline())
        self.url = self.lines[0].partition("=")[2].strip()
        self.facilitator = self.lines[1].partition("=")[2].strip()
        self.admin = self.lines[4].strip().rpartition("#")[2]

    def keys(self, count: int) -> dict[str, str]:
        """Read so many keys, by name."""
        assert self.process.stdout
        lines = [self.process.stdout.readline() for _ in range(count)]
        return dict(re.fullmatch(r"#   (.+)  (\S+)\n", line).groups() for line in lines)  # type: ignore[union-attr,misc]

    def end(self, how: signal.Signals) -> str:
        """Send a signal and return what was said on standard error."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=20)[1]


@pytest.fixture
def started() -> Iterator[list[Started]]:
    """The processes of a test, ended with it."""
    processes: list[Started] = []
    yield processes
    for process in processes:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def school() -> Iterator[Sandbox]:
    """A class of three whose clock stands still; each test resets it."""
    with Sandbox(epoch=EPOCH, incidents=20, trainees=3, frozen=True) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, method: str, path: str, key: str = "", **more: object) -> requests.Response:
    """Send a request with a key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.request(
        method, sandbox.url + path, headers={**headers, **more.pop("headers", {})}, timeout=10, **more
    )  # type: ignore[arg-type]


@pytest.mark.slow
def test_killed_and_started_again_nothing_is_lost(started: list[Started], tmp_path: Path) -> None:
    """Killed while a whole class writes: every answered write, every key and the page's secret are there again."""
    database = str(tmp_path / "drill.sqlite")
    server = Started("--db", database, "--keys", "4")
    started.append(server)
    keys = server.keys(4)
    acknowledged: set[str] = set()

    def work(key: str) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {key}"
            severity = session.get(f"{server.url}/v1/severities", timeout=9).json()["severities"][0]["id"]
            own = {"idempotency_key": key, "visibility": "public", "mode": "test", "severity_id": severity}
            found = session.post(f"{server.url}/v2/incidents", json=own, timeout=9).json()["incident"]["id"]
            for number in range(1000):
                sent = {"idempotency_key": f"{key}-{number}", "incident_id": found, "message": "x"}
                try:
                    answer = session.post(f"{server.url}/v2/incident_updates", json=sent, timeout=9)
                except requests.RequestException:
                    return
                acknowledged.add(answer.json()["incident_update"]["id"])

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, key) for key in keys.values()]
        while len(acknowledged) < 4 * MESSAGES:
            assert not all(worker.done() for worker in workers)
            time.sleep(0.01)
        server.end(signal.SIGKILL)
        for worker in workers:
            worker.result()
    two = Started("--db", database, "--keys", "4")
    started.append(two)
    assert "4 trainees have their keys from before" in two.lines[-1]
    assert (two.facilitator, two.admin) == (server.facilitator, server.admin)
    for name, key in keys.items():
        headers = {"Authorization": f"Bearer {key}"}
        identity = requests.get(f"{two.url}/v1/identity", headers=headers, timeout=9).json()["identity"]
        assert identity["name"] == name
    two.end(signal.SIGTERM)
    with Sandbox(database=database) as sandbox:
        assert sandbox.service
        kept = {row["id"] for row in sandbox.service.store.rows("SELECT id FROM incident_updates")}
        assert acknowledged <= kept
        assert len({trainee.key for trainee in sandbox.roster.trainees}) == 4


def test_other_machines_are_warned_about(started: list[Started]) -> None:
    """Bound elsewhere, it says that nothing is encrypted and how to make a tunnel; keys are not on standard error."""
    server = Started("--host", "0.0.0.0", "--keys", "2")
    started.append(server)
    keys = server.keys(2)
    assert "other machines can reach it" in server.lines[2]
    printed = server.end(signal.SIGTERM)
    assert "nothing is encrypted" in printed
    assert "ssh -N -L" in printed
    assert not [key for key in keys.values() if key in printed]


@pytest.mark.slow
def test_a_class_grows_and_shows_its_keys_once_more(started: list[Started], tmp_path: Path) -> None:
    """More trainees get keys, those who were there keep theirs; --show-keys prints all again."""
    database = str(tmp_path / "drill.sqlite")
    for arguments, shown in ((("2",), 2), (("3",), 1), (("3", "--show-keys"), 3)):
        server = Started("--db", database, "--keys", *arguments)
        started.append(server)
        assert "without --show-keys" in server.lines[-1]
        keys = server.keys(shown)
        assert list(keys)[-1] == f"Trainee 0{max(2, int(arguments[0]))}"
        server.end(signal.SIGTERM)


def test_trainees_are_themselves_and_see_nothing_private(school: Sandbox) -> None:
    """Each key has its trainee's name, what it writes is that trainee's, and private incidents are hidden from it."""
    school.reset()
    for trainee in school.roster.trainees:
        identity = ask(school, "GET", "/v1/identity", trainee.key).json()["identity"]
        assert identity["name"] == trainee.name
        sent = {"idempotency_key": trainee.name, "visibility": "public", "name": "Practice", "mode": "test"}
        severity = ask(school, "GET", "/v1/severities", trainee.key).json()["severities"][0]["id"]
        made = ask(school, "POST", "/v2/incidents", trainee.key, json={**sent, "severity_id": severity}).json()
        assert made["incident"]["creator"]["api_key"]["name"] == trainee.name
        listed = ask(school, "GET", "/v2/incidents", trainee.key).json()["incidents"]
        assert {entry["visibility"] for entry in listed} == {"public"}


def test_who_lists_which_test_incidents(school: Sandbox) -> None:
    """The key decides: each lists its own test incidents; the facilitator on request everybody's, with who declared."""
    school.reset()
    severity = ask(school, "GET", "/v1/severities", school.key).json()["severities"][0]["id"]
    sent = {"idempotency_key": "same", "visibility": "public", "name": "Same", "mode": "test", "severity_id": severity}

    def creators(key: str, **headers: str) -> list[str]:
        path = "/v2/incidents?mode[one_of]=test&page_size=250"
        found = ask(school, "GET", path, key, headers=headers).json()["incidents"]
        keys = [incident["creator"].get("api_key") for incident in found]
        return sorted(creator["name"] if creator else "" for creator in keys)

    before = creators(school.key)
    for trainee in school.roster.trainees:
        ask(school, "POST", "/v2/incidents", trainee.key, json=sent)
    names = [trainee.name for trainee in school.roster.trainees]
    assert [creators(trainee.key) for trainee in school.roster.trainees] == [[name] for name in names]
    assert creators(school.key) == before
    assert creators(school.key, **EVERYONE) == sorted([*before, *names])
    ask(school, "POST", "/v2/incidents", school.key, json=sent)
    assert creators(school.key) == sorted([*before, "Facilitator"])


def test_trainees_who_write_the_same_do_not_share_it(school: Sandbox) -> None:
    """A class types the same cells, with the same idempotency keys: each has an incident of their own, and only one."""
    school.reset()
    severity = ask(school, "GET", "/v1/severities", school.key).json()["severities"][0]["id"]
    sent = {"idempotency_key": "same", "visibility": "public", "name": "Same", "mode": "test", "severity_id": severity}
    made = [
        ask(school, "POST", "/v2/incidents", trainee.key, json=sent).json()["incident"]["id"]
        for trainee in school.roster.trainees * 2
    ]
    assert len(set(made)) == 3
    assert made[:3] == made[3:]


ADMIN = [
    ("GET", "/sandbox/state"),
    ("GET", "/sandbox/class/state"),
    ("POST", "/sandbox/faults"),
    ("DELETE", "/sandbox/faults"),
    ("POST", "/sandbox/clock"),
    ("POST", "/sandbox/reset"),
    ("POST", "/sandbox/keys"),
]


@pytest.mark.parametrize(("method", "path"), ADMIN)
def test_trainees_cannot_run_the_class(school: Sandbox, method: str, path: str) -> None:
    """Also on this machine a trainee's key, a wrong secret or none changes and shows nothing."""
    trainee = school.roster.trainees[0].key
    for key, secret in ((trainee, ""), ("", ""), ("", "wrong"), (trainee, "wrong")):
        answer = ask(school, method, path, key, headers={"X-Sandbox-Admin": secret}, json={"advance": 1})
        assert answer.status_code == 403
    assert ask(school, "GET", "/sandbox/state", headers={"X-Sandbox-Admin": school.roster.admin}).status_code == 200
    assert ask(school, "GET", "/sandbox/state", school.key).status_code == 200


def test_trainees_do_not_share_drills(school: Sandbox) -> None:
    """A trainee starts, sees and stops only drills of their own; the facilitator everybody's."""
    school.reset()
    first, second, _ = (trainee.key for trainee in school.roster.trainees)
    made = ask(school, "POST", "/sandbox/drills", first, json={"name": "mine", "acts": []}).json()["drills"][0]
    assert ask(school, "GET", "/sandbox/drills", second).json()["drills"] == []
    for path in (f"/sandbox/drills/{made['id']}/stop", f"/sandbox/drills/{made['id']}/dashboard"):
        assert ask(school, "POST", path, second, json={}).status_code == 404
    assert ask(school, "GET", "/sandbox/drills?everyone=true", second).status_code == 403
    assert ask(school, "POST", "/sandbox/drills", second, json={"name": "x", "everyone": True}).status_code == 403
    assert ask(school, "GET", "/sandbox/drills").status_code == 403
    assert ask(school, "GET", "/sandbox/drills", "wrong").status_code == 403
    everyone = ask(school, "POST", "/sandbox/drills", school.key, json={"name": "all", "everyone": True})
    assert len(everyone.json()["drills"]) == 3
    seen = ask(school, "GET", "/sandbox/drills?everyone=true", school.key).json()["drills"]
    assert [entry["name"] for entry in seen if entry["ended_at"] is None] == ["all"] * 3
    assert ask(school, "POST", f"/sandbox/drills/{seen[0]['id']}/stop", school.key).status_code == 200


def test_reset_keeps_the_class(school: Sandbox) -> None:
    """Reset goes back to the seeded rows and clock; keys, secret and identifiers stay the same."""
    school.reset()
    trainee = school.roster.trainees[0].key
    before = ask(school, "GET", "/v1/identity", trainee).json()["identity"]
    listed = ask(school, "GET", "/v2/incidents", trainee).json()
    ask(school, "POST", "/sandbox/drills", trainee, json={"name": "mine", "acts": []})
    ask(school, "POST", "/sandbox/clock", school.key, json={"advance": 600, "speed": 10})
    assert ask(school, "POST", "/sandbox/reset", school.key).json()["clock"]["now"].startswith("2026-06-01T12:00:00")
    assert ask(school, "GET", "/v1/identity", trainee).json()["identity"] == before
    assert ask(school, "GET", "/v2/incidents", trainee).json() == listed
    assert ask(school, "GET", "/sandbox/drills", trainee).json()["drills"] == []
    assert ask(school, "GET", "/sandbox/state", school.key).json()["clock"]["speed"] == 0


def test_reset_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults are still on; the seeded state is in the file, and those who came later keep their keys over a reset."""
    database = str(tmp_path / "drill.sqlite")
    with Sandbox(database=database, epoch=EPOCH, incidents=10, trainees=2, frozen=True) as sandbox:
        listed = ask(sandbox, "GET", "/v2/incidents", sandbox.key).json()
        severity = ask(sandbox, "GET", "/v1/severities", sandbox.key).json()["severities"][0]["id"]
        sent = {"idempotency_key": "k", "visibility": "public", "mode": "test", "severity_id": severity}
        first = ask(sandbox, "POST", "/v2/incidents", sandbox.roster.trainees[0].key, json=sent).json()["incident"]
        keys = [entry.key for entry in sandbox.roster.trainees]
        sandbox.fault("slow", "/v1", seconds=0.0)
        sandbox.fault("status", "GET /v1/severities", times=2)
        assert ask(sandbox, "GET", "/v1/severities", sandbox.key).status_code == 200  # the first of them is slow
    monkeypatch.setattr("incidentio_magic.sandbox.history.seed.fill", lambda *_arguments: pytest.fail("seeded anew"))
    with Sandbox(database=database, trainees=3, frozen=True) as sandbox:
        assert ask(sandbox, "GET", "/v2/incidents/11", sandbox.key).json()["incident"]["id"] == first["id"]
        assert sandbox.service
        assert [(entry.kind, entry.times) for entry in sandbox.service.faults.waiting()] == [
            ("slow", None),
            ("status", 2),
        ]
        sandbox.reset()
        assert not sandbox.service.faults.waiting()
        assert ask(sandbox, "GET", "/v2/incidents", sandbox.key).json() == listed
        assert [entry.key for entry in sandbox.roster.trainees][:2] == keys
        for trainee in sandbox.roster.trainees:
            identity = ask(sandbox, "GET", "/v1/identity", trainee.key).json()["identity"]
            assert identity["name"] == trainee.name
        again = ask(sandbox, "POST", "/v2/incidents", sandbox.roster.trainees[1].key, json=sent).json()["incident"]
        assert again["reference"] == first["reference"]
        assert again["id"] != first["id"]  # who still holds the first one's does not write to another's


def test_who_is_connected(school: Sandbox) -> None:
    """The facilitator sees who was there lately, what they asked last, and what they have open."""
    school.reset()
    trainee = school.roster.trainees[1]
    ask(school, "GET", "/v1/severities", trainee.key)
    state = ask(school, "GET", "/sandbox/class/state", school.key).json()
    people = {person["name"]: person for person in state["people"]}
    assert list(people) == ["Facilitator", "Trainee 01", "Trainee 02", "Trainee 03"]
    assert people["Trainee 02"]["connected"]
    assert people["Trainee 02"]["last"] == "GET /v1/severities"
    assert not people["Trainee 01"]["connected"]
    assert people["Trainee 01"]["ago"] is None
    ask(school, "GET", "/sandbox/drills", school.roster.trainees[0].key)
    state = ask(school, "GET", "/sandbox/class/state", headers={"X-Sandbox-Admin": school.roster.admin}).json()
    assert [person["connected"] for person in state["people"]] == [True, True, True, False]
    assert {incident["name"] for incident in state["incidents"] if "private" in incident["name"]} <= {"🔒 private"}
    assert trainee.key not in str(state)
    alarm = {"after": 0, "kind": "alert", "who": "", "title": "Flapping", "text": "", "opens": True}
    ask(school, "POST", "/sandbox/drills", trainee.key, json={"name": "mine", "acts": [alarm]})
    opened = ask(school, "GET", "/sandbox/class/state", school.key).json()["incidents"][0]
    assert (opened["name"], opened["by"]) == ("Flapping", "Trainee 02")


def test_one_fault_is_switched_off_alone(school: Sandbox) -> None:
    """Faults are switched one by one."""
    school.reset()
    for fault in ({"kind": "slow", "endpoint": "/v1"}, {"kind": "slow", "endpoint": "/v2"}, {"kind": "drop"}):
        ask(school, "POST", "/sandbox/faults", school.key, json=fault)
    left = ask(school, "DELETE", "/sandbox/faults?kind=slow&endpoint=/v1", school.key).json()["faults"]
    assert [(entry["kind"], entry["endpoint"]) for entry in left] == [("slow", "/v2"), ("drop", "*")]
    assert ask(school, "DELETE", "/sandbox/faults", school.key).json()["faults"] == []


def test_the_page_holds_no_data(school: Sandbox) -> None:
    """The page is the same for everybody; its secret is in no request's address, and nothing comes from elsewhere."""
    answer = ask(school, "GET", "/sandbox/class")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"https?://|innerHTML|src=", answer.text)
    assert school.roster.admin not in answer.text


def test_a_sandbox_without_a_class() -> None:
    """Without trainees there is one key, which is made anew, and its holder runs the sandbox."""
    with Sandbox(epoch=EPOCH, incidents=2) as sandbox, Sandbox(epoch=EPOCH, incidents=2) as other:
        assert sandbox.key != other.key
        assert not sandbox.roster.trainees
        assert ask(sandbox, "GET", "/sandbox/state").status_code == 403
        assert ask(sandbox, "GET", "/sandbox/state", other.key).status_code == 403
        assert ask(sandbox, "GET", "/sandbox/state", sandbox.key).status_code == 200
        assert requests.get(f"{sandbox.url}/sandbox/about", timeout=9).json() == {"sandbox": True}


def test_a_shared_drill_is_played_together(school: Sandbox) -> None:
    """All who share a drill see and write to its incidents; only the facilitator steers it, and it counts once."""
    school.reset()
    first, second, third = (trainee.key for trainee in school.roster.trainees)
    shared = {"name": "shared", "everyone": True, "shared": True, "acts": []}
    made = ask(school, "POST", "/sandbox/drills", school.key, json=shared).json()["drills"]
    assert [entry["key"]["name"] for entry in made] == ["The class"]
    assert [member["name"] for member in made[0]["members"]] == ["Trainee 01", "Trainee 02", "Trainee 03"]
    severity = ask(school, "GET", "/v1/severities", first).json()["severities"][0]["id"]
    sent = {"idempotency_key": "k", "visibility": "private", "mode": "test", "severity_id": severity}
    incident = ask(school, "POST", "/v2/incidents", first, json=sent).json()["incident"]["id"]
    update = {"idempotency_key": "k", "incident_id": incident, "message": "From a colleague"}
    assert ask(school, "POST", "/v2/incident_updates", second, json=update).status_code == 201
    assert ask(school, "GET", "/sandbox/drills", third).json()["drills"][0]["incident_ids"] == [incident]
    for path, body in ((f"/sandbox/drills/{made[0]['id']}/stop", {}), ("/sandbox/drills", {"name": "x", "acts": []})):
        refused = ask(school, "POST", path, second, json=body)
        assert refused.status_code == 403
        assert "the facilitator" in refused.json()["errors"][0]["message"]
    assert ask(school, "POST", f"/sandbox/drills/{made[0]['id']}/stop", school.key).status_code == 200
    assert ask(school, "POST", "/sandbox/drills", second, json={"name": "x", "acts": []}).status_code == 201


def test_the_facilitators_drill_is_not_a_trainees_to_steer(school: Sandbox) -> None:
    """A pause or a new start would change what is scored: both are the facilitator's; what a trainee starts says so."""
    school.reset()
    trainee = school.roster.trainees[0].key
    mine = ask(school, "POST", "/sandbox/drills", trainee, json={"name": "mine", "acts": []}).json()["drills"][0]
    assert mine["practice"]
    for action in ("pause", "resume", "stop"):
        assert ask(school, "POST", f"/sandbox/drills/{mine['id']}/{action}", trainee).status_code == 200
    body = {"name": "exam", "everyone": True, "acts": []}
    exam = next(
        drill
        for drill in ask(school, "POST", "/sandbox/drills", school.key, json=body).json()["drills"]
        if drill["members"] == mine["members"]
    )
    assert not exam["practice"]
    for path in (
        *(f"/sandbox/drills/{exam['id']}/{action}" for action in ("pause", "resume", "stop")),
        "/sandbox/drills",
    ):
        refused = ask(school, "POST", path, trainee, json={"name": "mine", "acts": []})
        assert refused.status_code == 403
        assert "only the facilitator pauses, stops or replaces it" in refused.json()["errors"][0]["message"]
    kept = ask(school, "GET", "/sandbox/drills", trainee).json()["drills"][0]
    assert (kept["id"], kept["ended_at"], kept["paused_at"]) == (exam["id"], None, None)


def test_some_of_the_class_play(school: Sandbox) -> None:
    """The facilitator starts a drill for some; a trainee who is not one of them, or is unknown, plays none."""
    school.reset()
    assert school.service
    chosen = [person["id"] for person in school.service.trainees()][1:]
    made = ask(school, "POST", "/sandbox/drills", school.key, json={"name": "x", "key_ids": chosen, "acts": []})
    assert [drill["key"]["name"] for drill in made.json()["drills"]] == ["Trainee 02", "Trainee 03"]
    assert ask(school, "GET", "/sandbox/drills", school.roster.trainees[0].key).json()["drills"] == []
    unknown = ask(school, "POST", "/sandbox/drills", school.key, json={"name": "x", "key_ids": ["01X"], "acts": []})
    assert unknown.status_code == 422
    trainee = school.roster.trainees[0].key
    assert ask(school, "POST", "/sandbox/drills", trainee, json={"name": "x", "key_ids": chosen}).status_code == 403
