"""Pages of other sites, and names that are pointed at this machine, reach nothing."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUTES = [
    ("GET", "/v2/incidents"),
    ("GET", "/sandbox/about"),
    ("GET", "/sandbox/class"),
    ("GET", "/"),
    ("POST", "/sandbox/reset"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that a proxy called class.example.com stands before."""
    with Sandbox(epoch="2026-06-01T12:00:00Z", incidents=2, allowed_hosts=["Class.example.com"]) as running:
        yield running


def status(sandbox: Sandbox, method: str, path: str, **headers: str) -> int:
    """Send a request with the full key and these headers, and return its status."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {sandbox.key}", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "host", ["evil.example.com", "evil.example.com:80", "127.0.0.1.evil.example.com", "localhost.evil"]
)
def test_a_name_that_is_pointed_here_is_refused(sandbox: Sandbox, method: str, path: str, host: str) -> None:
    """A host name of somebody else gets nothing, whatever the key: DNS rebinding fails."""
    assert status(sandbox, method, path, Host=host) == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:80", "192.0.2.7", "class.example.com"]
)
def test_this_machines_own_names_are_answered(sandbox: Sandbox, host: str) -> None:
    """Addresses, localhost and names that were allowed are this sandbox, at any port: a tunnel has its own."""
    assert status(sandbox, "GET", "/v2/incidents", Host=host) == 200


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://localhost:1", "file://", ""])
def test_a_page_of_another_site_is_refused(sandbox: Sandbox, method: str, path: str, origin: str) -> None:
    """A page from elsewhere gets nothing, one on another port of this machine neither."""
    assert status(sandbox, method, path, Origin=origin) == 403


def test_its_own_page_is_answered(sandbox: Sandbox) -> None:
    """The facilitator's page, directly or through the proxy, may use it."""
    assert status(sandbox, "POST", "/sandbox/clock", Origin=sandbox.url) == 400  # let in; the body is missing
    through = {"Origin": "https://class.example.com", "Host": "127.0.0.1:8765"}
    assert status(sandbox, "POST", "/sandbox/clock", **through) == 400
