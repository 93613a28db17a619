"""Connections on which nothing arrives: they are closed, and keep nobody from being served."""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.http import listener

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own."""
    with Sandbox(epoch="2026-06-01T12:00:00Z", incidents=2) as running:
        yield running


def address(sandbox: Sandbox) -> tuple[str, int]:
    """Return where it listens."""
    parts = urlsplit(sandbox.url)
    return parts.hostname or "", parts.port or 0


def served(sandbox: Sandbox) -> bool:
    """Return whether a request on a new connection is answered."""
    connection = http.client.HTTPConnection(*address(sandbox), timeout=20)
    try:
        connection.request("GET", "/sandbox/about")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def until(condition: object, seconds: float = 20.0) -> bool:
    """Return whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("begun", [b"", b"GET /v2/incidents HTTP/1.1\r\nHost: localhost\r\n"])
def test_half_open_connections_starve_nobody(sandbox: Sandbox, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """More connections than are kept, on which no request is ever complete: another client is answered at once."""
    monkeypatch.setattr(listener, "MOST_CONNECTIONS", 40)
    monkeypatch.setattr(listener, "FREED", 10)
    sandbox._server.adj.connection_limit = 40
    with ExitStack() as open_sockets:
        for _ in range(60):
            half = open_sockets.enter_context(socket.create_connection(address(sandbox), timeout=10))
            half.sendall(begun)
        assert served(sandbox)


def test_a_connection_that_is_used_outlives_half_open_ones(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many, those that never sent a request go first."""
    monkeypatch.setattr(listener, "MOST_CONNECTIONS", 20)
    monkeypatch.setattr(listener, "FREED", 5)
    kept = http.client.HTTPConnection(*address(sandbox), timeout=20)
    kept.request("GET", "/sandbox/about")
    assert kept.getresponse().read()
    before = kept.sock
    with ExitStack() as open_sockets:
        for _ in range(40):
            open_sockets.enter_context(socket.create_connection(address(sandbox), timeout=10))
        assert served(sandbox)
        kept.request("GET", "/sandbox/about")
        assert kept.getresponse().read()
        assert kept.sock is before
    kept.close()


def channels(sandbox: Sandbox) -> list[listener.Channel]:
    """Return the open connections."""
    return [entry for entry in sandbox._map.values() if isinstance(entry, listener.Channel)]


def test_a_request_that_drips_in_is_given_up(sandbox: Sandbox) -> None:
    """A request must arrive completely within the time, however often a byte comes; an idle one may wait longer."""
    with socket.create_connection(address(sandbox), timeout=10) as dripping:
        dripping.sendall(b"GET /v2/incidents HTTP/1.1\r\n")
        assert until(lambda: channels(sandbox) and channels(sandbox)[0].request is not None)
        (channel,) = channels(sandbox)
        server = sandbox._server
        dripping.sendall(b"Host: loc")
        assert until(lambda: channel.last_activity > channel.begun)
        server.maintenance(channel.begun + listener.HALF_OPEN - 0.1)
        assert not channel.will_close
        server.maintenance(channel.begun + listener.HALF_OPEN + 0.1)
        assert channel.will_close
    kept = http.client.HTTPConnection(*address(sandbox), timeout=20)
    kept.request("GET", "/sandbox/about")
    assert kept.getresponse().read()
    (channel,) = [entry for entry in channels(sandbox) if entry.served]
    assert until(lambda: not channel.requests)
    server.maintenance(channel.last_activity + listener.HALF_OPEN + 5)
    assert not channel.will_close
    server.maintenance(channel.last_activity + listener.IDLE + 1)
    assert channel.will_close
    kept.close()
