"""One client process of the storm: its threads write until each write is settled, and report how each call ended."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from incidentio_magic import errors
from incidentio_magic.api.service_clock import steady_seconds
from incidentio_magic.client import Incidents
from incidentio_magic.settings import Settings
from incidentio_magic.writes import ledger_entry, settling
from tests.faults.service import SLOW

TIMEOUT = 1.0
MOST_CALLS = 25
CLOSED = SLOW + 0.4  # seconds that stand for an hour: by then the service has carried out what it was asked
HURRY = 20  # waits are shorter than asked for by this factor, or a storm would last an hour
TEXTS = {
    "declare": "Storm {}",
    "update": "Storm {}",
    "event": "Storm {}",
    "page": "Storm {}",
    "follow_up": "Storm {}",
    "action": "Storm {}",
    "attach": "Storm {}",
    "acknowledge": "Waiting {}",
    "finish": "Prepared {}",
}
"""What is written, or responded to, by number."""

SITUATIONS = (timedelta(0), timedelta(days=1), timedelta(days=-1))


def sleep(seconds: float) -> None:
    """Wait, in a hurry."""
    time.sleep(seconds / HURRY)


class JumpingTime(datetime):
    """A time of day that is set to another day, and back, at any moment."""

    @classmethod
    def now(cls, tz=None):
        """Return the present time of one of several days."""
        return datetime.now(tz) + random.choice(SITUATIONS)


class JumpingClock:
    """Seconds that go on while a lid is closed, as it is now and then for an hour.

    Nothing here goes on meanwhile, and the service does: it ends what it is doing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slept = 0.0
        self._closes = steady_seconds() + random.uniform(0.0, 2.0)

    def __call__(self) -> float:
        """Return the seconds; now and then an hour has passed since the last time."""
        with self._lock:
            if steady_seconds() > self._closes:
                time.sleep(CLOSED)
                self._closes = steady_seconds() + random.uniform(2.0, 5.0)
                self._slept += 3600.0
            return steady_seconds() + self._slept


def write(io, verb: str, number: int, targets: dict[str, list[str]]) -> str:
    """Make one write and return how it ended."""
    text = TEXTS[verb].format(number)
    incident = targets["incidents"][number % len(targets["incidents"])]
    acts = {
        "declare": lambda: io.declare(text, f"The storm's incident {number}.", severity="Minor"),
        "update": lambda: io.update(incident, text),
        "event": lambda: io.event(incident, text, at="2026-01-15T00:01"),
        "page": lambda: io.page(incident, text, to="alice@example.com"),
        "follow_up": lambda: io.add_follow_up(incident, text, "Found in the storm."),
        "action": lambda: io.add_action(incident, text),
        "attach": lambda: io.attach(incident, f"https://example.com/storm/{number}", title=text),
        "acknowledge": lambda: io.acknowledge(targets["pages"][number]),
        "finish": lambda: io.change_follow_up(targets["follow_ups"][number], status="completed"),
    }
    try:
        outcome = acts[verb]()
    except errors.OutcomeUnknown:
        return "unknown"
    except errors.IncidentioError:
        return "not sent"
    return "sent" if outcome.sent else "already"


def settle(io, verb: str, number: int, targets: dict[str, list[str]]) -> dict:
    """Write until it is known to be written, as a person does who follows the hints."""
    calls = []
    while not calls or (calls[-1][2] in {"unknown", "not sent"} and len(calls) < MOST_CALLS):
        begun = time.time()
        ended_as = write(io, verb, number, targets)
        calls.append((begun, time.time(), ended_as))
    return {"verb": verb, "number": number, "calls": calls}


def hurried(io: Incidents) -> Incidents:
    """Let a client's pace be in a hurry too.

    It learns nothing from refusals that are made up; how it paces real ones is another test. The other clocks stay
    real, since by them the service's time is reckoned.
    """
    io.transport._pacing.learn = io.transport._pacing.refused = lambda *_figures: None
    begun = time.monotonic()
    io.transport._pacing._clock = lambda: begun + (time.monotonic() - begun) * HURRY
    return io


def settle_all(io: Incidents, writes: list, targets: dict[str, list[str]], threads: int, *, jumps: bool) -> list[dict]:
    """Settle all writes in a number of threads, and return a line for each, and one with the requests made."""
    if jumps:
        ledger_entry.datetime = settling.datetime = JumpingTime
    hurried(io)
    with ThreadPoolExecutor(threads) as pool:
        lines = list(pool.map(lambda write: settle(io, *write, targets), writes))
    return [*lines, {"requests": io.transport.requests_made}]


def main() -> None:
    """Read what to do from the standard input, and write a line for each write."""
    asked = json.load(sys.stdin)
    settings = replace(Settings.from_environment(os.environ), timeout=TIMEOUT, max_wait=60.0)
    clock = JumpingClock() if asked["jumps"] else steady_seconds
    io = Incidents(settings, sleep=sleep, clock=clock)
    lines = settle_all(io, asked["writes"], asked["targets"], asked["threads"], jumps=asked["jumps"])
    sys.stdout.write("".join(json.dumps(line) + "\n" for line in lines))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
