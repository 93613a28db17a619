"""A hundred thousand incidents: killed twice, resumed, brought up to date, and then the same as one clean pull.

`python -m tests.export.hundred_thousand [COUNT]` plays it over real HTTP, each export in a process of its own; it tells
how long each took and how much memory it held at most.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from incidentio_magic import connect
from incidentio_magic.sandbox import Sandbox
from tests.export.crowd import multiply

DATASETS = ("incidents", "incident_updates")


def child(url, key, path):
    """Export, as a process of its own."""
    begun = time.monotonic()
    reported = connect(url, key).export(path, progress=False)
    result = {
        "rows": [int(row) for row in reported["rows"]],
        "added": [int(entry) for entry in reported["added"]],
        "replaced": [int(entry) for entry in reported["replaced"]],
        "requests": reported.attrs["requests"],
        "seconds": round(time.monotonic() - begun, 1),
        "peak_mb": peak_memory(),
    }
    print(json.dumps(result))


def peak_memory():
    """Return the most memory this process held, in MB; of a child, `getrusage` would tell its parent's."""
    (line,) = (status for status in Path("/proc/self/status").read_text().splitlines() if status.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024)


def started(sandbox, path):
    """Start an export in a process of its own."""
    command = [sys.executable, "-m", "tests.export.hundred_thousand", "child", sandbox.url, sandbox.key, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def whole(sandbox, path):
    """Let an export run to its end and return what it tells."""
    with started(sandbox, path) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the export failed: {output}")
    return json.loads(output)


def killed(sandbox, path, step, done):
    """Start an export and kill it when it has read so many records of a step."""
    state = path / "_export" / "state.json"
    with started(sandbox, path) as process:
        while process.poll() is None:
            run = json.loads(state.read_bytes())["run"] if state.exists() else None
            if run and (run["step"], run["done"]) >= (step, done):
                process.kill()
                process.wait()
                return f"step {run['step']}, {run['done']:,} records"
            time.sleep(0.02)
    raise SystemExit("the export ended before it could be killed")


def change(sandbox):
    """Let things happen: later, some incidents are edited, some get updates, one is declared."""
    sandbox.advance(3 * 86400)
    client = connect(sandbox.url, sandbox.key)
    for number in (100, 1_000_000, 1_000_777):
        client.update(str(number), "A late word.")
    client.edit("INC-1000005", name="Renamed", severity="Critical")
    client.declare("Brand new", severity="Major")


def compared(path, clean):
    """Return how many rows two exports share, or fail where they differ."""
    counts = []
    with duckdb.connect() as database:
        for dataset in DATASETS:
            exported, other = (
                f"read_parquet('{(folder / dataset).as_posix()}/*/*.parquet', hive_partitioning = true)"
                for folder in (path, clean)
            )
            query = (
                f"SELECT (SELECT count(*) FROM {exported}), (SELECT count(DISTINCT id) FROM {exported}),"
                f" (SELECT count(*) FROM {other}),"
                f" (SELECT count(*) FROM (FROM {exported} EXCEPT FROM {other})),"
                f" (SELECT count(*) FROM (FROM {other} EXCEPT FROM {exported}))"
            )
            ((rows, different, others, more, less),) = database.execute(query).fetchall()
            if not rows == different == others or more or less:
                raise SystemExit(
                    f"{dataset} differ: {rows} rows, {different} IDs, {others} clean, {more} more, {less} less"
                )
            counts.append(rows)
    return counts


def main(count):
    """Play it."""
    begun = time.monotonic()

    def say(what, result):
        print(f"{time.monotonic() - begun:6.1f} s  {what}: {result}", flush=True)

    limits = {"rate": 10_000_000, "list_rate": 5_000_000}  # two figures, so that the headers tell them apart
    with (
        Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True, **limits) as sandbox,
        TemporaryDirectory() as folder,
    ):
        multiply(sandbox, count)
        say("seeded", count)
        path, clean = Path(folder) / "x", Path(folder) / "clean"
        fast = sandbox.service.settings
        sandbox.service.settings = replace(fast, latency=0.05)  # so that there is a moment to kill it
        say("killed at", killed(sandbox, path, 0, count * 3 // 10))
        say("killed at", killed(sandbox, path, 1, count // 2))
        sandbox.service.settings = fast
        say("resumed", whole(sandbox, path))
        change(sandbox)
        say("brought up to date", whole(sandbox, path))
        say("one clean pull", whole(sandbox, clean))
        say("the same, as DuckDB reads them", compared(path, clean))


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
