"""The server: it stops without a trace, compresses what is large, and keeps its file.

Serves `sandbox/service.py`, `sandbox/settings.py`, `sandbox/http/admin.py`, `sandbox/incidentio/store.py` and
`sandbox/incidentio/state.py`.
"""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from conftest import Caller

EPOCH = "2026-06-01T12:00:00Z"
DESCRIPTORS = Path("/proc/self/fd")


def sockets() -> int:
    """Return how many sockets and pipes this process has open."""
    links = []
    for descriptor in DESCRIPTORS.iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return sum(link.startswith(("socket:", "pipe:")) for link in links)


def test_stop_leaves_nothing_behind() -> None:
    """After a stop there is no thread, socket or pipe more than before, and nobody listens."""
    threads, before = set(threading.enumerate()), sockets() if DESCRIPTORS.exists() else 0
    for _ in range(3):
        sandbox = Sandbox(epoch=EPOCH, incidents=3).start()
        address = urlsplit(sandbox.url)
        with requests.Session() as session:
            session.get(f"{sandbox.url}/v1/identity", timeout=9)
            sandbox.stop()
        sandbox.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname, address.port), timeout=2)
    assert set(threading.enumerate()) <= threads
    if DESCRIPTORS.exists():
        assert sockets() == before


def test_a_stop_does_not_wait_for_slow_answers() -> None:
    """A request that waits is let go when the sandbox stops."""
    threads, waits = set(threading.enumerate()), threading.Event()
    with Sandbox(epoch=EPOCH, incidents=0) as sandbox:
        wait = sandbox.service.wait
        sandbox.service.wait = lambda seconds: waits.set() or wait(seconds)
        sandbox.fault("slow", seconds=600)
        connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=30)
        connection.request("GET", "/v1/identity", headers={"Authorization": f"Bearer {sandbox.key}"})
        assert waits.wait(30)
    assert set(threading.enumerate()) <= threads
    connection.close()


def test_a_port_in_use_is_an_error_that_leaves_nothing_behind() -> None:
    """Two sandboxes cannot share a port; the second fails and is gone."""
    with Sandbox(epoch=EPOCH, incidents=0) as first:
        threads = threading.active_count()
        second = Sandbox(epoch=EPOCH, incidents=0, port=urlsplit(first.url).port)
        with pytest.raises(OSError, match="in use"):
            second.start()
        assert threading.active_count() == threads
    with pytest.raises(RuntimeError, match="not running"):
        _ = second.url


def test_starting_twice_is_an_error() -> None:
    """A sandbox that runs cannot be started again; one that was stopped can."""
    sandbox = Sandbox(epoch=EPOCH, incidents=0)
    with sandbox:
        with pytest.raises(RuntimeError, match="already"):
            sandbox.start()
        first = sandbox.url
    with sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
    assert first


def test_large_answers_are_compressed(call: Caller) -> None:
    """A client that takes gzip gets it for answers above a kilobyte; another does not."""
    connection = http.client.HTTPConnection(urlsplit(call.sandbox.url).netloc, timeout=9)
    for path, accepted, compressed in (
        ("/v2/incidents", "gzip", True),
        ("/v2/incidents", "identity", False),
        ("/v2/incidents", "gzip;q=0", False),
        ("/nowhere", "gzip", False),
    ):
        headers = {"Authorization": f"Bearer {call.sandbox.key}", "Accept-Encoding": accepted}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        assert (response.headers["Content-Encoding"] == "gzip") == compressed
        assert (gzip.decompress(body) if compressed else body).startswith(b"{")
    connection.close()


def test_request_identifiers_differ(call: Caller) -> None:
    """Every answer has a request identifier of its own."""
    identifiers = {call("GET", "/v1/identity").headers["X-Request-Id"] for _ in range(5)}
    assert len(identifiers) == 5


def test_a_file_keeps_the_state(tmp_path: Path) -> None:
    """A sandbox started again on its file has its rows, keys and time; its seed and epoch are the file's."""
    database = str(tmp_path / "sandbox.sqlite")
    with (
        Sandbox(database=database, epoch=EPOCH, incidents=10, frozen=True) as sandbox,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = f"Bearer {sandbox.key}"
        made = session.post(f"{sandbox.url}/sandbox/keys", json={"key": "kept", "roles": ["viewer"]}, timeout=9)
        assert made.status_code == 201
        triage = {"idempotency_key": "kept", "visibility": "public"}
        statuses = session.get(f"{sandbox.url}/v1/incident_statuses", timeout=9).json()["incident_statuses"]
        triage["incident_status_id"] = statuses[0]["id"]
        first = session.post(f"{sandbox.url}/v2/incidents", json=triage, timeout=9).json()["incident"]
        sandbox.advance(100)
        now = sandbox.service and sandbox.service.now()
    with (
        Sandbox(database=database, seed=5, incidents=99, frozen=True) as sandbox,
        requests.Session() as session,
    ):
        assert sandbox.service
        assert sandbox.service.now() == now
        session.headers["Authorization"] = f"Bearer {sandbox.key}"
        again = session.post(f"{sandbox.url}/v2/incidents", json=triage, timeout=9).json()["incident"]
        assert again["id"] == first["id"]
        session.headers["Authorization"] = "Bearer kept"
        listed = session.get(f"{sandbox.url}/v2/incidents", timeout=9).json()
        assert first["id"] in [incident["id"] for incident in listed["incidents"]]


def test_admin_routes_need_a_token(call: Caller) -> None:
    """On this machine, too, the admin routes need the full key or the token; they never count against the limits."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Sandbox-Admin": "wrong"}):
        assert requests.get(f"{call.sandbox.url}/sandbox/state", headers=headers, timeout=9).status_code == 403
    token = {"X-Sandbox-Admin": call.sandbox.roster.admin}
    assert requests.get(f"{call.sandbox.url}/sandbox/state", headers=token, timeout=9).status_code == 200
    response = call("GET", "/sandbox/state")
    assert response.status_code == 200
    assert "X-RateLimit-Limit" not in response.headers
    assert set(response.json()) == {"clock", "seed", "counts", "notifications", "faults", "requests", "refused"}


def test_admin_routes_are_refused_from_elsewhere(own: Sandbox) -> None:
    """From another machine only the full key may use the admin routes."""
    from incidentio_magic.sandbox.http.app import create

    assert own.service
    client = create(own.service).test_client()
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    own.service.put_key("lesser", "Lesser", ["viewer"])
    for secret, status in ((None, 403), ("lesser", 403), (own.key, 200)):
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        response = client.get("/sandbox/state", headers=headers, environ_base=elsewhere)
        assert response.status_code == status


def test_a_class_may_keep_many_connections() -> None:
    """A request is answered although clients that read several lists at once keep two hundred connections open."""
    with Sandbox(seed=1, epoch=EPOCH, incidents=0) as sandbox:
        address = urlsplit(sandbox.url)
        kept = [http.client.HTTPConnection(address.hostname or "", address.port, timeout=30) for _ in range(200)]
        try:
            for connection in kept:
                connection.request("GET", "/sandbox/about")
                assert connection.getresponse().read()
        finally:
            for connection in kept:
                connection.close()
