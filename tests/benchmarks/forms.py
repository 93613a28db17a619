"""`%incidents declare` until its dropdowns are live, counted in round trips to a service that is far away."""

from __future__ import annotations

import math
import time
from operator import itemgetter
from typing import TYPE_CHECKING

from incidentio_magic import connect
from incidentio_magic.widgets.declare import DeclareForm
from tests.benchmarks.figures import Figure, fresh
from tests.benchmarks.service import sandbox, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY = 150  # ms


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox("--latency", str(LATENCY)) as (url, key):
        rounds = [fresh(_opened, url, key) for _ in range(1 if quick else 3)]
    trips, asked, again, offered, took = min(rounds)
    yield Figure(
        f"the form that declares until its lists are there, {LATENCY} ms latency",
        f"{trips} round trips ({asked} requests), {took:.2f} s with drawing; opened again {again} requests",
        "≤ 2 round trips; again 0 requests",
        trips <= 2 and again == 0 and offered,
        {"round_trips": trips, "requests": asked, "requests_again": again, "seconds": took},
    )


def _opened(url: str, key: str) -> tuple[int, int, int, bool, float]:
    with connect(url, key) as io:
        made = spans(io)
        start = time.perf_counter()
        form = DeclareForm(io)
        took = time.perf_counter() - start
        asked = len(made)
        controls = [field.control for field in form.fields.values()]
        offered = all(control.options for control in controls if hasattr(control, "options"))
        DeclareForm(io)
        return in_a_row(made), asked, len(made) - asked, offered, took


def in_a_row(made: list[tuple[float, float]]) -> int:
    """Return how many requests at most were each sent after the one before was answered; drawing takes none of it.

    Args:
        made: When each was sent and answered.
    """
    count, last = 0, -math.inf
    for sent, answered in sorted(made, key=itemgetter(1)):
        if sent >= last:
            count, last = count + 1, answered
    return count
