"""Every route of a class's server, asked by a trainee without any client: nothing of anybody else's comes back.

What is written is tried in `test_write_rules.py`; here is what is read, and what only the facilitator may ask for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from incidentio_magic.drills.library import Library
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.http.app import OPEN, create

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "xyzzy"  # in everything that the other trainee writes
ALARM = {"after": 0, "kind": "alert", "who": "", "title": f"{SECRET} alarm", "text": SECRET, "opens": True}
ABOUT = {
    "/v2/incident_updates": {"message": SECRET},
    "/v2/escalations": {"title": SECRET, "description": SECRET},
    "/v3/actions": {"description": SECRET},
    "/v3/follow_ups": {"title": SECRET, "description": SECRET},
    "/v2/incident_timeline_items": {"title": SECRET, "timestamp": "2026-06-01T11:00:00Z"},
    "/v1/incident_attachments": {
        "resource": {"resource_type": "arbitrary_url", "url": f"https://example.com/{SECRET}", "title": SECRET}
    },
}
QUERIES = ("", "page_size=50", "mode[one_of]=test", "incident_mode=test", "everyone=true")


@pytest.fixture(scope="module")
def school() -> Iterator[Sandbox]:
    """A class of five, one of whom has a drill, a public and a private incident, and records of every kind."""
    people = [(name, "") for name in ("Ada", "Bob", "Cleo", "Dmitri", "Eun-ji")]
    with Sandbox(
        epoch="2026-06-01T12:00:00Z",
        incidents=30,
        people=people,
        library=Library(),
        frozen=True,
        rate=100_000,
        list_rate=100_000,
    ) as sandbox:
        bob = sandbox.roster.trainees[1].key
        ask(sandbox, "POST", "/sandbox/drills", bob, json={"name": SECRET, "acts": [ALARM], "document": {"x": SECRET}})
        severity = ask(sandbox, "GET", "/v1/severities", bob).json()["severities"][0]["id"]
        path = ask(sandbox, "GET", "/v2/escalation_paths", bob).json()["escalation_paths"][0]["id"]
        for visibility in ("public", "private"):
            body = {"idempotency_key": visibility, "visibility": visibility, "mode": "test", "severity_id": severity}
            made = ask(sandbox, "POST", "/v2/incidents", bob, json={**body, "name": SECRET, "summary": SECRET})
            about = {"incident_id": made.json()["incident"]["id"], "idempotency_key": visibility}
            for endpoint, content in ABOUT.items():
                sent = {**about, **content, **({"escalation_path_id": path} if "escalations" in endpoint else {})}
                answer = ask(sandbox, "POST", endpoint, bob, json=sent)
                assert answer.ok, (endpoint, answer.text)
        yield sandbox


def ask(sandbox: Sandbox, method: str, path: str, key: str = "", **more: Any) -> requests.Response:
    """Send a request with a key, or with none."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.request(method, sandbox.url + path, headers=headers | more.pop("headers", {}), timeout=10, **more)


def rules(sandbox: Sandbox, *methods: str) -> list[tuple[str, str]]:
    """Return each route of the application with each of these methods that it serves."""
    assert sandbox.service
    served = create(sandbox.service).url_map.iter_rules()
    return sorted({(method, str(rule)) for rule in served for method in methods if method in (rule.methods or ())})


def secrets(sandbox: Sandbox) -> tuple[list[str], set[str]]:
    """Return the IDs of what belongs to private and test incidents, and the words that nobody else may read."""
    assert sandbox.service
    store = sandbox.service.store
    hidden = "SELECT id FROM incidents WHERE visibility = 'private' OR mode = 'test'"
    found = [row["id"] for row in store.rows(f"{hidden} ORDER BY created_at DESC LIMIT 8")]
    for table in ("incident_updates", "escalations", "actions", "follow_ups", "incident_timeline_items"):
        query = f"SELECT id FROM {table} WHERE incident_id IN ({hidden}) ORDER BY id DESC LIMIT 2"
        found += [row["id"] for row in store.rows(query)]
    for table in ("alerts", "drills", "postmortem_documents"):
        found += [row["id"] for row in store.rows(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 2")]
    names = "SELECT json_extract(document, '$.name') AS name FROM incidents WHERE"
    private = {row["name"] for row in store.rows(f"{names} visibility = 'private'")}
    public = {row["name"] for row in store.rows(f"{names} visibility = 'public' AND mode <> 'test'")}
    return found, {SECRET, *(private - public)}


@pytest.mark.slow
def test_no_read_shows_what_is_anothers_or_private(school: Sandbox) -> None:
    """Each route that reads is asked for lists and for each hidden thing by its ID."""
    identities, words = secrets(school)
    ada, bob = (trainee.key for trainee in school.roster.trainees[:2])
    shown_to_bob = 0
    for _, rule in rules(school, "GET"):
        if "<" in rule:
            paths = [re.sub(r"<[^>]+>", identity, rule) for identity in identities]
        else:
            about = [f"incident_id={identity}" for identity in identities[:8]]
            paths = [f"{rule}?{query}" for query in (*QUERIES, *about)]
        for path in paths:
            answer = ask(school, "GET", path, ada)
            assert answer.status_code < 500, (path, answer.text)
            assert not [word for word in words if word in answer.text], path
        shown_to_bob += any(SECRET in ask(school, "GET", path, bob).text for path in paths)
    assert shown_to_bob >= len(ABOUT)  # what is looked for can be seen by whom it belongs to


def test_only_the_facilitator_administers(school: Sandbox) -> None:
    """Each of the sandbox's own routes is refused without the token, with a trainee's key, and with a wrong token."""
    ada = school.roster.trainees[0].key
    tried = 0
    for method, rule in rules(school, "GET", "POST", "PUT", "PATCH", "DELETE"):
        if not rule.startswith("/sandbox/") or rule in OPEN or rule.startswith("/sandbox/drills"):
            continue
        path = re.sub(r"<any\([^>]*>", "stop", rule)
        for key, token in (("", ""), (ada, ""), (ada, school.roster.admin[:-1]), (school.roster.admin, ""), ("", ada)):
            refused = ask(school, method, path, key, json={}, headers={"X-Sandbox-Admin": token})
            assert refused.status_code == 403, (method, path, refused.text)
            tried += 1
    assert tried >= 50


def test_a_drill_of_another_is_not_there(school: Sandbox) -> None:
    """Another's drill can be neither steered nor ended in the dashboard, by its ID."""
    assert school.service
    (drill,) = [row["id"] for row in school.service.store.rows("SELECT id FROM drills")]
    ada = school.roster.trainees[0].key
    for action in ("stop", "pause", "resume", "dashboard"):
        assert ask(school, "POST", f"/sandbox/drills/{drill}/{action}", ada, json={"end": "cancel"}).status_code == 404
