"""A whole answer has to come in time: a service that drips is given up."""

from __future__ import annotations

import socket
import threading

import pytest

from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api.transport import Transport
from incidentio_magic.settings import Secret

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
PAUSE = 0.02
MOST = 500  # parts: ten seconds, if nobody gives up


class Drip:
    """A server that answers each request a few bytes at a time.

    Args:
        first: What it sends at once.
        part: What it sends again and again.
    """

    def __init__(self, first, part):
        self.first = first
        self.part = part
        self.sent = []
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    @property
    def url(self):
        """Where it is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def accept(self):
        """Take connections until closed."""
        while True:
            connection, _address = self.listener.accept()
            if self.over.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self.serve, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def serve(self, connection):
        """Drip one answer."""
        count = 0
        with connection:
            try:
                if not connection.recv(65536):
                    return
                connection.sendall(self.first)
                while count < MOST and not self.over.wait(PAUSE):
                    connection.sendall(self.part)
                    count += 1
            except OSError:
                pass
        self.sent.append(count)

    def close(self):
        """Let go of everything."""
        if self.over.is_set():
            return
        self.over.set()
        socket.create_connection(self.listener.getsockname()).close()
        for thread in self.threads:
            thread.join()
        self.listener.close()


@pytest.fixture
def dripping():
    """Build servers that drip."""
    servers = []

    def make(first, part):
        servers.append(Drip(first, part))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "part"),
    [(HEAD, b" "), (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), (b"HT", b"T")],
    ids=["body", "headers", "line"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_drip_is_given_up(dripping, clock, method, first, part):
    """Neither a body nor headers that come byte by byte hold a caller longer than a few times the timeout."""
    server = dripping(first, part)
    transport = Transport(server.url, Secret("key"), timeout=0.1, sleep=clock.sleep)
    with pytest.raises(errors.AnswerLost):
        transport.send(wire.Request(method, "/x", body={} if method == "POST" else None))
    transport.close()
    server.close()
    assert max(server.sent) < MOST


@pytest.mark.slow
def test_a_slow_answer_that_goes_on_is_read(dripping, clock):
    """An answer in many small parts is read, if each part comes in time and so does the whole."""
    body = b"[" + b"1," * 20 + b"1]"
    server = dripping(b"", b"")

    def serve(connection):
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n")
            for place in range(len(body)):
                server.over.wait(PAUSE)
                connection.sendall(body[place : place + 1])

    server.serve = serve
    transport = Transport(server.url, Secret("key"), timeout=10.0, sleep=clock.sleep)
    assert transport.send(wire.Request("GET", "/x")).content == body
    transport.close()


def test_connections_are_kept(dripping, clock):
    """Two answers in a row come over one connection."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    server = dripping(b"", b"")
    connections = []

    def serve(connection):
        connections.append(1)
        with connection:
            while connection.recv(65536):
                connection.sendall(answer)

    server.serve = serve
    transport = Transport(server.url, Secret("key"), timeout=1.0, sleep=clock.sleep)
    for _time in range(3):
        assert transport.send(wire.Request("GET", "/x")).content == b"{}"
    transport.close()
    assert connections == [1]
