"""Scores in a CSV file that grows by a class each time, so that sessions can be compared."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentio_magic.drills.scoring import VERSION
from incidentio_magic.errors import InputError
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.drills.scenario import Scenario
    from incidentio_magic.drills.scoring import Result

COLUMNS: Final = (
    "drill_id", "started_at", "trainee", "drill", "scenario", "rules", "expected", "done", "found", "score", "of",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t")


def save(rows: Iterable[tuple[Drill, Scenario, Sequence[Result]]], path: str) -> int:
    """Append the scores of drills to a CSV file, one row for each expectation, and return how many were added.

    Rows with the same `scenario` and `rules` can be compared: `scenario` differs for another version of a scenario, and
    `rules` for other rules. A drill that is in the file already is not added again.

    Args:
        rows: Each drill that has ended, with its scenario and its results.
        path: The file; it is made if there is none.

    Raises:
        InputError: If the file cannot be written, or is another kind of table.
    """
    target = Path(path).expanduser()
    try:
        there = _drills_in(target)
        new = [
            row for drill, scenario, results in rows if drill.id not in there for row in _rows(drill, scenario, results)
        ]
        with target.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if not there and not target.stat().st_size:
                writer.writerow(COLUMNS)
            writer.writerows(new)
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or "it is not UTF-8 text"
        raise InputError(f"{path} cannot be written: {why}.", hint="name a .csv file in a folder of yours") from None
    return len(new)


def _drills_in(target: Path) -> set[str]:
    if not target.exists() or not target.stat().st_size:
        return set()
    with target.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        if tuple(table.fieldnames or ()) != COLUMNS:
            raise InputError(
                f"{target} has other columns than a table of scores; nothing was written.", hint="name another file"
            )
        return {row["drill_id"] for row in table}


def _rows(drill: Drill, scenario: Scenario, results: Sequence[Result]) -> list[list[object]]:
    return [
        [
            drill.id,
            drill.started_at.isoformat(),
            _text(drill.key.name),
            _text(drill.label),
            scenario.digest,
            VERSION,
            _text(result.expected),
            result.done,
            _text(result.found),
            f"{result.score:g}",
            f"{result.of:g}",
        ]
        for result in results
    ]


def _text(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
