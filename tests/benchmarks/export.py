"""An export of a long history: the most memory it takes, in a process of its own, by the length of the history."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from incidentio_magic import connect
from tests.benchmarks.figures import Figure, fresh
from tests.benchmarks.service import served

if TYPE_CHECKING:
    from collections.abc import Iterator

MEBIBYTE = 2**20


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    small, large = (1_500, 4_500) if quick else (50_000, 200_000)
    (less, _), (most, took) = (_exported(count) for count in (small, large))
    yield Figure(
        f"export of {large:,} incidents with an update each, the most memory of its process",
        f"{most / MEBIBYTE:.0f} MB, {most / less:.2f} × that of {small:,}; {took:.0f} s",
        "≤ 400 MB, ≤ 1.3 ×",
        most <= 400 * MEBIBYTE and most <= 1.3 * less,
        {"bytes": most, "bytes_of_fewer": less, "seconds": took},
    )


def _exported(count: int) -> tuple[float, float]:
    options = ("--incidents", str(count), "--list-rate", "1000000", "--rate", "1000000")
    with served("tests.benchmarks.history", *options) as (url, key):
        return fresh(_grown, url, key, count)


def _grown(url: str, key: str, count: int) -> tuple[float, float]:
    """Return the most bytes that the process took, and the seconds of the export."""
    with connect(url, key) as io, TemporaryDirectory() as folder:
        start = time.perf_counter()
        frame = io.export(f"{folder}/history", progress=False)
        took = time.perf_counter() - start
    assert list(frame["rows"]) == [count, count]
    # What getrusage tells of a child is at least what its parent had taken when it began.
    (line,) = (
        status for status in Path("/proc/self/status").read_text("utf-8").splitlines() if status.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024.0, took
