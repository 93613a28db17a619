"""What a trainee's key cannot do, sent without any client: the class's server decides, by the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.classroom import write_rules
from incidentio_magic.sandbox.http.scopes import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = "2026-06-01T12:00:00Z"
WRITES = sorted(name for name in OPERATIONS if not name.startswith(("GET ", "HEAD ")))


@dataclass
class Person:
    """Somebody with a key, who sends plain requests.

    Args:
        sandbox: the class.
        key: the API key.
    """

    sandbox: Sandbox
    key: str

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return requests.request(method, self.sandbox.url + path, headers=headers, timeout=10, **more)

    def ids(self, path: str) -> dict[str, str]:
        """Return the IDs of a list of the organisation, by name."""
        (rows,) = [rows for rows in self("GET", path).json().values() if isinstance(rows, list)]
        return {row["name"]: row["id"] for row in rows}

    def declare(self, key: str, **more: object) -> requests.Response:
        """Declare an incident."""
        severity = self.ids("/v1/severities")["Minor"]
        sent = {"idempotency_key": key, "visibility": "public", "mode": "test", "severity_id": severity}
        return self("POST", "/v2/incidents", json=sent | more)

    def declared(self, key: str, **more: object) -> dict[str, Any]:
        """Declare an incident and return it."""
        answer = self.declare(key, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["incident"]

    def listed(self) -> set[str]:
        """Return the references of all incidents that this key sees, of every mode."""
        query = [("page_size", "250"), *(("mode[one_of]", mode) for mode in ("standard", "test", "retrospective"))]
        return {row["reference"] for row in self("GET", "/v2/incidents", params=query).json()["incidents"]}


@pytest.fixture(scope="module")
def school() -> Iterator[Sandbox]:
    """A class of three whose clock stands still."""
    with Sandbox(epoch=EPOCH, incidents=40, trainees=3, frozen=True, rate=100_000, list_rate=100_000) as sandbox:
        yield sandbox


@pytest.fixture
def people(school: Sandbox) -> list[Person]:
    """The facilitator and the trainees, in a class as it was at its start."""
    school.reset()
    return [Person(school, school.key), *(Person(school, trainee.key) for trainee in school.roster.trainees)]


def requests_to(incident: dict[str, Any], person: Person, facilitator: Person) -> dict[str, tuple[str, Any]]:
    """Return a request for each operation that writes, aimed at an incident and what belongs to it."""
    identity = incident["id"]
    about = {"incident_id": identity, "idempotency_key": f"{person.key} {identity}"}
    path = next(iter(facilitator.ids("/v2/escalation_paths").values()))

    def make(route: str, name: str, **more: object) -> str:
        answer = facilitator("POST", route, json=about | {"idempotency_key": f"{route} {identity}"} | more)
        assert answer.ok, answer.text
        return answer.json()[name]["id"]

    item = make("/v2/incident_timeline_items", "incident_timeline_item", timestamp=EPOCH, title="x")
    action = make("/v3/actions", "action", description="x")
    follow_up = make("/v3/follow_ups", "follow_up", title="x")
    page = make("/v2/escalations", "escalation", title="x", escalation_path_id=path)
    imported = {"title": "x", "content": "x", "idempotency_key": f"import {identity}"}
    answer = facilitator("POST", f"/v2/incidents/{identity}/actions/import_postmortem_document", json=imported)
    documents = facilitator("GET", f"/v1/postmortem_documents?incident_id={identity}").json()["postmortem_documents"]
    assert documents, answer.text
    document = documents[0]["id"]
    resource = {"external_id": "x", "resource_type": "statuspage_incident"}
    edit = {"incident": {"name": "Taken over"}, "notify_incident_channel": False}
    return {
        "POST /v2/incidents/{id}/actions/edit": (f"/v2/incidents/{identity}/actions/edit", edit),
        "POST /v2/incidents/{id}/actions/import_postmortem_document": (
            f"/v2/incidents/{identity}/actions/import_postmortem_document",
            imported,
        ),
        "POST /v2/incident_updates": ("/v2/incident_updates", about | {"message": "Taken over"}),
        "POST /v2/incident_timeline_items": (
            "/v2/incident_timeline_items",
            about | {"timestamp": EPOCH, "title": "Taken over"},
        ),
        "POST /v1/incident_attachments": ("/v1/incident_attachments", about | {"resource": resource}),
        "POST /v3/actions": ("/v3/actions", about | {"description": "Taken over"}),
        "POST /v3/follow_ups": ("/v3/follow_ups", about | {"title": "Taken over"}),
        "POST /v2/escalations": ("/v2/escalations", about | {"title": "Taken over", "escalation_path_id": path}),
        "PATCH /v2/incident_timeline_items/{id}": (f"/v2/incident_timeline_items/{item}", {"title": "Taken over"}),
        "PUT /v3/actions/{id}": (f"/v3/actions/{action}", {"description": "Taken over", "status": "completed"}),
        "PUT /v3/follow_ups/{id}": (f"/v3/follow_ups/{follow_up}", {"title": "Taken over", "status": "completed"}),
        "PUT /v1/postmortem_documents/{id}": (
            f"/v1/postmortem_documents/{document}",
            {"status": "completed"},
        ),
        "POST /v2/escalations/{id}/actions/respond": (f"/v2/escalations/{page}/actions/respond", {"response": "ack"}),
        "POST /v2/escalations/{id}/actions/cancel": (f"/v2/escalations/{page}/actions/cancel", {}),
    }


def counts(school: Sandbox) -> dict[str, str]:
    """Return what the tables hold, as a text, without what counting itself changes."""
    assert school.service
    tables = ("incidents", "incident_updates", "incident_timeline_items", "actions", "follow_ups", "escalations")
    tables += ("incident_attachments", "postmortem_documents")
    return {
        table: str([tuple(row) for row in school.service.store.rows(f"SELECT id, document FROM {table} ORDER BY id")])
        for table in tables
    }


@pytest.mark.parametrize("whose", ["real", "another's", "seeded test"])
def test_no_write_reaches_what_is_not_ones_own(school: Sandbox, people: list[Person], whose: str) -> None:
    """Every operation that writes is tried against a real incident, another's and a seeded test: nothing changes."""
    facilitator, first, second, _ = people
    if whose == "another's":
        incident = second.declared("theirs")
    else:
        mode = "standard" if whose == "real" else "test"
        query = {"mode[one_of]": mode, "status_category[one_of]": "live"}
        incident = facilitator("GET", "/v2/incidents", params=query).json()["incidents"][0]
    sent = requests_to(incident, first, facilitator)
    assert {*sent, write_rules.DECLARE} == set(WRITES), "an operation that writes is not tried here"
    before = counts(school)
    for name, (path, body) in sent.items():
        answer = first(name.partition(" ")[0], path, json=body)
        assert answer.status_code == 403, (name, answer.text)
        assert answer.json()["errors"][0]["code"] == "class_rule", answer.text
        assert answer.json()["errors"][0]["message"].endswith("nothing was written")
    number = incident["reference"].removeprefix("INC-")
    edit = {"incident": {"name": "Taken over"}, "notify_incident_channel": False}
    assert first("POST", f"/v2/incidents/{number}/actions/edit", json=edit).status_code == 403  # by number, too
    assert counts(school) == before


