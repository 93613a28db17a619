"""Read odd answers for some time: `python -m tests.fuzz --seed 1 --seconds 60`.

Each read ends in a result or in an error of this project; anything else is printed with its seed, and the end is 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from incidentio_magic import IncidentioError, connect
from tests.fuzz.answers import Answers
from tests.fuzz.contract import NoContract, contract
from tests.fuzz.reads import reads
from tests.fuzz.service import Service

ODDNESS = (0.0, 0.002, 0.01, 0.05, 0.2)
LONGEST = 20.0  # seconds of one read


class Fuzz:
    """Makes reads and counts how they end.

    Args:
        described: The OpenAPI description.
        folder: Where exports and the ledger go.
        show_traceback: Whether each failure's traceback is printed.
    """

    def __init__(self, described: dict[str, Any], folder: Path, *, show_traceback: bool = False) -> None:
        self._described = described
        self._folder = folder
        self._show_traceback = show_traceback
        self.ends: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    def read(self, name: str, seed: int) -> None:
        """Make one read, of answers that the seed decides."""
        random = Random(seed)
        service = Service(self._described, Answers(self._described, random))
        client = connect("http://127.0.0.1:9", "a-key", ledger=str(self._folder / "ledger.jsonl"))
        client.transport.send = service.send
        service.begin(random.choice(ODDNESS))
        started = time.monotonic()
        try:
            reads(self._folder)[name](client)
            self.ends["a result"] += 1
        except IncidentioError as error:
            self.ends[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001  that is what is looked for
            self._failed(name, seed, f"{type(error).__name__} at {_place(error)}", str(error)[:100])
            if self._show_traceback:
                traceback.print_exc()
        took = time.monotonic() - started
        if took > LONGEST:
            self._failed(name, seed, f"took more than {LONGEST:.0f} s", f"{took:.0f} s")
        client.close()
        shutil.rmtree(self._folder / "export", ignore_errors=True)
        self.asked.update(service.asked)

    def _failed(self, name: str, seed: int, what: str, more: str) -> None:
        self.ends["FAILED"] += 1
        self.failures[f"{name}: {what}"] += 1
        print(f"seed {seed}: {name}: {what}: {more!r}")


def main() -> int:
    """Run the command line."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--seed", type=int, default=1, help="the first seed; each read has the next")
    options.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    options.add_argument("--reads", type=int, default=0, help="how many reads to make, whatever they take")
    options.add_argument("--only", nargs="*", default=[], help="reads to make, by name")
    options.add_argument("--traceback", action="store_true", help="print each failure's traceback")
    args = options.parse_args()
    try:
        described = contract()
    except NoContract as error:
        print(f"SKIPPED: {error}")
        return int(os.environ.get("CONTRACT") == "required")
    warnings.simplefilter("ignore")
    folder = Path(tempfile.mkdtemp())
    names = [name for name in reads(folder) if not args.only or name in args.only]
    fuzz = Fuzz(described, folder, show_traceback=args.traceback)
    begun = time.monotonic()
    seed = args.seed
    while seed - args.seed < args.reads if args.reads else time.monotonic() - begun < args.seconds:
        fuzz.read(names[seed % len(names)], seed)
        seed += 1
    shutil.rmtree(folder, ignore_errors=True)
    answers = f"{sum(fuzz.asked.values())} answers of {len(fuzz.asked)} operations"
    print(f"{seed - args.seed} reads, {answers}, seeds from {args.seed}")
    print("ended with " + ", ".join(f"{end}: {count}" for end, count in fuzz.ends.most_common()))
    for failure, count in fuzz.failures.most_common():
        print(f"{count} × {failure}")
    return int(bool(fuzz.failures))


def _place(error: BaseException) -> str:
    """Return the last line of this project that an error came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "incidentio_magic" in frame.filename]
    if not frames:
        return "?"
    return f"{frames[-1].filename.rpartition('incidentio_magic/')[2]}:{frames[-1].lineno}"


if __name__ == "__main__":
    sys.exit(main())
