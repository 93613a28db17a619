"""Writes what was measured into the pages that show it: the tables of the guide, and the promises of the README."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.figures import row, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.figures import Figure

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = ROOT / "notebooks" / "guide" / "measurements.md"
README: Final = ROOT / "README.md"
_CONDITIONS: Final = re.compile(r"^Measured on \d{4}-\d\d-\d\d.*$", re.MULTILINE)


def with_table(text: str, title: str, figures: Sequence[Figure], *, whole: bool) -> str:
    """Return a page with the figures in the table below the line that is its title in bold.

    Args:
        text: The page.
        title: The title.
        figures: What was measured.
        whole: Whether they are the whole table; else they replace the rows of the same name, and new ones follow.

    Raises:
        ValueError: If the page has no such table.
    """
    found = re.search(rf"^\*\*{re.escape(title)}\*\*\n\n(?P<table>(?:\|.*\n)+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"there is no table {title!r}")
    lines = found["table"].splitlines()
    if whole:
        lines = table(figures).splitlines()
    else:
        for figure in figures:
            begun = f"| {figure.what} |"
            place = next((place for place, line in enumerate(lines) if line.startswith(begun)), len(lines))
            lines[place : place + 1] = [row(figure)]
    start, end = found.span("table")
    return "\n".join([text[:start] + lines[0], *lines[1:], text[end:]])


def with_conditions(text: str) -> str:
    """Return a page whose line of conditions says when and where its figures were measured, and what else ran there."""
    where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    load = f"a load average of {os.getloadavg()[2]:.1f} over the last quarter of an hour"
    return _CONDITIONS.sub(f"Measured on {datetime.now(UTC):%Y-%m-%d}: {where}, {load}.", text, count=1)


def with_promises(text: str, figures: Iterable[Figure]) -> str:
    """Return the README with what its promises about speed and memory say of the figures."""
    for figure in figures:
        numbers = figure.numbers
        if figure.what.startswith("`import incidentio_magic` and `%load_ext` in a fresh process"):
            text = _promised(text, "Loading", f"{numbers['load_ms'] / numbers['pandas_ms']:.1%} of `import pandas`")
        elif found := re.match(r"list (?P<count>[\d,]+) incidents", figure.what):
            share, refused = numbers["ahead_s"] / numbers["walk_s"], numbers["refused"]
            shown = f"{found['count']} incidents in {share:.2f} of the time, {refused:g} requests refused"
            text = _promised(text, "Long lists", shown)
        elif found := re.match(r"export of (?P<count>[\d,]+) incidents", figure.what):
            text = _promised(text, "Exports", f"{found['count']} incidents in {numbers['bytes'] / 2**20:.0f} MB")
    return text


def _promised(text: str, promise: str, shown: str) -> str:
    """Return the README with the figures in the row of a promise, up to a comma and words behind them.

    Raises:
        ValueError: If it has no such row.
    """
    shown = shown.replace("%", " %")
    pattern = rf"^(?P<before>\| {promise}[^|]*\| )[^|]*?(?P<after>, and [^|]*)? \|"
    written = rf"\g<before>{shown}\g<after> |"
    text, count = re.subn(pattern, written, text, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"the README has no promise that begins with {promise!r}")
    return text


def publish(measured: Iterable[tuple[str, Sequence[Figure], bool]]) -> None:
    """Write figures into the guide and the README.

    Args:
        measured: The title of each table, its figures, and whether they are the whole table.
    """
    guide, readme = GUIDE.read_text("utf-8"), README.read_text("utf-8")
    for title, figures, whole in measured:
        guide = with_table(guide, title, figures, whole=whole)
        readme = with_promises(readme, figures)
    GUIDE.write_text(with_conditions(guide), "utf-8")
    README.write_text(readme, "utf-8")
