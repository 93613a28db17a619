"""The start of a large sandbox until its first response, against inserting the same rows with sqlite3 alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil
import requests

from tests.benchmarks.figures import Figure, slack
from tests.benchmarks.service import ENVIRONMENT, EPOCH, started

if TYPE_CHECKING:
    from collections.abc import Iterator

INCIDENTS, FEWER = 10_000, 2_000
MEBIBYTE = 2**20
OPTIONS = ("incidentio_magic", "sandbox", "--epoch", EPOCH)
# What no sandbox can do without: the server's modules, and its rows in a database.
FLOOR = """
import json, sqlite3, sys, time
import incidentio_magic.sandbox.command
source = sqlite3.connect(sys.argv[1])
seeded = "name NOT LIKE 'kept_%' AND sql IS NOT NULL"
schema = [sql for (sql,) in source.execute(f"SELECT sql FROM sqlite_master WHERE {seeded} ORDER BY type DESC")]
names = [name for (name,) in source.execute(f"SELECT name FROM sqlite_master WHERE type = 'table' AND {seeded}")]
tables = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in names}
read = time.process_time()
with sqlite3.connect("") as target:
    for sql in schema:
        target.execute(sql)
    for name, rows in tables.items():
        if rows:
            target.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(rows[0]))})", rows)
inserting = time.process_time() - read
print(json.dumps([sum(map(len, tables.values())), inserting]))
"""
IMPORTING = "import time, incidentio_magic.sandbox.command; print(time.process_time())"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    count, loose = FEWER if quick else INCIDENTS, slack(quick=quick)
    with TemporaryDirectory() as folder:
        database = f"{folder}/sandbox.sqlite"
        with started(*OPTIONS, "--incidents", str(count), "--db", database):
            pass
        rounds = [(_start(count), _floor(database)) for _ in range(1 if quick else 5)]
    starts, floors = zip(*rounds, strict=True)
    processor, took, _ = map(min, zip(*starts, strict=True))
    most = max(most for _, _, most in starts)
    rows, floor = floors[0][0], min(seconds for _, seconds in floors)
    bound = 4.5 * loose
    yield Figure(
        f"the start of a sandbox of {count:,} incidents until its first response, processor time, against importing the"
        " server and inserting its rows",
        f"{processor / floor:.1f} × ({processor:.1f} and {floor:.1f} s, {rows:,.0f} rows); {took:.1f} s in all,"
        f" {most / MEBIBYTE:.0f} MB at most",
        f"≤ {bound:g} ×; ≤ 200 MB",
        processor <= bound * floor and most <= 200 * MEBIBYTE,
        {"processor_s": processor, "floor_s": floor, "rows": rows, "wall_s": took, "bytes": most},
    )


def _start(count: int) -> tuple[float, float, float]:
    """Return the processor seconds, the seconds and the most bytes that a sandbox takes until its first response."""
    start = time.perf_counter()
    with started(*OPTIONS, "--incidents", str(count)) as (process, url, key):
        headers = {"Authorization": f"Bearer {key}"}
        requests.get(f"{url}/v1/severities", headers=headers, timeout=60).raise_for_status()
        took = time.perf_counter() - start
        times = psutil.Process(process.pid).cpu_times()
        status = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
    (most,) = (line for line in status if line.startswith("VmHWM"))
    return times.user + times.system, took, int(most.split()[1]) * 1024.0


def _floor(database: str) -> tuple[float, float]:
    """Return the number of a file's rows, and the processor seconds of importing the server and inserting them."""
    (importing,) = _printed(IMPORTING)
    rows, inserting = _printed(FLOOR, database)
    return rows, importing + inserting


def _printed(program: str, *arguments: str) -> list[float]:
    """Return the numbers that a program prints as JSON."""
    command = [sys.executable, "-c", program, *arguments]
    printed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout)
    return printed if isinstance(printed, list) else [printed]
