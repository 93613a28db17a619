"""The metrics of very many incidents in memory: how the time grows, and whether any work is done row by row."""

from __future__ import annotations

import cProfile
import pstats
import time
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import msgspec

from incidentio_magic import connect
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter
from incidentio_magic.client import numbers
from tests.benchmarks.figures import Figure
from tests.benchmarks.service import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.api.models import Incident
    from incidentio_magic.client import Incidents
    from incidentio_magic.metrics import Measurement

MOST = 100_000
FEWER = 25_000
BY = ("month", "severity", "type")


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    with sandbox() as (url, key), connect(url, key) as io:
        records = list(io.api.incidents(IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)))
        fewer, most = (_measurement(io, records, count) for count in (FEWER, MOST))
    numbers.metrics_frame(fewer)
    rounds = [[_seconds(what) for what in (fewer, most)] for _ in range(3 if quick else 10)]
    short, long = (min(each) for each in zip(*rounds, strict=True))
    few_calls, many_calls = _calls(fewer), _calls(most)
    yield Figure(
        f"metrics over {MOST:,} incidents in memory, by {', '.join(BY)}, against {FEWER:,}",
        f"{long:.2f} s, {long / short:.1f} × the time and {many_calls / few_calls:.2f} × the calls for "
        f"{MOST // FEWER} × the rows",
        "linear (≤ 5 ×); no call for each row (≤ 1.1 ×)",
        long <= 1.25 * MOST / FEWER * short and many_calls <= 1.1 * few_calls,
        {"seconds": long, "seconds_of_fewer": short, "calls": many_calls, "calls_of_fewer": few_calls},
    )


def _measurement(io: Incidents, records: list[Incident], count: int) -> Measurement:
    """Return what `io.metrics` computes from, of as many incidents as are asked for."""
    many = (msgspec.structs.replace(one, id=f"{number}") for number, one in enumerate(islice(cycle(records), count)))
    reading: Any = io
    reading._selected = lambda _asked, _read: many
    what, _about = io._measured(BY, numbers.ENDED, "", (), {}, {}, names=False, show_private=False)
    return what


def _seconds(what: Measurement) -> float:
    start = time.perf_counter()
    numbers.metrics_frame(what)
    return time.perf_counter() - start


def _calls(what: Measurement) -> int:
    profile = cProfile.Profile()
    profile.runcall(numbers.metrics_frame, what)
    found: Any = pstats.Stats(profile)
    return int(found.total_calls)
