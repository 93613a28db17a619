"""A whole class through a whole drill: `python -m tests.classroom --trainees 30`.

Each trainee is a process with the real client, all on one server that keeps its state in a file. The facilitator moves
the clock, makes answers get lost in two rounds, and compares in the end what the service has with what was done, and
the scores with those worked out by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import requests

from incidentio_magic.client import Incidents
from incidentio_magic.drills.played import scenario_of
from incidentio_magic.drills.practice import Practice
from incidentio_magic.drills.scoring import score
from incidentio_magic.settings import Secret, Settings
from tests.classroom.script import DRILL, ENDS_AT, FAULTY, PROFILES, ROUNDS, Profile

ROOT = Path(__file__).parents[2]
EPOCH = "2026-01-15T14:00:00Z"
NEARLY_STILL = 0.001  # between the rounds, so that a slow machine changes no score
FAULTS = (
    {"kind": "lose_answer", "endpoint": "POST /v2/*", "probability": 0.3},
    {"kind": "status", "endpoint": "/v2/incident", "status": 503, "probability": 0.1},
)


class Server:
    """The class's server, as a facilitator starts it.

    Args:
        folder: Where it keeps its state.
        trainees: How many keys it makes.
    """

    def __init__(self, folder: Path, trainees: int) -> None:
        command = [sys.executable, "-m", "incidentio_magic", "sandbox", "--db", str(folder / "drill.sqlite")]
        command += ["--keys", str(trainees), "--epoch", EPOCH, "--seed", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())
        self.url = self._line().partition("=")[2]
        self.key = self._line().partition("=")[2]
        while "not shown again" not in self._line():
            pass
        self.keys = dict(re.fullmatch(r"#   (.+)  (\S+)", self._line()).groups() for _ in range(trainees))

    def _line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the server did not start")
        return line.rstrip("\n")

    def post(self, path: str, body: dict[str, object]) -> None:
        """Send an order of the facilitator."""
        headers = {"Authorization": f"Bearer {self.key}"}
        requests.post(f"{self.url}/sandbox/{path}", json=body, headers=headers, timeout=60).raise_for_status()

    def clear_faults(self) -> None:
        """Let nothing go wrong any longer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        requests.delete(f"{self.url}/sandbox/faults", headers=headers, timeout=60).raise_for_status()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


