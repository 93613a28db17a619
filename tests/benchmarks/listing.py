"""A long list from a service that is far away, against the walk by its cursor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import requests

from incidentio_magic import connect
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter
from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.service import served

if TYPE_CHECKING:
    from collections.abc import Iterator

INCIDENTS, FEWER = 10_000, 4_000
LATENCY = 150  # ms


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    count, loose = FEWER if quick else INCIDENTS, slack(quick=quick)
    options = ("--incidents", str(count), "--latency", str(LATENCY))
    with served("tests.benchmarks.history", *options) as (url, key):
        rounds = [[_read(url, key, ahead=ahead) for ahead in (False, True)] for _ in range(1 if quick else 3)]
    walked = min(walk[0] for walk, _ in rounds)
    took, found, asked, refused = min(ahead for _, ahead in rounds)
    same = all(walk[1] == ahead[1] for walk, ahead in rounds) and len(set(found)) == count
    yield Figure(
        f"list {count:,} incidents, {LATENCY} ms latency, list bucket 60/min, against the cursor's walk",
        f"{took / walked:.2f} of the time ({took:.1f} of {walked:.1f} s); {asked} requests, {refused} refused; "
        f"{'the same rows in the same order' if same else 'other rows'}",
        f"≤ {loose}/4; the same rows in the same order; none refused",
        took <= loose * walked / 4 and same and not refused,
        {"ahead_s": took, "walk_s": walked, "requests": asked, "refused": refused},
    )


def _read(url: str, key: str, *, ahead: bool) -> tuple[float, list[str], int, int]:
    requests.post(f"{url}/counts", timeout=10).raise_for_status()
    with connect(url, key) as io:
        which = IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)
        start = time.perf_counter()
        listing = io.api.incidents(which, ahead=ahead)
        records = list(listing)
        took = time.perf_counter() - start
        assert listing.complete, listing.incomplete
    counts = requests.get(f"{url}/counts", timeout=10).json()
    return took, [incident.id for incident in records], counts["requests"], counts["refused"]
