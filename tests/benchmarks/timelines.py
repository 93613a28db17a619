"""The merged timelines of many incidents, against what the service's allowance lets through in that time."""

from __future__ import annotations

import math
import time
from itertools import islice
from typing import TYPE_CHECKING

import requests

from incidentio_magic import connect
from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.service import sandbox, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
            made = spans(io)
            start = time.perf_counter()
            complete = sum(frame.attrs["complete"] for frame in io.timelines(references))
            took = time.perf_counter() - start
        refused = requests.get(f"{url}/sandbox/state", headers={"Authorization": f"Bearer {key}"}, timeout=10).json()[
            "refused"
        ]
    possible = rate + rate / window * took
    loose = slack(quick=quick)
    used = (len(made) - refused) / possible
    most = ahead((sent for sent, _answered in made), rate, rate / window)
    yield Figure(
        f"{count} merged timelines, {LATENCY} ms latency, bucket of {rate}, then {rate / window:.0f} a second",
        f"{used:.0%} of the requests that the bucket allows in {took:.0f} s; {refused} of {len(made)} refused; "
        f"at most {most:.0f} ahead of it",
        f"≥ {90 / loose:g} %; ≤ 1 % refused; never ahead by what a second allows",
        used >= 0.9 / loose and refused <= 0.01 * len(made) and most < rate / window and complete == count,
        {"seconds": took, "requests": len(made), "refused": refused, "possible": possible, "ahead": most},
    )


def ahead(sent: Iterable[float], capacity: float, refill: float) -> float:
    """Return how many requests more than a bucket holds were made at the worst moment.

    Args:
        sent: When each was made, in seconds.
        capacity: How many the bucket holds, full at first.
        refill: How many a second are put in.
    """
    tokens, worst, last = capacity, 0.0, -math.inf
    for moment in sorted(sent):
        tokens = min(capacity, tokens + (moment - last) * refill) - 1
        worst, last = max(worst, -tokens), moment
    return worst
