"""The first `%incidents` of a process, against the requests it makes, side by side, while pandas loads."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.large_organisation import large_organisation
from tests.benchmarks.organisation import Size
from tests.benchmarks.service import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 150  # ms
SHELL = """
import json, os, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
"""
FIRST = f"""{SHELL}
shell.run_line_magic("load_ext", "incidentio_magic")
start = time.perf_counter()
shell.run_cell("frame = %incidents").raise_error()
took = time.perf_counter() - start
frame = shell.user_ns["frame"]
print(json.dumps([took, len(frame), frame.attrs["requests"]]))
"""
FLOOR = f"""{SHELL}
start = time.perf_counter()
import requests
from concurrent.futures import ThreadPoolExecutor
url, key = os.environ["INCIDENTIO_BASE_URL"], os.environ["INCIDENTIO_API_KEY"]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {{key}}"
query = [("status_category[one_of]", name) for name in ("triage", "live", "paused")] + [("page_size", "250")]
def pages():
    first = session.get(f"{{url}}/v2/incidents", params=query).json()
    session.get(f"{{url}}/v2/incidents", params=[*query, ("after", first["pagination_meta"]["after"])]).json()
def words(path):
    return session.get(url + path).json()
with ThreadPoolExecutor(3) as threads:
    lists = ("/v1/severities", "/v1/incident_statuses")
    reads = [threads.submit(pages), *(threads.submit(words, path) for path in lists)]
    import pandas
    for read in reads:
        read.result()
print(json.dumps(time.perf_counter() - start))
"""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figure."""
    loose = slack(quick=quick)
    with large_organisation(latency=LATENCY, size=Size(incidents=2_000)) as (url, key):
        rounds = [(_run(FIRST, url, key), _run(FLOOR, url, key)) for _ in range(2 if quick else 12)]
    took, rows, asked = min(first for first, _floor in rounds)
    floor = min(floor for _first, floor in rounds)
    yield Figure(
        f"the first `%incidents` of a process, {rows} open, {LATENCY} ms latency, against its requests beside "
        "`import pandas`",
        f"{took / floor:.2f} × ({took:.2f} and {floor:.2f} s), {asked} requests",
        f"≤ {1.1 * loose:g} ×; 4 requests",
        took <= 1.1 * loose * floor and asked == 4,
        {"seconds": took, "floor_seconds": floor, "requests": asked},
    )


def _run(program: str, url: str, key: str) -> list[float] | float:
    environment = ENVIRONMENT | {"INCIDENTIO_BASE_URL": url, "INCIDENTIO_API_KEY": key}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, timeout=120
    )
    return json.loads(done.stdout)