@dataclass
class Pupil:
    """A trainee's process, what it is to do, and what it has told."""

    name: str
    profile: Profile
    process: subprocess.Popen
    took: list[tuple[str, float]] = field(default_factory=list)
    took_with_faults: list[tuple[str, float]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    failed_with_faults: list[str] = field(default_factory=list)

    def reported(self) -> str:
        """Return the next line it says."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} has died")
        return line

    def stop(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def environment(**more: str) -> dict[str, str]:
    """Return an environment without anybody's own key, in which this tree is imported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def enrol(server: Server, folder: Path, names: list[str]) -> list[Pupil]:
    """Start a process for each trainee, and wait until all are ready."""
    kinds = list(PROFILES)
    pupils = []
    for number, name in enumerate(names):
        kind = kinds[number % len(kinds)]
        more = {
            "INCIDENTIO_BASE_URL": server.url,
            "INCIDENTIO_API_KEY": server.keys[name],
            "INCIDENTIO_TRAINING": "1",
            "INCIDENTIO_LEDGER": str(folder / f"{name}.jsonl"),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.classroom.trainee", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(**more),
        )
        pupils.append(Pupil(name, PROFILES[kind], process))
    for pupil in pupils:
        pupil.reported()
    return pupils


def play(server: Server, pupils: list[Pupil], *, faults: bool) -> None:
    """Play the drill: in each round the clock moves on, and all act at once."""
    before = 0.0
    for minute in ROUNDS:
        server.post("clock", {"advance": (minute - before) * 60})
        before = minute
        faulty = faults and minute in FAULTY
        for fault in FAULTS if faulty else ():
            server.post("faults", fault)
        for pupil in pupils:
            pupil.process.stdin.write(f"{minute}\n")
            pupil.process.stdin.flush()
        for pupil in pupils:
            reported = json.loads(pupil.reported())
            (pupil.took_with_faults if faulty else pupil.took).extend(map(tuple, reported["took"]))
            pupil.sent += reported["sent"]
            failed = pupil.failed_with_faults if faulty else pupil.failed
            failed += [f"minute {minute}: {entry}" for entry in reported["failed"]]
        server.clear_faults()
    server.post("clock", {"advance": (ENDS_AT - before) * 60})


def is_caused(reported: str) -> bool:
    """Return whether an error is one that the faults may cause: no answer, or a service that is not available."""
    return any(name in reported for name in ("AnswerLost", "OutcomeUnknown", "ServiceUnavailable"))


def wrong(practice: Practice, client: Incidents, pupils: list[Pupil]) -> list[str]:
    """Return what is not as it should be: errors, lost or doubled writes, wrong scores."""
    found = [f"{pupil.name}: {entry}" for pupil in pupils for entry in pupil.failed]
    found += [
        f"{pupil.name}: {fault}" for pupil in pupils for fault in pupil.failed_with_faults if not is_caused(fault)
    ]
    drills = {drill.key.name: practice.stop(drill) for drill in practice.newest_of_all()}
    for pupil in pupils:
        drill = drills[pupil.name]
        played = practice.played(drill)
        scores = tuple(entry.score for entry in score(scenario_of(drill).expectations, played))
        if scores != pupil.profile.scores:
            found.append(f"{pupil.name}: scored {scores}, expected {pupil.profile.scores}")
        if len(drill.incident_ids) != pupil.profile.declares:
            found.append(f"{pupil.name}: {len(drill.incident_ids)} incidents")
            continue
        there = list(drill.incident_ids)
        for identity in drill.incident_ids:
            updates = [
                update for update in client.api.incident_updates(identity) if update.updater and update.updater.api_key
            ]
            messages = [update.message for update in updates if update.message]
            if messages != pupil.profile.messages:
                found.append(f"{pupil.name}: shared {messages}, meant {pupil.profile.messages}")
            pages = [escalation.id for escalation in client.api.escalations(identity)]
            if len(pages) != pupil.profile.pages:
                found.append(f"{pupil.name}: paged {len(pages)} times, meant {pupil.profile.pages}")
            there += [update.id for update in updates[1:]] + pages
        if Counter(there) != Counter(pupil.sent):
            found.append(f"{pupil.name}: told {len(pupil.sent)} writes, the service has {len(there)}")
    return found


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return 1000 * statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def course(folder: Path, count: int, *, faults: bool) -> tuple[list[str], list[Pupil], float]:
    """Hold one class and return what went wrong, its pupils, and the seconds the drill took."""
    folder.mkdir()
    server = Server(folder, count)
    pupils: list[Pupil] = []
    try:
        server.post("clock", {"speed": NEARLY_STILL})
        pupils = enrol(server, folder, list(server.keys))
        settings = Settings(server.url, Secret(server.key), ledger=folder / "facilitator.jsonl")
        with Incidents(settings) as client:
            practice = Practice(client)
            practice.start(DRILL, everyone=True)
            begun = time.monotonic()
            play(server, pupils, faults=faults)
            return wrong(practice, client, pupils), pupils, time.monotonic() - begun
    finally:
        for pupil in pupils:
            pupil.stop()
        server.stop()


def main() -> int:
    """Hold the class, then the same drill with one trainee alone, and print how it went; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.classroom", description=__doc__)
    parser.add_argument("--trainees", type=int, default=30, metavar="N", help="how many (%(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="classroom-") as name:
        problems, pupils, seconds = course(Path(name) / "class", asked.trainees, faults=True)
        alone_problems, alone, _ = course(Path(name) / "alone", 1, faults=False)
    together = [took for pupil in pupils for _name, took in pupil.took]
    with_faults = [took for pupil in pupils for _name, took in pupil.took_with_faults]
    each = [p95([took for _name, took in pupil.took]) for pupil in pupils]
    writes = sum(len(pupil.sent) for pupil in pupils)
    single = [took for _name, took in alone[0].took]
    reported = sum(len(pupil.failed_with_faults) for pupil in pupils)
    print(f"{asked.trainees} trainees, {len(together) + len(with_faults)} commands, {writes} writes in {seconds:.1f} s")
    print(f"p95 of a command: {p95(together):.0f} ms together, {p95(single):.0f} ms alone")
    print(f"p95 by trainee: from {min(each):.0f} to {max(each):.0f} ms")
    print(f"while answers got lost: p95 {p95(with_faults):.0f} ms, {reported} commands told of it and were run again")
    print(f"problems: {len(problems) + len(alone_problems)}")
    for problem in problems + alone_problems:
        print(f"  {problem}")
    return 1 if problems or alone_problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