def test_own_test_incidents_can_be_written_to(people: list[Person]) -> None:
    """The same requests work for whose incident it is."""
    facilitator, first, *_ = people
    sent = requests_to(first.declared("mine"), first, facilitator)
    for name, (path, body) in sent.items():
        answer = first(name.partition(" ")[0], path, json=body)
        assert answer.ok, (name, answer.text)


@pytest.mark.parametrize("mode", [None, "standard", "retrospective"])
def test_only_test_incidents_are_declared(people: list[Person], mode: str | None) -> None:
    """A declaration that is no test is refused, also where the mode is left out."""
    _, first, *_ = people
    sent = {"idempotency_key": "k", "visibility": "public", "severity_id": first.ids("/v1/severities")["Minor"]}
    answer = first("POST", "/v2/incidents", json=sent | ({} if mode is None else {"mode": mode}))
    assert answer.status_code == 403
    assert f"would be {mode or 'standard'}" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("about", [{}, {"incident_id": ""}, {"incident_id": None}, {"incident_id": 7}])
def test_a_page_needs_an_incident_of_ones_own(people: list[Person], about: dict[str, object]) -> None:
    """Nobody is paged about nothing."""
    facilitator, first, *_ = people
    path = next(iter(facilitator.ids("/v2/escalation_paths").values()))
    sent = {"idempotency_key": "k", "title": "Wake up", "escalation_path_id": path}
    assert first("POST", "/v2/escalations", json=sent | about).status_code == 403


