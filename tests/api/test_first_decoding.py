"""Threads that read the same kind of record for the first time in a process do not end it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow

# A client of its own, eight threads that all begin at once, and a service that answers from memory.
CHILD = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.setswitchinterval(1e-6)  # a thread may be stopped anywhere, so what can collide does
named = {"id": "01A", "name": "Major"}
incident = {
    **named, "reference": "INC-1", "mode": "standard", "visibility": "public", "severity": {**named, "rank": 1},
    "incident_status": {**named, "category": "live", "rank": 1}, "creator": {"user": named},
    "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
}
answers = {
    "/v2/incidents/1": {"incident": incident},
    "/v1/severities": {"severities": [incident["severity"]]},
    "/v1/incident_statuses": {"incident_statuses": [incident["incident_status"]]},
    "/v2/users": {"users": [named]},
    "/v3/follow_ups": {"follow_ups": []},
    "/v2/escalations": {"escalations": []},
    "/v2/incident_updates": {"incident_updates": []},
    "/v2/incident_activity_log_entries": {"incident_activity_log_entries": []},
}

class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(answers[self.path.partition("?")[0]]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()

from incidentio_magic import connect

io = connect(f"http://127.0.0.1:{server.server_port}", "a-key")
reads = [
    lambda: io.incident("1"), io.vocabulary.severities, io.vocabulary.statuses, io.vocabulary.users,
    lambda: io.api.follow_ups("01A", "standard").whole(), lambda: io.api.escalations("01A").whole(),
    lambda: io.api.incident_updates("01A").whole(), lambda: io.api.activity_log_entries("01A").whole(),
]
barrier, read = threading.Barrier(len(reads)), []

def begin(call):
    barrier.wait()
    call()
    read.append(call)

threads = [threading.Thread(target=begin, args=(call,)) for call in reads]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(read) == len(reads), len(read)
"""


@pytest.mark.timeout(300)  # thirty starts of Python on a busy machine
@pytest.mark.parametrize("processes", [30])
def test_first_reads_of_eight_threads_end_no_process(processes, tmp_path):
    """However the threads meet, each process reads everything and ends with 0."""

    def run(_number: int) -> str:
        environment = {**os.environ, "INCIDENTIO_LEDGER": str(tmp_path / "ledger.jsonl")}
        ended = subprocess.run([sys.executable, "-c", CHILD], check=False, capture_output=True, env=environment)
        return f"{ended.returncode} {ended.stderr.decode()[-300:]}".strip()

    with ThreadPoolExecutor(2) as pool:
        ends = Counter(pool.map(run, range(processes)))
    assert ends == {"0": processes}
