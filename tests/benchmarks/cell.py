"""`%incidents` in a warm notebook, against nothing but the HTTP call that it makes."""

from __future__ import annotations

import os
import time
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import requests
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from incidentio_magic import connect
from tests.benchmarks.figures import Figure, fresh, slack
from tests.benchmarks.service import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN = 25
SEEDED = 10  # of which the sandbox has so many open that are no tests


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox("--rate", "1000000", "--list-rate", "1000000") as (url, key):
        rows, call, cell = fresh(_measured, url, key, 20 if quick else 100)
    own, loose = cell - call, slack(quick=quick)
    yield Figure(
        f"`%incidents` on {rows} open incidents, warm, shown: its own work, against the bare HTTP call",
        f"{own / call:.1f} × ({own * 1e3:.1f} and {call * 1e3:.1f} ms)",
        f"≤ {2 * loose} ×",
        own <= 2 * loose * call and rows == OPEN,
        {"call_ms": call * 1e3, "cell_ms": cell * 1e3},
    )


def _measured(url: str, key: str, rounds: int) -> tuple[int, float, float]:
    with connect(url, key) as io:
        minor = io.vocabulary.severity("Minor").id
        for number in range(OPEN - SEEDED):
            body = {"visibility": "public", "severity_id": minor, "name": f"Queue {number} is not draining"}
            io.api.create_incident({"idempotency_key": f"{number}", **body})
    os.environ |= {"INCIDENTIO_BASE_URL": url, "INCIDENTIO_API_KEY": key}
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.run_line_magic("load_ext", "incidentio_magic")
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {key}"
    query = [("status_category[one_of]", entry) for entry in ("triage", "live", "paused")]
    query += [("sort_by", "created_at_newest_first"), ("page_size", "250")]
    calls, cells = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = session.get(f"{url}/v2/incidents", params=query, timeout=60)
        assert answer.content
        calls.append(time.perf_counter() - start)
        with redirect_stdout(StringIO()):
            start = time.perf_counter()
            result = shell.run_cell("%incidents")
            cells.append(time.perf_counter() - start)
    result.raise_error()
    return len(result.result), min(calls), min(cells)
