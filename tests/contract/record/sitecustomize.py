"""Lets every sandbox and every client of this process and its children record what they exchange.

Put this folder on PYTHONPATH and name a folder in CONTRACT_RECORDS; .ci/contract does.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import io
import json
import os
import sys
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

SERVER = "incidentio_magic.sandbox.http.server"
CLIENT = "incidentio_magic.api.session"
NUMBERS = count()


def new_file(folder):
    """Return the path of a file that no other recorder writes."""
    return Path(folder) / f"{os.getpid()}-{next(NUMBERS)}.jsonl"


class Recorder:
    """A WSGI middleware that writes each exchange as a line of JSON."""

    def __init__(self, application, folder):
        self._application = application
        self._file = new_file(folder)

    def __call__(self, environ, start_response):
        """Pass on a request and its answer, and record both."""
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(sent)
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # what is recorded is to be readable
        started = []

        def start(status, headers, *more):
            started.append((status, dict(headers)))
            return start_response(status, headers, *more)

        body = b"".join(self._application(environ, start))
        status, headers = started[-1]
        record = {
            "side": "server",
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "query": environ.get("QUERY_STRING", ""),
            "sent": sent.decode("utf-8", "replace"),
            "status": int(status.split()[0]),
            "content_type": headers.get("Content-Type", ""),
            "answer": body.decode("utf-8", "replace"),
            "spoiled": environ.get("sandbox.cut") is not None or headers.get("X-Sandbox-Spoiled") == "yes",
        }
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
        return [body]


def serve_recorded(module):
    """Let every sandbox record what it is asked and what it answers."""
    create = module.create
    module.create = lambda service: Recorder(create(service), os.environ["CONTRACT_RECORDS"])


def send_recorded(module):
    """Let every client record what it sends, whatever becomes of it; the sandbox records the answers."""
    send = module.Session.send
    file = new_file(os.environ["CONTRACT_RECORDS"])

    def recorded(session, request, **options):
        address = urlsplit(request.url)
        sent = request.body or b""
        record = {
            "side": "client",
            "method": request.method,
            "path": address.path,
            "query": address.query,
            "sent": sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent,
        }
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
        return send(session, request, **options)

    module.Session.send = recorded


RECORDED = {SERVER: serve_recorded, CLIENT: send_recorded}


class Hook(importlib.abc.MetaPathFinder):
    """Changes the modules that serve and send once they are imported; nothing is imported for it."""

    def find_spec(self, name, path=None, target=None):
        """Find such a module with the finders that come after this one."""
        if name not in RECORDED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            RECORDED[name](module)

        spec.loader.exec_module = exec_module
        return spec


if os.environ.get("CONTRACT_RECORDS"):
    sys.meta_path.insert(0, Hook())
