"""The file with the names of a class: one trainee a line, with a team behind a comma if there are teams."""

from __future__ import annotations

import csv
from pathlib import Path

LONGEST_NAME = 80
MOST_PARTS = 2


def people(path: str) -> tuple[tuple[str, str], ...]:
    """Return each trainee's name and team (empty for none), in the file's order.

    Args:
        path: a text file, such as one line `Ada Lovelace, Blue` for each; empty lines and those with `#` do not count.

    Raises:
        OSError: it cannot be read.
        ValueError: a line has no name, or a name is there twice; the message lists every such line.
    """
    try:
        text = Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    found: dict[str, str] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = [part.strip() for part in next(csv.reader([line], skipinitialspace=True))]
        name, team = parts[0], "".join(parts[1:MOST_PARTS])
        mistake = _mistake(name, team, len(parts), found)
        if mistake:
            wrong.append(f"line {number}: {mistake}")
        found[name] = team
    if not found and not wrong:
        wrong.append("it names nobody")
    if wrong:
        raise ValueError(f"{path}: {'; '.join(wrong)}")
    return tuple(found.items())


def _mistake(name: str, team: str, parts: int, found: dict[str, str]) -> str:
    if parts > MOST_PARTS:
        return "more than a name and a team: put a name with a comma in quotes"
    if not name:
        return "no name before the comma"
    if name in found:
        return f"{name!r} is there twice"
    if not (name + team).isprintable():
        return "a character that cannot be printed"
    if max(len(name), len(team)) > LONGEST_NAME:
        return f"longer than {LONGEST_NAME} characters"
    return ""
