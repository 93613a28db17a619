"""`python -m tests.mutation`: change one thing at a time, and report the changes that no test notices."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutation.changes import Change, changes_of
from tests.mutation.running import ROOT, Coverage, check_coverage, collect_coverage, copy_tree, survives, warm

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = ROOT / "incidentio_magic"
ROOMS = {
    "writes": ("writes",),
    "guard": ("writes/guard.py",),
    "names": ("names",),
    "timeline": ("timeline",),
    "metrics": ("metrics",),
    "wire": tuple(f"api/{name}.py" for name in ("wire", "decoding", "transport", "waiting", "filters", "read_ahead")),
    "pagination": ("api/pagination.py",),
    "sandbox": ("sandbox/incidentio/rules.py", "sandbox/incidentio/changes.py", "sandbox/http/access.py"),
}
REASONS = Path(__file__).with_name("reasons.toml")


def modules(room: str) -> list[Path]:
    """Return a room's modules."""
    paths = [PACKAGE / part for part in ROOMS[room]]
    return [module for path in paths for module in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def choose(rooms: Sequence[str], count: int, seed: int) -> list[Change]:
    """Draw changes, as many from each room as from the others where it has as many.

    Args:
        rooms: The rooms to draw from.
        count: How many changes.
        seed: Decides which.
    """
    piles = []
    for room in rooms:
        pile = [change for module in modules(room) for change in changes_of(module, ROOT)]
        random.Random(f"{seed} {room}").shuffle(pile)  # its own: a line more in one room draws no others from the next
        piles.append(pile)
    chosen: dict[str, Change] = {}
    while any(piles) and len(chosen) < count:
        for pile in piles:
            if pile and len(chosen) < count:
                change = pile.pop()
                chosen.setdefault(f"{change.path}:{change.start}:{change.after}", change)
    return list(chosen.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the changes, report those that survive, and return 1 if too few were noticed.

    Args:
        arguments: The command line's; None for those of this process.
    """
    reader = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    reader.add_argument("--sample", type=int, default=300, help="how many changes (%(default)s)")
    reader.add_argument("--seed", type=int, default=1, help="decides which (%(default)s)")
    reader.add_argument("--room", action="append", choices=ROOMS, help="only these rooms; all if left out")
    reader.add_argument("--at-least", type=float, default=93, help="share that must be noticed, in %% (%(default)s)")
    reader.add_argument("--coverage", type=Path, metavar="FILE", help="which test runs which line, kept or used again")
    options = reader.parse_args(arguments)
    reasons = tomllib.loads(REASONS.read_text("utf-8"))
    equivalent, survivors, noticed = [], [], 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_tree(Path(folder, "tree").resolve())
        file = (options.coverage or Path(folder, "coverage")).resolve()
        if file.exists():
            check_coverage(copy, file)
        else:
            collect_coverage(copy, file)
        covering = Coverage(file)
        warm()
        for change in choose(options.room or list(ROOMS), options.sample, options.seed):
            if change.key in reasons:
                equivalent.append(change)
            elif survives(change, copy, covering):
                survivors.append(change)
                sys.stdout.write(f"survives: {change.path}:{change.line}  {change.lines} -> {change.changed}\n")
                sys.stdout.flush()
            else:
                noticed += 1
    for change in equivalent:
        sys.stdout.write(f"passed over: {change.key}: {reasons[change.key]}\n")
    counted = noticed + len(survivors)
    share = 100 * noticed / counted if counted else 100.0
    sys.stdout.write(
        f"{noticed} of {counted} changes noticed ({share:.1f} %), {len(survivors)} survive,"
        f" {len(equivalent)} passed over with a reason, in {time.monotonic() - begun:.0f} s\n"
    )
    return int(share < options.at_least)


if __name__ == "__main__":
    sys.exit(main())
