"""Each fault as a raw client sees it."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from conftest import Caller

    from incidentio_magic.sandbox import Sandbox


def raw(sandbox: Sandbox, method: str, path: str, sent: dict[str, Any] | None = None) -> tuple[int, Any, bytes]:
    """Send a request over a connection of its own, with nothing that retries or repairs."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    try:
        body = json.dumps(sent) if sent is not None else None
        connection.request(method, path, body, {"Authorization": f"Bearer {sandbox.key}"})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def declaration(call: Caller) -> dict[str, Any]:
    """Return a good declaration."""
    return {"idempotency_key": "faulty", "visibility": "public", "severity_id": call.severity("Minor")}


def count(sandbox: Sandbox) -> int:
    """Return how many incidents there are."""
    assert sandbox.service
    return sandbox.service.store.count("SELECT count(*) FROM incidents")


def test_lose_answer(own: Sandbox, own_call: Caller) -> None:
    """The write is made, no byte comes back; the retry finds it made."""
    sent, before = declaration(own_call), count(own)
    own.fault("lose_answer", "POST /v2/incidents", times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        raw(own, "POST", "/v2/incidents", sent)
    assert own.requests[-1]["status"] is None
    assert count(own) == before + 1
    assert raw(own, "POST", "/v2/incidents", sent)[0] == 200
    assert count(own) == before + 1


def test_drop(own: Sandbox, own_call: Caller) -> None:
    """The connection ends before anything happens."""
    sent, before = declaration(own_call), count(own)
    own.fault("drop", "POST /v2/incidents", times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        raw(own, "POST", "/v2/incidents", sent)
    assert count(own) == before
    assert raw(own, "POST", "/v2/incidents", sent)[0] == 200


def test_truncated(own: Sandbox) -> None:
    """The answer announces more bytes than it has."""
    own.fault("truncated", "GET /v2/incidents", times=1)
    with pytest.raises(http.client.IncompleteRead):
        raw(own, "GET", "/v2/incidents")
    assert raw(own, "GET", "/v2/incidents")[0] == 200


def test_malformed(own: Sandbox) -> None:
    """The answer is whole but is not JSON."""
    own.fault("malformed", "GET /v1/identity", times=1)
    status, _, body = raw(own, "GET", "/v1/identity")
    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_status(own: Sandbox, own_call: Caller, status: int) -> None:
    """The answer is a server's error in the service's shape, and nothing was written."""
    before = count(own)
    own.fault("status", "POST /v2/incidents", status=status, retry_after=7, times=1)
    answered, headers, body = raw(own, "POST", "/v2/incidents", declaration(own_call))
    error = json.loads(body)
    assert (answered, error["status"], error["type"]) == (status, status, "api_error")
    assert error["request_id"] == headers["X-Request-Id"]
    assert headers["Retry-After"] == "7"
    assert count(own) == before


@pytest.mark.parametrize("kind", ["too_many_requests", "rate_limit_reached"])
@pytest.mark.parametrize("retry_after", [None, 3])
def test_rate_limited(own: Sandbox, kind: str, retry_after: int | None) -> None:
    """Both kinds of 429 can be asked for, with a time to wait or without."""
    own.fault("rate_limited", body_type=kind, retry_after=retry_after, times=1)
    status, headers, body = raw(own, "GET", "/v1/identity")
    assert status == 429
    assert json.loads(body)["type"] == kind
    assert headers["Retry-After"] == (None if retry_after is None else "3")
    assert ("rate_limit" in json.loads(body)) == (kind == "too_many_requests")


def test_slow(own: Sandbox) -> None:
    """The answer takes as long as asked for; a stopped sandbox waits no longer."""
    own.fault("slow", "GET /v1/identity", seconds=0.3, times=1)
    start = time.monotonic()
    assert raw(own, "GET", "/v1/identity")[0] == 200
    assert time.monotonic() - start >= 0.3


def test_which_requests_suffer(own: Sandbox, own_call: Caller) -> None:
    """A fault waits for a method and path, a path prefix or a glob, and for nothing else."""
    for pattern, struck, spared in (
        ("GET /v2/users", "/v2/users", "/v2/users/01NOBODY"),
        ("/v2/users", "/v2/users/01NOBODY", "/v1/identity"),
        ("GET /v2/*/actions", "/v2/x/actions", "/v1/identity"),
        ("POST /v2/users", "", "/v2/users"),
    ):
        own.fault("status", pattern)
        if struck:
            assert own_call("GET", struck).status_code == 503, pattern
        assert own_call("GET", spared).status_code in (200, 404), pattern
        own.clear_faults()
    assert own_call("GET", "/v2/users").status_code == 200


def test_chance_and_count_depend_on_the_seed_alone(own: Sandbox, own_call: Caller) -> None:
    """The same dice fall the same way again, and a fault ends after its times."""

    def run() -> list[int]:
        own.clear_faults()
        own.fault("status", "/v1/identity", probability=0.5, times=5)
        return [own_call("GET", "/v1/identity").status_code for _ in range(30)]

    first = run()
    assert first == run()
    assert first.count(503) == 5
    assert first[:5] != [503] * 5


def test_faults_over_http(own: Sandbox, own_call: Caller) -> None:
    """Faults can be made, seen and forgotten over the admin routes; nonsense is refused."""
    made = own_call("POST", "/sandbox/faults", json={"kind": "drop", "endpoint": "/v9", "times": 2})
    assert made.status_code == 201
    assert own_call.get("/sandbox/state")["faults"] == [made.json()["fault"]]
    assert own_call("DELETE", "/sandbox/faults").status_code == 200
    assert own.service
    assert own.service.faults.waiting() == []
    for nonsense in (
        {"kind": "explode"},
        {"kind": "drop", "probability": 2},
        {"kind": "drop", "probability": "often"},
        {"kind": "drop", "times": 0},
        {"kind": "drop", "color": "red"},
        {"kind": "status", "status": 200},
        {"kind": "slow", "seconds": -1},
        {"kind": ["drop"]},
        {"kind": "drop", "endpoint": 7},
        {},
    ):
        assert own_call("POST", "/sandbox/faults", json=nonsense).status_code == 422, nonsense
