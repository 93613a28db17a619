"""Thousands of writes through a service that fails: each is there once, and each call reports how it ended.

The same storm with a service that forgets its keys, with clocks that jump, and from children of one warm client.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from incidentio_magic.client import Incidents
from incidentio_magic.settings import Settings
from incidentio_magic.writes.ledger import Ledger
from tests.faults.children import Child, end_of
from tests.faults.service import SLOW, Service, environment
from tests.faults.storm_worker import TEXTS, TIMEOUT, settle_all, sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOSE = 0.1  # seconds to which the two clocks are compared
FEWER = 4  # writes without a key are slower: a lost one is waited for
MANY = ("declare", "update")

# By what is written: the text, when it was made (empty where the service does not say), and the ID of what was made.
MADE = {
    "declare": "SELECT json_extract(document, '$.name') AS text, created_at, id FROM incidents",
    "update": "SELECT json_extract(document, '$.message') AS text, created_at, id FROM incident_updates",
    "event": "SELECT json_extract(document, '$.title') AS text, json_extract(document, '$.created_at'), id"
    " FROM incident_timeline_items",
    "page": "SELECT json_extract(document, '$.title') AS text, created_at, id FROM escalations",
    "follow_up": "SELECT json_extract(document, '$.title') AS text, created_at, id FROM follow_ups",
    "action": "SELECT json_extract(document, '$.description') AS text, created_at, id FROM actions",
    "attach": "SELECT json_extract(document, '$.resource.title') AS text, '', id FROM incident_attachments",
    "acknowledge": "SELECT json_extract(document, '$.title') AS text, json_extract(event.value, '$.occurred_at'),"
    " escalations.id FROM escalations, json_each(document, '$.events') AS event"
    " WHERE json_extract(event.value, '$.event') = 'acked'",
    "finish": "SELECT json_extract(document, '$.title') AS text, json_extract(document, '$.completed_at'), id"
    " FROM follow_ups"
    " WHERE json_extract(document, '$.status') = 'completed'",
}


def storm(
    count: int,
    *,
    seed: int = 1,
    processes: int = 4,
    threads: int = 8,
    share: float = 0.3,
    forgets: bool = False,
    jumps: str = "",
    forks: bool = False,
) -> dict:
    """Make `count` writes of each kind, fewer of the slow kinds, and compare what was reported with what happened.

    Args:
        count: How many declarations and updates; a quarter of it of every other kind.
        seed: Decides the order of the writes.
        processes: How many client processes write at once.
        threads: How many threads each has.
        share: The share of requests that fail.
        forgets: Whether the service then forgets all keys, and everything is run once more.
        jumps: Whose clocks jump meanwhile: those of the `clients`, or the `service`'s.
        forks: Whether the clients are children of one warm client, in place of processes of their own.

    Returns:
        What was counted: writes by how their calls ended, requests, seconds, and `wrong`, which should be empty.
    """
    counts = {verb: count if verb in MANY else max(1, count // FEWER) for verb in MADE}
    with TemporaryDirectory() as folder, Service(folder) as service:
        writes = [(verb, number) for verb, many in counts.items() for number in range(many)]
        random.Random(seed).shuffle(writes)
        targets = _prepared(service, counts)
        ahead = service.ahead()
        ledger = Path(folder) / "ledger.jsonl"
        given = (service, ledger, writes, targets, processes, threads)
        run = partial(_forked, _warm(service, ledger), *given) if forks else partial(_started, *given)
        service.fail(share)
        begun = time.monotonic()
        with _Jumps(service, seed) if jumps == "service" else nullcontext():
            lines, crashed = run(jumps=jumps == "clients")
        seconds = time.monotonic() - begun
        service.recover()
        wrong = [*crashed, *_wrong(service, ledger, counts, lines, None if jumps else ahead)]
        once_more: list[dict] = []
        if forgets:
            time.sleep(2 * SLOW)  # a day in little: what is still on its way arrives while its key is known
            service.forget_keys()
            service.fail(share)
            once_more, crashed = run(jumps=False)
            service.recover()
            wrong += [*crashed, *_again(service, counts, once_more)]
        there = {verb: len(made(service, verb)) for verb in MADE}
        settled = [line for line in (*lines, *once_more) if "verb" in line]
        return {
            "asked": {"count": count, "seed": seed, "processes": processes, "threads": threads, "share": share},
            "there": there,
            "calls": dict(Counter(call[2] for line in settled for call in line["calls"])),
            "requests": sum(line["requests"] for line in lines if "requests" in line),
            "seconds": round(seconds, 1),
            "wrong": wrong,
        }


def made(service: Service, verb: str) -> list[tuple[str, str, str]]:
    """Return the text, time and ID of every write of the storm that is there."""
    rows = service.rows(f"SELECT * FROM ({MADE[verb]}) WHERE text LIKE ?", f"{TEXTS[verb].partition('{')[0]}%")
    return [(str(text), str(at), str(identity)) for text, at, identity in rows]


def _prepared(service: Service, counts: dict[str, int]) -> dict[str, list[str]]:
    """Make what is responded to and finished, and return what the writes are about."""
    numbers = [row[0] for row in service.rows("SELECT number FROM incidents WHERE status_category = 'live'")]
    incident = service.rows("SELECT id FROM incidents WHERE status_category = 'live'")[0][0]
    user = service.ask("GET", "/v2/users?page_size=1")["users"][0]["id"]
    pages, follow_ups = [], []
    for number in range(counts["acknowledge"]):
        title = TEXTS["acknowledge"].format(number)
        body: dict[str, Any] = {"idempotency_key": title, "title": title, "user_ids": [user], "incident_id": incident}
        pages.append(service.ask("POST", "/v2/escalations", body)["escalation"]["id"])
    for number in range(counts["finish"]):
        body = {"incident_id": incident, "title": TEXTS["finish"].format(number)}
        follow_ups.append(service.ask("POST", "/v3/follow_ups", body)["follow_up"]["id"])
    return {"incidents": [f"INC-{number}" for number in numbers], "pages": pages, "follow_ups": follow_ups}


def _started(
    service: Service,
    ledger: Path,
    writes: list,
    targets: dict[str, list[str]],
    processes: int,
    threads: int,
    *,
    jumps: bool,
) -> tuple[list[dict], list[str]]:
    """Write from processes of their own; return what they report, and which of them ended badly."""
    workers = []
    for place in range(processes):
        asked = {"threads": threads, "writes": writes[place::processes], "targets": targets, "jumps": jumps}
        command = [sys.executable, "-m", "tests.faults.storm_worker"]
        worker = subprocess.Popen(
            command, env=environment(service, ledger), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        workers.append((worker, json.dumps(asked)))
    outputs = _answers(workers)
    lines = [line for output in outputs for line in complete_lines(output)]
    return lines, [bad for worker, _asked in workers if (bad := end_of(worker.returncode))]


def _answers(workers: list[tuple[subprocess.Popen[str], str]]) -> list[str]:
    """Give every process what it is asked, all at once, and return what each has written when it ended."""
    outputs = [""] * len(workers)

    def communicate(place: int) -> None:
        worker, asked = workers[place]
        outputs[place] = worker.communicate(asked)[0]

    readers = [threading.Thread(target=communicate, args=(place,)) for place in range(len(workers))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return outputs


def complete_lines(output: str) -> Iterator[dict]:
    """Yield what a process has reported; its last line is cut short if it was killed."""
    for line in output.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _warm(service: Service, ledger: Path) -> Incidents:
    """Return a client with open connections and a vocabulary in memory."""
    settings = Settings.from_environment(environment(service, ledger))
    io = Incidents(replace(settings, timeout=TIMEOUT, max_wait=60.0), sleep=sleep)
    io.vocabulary.severities()
    io.incidents(limit=1)
    return io


def _forked(
    io: Incidents,
    service: Service,
    ledger: Path,
    writes: list,
    targets: dict[str, list[str]],
    processes: int,
    threads: int,
    *,
    jumps: bool,
) -> tuple[list[dict], list[str]]:
    """Write from children of one warm client, which share its connections as they were made."""
    children = [
        Child(
            lambda place=place: settle_all(io, writes[place::processes], targets, threads, jumps=jumps),  # type: ignore[misc]
            environment(service, ledger),
        )
        for place in range(processes)
    ]
    lines, crashed = [], []
    for child in children:
        try:
            lines += child.result() or []
        except RuntimeError as error:
            crashed.append(str(error))
    io.close()
    return lines, crashed


class _Jumps:
    """Let the service's clock jump an hour ahead now and then.

    Args:
        service: The service.
        seed: Decides when.
    """

    def __init__(self, service: Service, seed: int) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._jump, args=(service, random.Random(seed)))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _jump(self, service: Service, dice: random.Random) -> None:
        while not self._over.wait(dice.uniform(0.2, 1.0)):
            service.ask("POST", "/sandbox/clock", {"advance": 3600})


def _wrong(service: Service, ledger: Path, counts: dict[str, int], lines: list[dict], ahead: float | None) -> list[str]:
    """Return what is there too often or not at all, what was reported wrongly, and what the ledger does not have."""
    problems: list[str] = []
    results = {entry.result for entry in Ledger(ledger).outcomes()}
    settled = {(line["verb"], line["number"]): line["calls"] for line in lines if "verb" in line}
    for verb, count in counts.items():
        rows = made(service, verb)
        problems += [f"{verb} {text} is there {many} times" for text, many in _repeated(rows)]
        moments = {text: at for text, at, _identity in rows}
        for number in range(count):
            text, calls = TEXTS[verb].format(number), settled.get((verb, number))
            if calls is None:
                problems.append(f"{verb} {text}: nothing was reported")
            elif text not in moments:
                problems.append(f"{verb} {text}: not there, although it ended as {calls[-1][2]}")
            else:
                at = datetime.fromisoformat(moments[text]).timestamp() - ahead if ahead and moments[text] else None
                problems += [f"{verb} {text}: {problem}" for problem in untrue(calls, at)]
        missing = [identity for _text, _at, identity in rows if identity not in results]
        problems += [f"{verb} {identity}: not in the ledger" for identity in missing]
    return problems


def _again(service: Service, counts: dict[str, int], lines: list[dict]) -> list[str]:
    """Return what a second run of everything has made, or says that it made, after the service forgot its keys."""
    repeated = {verb: _repeated(made(service, verb)) for verb in counts}
    problems = [f"{verb} {text} is there {many} times" for verb, texts in repeated.items() for text, many in texts]
    return problems + [
        f"{line['verb']} {line['number']}: sent again after the service forgot its key"
        for line in lines
        if "verb" in line and any(ended_as == "sent" for _begun, _ended, ended_as in line["calls"])
    ]


def _repeated(rows: list[tuple[str, str, str]]) -> list[tuple[str, int]]:
    return [(text, many) for text, many in Counter(text for text, _at, _identity in rows).items() if many > 1]


def untrue(calls: list[list], at: float | None) -> list[str]:
    """Return which of the calls for one write reported something that its moment `at` contradicts.

    Args:
        calls: When each call began and ended, and how it says that it ended.
        at: When the write was made; None where that cannot be compared with the clients' time.
    """
    problems = []
    since = None  # when the unknown calls right before this one began
    for place, (begun, ended, ended_as) in enumerate(calls):
        if at is not None:
            # Sent a moment after an unknown end: which of the two calls it was cannot be known, nor does it matter.
            # What an unknown call has sent may arrive while the next one waits for it, and is found by that one.
            within = (begun if since is None else since) - CLOSE <= at <= ended + CLOSE
            surely = begun + CLOSE < at < ended - CLOSE
            if (
                (ended_as == "sent" and not within)
                or (ended_as == "already" and at > begun + CLOSE and since is None)
                or (ended_as == "not sent" and surely)
            ):
                problems.append(
                    f"reported {ended_as!r} of a call from {begun - at:+.2f} s to {ended - at:+.2f} s of the write"
                )
        if ended_as == "already" and not any(before[2] in {"sent", "unknown"} for before in calls[:place]):
            ends = ", ".join(before[2] for before in calls[:place])
            problems.append(f"reported 'already' although no earlier call can have made it ({ends or 'the first one'})")
        if ended_as != "unknown":
            since = None
        elif since is None:
            since = begun
    if sum(ended_as == "sent" for _begun, _ended, ended_as in calls) > 1:
        problems.append("reported 'sent' more than once")
    return problems


STORMS: dict[str, Callable[..., dict]] = {
    "storm": storm,
    "forgetful": partial(storm, forgets=True),
    "clocks": partial(storm, jumps="clients"),
    "service-clock": partial(storm, jumps="service"),
    "forks": partial(storm, forks=True, threads=2),
}
