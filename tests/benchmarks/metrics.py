"""The metrics of very many incidents in memory: how the time grows, and whether any work is done row by row."""

from __future__ import annotations

import sys
import time
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import msgspec

from incidentio_magic import connect
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter
from incidentio_magic.client import metrics
from incidentio_magic.metrics.business import BusinessHours
from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.service import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.api.models import Incident
    from incidentio_magic.client import Incidents
    from incidentio_magic.metrics import Measurement

MOST, FEWER = 100_000, 25_000
QUICK = 40_000, 10_000
BY = ("month", "severity", "type")
HOURS = "Mon-Fri 09:00-17:00"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    most_rows, fewer_rows = QUICK if quick else (MOST, FEWER)
    with sandbox() as (url, key), connect(url, key) as io:
        read = list(io.api.incidents(IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)))
        fewer, most = (
            [
                msgspec.structs.replace(incident, id=f"{place}")
                for place, incident in enumerate(islice(cycle(read), count))
            ]
            for count in (fewer_rows, most_rows)
        )
        metrics.metrics_frame(_measurement(io, fewer))
        rounds = [[_seconds(io, records) for records in (fewer, most)] for _ in range(1 if quick else 5)]
        few_lines, many_lines = (_lines(_measurement(io, records, HOURS)) for records in (fewer, most))
    (few_kept, few_tabled), (most_kept, most_tabled) = (
        map(min, zip(*each, strict=True)) for each in zip(*rounds, strict=True)
    )
    loose = slack(quick=quick)
    short, long = few_kept + few_tabled, most_kept + most_tabled
    yield Figure(
        f"metrics over {most_rows:,} incidents in memory, by {', '.join(BY)}, against {fewer_rows:,}",
        f"{long:.1f} s, {most_tabled:.2f} of them for the table; {long / short:.1f} × the time for "
        f"{most_rows // fewer_rows} × the rows, {many_lines / few_lines:.2f} × the lines of Python for the table",
        f"linear (≤ {5 * loose} ×); no loop over the rows (≤ 1.1 ×)",
        long <= 1.25 * loose * most_rows / fewer_rows * short and many_lines <= 1.1 * few_lines,
        {"seconds": long, "seconds_of_fewer": short, "lines": many_lines, "lines_of_fewer": few_lines},
    )


def _measurement(io: Incidents, records: list[Incident], hours: str = "") -> Measurement:
    """Return what `io.metrics` computes from, of these incidents: a few numbers of each, in columns."""
    reading: Any = io
    reading._selected = lambda _query, _read, **_options: records
    business = BusinessHours.read(hours, "UTC") if hours else None
    what, _about, _read = io._measured(BY, metrics.ENDED, business, (), {}, {}, names=False, show_private=False)
    return what


def _seconds(io: Incidents, records: list[Incident]) -> tuple[float, float]:
    """Return how long it takes to keep what matters of the records, and to make the table of it."""
    start = time.perf_counter()
    what = _measurement(io, records)
    kept = time.perf_counter()
    metrics.metrics_frame(what)
    return kept - start, time.perf_counter() - kept


def _lines(what: Measurement) -> int:
    """Return how many lines of Python run while the table is made, each turn of a loop counted anew."""
    count = 0

    def trace(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        metrics.metrics_frame(what)
    finally:
        sys.settrace(None)
    return count
