"""Thousands of writes through a service that fails: each is there once, and each call told the truth."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from incidentio_magic.writes.ledger import Ledger
from tests.faults.service import Service, environment

ENDPOINTS = {"declare": "POST /v2/incidents", "update": "POST /v2/incident_updates"}
CLOSE = 0.1  # seconds to which the two clocks are compared


def storm(count: int, *, seed: int = 1, processes: int = 4, threads: int = 8, share: float = 0.3) -> dict:
    """Declare `count` incidents and share `count` updates, and compare what was told with what happened.

    Args:
        count: How many of each.
        seed: Decides the order of the writes.
        processes: How many client processes write at once.
        threads: How many threads each has.
        share: The share of requests that fail.

    Returns:
        What was counted: writes by how their calls ended, requests, seconds, and `wrong`, which should be empty.
    """
    with TemporaryDirectory() as folder, Service(folder) as service:
        writes = [(verb, number) for verb in ENDPOINTS for number in range(count)]
        random.Random(seed).shuffle(writes)
        incidents = [row[0] for row in service.rows("SELECT number FROM incidents WHERE status_category = 'live'")]
        before = service.rows("SELECT count(*) FROM incidents")[0][0]
        ahead = service.ahead()
        service.fail(share)
        begun = time.monotonic()
        ledger = Path(folder) / "ledger.jsonl"
        workers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.storm_worker",
                    json.dumps(
                        {
                            "threads": threads,
                            "writes": writes[place::processes],
                            "incidents": [f"INC-{number}" for number in incidents],
                        }
                    ),
                ],
                env=environment(service, ledger),
                stdout=subprocess.PIPE,
                text=True,
            )
            for place in range(processes)
        ]
        lines = [json.loads(line) for worker in workers for line in worker.communicate()[0].splitlines()]
        crashed = [f"a client process ended with {one.returncode}" for one in workers if one.returncode]
        seconds = time.monotonic() - begun
        service.recover()
        settled = [line for line in lines if "verb" in line]
        requests = sum(line["requests"] for line in lines if "requests" in line)
        there = {
            "incidents": service.rows("SELECT count(*) FROM incidents")[0][0] - before,
            "incidents by name": service.rows(
                "SELECT count(DISTINCT json_extract(document, '$.name')) FROM incidents"
                " WHERE json_extract(document, '$.name') LIKE 'Storm %'"
            )[0][0],
            "updates": service.rows(_UPDATES.format("*"))[0][0],
            "updates by text": service.rows(_UPDATES.format("DISTINCT json_extract(document, '$.message')"))[0][0],
        }
        return {
            "asked": {"count": count, "seed": seed, "processes": processes, "threads": threads, "share": share},
            "there": there,
            "calls": dict(Counter(call[2] for one in settled for call in one["calls"])),
            "requests": requests,
            "seconds": round(seconds, 1),
            "wrong": [
                *crashed,
                *(f"{number} {what} in place of {count}" for what, number in there.items() if number != count),
                *wrong(settled, service, ledger, ahead),
            ],
        }


_UPDATES = "SELECT count({}) FROM incident_updates WHERE json_extract(document, '$.message') LIKE 'Storm %'"


def wrong(settled: list[dict], service: Service, ledger: Path, ahead: float) -> list[str]:
    """Return every call whose ending was not true, by the service's own record, and every end the ledger has wrong."""
    made = {verb: service.made(endpoint) for verb, endpoint in ENDPOINTS.items()}
    keys = {verb: {text: key for key, text in service.rows(_TEXTS[verb])} for verb in ENDPOINTS}
    problems = []
    for one in settled:
        verb, name = one["verb"], f"Storm {one['number']}"
        key = keys[verb].get(name)
        if key is None:
            problems.append(f"{verb} {name}: not there, although it ended as {one['calls'][-1][2]}")
            continue
        at = made[verb][key] - ahead
        problems += [f"{verb} {name}: {problem}" for problem in untrue(one["calls"], at)]
    told = {entry.key: entry for entry in Ledger(ledger).outcomes()}
    problems += [f"{key}: not in the ledger" for verb in ENDPOINTS for key in keys[verb].values() if key not in told]
    return problems


def untrue(calls: list[list], at: float) -> list[str]:
    """Return which of the calls for one write told something that its moment `at` contradicts."""
    problems = []
    since = None  # when the unknown calls right before this one began
    for begun, ended, told in calls:
        # Sent a moment after an unknown end: which of the two calls it was cannot be known, nor does it matter.
        within = (begun if since is None else since) - CLOSE <= at <= ended + CLOSE
        surely = begun + CLOSE < at < ended - CLOSE
        if (
            (told == "sent" and not within)
            or (told == "already" and at > begun + CLOSE)
            or (told == "not sent" and surely)
        ):
            problems.append(f"told {told!r} of a call from {begun - at:+.2f} s to {ended - at:+.2f} s of the write")
        if told != "unknown":
            since = None
        elif since is None:
            since = begun
    if sum(told == "sent" for _begun, _ended, told in calls) > 1:
        problems.append("told 'sent' more than once")
    return problems


_TEXTS = {
    "declare": "SELECT key, json_extract(document, '$.name') FROM idempotency_keys JOIN incidents"
    " ON id = resource_id WHERE endpoint = 'POST /v2/incidents'",
    "update": "SELECT key, json_extract(document, '$.message') FROM idempotency_keys JOIN incident_updates"
    " ON id = resource_id WHERE endpoint = 'POST /v2/incident_updates'",
}
