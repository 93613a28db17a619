"""Lets every sandbox of this process and its children record what it is asked and what it answers.

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

SERVER = "incidentio_magic.sandbox.http.server"
NUMBERS = count()


class Recorder:
    """A WSGI middleware that writes each exchange as a line of JSON."""

    def __init__(self, application, folder):
        self._application = application
        self._file = Path(folder) / f"{os.getpid()}-{next(NUMBERS)}.jsonl"

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


class Hook(importlib.abc.MetaPathFinder):
    """Wraps the sandbox's application once its module is imported; nothing is imported for it."""

    def find_spec(self, name, path=None, target=None):
        """Find the server's module with the finders that come after this one."""
        if name != SERVER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            create = module.create
            module.create = lambda service: Recorder(create(service), os.environ["CONTRACT_RECORDS"])

        spec.loader.exec_module = exec_module
        return spec


if os.environ.get("CONTRACT_RECORDS"):
    sys.meta_path.insert(0, Hook())
