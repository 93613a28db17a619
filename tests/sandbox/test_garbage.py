"""No rubbish makes the sandbox break: every answer is JSON in its own shape, and never a 500.

Serves `sandbox/http/app.py`, `sandbox/http/context.py`, `sandbox/http/errors.py`, `sandbox/http/payloads.py` and
`sandbox/http/queries.py`.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox

WRITES = [
    ("POST", "/v2/incidents"),
    ("POST", "/v2/incidents/{incident}/actions/edit"),
    ("POST", "/v2/incidents/{incident}/actions/import_postmortem_document"),
    ("POST", "/v2/incident_updates"),
    ("POST", "/v2/incident_timeline_items"),
    ("PATCH", "/v2/incident_timeline_items/{item}"),
    ("POST", "/v2/escalations"),
    ("POST", "/sandbox/faults"),
    ("POST", "/sandbox/clock"),
    ("POST", "/sandbox/keys"),
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b'{"name": NaN}',
    b'{"name": 1e999}',
    b'{"name": "\\ud800"}',
    b'{"name": "\xff"}',
    b'{"idempotency_key": "a\\u0000b"}',
    b'{"page": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"name": "' + b"x" * 3_000_000 + b'"}',
    b'{"incident": [], "notify_incident_channel": 1}',
    b'{"incident": {"custom_field_entries": {}}, "notify_incident_channel": true}',
    b'{"incident": {"custom_field_entries": [1, [], {"values": [1]}]}, "notify_incident_channel": true}',
    b'{"user_ids": [1, {}], "idempotency_key": {}, "title": []}',
]
PATHS = [
    "/v2/incidents", "/v2/escalations", "/v3/actions", "/v2/users", "/v2/incident_updates",
    "/v2/workflow_runs", "/v2/incident_alerts", "/v3/catalog_entries", "/v1/custom_field_options",
    "/v1/postmortem_documents",
]  # fmt: skip
NAMES = [
    "status[one_of]", "severity[gte]", "created_at[gte]", "created_at[date_range]",
    "custom_field[x][one_of]", "incident_role[x][is_blank]", "mode[one_of]", "page_size", "after",
    "sort_by", "filter_mode", "incident_id", "status[", "[one_of]", "status[one_of][",
    "custom_field[][one_of]", "id", "incident_mode", "email", "",
]  # fmt: skip


def send(sandbox: Sandbox, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Send a request byte for byte, and return the status and the parsed answer."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {sandbox.key}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")
    finally:
        connection.close()


def check(answer: tuple[int, Any]) -> None:
    """Require a refusal or a success, in the right shape."""
    status, body = answer
    assert status < 500, body
    if status >= 400:
        assert body["status"] == status
        assert body["errors"]
        assert body["request_id"]


@pytest.fixture
def places(own_call: Caller) -> dict[str, str]:
    """An incident and a timeline item to write to."""
    incident = own_call.declare()
    sent = {
        "idempotency_key": "item",
        "incident_id": incident["id"],
        "title": "x",
        "timestamp": "2026-06-01T10:00:00Z",
    }
    item = own_call("POST", "/v2/incident_timeline_items", json=sent).json()["incident_timeline_item"]
    return {"incident": incident["id"], "item": item["id"]}


@pytest.mark.slow
def test_bodies(own: Sandbox, places: dict[str, str]) -> None:
    """No body breaks any write: it is a 400, 413 or 422, or harmless."""
    for method, path in WRITES:
        for body in BODIES:
            status, answer = send(own, method, path.format(**places), body)
            check((status, answer))
            own.clear_faults()
    assert send(own, "POST", "/v2/incidents", BODIES[4])[0] == 400
    assert send(own, "POST", "/v2/incidents", BODIES[13])[0] == 413


FIELDS = [
    "idempotency_key", "visibility", "name", "summary", "severity_id", "incident_status_id",
    "incident_type_id", "mode", "custom_field_entries", "incident_role_assignments",
    "incident_timestamp_values", "slack_team_id", "incident_id", "retrospective_incident_options",
    "message", "to_incident_status_id", "to_severity_id", "title", "timestamp", "description",
    "user_ids", "escalation_path_id", "incident", "notify_incident_channel", "content", "call_url",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    write=st.sampled_from(WRITES[:7]),
    body=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8),
    keyed=st.booleans(),
)
def test_any_json(
    own: Sandbox, places: dict[str, str], write: tuple[str, str], body: dict[str, Any], keyed: bool
) -> None:
    """No JSON object breaks any write, whatever types its fields have."""
    method, path = write
    if keyed:
        body = {"idempotency_key": "k", "visibility": "public", "incident_id": places["incident"]} | body
    check(send(own, method, path.format(**places), json.dumps(body).encode()))


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=12) | st.just("true")), max_size=4),
)
def test_any_query(own: Sandbox, path: str, pairs: list[tuple[str, str]]) -> None:
    """No query string breaks any list."""
    query = "&".join(f"{quote(name)}={quote(value, errors='surrogatepass')}" for name, value in pairs)
    check(send(own, "GET", f"{path}?{query}"))


@pytest.mark.parametrize(
    "path",
    [
        "/v2/incidents/%00",
        "/v2/incidents/%ff%fe",
        "/v2/incidents/" + "9" * 4000,
        "/v2/incidents/%D9%A1",
        "/%2e%2e/etc",
        "/v2/incidents?%ff[one_of]=%ff",
        "/v2/incidents?&&==&",
        "/v2/users/%F0%9F%94%A5",
    ],
)
def test_odd_paths(own: Sandbox, path: str) -> None:
    """No path breaks the sandbox."""
    check(send(own, "GET", path))
