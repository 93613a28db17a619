"""The board of a large organisation: 300 open incidents, of which 50 are shown with last updates and open pages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from incidentio_magic import connect
from incidentio_magic.widgets.board_reader import Reader
from incidentio_magic.widgets.board_rows import MOST_ROWS
from tests.benchmarks.figures import Figure, fresh, slack
from tests.benchmarks.forms import in_a_row
from tests.benchmarks.large_forms import SPARE, floors
from tests.benchmarks.large_organisation import large_organisation
from tests.benchmarks.organisation import Size
from tests.benchmarks.service import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 150  # ms
LISTING = 2  # round trips: 300 open incidents are two pages
DETAILS = 6  # round trips
MOST_REQUESTS = 60


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    loose = slack(quick=quick)
    with large_organisation(latency=LATENCY, size=Size(incidents=2_000)) as (url, key):
        rounds = [fresh(_read, url, key) for _ in range(1 if quick else 3)]
    found = min(rounds, key=lambda found: found["rows_s"])
    yield Figure(
        f"the board of {found['rows']} open incidents, first reading, {LATENCY} ms latency",
        f"rows after {found['rows_trips']} round trips ({found['rows_s']:.2f} s), the {MOST_ROWS} times "
        f"and the pages {found['details_trips']} later, {found['requests']} requests; "
        f"fetching its pages {found['pages_s']:.2f} s",
        f"≤ {LISTING} round trips, ≤ {SPARE * loose:g} s more than its pages, ≤ {DETAILS} later, ≤ {MOST_REQUESTS} "
        "requests",
        found["rows_trips"] <= LISTING
        and found["details_trips"] <= DETAILS
        and found["requests"] <= MOST_REQUESTS
        and found["rows_s"] <= found["pages_s"] + SPARE * loose,
        found,
    )


def _read(url: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = floors(url, key)
    reader = Reader(connect(url, key))
    made = spans(reader._client)
    start = time.perf_counter()
    reading = reader.read({"open": True})
    found |= {"rows_s": time.perf_counter() - start, "rows": len(reading.rows), "rows_trips": in_a_row(made)}
    listed = len(made)
    completed, error = reader.complete(reading.rows[:MOST_ROWS])
    if error is not None or len(completed) != MOST_ROWS:
        raise RuntimeError(f"{len(completed)} rows were completed: {error}")
    if (on_call := reader.on_call(reading.rows[:MOST_ROWS])).problem:
        raise RuntimeError(on_call.problem)
    found |= {"details_trips": in_a_row(made[listed:]), "requests": len(made)}
    reader.close()
    return found
