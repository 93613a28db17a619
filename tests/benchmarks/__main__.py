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

from tests.benchmarks.figures import table

ROWS = ("page", "loading", "cell", "listing", "timelines", "forms", "export", "metrics")


def main() -> None:
    """Measure and print the table; a busy machine is no failure, so that only what cannot be measured is one."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    reader.add_argument("rows", nargs="*", metavar="ROW", help=f"which ({', '.join(ROWS)}); all if left out")
    reader.add_argument("--quick", action="store_true", help="fewer rounds and smaller numbers, within a minute")
    reader.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there, too")
    asked = reader.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        reader.error(f"there is no row {', '.join(unknown)}")
    figures = []
    for row in asked.rows or ROWS:
        start = time.perf_counter()
        found = list(import_module(f"tests.benchmarks.{row}").measure(quick=asked.quick))
        figures += found
        sys.stderr.write(f"{row}: {time.perf_counter() - start:.0f} s\n")
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


if __name__ == "__main__":
    main()
