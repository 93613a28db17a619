"""Connections are kept: one is opened, and over https so one handshake made, however many requests follow."""

from __future__ import annotations

import gzip
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api.transport import Transport
from incidentio_magic.api.waiting import AT_ONCE, Workers
from incidentio_magic.settings import Secret

BODY = b'{"identity": {"name": "a key", "text": "' + b"long " * 5000 + b'"}}'


class Handler(BaseHTTPRequestHandler):
    """Answers as its path says, and counts the connections."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        """Count a connection."""
        super().setup()
        self.server.connections += 1

    def answer(self):
        """Answer with the status that the path names."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.arrived.append(self.headers)
        content = gzip.compress(BODY)
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815  as http.server calls them

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture(params=["http", "https"])
def server(request, tmp_path):
    """A server that keeps connections open and counts them, and over https the handshakes."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.connections, server.arrived, server.authority = 0, [], True
        server.url = f"{request.param}://127.0.0.1:{server.server_address[1]}"
        server.handshakes = lambda: server.connections
        if request.param == "https":
            authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            server.authority = str(tmp_path / "authority.pem")
            authority.cert_pem.write_to_path(server.authority)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.handshakes = lambda: context.session_stats()["accept_good"]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture
def transport(server, clock):
    """A transport to it that never waits."""
    transport = Transport(server.url, Secret("k" * 20), clock=clock, sleep=clock.sleep)
    transport._session.verify = server.authority
    yield transport
    transport.close()


def test_one_connection_for_all_requests(server, transport):
    """Reads, writes and refusals, one after the other, go over one connection, with one handshake."""
    for status in (200, 201, 403, 404, 422, 503, 200) * 5:
        for request in (
            wire.Request("GET", f"/{status}"),
            wire.Request("POST", f"/{status}", body={"idempotency_key": "k"}, keyed=True),
        ):
            with suppress(errors.ServiceError):
                transport.send(request)
    assert len(server.arrived) > 70
    assert server.connections == server.handshakes() == 1


@pytest.mark.slow
def test_threads_keep_their_connections(server, transport):
    """Threads that read for one caller open no more connections than they are, however many requests they send."""
    with Workers() as workers:
        for answer in [workers.submit(transport.send, wire.Request("GET", "/200")) for _ in range(20 * AT_ONCE)]:
            answer.result(10)
    assert len(server.arrived) == 20 * AT_ONCE
    assert 1 <= server.connections == server.handshakes() <= AT_ONCE


def test_compressed_answers_are_asked_for(server, transport):
    """Every request accepts gzip, and what comes compressed is read as it was."""
    assert transport.send(wire.Request("GET", "/200")).content == BODY
    assert "gzip" in server.arrived[0]["Accept-Encoding"]
