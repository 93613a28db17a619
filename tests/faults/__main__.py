"""`python -m tests.faults`: the attacks on a scale that a test suite has no time for, with a report."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.kills import kills
from tests.faults.load import board, cells, day
from tests.faults.storm import STORMS
from tests.faults.twins import twins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ATTACKS = (*STORMS, "kills", "kills-in-storm", "twins", "board", "cells", "day")


def attacks(count: int, seed: int) -> dict[str, Callable[[], dict]]:
    """Return every attack by name; the others are smaller than the storm, in proportion."""
    return {
        **{name: partial(attack, count, seed=seed) for name, attack in STORMS.items()},
        "kills": partial(kills, max(4, count // 20), seed=seed),
        "kills-in-storm": partial(kills, max(2, count // 100), seed=seed, share=0.3),
        "twins": partial(twins, max(2, count // 100)),
        "board": partial(board, count // 2),
        "cells": partial(cells, count * 5),
        "day": partial(day, count * 1440 // 2000),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the attacks, print what came of them, and return 1 if a promise was broken.

    Args:
        arguments: The command line's; None for those of this process.
    """
    reader = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    reader.add_argument("--seed", type=int, default=1, help="decides order and moments (%(default)s)")
    reader.add_argument("--count", type=int, default=2000, help="declarations, and updates, of the storm (%(default)s)")
    reader.add_argument("--only", nargs="+", choices=ATTACKS, default=ATTACKS, help="some attacks alone")
    reader.add_argument("--report", type=Path, metavar="FILE", help="write everything counted there, as JSON")
    asked = reader.parse_args(arguments)
    report = {}
    for name, attack in attacks(asked.count, asked.seed).items():
        if name in asked.only:
            report[name] = attack()
            sys.stdout.write(f"{name}: {json.dumps(report[name])}\n")
            sys.stdout.flush()
    if asked.report:
        asked.report.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return int(any(found["wrong"] for found in report.values()))


if __name__ == "__main__":
    sys.exit(main())
