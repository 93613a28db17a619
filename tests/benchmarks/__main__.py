"""Measure how fast incidentio_magic is: `python -m tests.benchmarks [--quick] [--json FILE] [ROW…]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import table

if TYPE_CHECKING:
    from tests.benchmarks.figures import Figure

ATTEMPTS = 3
ROWS = ("page", "loading", "cell", "listing", "timelines", "forms", "export", "metrics")


def main() -> None:
    """Measure and print the table; it ends with 1 if a figure is missed again and again."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    reader.add_argument("rows", nargs="*", metavar="ROW", help=f"which ({', '.join(ROWS)}); all if left out")
    reader.add_argument("--quick", action="store_true", help="fewer rounds and smaller numbers, in a minute or two")
    reader.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there, too")
    asked = reader.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        reader.error(f"there is no row {', '.join(unknown)}")
    figures = [one for row in asked.rows or ROWS for one in measured(row, quick=asked.quick)]
    sys.stdout.write(f"{table(figures)}\n")
    if asked.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        document = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "quick": asked.quick,
            **machine,
            "figures": [one.document() for one in figures],
        }
        asked.json.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
    if not all(one.holds for one in figures):
        sys.exit(1)


def measured(row: str, *, quick: bool) -> list[Figure]:
    """Return a row's figures, measured again while one is missed: what else the machine does may spoil one."""
    for attempt in range(1, ATTEMPTS + 1):
        start = time.perf_counter()
        figures = list(import_module(f"tests.benchmarks.{row}").measure(quick=quick))
        missed = "; ".join(f"{one.what}: {one.found}" for one in figures if not one.holds)
        took = time.perf_counter() - start
        sys.stderr.write(f"{row}: {took:.0f} s{f', missed (attempt {attempt}): {missed}' if missed else ''}\n")
        if not missed:
            break
    return figures


if __name__ == "__main__":
    main()