def test_nothing_is_merged(school: Sandbox, people: list[Person]) -> None:
    """Neither into another incident by its status, nor by writing to what was merged."""
    _, first, *_ = people
    own = first.declared("mine")
    merged = first.ids("/v1/incident_statuses")["Merged"]
    sent = {"idempotency_key": "k", "incident_id": own["id"], "to_incident_status_id": merged}
    assert first("POST", "/v2/incident_updates", json=sent).status_code == 403
    edit = {"incident": {"incident_status_id": merged}, "notify_incident_channel": False}
    assert first("POST", f"/v2/incidents/{own['id']}/actions/edit", json=edit).status_code == 403
    assert school.service
    with school.service.store.writing():
        incident = school.service.store.document("incidents", own["id"]) or {}
        school.service.journal.change(incident, EPOCH, {"api_key": {}}, status_id=merged)
        school.service.journal.save(incident)
    update = {"idempotency_key": "l", "incident_id": own["id"], "message": "x"}
    answer = first("POST", "/v2/incident_updates", json=update)
    assert "was merged into another" in answer.json()["errors"][0]["message"]


def test_an_unknown_operation_is_refused(school: Sandbox) -> None:
    """A route that comes later writes nothing in a class until somebody has decided what it may write to."""
    assert school.service
    with pytest.raises(Exception, match="403") as caught:
        write_rules.check_write(school.service, "KEY", "POST /v2/new", "", dict)
    assert "does not know what POST /v2/new would write to" in str(caught.value)


@pytest.mark.slow
def test_ones_own_is_shown(people: list[Person]) -> None:
    """A trainee sees the history and, of the tests, its own; the facilitator sees each that is named."""
    facilitator, first, second, _ = people
    history = {row for row in first.listed() if row not in second.listed()}
    assert not history
    mine, theirs = first.declared("mine")["reference"], second.declared("theirs")["reference"]
    assert first.listed() - second.listed() == {mine}
    assert second.listed() - first.listed() == {theirs}
    for reference in (mine, theirs):
        assert facilitator("GET", f"/v2/incidents/{reference.removeprefix('INC-')}").status_code == 200
    assert first("GET", f"/v2/incidents/{theirs.removeprefix('INC-')}").status_code == 404


def test_a_private_incident_is_its_owners(people: list[Person]) -> None:
    """A trainee who declares a private incident works on it; nobody else in the class sees it."""
    _, first, second, _ = people
    secret = first.declared("secret", visibility="private")
    assert first("GET", f"/v2/incidents/{secret['id']}").status_code == 200
    sent = {"idempotency_key": "k", "incident_id": secret["id"], "message": "x"}
    assert first("POST", "/v2/incident_updates", json=sent).status_code == 201
    assert second("GET", f"/v2/incidents/{secret['id']}").status_code == 404
    assert second("POST", "/v2/incident_updates", json=sent).status_code == 403
    updates = second("GET", "/v2/incident_updates", params={"incident_id": secret["id"]}).json()["incident_updates"]
    assert updates == []


def test_alerts_of_a_drill_are_its_players(people: list[Person]) -> None:
    """Before and after an incident is declared, another's alerts are neither listed nor shown."""
    _, first, second, _ = people
    alarm = {"after": 0, "kind": "alert", "who": "", "title": "Only mine", "text": ""}
    first("POST", "/sandbox/drills", json={"name": "mine", "acts": [alarm]})
    for _ in range(2):
        found = first("GET", "/v2/alerts", params={"page_size": "50"}).json()["alerts"]
        (mine,) = [alert["id"] for alert in found if alert["title"] == "Only mine"]
        others = second("GET", "/v2/alerts", params={"page_size": "50"}).json()["alerts"]
        assert mine not in {alert["id"] for alert in others}
        assert second("GET", f"/v2/alerts/{mine}").status_code == 404
        assert first("GET", f"/v2/alerts/{mine}").status_code == 200
        first.declared("mine")
