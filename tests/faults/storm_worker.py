"""One client process of the storm: threads that write, each write until it is settled, and tell how each call ended."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from incidentio_magic import errors
from incidentio_magic.client import Incidents
from incidentio_magic.settings import Settings

TIMEOUT = 1.0
MOST_CALLS = 25
HURRY = 20  # waits are shorter than asked for by this factor, or a storm would last an hour


def sleep(seconds: float) -> None:
    """Wait, in a hurry."""
    time.sleep(seconds / HURRY)


def write(io, verb: str, number: int, incidents: list[str]) -> str:
    """Make one write and return how it ended."""
    try:
        if verb == "declare":
            outcome = io.declare(f"Storm {number}", f"The storm's incident {number}.", severity="Minor")
        else:
            outcome = io.update(incidents[number % len(incidents)], f"Storm {number}")
    except errors.OutcomeUnknown:
        return "unknown"
    except errors.IncidentioError:
        return "not sent"
    return "sent" if outcome.sent else "already"


def settle(io, verb: str, number: int, incidents: list[str]) -> dict:
    """Write until it is known to be written, as a person does who is told what to do."""
    calls = []
    while not calls or (calls[-1][2] in {"unknown", "not sent"} and len(calls) < MOST_CALLS):
        begun = time.time()
        ended_as = write(io, verb, number, incidents)
        calls.append((begun, time.time(), ended_as))
    return {"verb": verb, "number": number, "calls": calls}


def main() -> None:
    """Read what to do from the command line, and write a line a write."""
    asked = json.loads(sys.argv[1])
    settings = replace(Settings.from_environment(os.environ), timeout=TIMEOUT, max_wait=60.0)
    io = Incidents(settings, sleep=sleep)
    # Its pace is in a hurry too, and learns nothing from refusals that are made up; how it paces real ones is another
    # test. The other clocks stay real, since by them the service's time is reckoned.
    io.transport._pacing.learn = io.transport._pacing.refused = lambda *_told: None
    begun = time.monotonic()
    io.transport._pacing._clock = lambda: begun + (time.monotonic() - begun) * HURRY
    with ThreadPoolExecutor(asked["threads"]) as threads:
        settled = threads.map(lambda one: settle(io, *one, asked["incidents"]), asked["writes"])
        for one in settled:
            sys.stdout.write(json.dumps(one) + "\n")
    sys.stdout.write(json.dumps({"requests": io.transport.requests_made}) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
