"""Children that are forked from a process with warm connections get their own answers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# A server whose answers tell what was asked; a client whose pool is warm and whose threads are busy; forked children.
PARENT = """
import json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.transport import Transport
from incidentio_magic.settings import Secret

class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        number = self.path.rpartition("/")[2]
        record = {"id": f"01{number}", "reference": f"INC-{number}", "name": f"Incident {number}"}
        body = json.dumps({"incident": record}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()

api = Api(Transport(f"http://127.0.0.1:{server.server_port}", Secret("a-key"), timeout=5.0, max_wait=5.0))
wrong = []

def read(first, count):
    for number in range(first, first + count):
        found = api.incident(str(number))
        if found.name != f"Incident {number}":
            wrong.append(number)
    return wrong

warm = [threading.Thread(target=read, args=(first, 10)) for first in range(10, 60, 10)]
for thread in warm:
    thread.start()
for thread in warm:
    thread.join()
over = threading.Event()

def be_busy():
    while not over.is_set():
        read(100, 10)

busy = threading.Thread(target=be_busy)
busy.start()
children = []
for first in (1000, 2000):
    child = os.fork()
    if child == 0:
        os._exit(bool(read(first, 60)) and 3)
    children.append(child)
read(3000, 60)
ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
over.set()
busy.join()
print(ends, wrong)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_two_forked_children_of_a_warm_client():
    """Parent and children read at the same time: each gets its own answers, and none is stuck on a lock."""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.stdout.strip(), ended.stderr) == ("[0, 0] []", "")
