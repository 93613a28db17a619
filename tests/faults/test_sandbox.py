"""The sandbox itself: it keeps what it acknowledged, refuses whoever has no key for it, and never breaks."""

from __future__ import annotations

import http.client
import json
import random
import signal
import threading
import time
from urllib.error import URLError
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentio_magic.sandbox.http.app import ADMIN, create
from incidentio_magic.sandbox.http.scopes import OPERATIONS, operation
from incidentio_magic.sandbox.service import Service as State
from incidentio_magic.sandbox.settings import Settings
from tests.faults.service import KEY, Service

# Kills


class Writer(threading.Thread):
    """Declares incidents until stopped, and remembers what was acknowledged.

    Args:
        service: A sandbox that is killed meanwhile.
        name: Sets its keys apart.
        severity: The severity of what it declares.
    """

    def __init__(self, service, name, severity):
        super().__init__()
        self.service = service
        self.label = name
        self.severity = severity
        self.acknowledged = {}
        self.asked = []
        self.over = threading.Event()

    def run(self):
        """Write and remember."""
        while not self.over.is_set():
            key = f"{self.label}-{len(self.asked)}"
            self.asked.append(key)
            try:
                self.acknowledged[key] = declare(self.service, key, self.severity)
            except (URLError, OSError, http.client.HTTPException, ValueError):
                self.over.wait(0.01)


def declare(service, key, severity):
    """Declare an incident and return its identifier."""
    body = {"idempotency_key": key, "visibility": "public", "name": key, "severity_id": severity}
    return service.ask("POST", "/v2/incidents", body)["incident"]["id"]


@pytest.mark.storm
def test_every_acknowledged_write_survives_a_kill(tmp_path):
    """Killed again and again while four clients write, the sandbox has every acknowledged incident, and none twice."""
    dice = random.Random(1)
    with Service(tmp_path, incidents=5) as service:
        severity = service.ask("GET", "/v1/severities")["severities"][0]["id"]
        writers = [Writer(service, f"writer-{number}", severity) for number in range(4)]
        for writer in writers:
            writer.start()
        for _kill in range(4):
            time.sleep(dice.uniform(0.05, 0.4))
            service.end(signal.SIGKILL)
            service.start()
        time.sleep(0.2)
        for writer in writers:
            writer.over.set()
        for writer in writers:
            writer.join()
        there = dict(
            service.rows("SELECT key, resource_id FROM idempotency_keys WHERE endpoint = 'POST /v2/incidents'")
        )
        acknowledged = {key: identity for writer in writers for key, identity in writer.acknowledged.items()}
        assert len(acknowledged) > 20
        assert acknowledged.items() <= there.items()
        # What was cut off may be there or not; asked once more it is there, and once.
        for writer in writers:
            for key in writer.asked[-3:]:
                assert declare(service, key, severity) == there.get(key, declare(service, key, severity))
        names = service.rows("SELECT json_extract(document, '$.name') FROM incidents WHERE number > 5")
        assert len(names) == len(set(names))
        assert service.rows("PRAGMA integrity_check") == [("ok",)]


# Every route


@pytest.fixture(scope="module")
def app():
    """The application, without a server, over a small organisation."""
    state = State(Settings(incidents=12, key=KEY, rate=10**9, list_rate=10**9, epoch="2026-01-15T14:00:00Z"))
    state.put_key("no-scopes", "Nobody", [], [])
    state.put_key("viewer", "Viewer", ["viewer"])
    yield create(state)
    state.store.close()


def routes(app):
    """Return every rule and method."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule != "/"  # the page that says what is served, for anybody
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def filled(rule, value):
    """Return a rule's path with a value for each of its parts."""
    parts = [value if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts)


