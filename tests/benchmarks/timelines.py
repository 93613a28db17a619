"""The merged timelines of many incidents, against what the service's allowance lets through in that time."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

import requests

from incidentio_magic import connect
from tests.benchmarks.figures import Figure
from tests.benchmarks.service import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 50  # ms
INCIDENTS = 500


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    # Sixty requests a second at the end of a burst, or thirty: the service's own twenty would take minutes.
    rate, window, count = (120, 4, 30) if quick else (600, 10, INCIDENTS)
    options = ("--rate", str(rate), "--list-rate", "100000", "--window", str(window))
    with sandbox("--incidents", str(INCIDENTS + 100), "--latency", str(LATENCY), *options) as (url, key):
        with connect(url, key) as io:
            references = list(islice(io.incidents(all=True)["reference"], count))
            before = io.transport.requests_made
            start = time.perf_counter()
            complete = sum(frame.attrs["complete"] for frame in io.timelines(references))
            took = time.perf_counter() - start
            made = io.transport.requests_made - before
        refused = requests.get(f"{url}/sandbox/state", timeout=10).json()["refused"]
    possible = rate + rate / window * took
    used = (made - refused) / possible
    yield Figure(
        f"{count} merged timelines, {LATENCY} ms latency, bucket of {rate}, then {rate / window:.0f} a second",
        f"{used:.0%} of the requests that the bucket allows in {took:.0f} s; {refused} of {made} refused",
        "≥ 90 %; ≤ 1 % refused",
        used >= 0.9 and refused <= 0.01 * made and complete == count,
        {"seconds": took, "requests": made, "refused": refused, "possible": possible},
    )
