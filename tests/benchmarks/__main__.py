"""Measure how fast incidentio_magic is.

`python -m tests.benchmarks [--org large|both] [--quick | --write] [--json FILE] [ROW…]`
"""

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
from tests.benchmarks.published import publish

if TYPE_CHECKING:
    from tests.benchmarks.figures import Figure

ATTEMPTS = 3
SMALL, LARGE = "small", "large"
ROWS = {
    SMALL: ("page", "loading", "cell", "listing", "timelines", "forms", "chart", "export", "metrics", "start"),
    LARGE: ("first", "large_forms", "large_board", "large"),
}
TITLES = {SMALL: "The sandbox's organisation", LARGE: "50,000 incidents, 5,000 people, 99,000 catalog entries"}


def main() -> None:
    """Measure and print the table; it ends with 1 if a figure is missed again and again."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    reader.add_argument("rows", nargs="*", metavar="ROW", help="which; all if left out")
    reader.add_argument(
        "--org",
        choices=(SMALL, LARGE, "both"),
        default=SMALL,
        help="the sandbox's, a stub with 50,000 incidents of 40 fields and 99,000 catalog entries, or both",
    )
    reader.add_argument("--quick", action="store_true", help="fewer rounds and smaller numbers, in a minute or two")
    reader.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there, too")
    reader.add_argument(
        "--write", action="store_true", help="put the figures into notebooks/guide/measurements.md and README.md"
    )
    given = reader.parse_args()
    if given.quick and given.write:
        reader.error("quick figures are not published: leave out --quick or --write")
    organisations = (SMALL, LARGE) if given.org == "both" else (given.org,)
    known = [row for organisation in organisations for row in ROWS[organisation]]
    if unknown := set(given.rows) - set(known):
        reader.error(f"there is no row {', '.join(unknown)}; there are: {', '.join(known)}")
    figures, tables = [], []
    for organisation in organisations:
        rows = [row for row in ROWS[organisation] if row in given.rows or not given.rows]
        found = [figure for row in rows for figure in measured(row, quick=given.quick)]
        if found:
            sys.stdout.write(f"\n**{TITLES[organisation]}**\n\n{table(found)}\n")
            tables.append((TITLES[organisation], found, rows == list(ROWS[organisation])))
        figures += found
    if given.write:
        publish(tables)
    if given.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        document = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "quick": given.quick,
            **machine,
            "figures": [figure.document() for figure in figures],
        }
        given.json.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
    if not all(figure.holds for figure in figures):
        sys.exit(1)


def measured(row: str, *, quick: bool) -> list[Figure]:
    """Return a row's figures, measured again while one is missed: what else the machine does may spoil one."""
    for attempt in range(1, ATTEMPTS + 1):
        start = time.perf_counter()
        figures = list(import_module(f"tests.benchmarks.{row}").measure(quick=quick))
        missed = "; ".join(f"{figure.what}: {figure.found}" for figure in figures if not figure.holds)
        took = time.perf_counter() - start
        sys.stderr.write(f"{row}: {took:.0f} s{f', missed (attempt {attempt}): {missed}' if missed else ''}\n")
        if not missed:
            break
    return figures


if __name__ == "__main__":
    main()
