"""The chart of a timeline with thousands of events: how long until it can be shown, and what a notebook saves of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from incidentio_magic.plots import timeline_chart
from tests.benchmarks.figures import Figure, fresh, slack
from tests.plots.eventful import events

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = 3_000
MINUTES = 90
KINDS = ("update", "alert", "page", "role", "action")
MESSAGE = "We know more now and say so. " * 5
MOST_SECONDS = 0.5
MOST_SAVED = 150  # kB


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figure."""
    loose = slack(quick=quick)
    took, saved = fresh(_drawn, 2 if quick else 7)
    yield Figure(
        f"the chart of {EVENTS:,} events, from their frame to what is shown, with its picture",
        f"{took:.2f} s, {saved / 1e3:.0f} kB in a saved notebook",
        f"≤ {MOST_SECONDS * loose:g} s, ≤ {MOST_SAVED} kB",
        took <= MOST_SECONDS * loose and saved <= MOST_SAVED * 1e3,
        {"seconds": took, "saved_bytes": saved},
    )


def _drawn(rounds: int) -> tuple[float, int]:
    """Return the least seconds that a chart takes once the program that draws is loaded, and the bytes it saves."""
    apart = MINUTES / EVENTS
    frame = events(*((place * apart, {"kind": KINDS[place % 5], "detail": MESSAGE}) for place in range(EVENTS)))
    took = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        bundle, _metadata = timeline_chart(frame)._repr_mimebundle_()
        took.append(time.perf_counter() - start)
    return min(took[1:]), len(json.dumps(bundle))
