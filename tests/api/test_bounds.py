"""How large an answer may be, how long a read may take, and what an interrupt leaves: with a real server here."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from urllib3.connectionpool import HTTPConnectionPool

from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api.transport import Transport
from incidentio_magic.settings import Secret

GET = wire.Request("GET", "/v1/severities")
WRITE = wire.Request("POST", "/v2/incidents/1/actions/edit", body={"incident": {}})


@contextmanager
def serving(answer):
    """Serve what a function writes to each request, and yield the address and the requests' paths."""
    asked = []

    class Service(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append(self.path)
            answer(self)

        def do_POST(self):
            self.do_GET()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def packed(size):
    """Return what answers with so many bytes of JSON, packed."""
    packer = gzip.compress(b'{"severities": [], "padding": "' + b"0" * size + b'"}', 9)

    def answer(handler):
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packer)))
        handler.end_headers()
        try:
            handler.wfile.write(packer)
        except OSError:
            handler.close_connection = True

    return answer


def test_an_answer_that_is_too_large_when_it_is_unpacked():
    """A small archive that unpacks to more than is allowed is given up at the limit, and is not asked for again."""
    with serving(packed(5_000_000)) as (url, asked):
        transport = Transport(url, Secret("a-key"), max_answer=2.0)
        with pytest.raises(errors.UnexpectedAnswer, match=r"is larger than 2 MB(.|\n)*IncidentMagics\.max_answer"):
            transport.send(GET)
        with pytest.raises(errors.AnswerLost, match="the response is too large"):
            transport.send(WRITE)
        transport.close()
        assert len(asked) == 2


def test_an_answer_within_the_limit():
    """What is just small enough is read."""
    with serving(packed(1_999_000)) as (url, _asked):
        transport = Transport(url, Secret("a-key"), max_answer=2.0)
        assert len(transport.send(GET).content) > 1_999_000
        transport.close()


def test_a_connection_that_was_interrupted_is_not_used_again(monkeypatch):
    """Interrupted while it goes back to the pool, a connection may be there twice, and two threads would share it."""
    returned = []
    put = HTTPConnectionPool._put_conn

    def interrupting(pool, connection):
        put(pool, connection)
        returned.append(connection)
        if len(returned) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(HTTPConnectionPool, "_put_conn", interrupting)
    with serving(packed(10)) as (url, asked):
        transport = Transport(url, Secret("a-key"))
        with pytest.raises(KeyboardInterrupt):
            transport.send(GET)
        transport.send(GET)
        transport.send(GET)
        transport.close()
    assert len(asked) == 3
    interrupted, *_again, first, second = returned
    assert first is second
    assert first is not interrupted


BOMB = """
import resource, sys
from incidentio_magic import errors
from incidentio_magic.api import wire
from incidentio_magic.api.transport import Transport
from incidentio_magic.settings import Secret

transport = Transport(sys.argv[1], Secret("a-key"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    transport.send(wire.Request("GET", "/v1/severities"))
except errors.UnexpectedAnswer:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured in another way there")
def test_the_memory_that_a_bomb_takes():
    """A body of half a megabyte that unpacks to 500 MB takes no more memory than the limit of 64 MB and some pieces."""
    with serving(packed(500_000_000)) as (url, _asked):
        ended = subprocess.run(
            [sys.executable, "-c", BOMB, url], capture_output=True, text=True, timeout=60, check=True
        )
    assert int(ended.stdout) < 100


@pytest.mark.slow
def test_a_read_ends_within_its_budget():
    """Repeats of an answer that drips end within `max_wait` plus one timeout, not after five times three timeouts."""
    over = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        try:
            while not over.wait(0.05):
                handler.wfile.write(b" ")
        except OSError:
            handler.close_connection = True

    with serving(drip) as (url, asked):
        transport = Transport(url, Secret("a-key"), timeout=0.4, max_wait=0.8)
        begun = time.monotonic()
        with pytest.raises(errors.AnswerLost):
            transport.send(GET)
        took = time.monotonic() - begun
        over.set()
        transport.close()
    # Without the bound five attempts take 1.2 s each, and their waits 7 s.
    assert took < 3
    assert len(asked) <= 2
