"""`%incidents declare` until its dropdowns are live, counted in round trips to a service that is far away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from incidentio_magic import connect
from incidentio_magic.widgets.declare import DeclareForm
from tests.benchmarks.figures import Figure, fresh
from tests.benchmarks.service import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 150  # ms


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox("--latency", str(LATENCY)) as (url, key):
        rounds = [fresh(_opened, url, key) for _ in range(1 if quick else 3)]
    took, asked, again, options = min(rounds)
    trips = took * 1000 / LATENCY
    yield Figure(
        f"the form that declares until its lists are there, {LATENCY} ms latency",
        f"{trips:.1f} round trips ({asked} requests); opened again {again} requests",
        "≤ 2 round trips and what drawing takes; again 0 requests",
        int(trips) <= 2 and again == 0 and options > 1,
        {"seconds": took, "requests": asked, "requests_again": again},
    )


def _opened(url: str, key: str) -> tuple[float, int, int, int]:
    with connect(url, key) as io:
        start = time.perf_counter()
        form = DeclareForm(io)
        took = time.perf_counter() - start
        asked = io.transport.requests_made
        options = len(form.fields["severity"].control.options)
        DeclareForm(io)
        return took, asked, io.transport.requests_made - asked, options