def sent(app, method, path, key=KEY, **more):
    """Send a request to the application and return the answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return app.test_client().open(path, method=method, headers=headers, **more)


# An edit needs the scope of each property that it changes.
EDIT = {"idempotency_key": "k", "incident": {"name": "Renamed"}, "notify_incident_channel": False}


def test_no_key_opens_nothing(app):
    """Without a key, or with an unknown one, every route of the API answers 401."""
    for method, rule in routes(app):
        if not rule.startswith(ADMIN):
            for key in ("", "unknown", f"{KEY}x", KEY[:-1], KEY.upper()):
                assert sent(app, method, filled(rule, "1"), key).status_code == 401, (method, rule, key)


def test_a_key_without_scopes_opens_nothing(app):
    """A key without any scope reads and writes nothing: what needs a scope is a 403, or knows nothing."""
    for method, rule in routes(app):
        if rule.startswith(ADMIN) or (OPERATIONS[operation(method, rule)] is None and "edit" not in rule):
            continue
        answer = sent(app, method, filled(rule, "1"), "no-scopes", json=EDIT if method != "GET" else None)
        assert answer.status_code in {403, 404}, (method, rule, answer.status_code, answer.get_data()[:200])


def test_a_viewer_changes_nothing(app):
    """A key that may only look changes nothing, on whichever route."""
    state = app.extensions["sandbox"]
    before = list(state.store._connection.iterdump())
    for method, rule in routes(app):
        if method != "GET" and not rule.startswith(ADMIN):
            answer = sent(app, method, filled(rule, "1"), "viewer", json={**EDIT, "incident_id": "x"})
            assert answer.status_code in {403, 404}, (method, rule, answer.status_code)
    assert list(state.store._connection.iterdump()) == before


WORDS = st.sampled_from([
    "1", "0", "-1", "99999999999999999999", "INC-1", "true", "null", "%", "~", "2026-01-01", "2026-01-01~x",
    "../../etc", "[]", "1e999", "\0", "\ud7ff", "é", "", "01KF00CP400002SB8QWCDARM5X", "a" * 300,
    "'; DROP TABLE incidents; --",
])  # fmt: skip
TEXTS = WORDS | st.text(max_size=30)
FIELDS = st.sampled_from([
    "idempotency_key", "incident_id", "incident", "visibility", "name", "summary", "severity_id", "mode", "message",
    "to_incident_status_id", "to_severity_id", "custom_field_entries", "values", "value_text", "title", "timestamp",
    "incident_timestamp_values", "incident_role_assignments", "assignee", "user_ids", "escalation_path_id", "key",
    "notify_incident_channel", "roles", "scopes", "kind", "times", "probability", "advance", "retry_after", "drill",
    "trainee", "action", "seconds", "description", "markdown", "content", "email",
])  # fmt: skip
PARAMETERS = st.sampled_from([
    "page_size", "after", "incident_id", "incident_mode", "id", "email", "sort_by", "filter_mode", "status[one_of]",
    "mode[one_of]", "created_at[gte]", "updated_at[date_range]", "custom_field[x][one_of]", "severity[gte]", "[",
    "incident[one_of]", "incident_role[x][is_blank]", "call_session_id", "catalog_type_id", "custom_field_id",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_breaks_it(app, data):
    """Whatever is asked, on whichever route, with whichever method, parameters and body: no answer is a 500."""
    method, rule = data.draw(st.sampled_from(routes(app)))
    if rule.endswith(("/reset", "/clock")):
        return  # those answer for themselves elsewhere; here they would undo or move everything
    if data.draw(st.integers(0, 9)) == 0:
        method = data.draw(METHODS)
    path = filled(rule, quote(data.draw(TEXTS), safe="", errors="surrogatepass") or "1")
    query = data.draw(st.lists(st.tuples(PARAMETERS, TEXTS), max_size=4))
    key = data.draw(st.sampled_from([KEY, KEY, KEY, "viewer", ""]))
    body = data.draw(BODIES) if method != "GET" else None
    app.extensions["sandbox"].faults.clear()
    with app.test_client() as caller:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer = caller.open(path, method=method, query_string=query, data=body, headers=headers)
        assert answer.status_code < 500, (method, path, query, body, answer.get_data()[:500])
        if answer.mimetype == "application/json" and answer.status_code >= 400 and method != "HEAD":
            assert answer.get_json()["status"] == answer.status_code


JUNK = [
    None, True, -1, 1e308, 10**30, "", "\0", "\ud800", "a" * 70_000, [], {}, [None], [[]], {"id": []}, "1e999", "NaN",
    "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-01-15T13:00:00", float("nan"),
]  # fmt: skip


@pytest.fixture(scope="module")
def sound(app):
    """One sound request for each route that takes a body."""

    def first(path, name):
        return sent(app, "GET", path).get_json()[name][0]["id"]

    incident = first("/v2/incidents", "incidents")
    about = {"incident_id": incident, "idempotency_key": "k"}
    fields = sent(app, "GET", "/v2/custom_fields").get_json()["custom_fields"]
    texts = {
        "text": {"value_text": "t"},
        "link": {"value_link": "https://example.com"},
        "numeric": {"value_numeric": "4"},
    }
    properties = {
        "name": "Name",
        "summary": "Summary",
        "severity_id": first("/v1/severities", "severities"),
        "custom_field_entries": [
            {"custom_field_id": field["id"], "values": [texts[field["field_type"]]]}
            for field in fields
            if field["field_type"] in texts
        ],
        "incident_role_assignments": [
            {
                "incident_role_id": first("/v2/incident_roles", "incident_roles"),
                "assignee": {"id": first("/v2/users", "users")},
            }
        ],
    }
    return {
        "/v2/incidents": {"idempotency_key": "k", "visibility": "public", "mode": "test", **properties},
        f"/v2/incidents/{incident}/actions/edit": {"incident": properties, "notify_incident_channel": True},
        "/v2/incident_updates": {**about, "message": "m", "to_severity_id": properties["severity_id"]},
        "/v2/incident_timeline_items": {**about, "title": "t", "description": "d", "timestamp": "2026-01-15T13:00:00Z"},
        "/v2/escalations": {
            **about,
            "title": "t",
            "escalation_path_id": first("/v2/escalation_paths", "escalation_paths"),
        },
        f"/v2/incidents/{incident}/actions/import_postmortem_document": {
            "title": "t",
            "content": "# t",
            "markdown": "# t",
        },
        f"{ADMIN}faults": {"kind": "status", "status": 503, "retry_after": 1, "probability": 0.5, "times": 2},
        f"{ADMIN}keys": {"key": "another", "name": "n", "roles": ["viewer"], "scopes": []},
    }


def nearly(body, junk):
    """Yield the body with each of its parts, down to the smallest, left out or replaced by junk."""
    yield junk
    for place in list(body) if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ():
        for part in nearly(body[place], junk):
            changed = body.copy()
            changed[place] = part
            yield changed
        if isinstance(body, dict):
            yield {name: part for name, part in body.items() if name != place}


@pytest.mark.slow
def test_no_nearly_sound_request_breaks_it(app, sound):
    """A sound body of which one part is missing or rubbish is refused or taken, and never a 500."""
    number = 0
    for path, body in sound.items():
        assert sent(app, "POST", path, json=body).status_code in {200, 201}, path
        for junk in JUNK:
            for changed in nearly(body, junk):
                number += 1
                if isinstance(changed, dict) and changed.get("idempotency_key") == "k":
                    changed["idempotency_key"] = f"k{number}"
                app.extensions["sandbox"].faults.clear()
                answer = sent(app, "POST", path, data=json.dumps(changed), content_type="application/json")
                assert answer.status_code < 500, (path, changed, answer.get_data()[:500])
    assert number > 1500


def test_it_still_works_after_all_that(app):
    """After every attack the organisation still answers."""
    app.extensions["sandbox"].faults.clear()
    assert sent(app, "GET", "/v2/incidents").get_json()["pagination_meta"]["total_record_count"] >= 1
