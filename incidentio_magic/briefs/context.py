"""Writes everything known about an incident as one Markdown text of bounded size, the most important parts first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST: Final = 2_000
DEFAULT: Final = 16_000
_LONGEST_LINE: Final = 600
_NOTE: Final = 90  # characters reserved for a note about omitted lines
_BOUNDLESS: Final = 10**12
_RESERVED: Final = 400  # characters reserved for the line that names omitted sections


@dataclass(frozen=True)
class Section:
    """A part of the text.

    Args:
        title: Its heading.
        lines: Its lines, in the order in which they are read.
        first: How many of the first lines are kept if not all fit. Lines after these are dropped, but the last lines
            stay.
    """

    title: str
    lines: Sequence[str]
    first: int = 3


def bounded(title: str, sections: Sequence[Section], closing: Section, size: int) -> str:
    """Return sections as Markdown of at most `size` characters; a note says what was left out.

    Args:
        title: The first line.
        sections: The sections, the most important first; the last sections are shortened first.
        closing: The section at the end, which names the sources; it is always included.
        size: The maximum number of characters.

    Raises:
        InputError: If the size is too small for any content.
    """
    if size < LEAST:
        raise InputError(f"A size of {size} is too small.", hint=f"give at least {LEAST} characters")
    head = f"# {_line(title, 300)}\n"
    end = _closing(closing, size // 3)
    left = size - len(head) - len(end) - _RESERVED
    parts: list[str] = []
    without: list[str] = []
    filled = [section for section in sections if section.lines]
    whole = sum(len(_fitted(section, _BOUNDLESS)) for section in filled) <= left
    for section in filled:
        # If not everything fits, each section may take half of the remaining size, so that it leaves room for the next.
        text = _fitted(section, left if whole or section is filled[-1] else left // 2)
        if text:
            parts.append(text)
            left -= len(text)
        else:
            without.append(f"{section.title} ({len(section.lines)})")
    note = f"\nNo room for: {', '.join(without)}; a larger size has them.\n" if without else ""
    return head + "".join(parts) + note + end


def _closing(closing: Section, size: int) -> str:
    lines = [_line(line, 200) for line in closing.lines]
    while len(lines) > 1 and sum(map(len, lines)) + len(lines) > size:
        lines = [*lines[:-2], "- …"]
    return f"\n## {closing.title}\n\n" + "\n".join(lines) + "\n"


def _fitted(section: Section, room: int) -> str:
    """Return a section with as many lines as fit; "" if none fit."""
    head = f"\n## {section.title}\n\n"
    lines = [_line(line, _LONGEST_LINE) for line in section.lines]
    if len(head) + sum(len(line) + 1 for line in lines) <= room:
        return head + "\n".join(lines) + "\n"
    room -= len(head) + _NOTE
    first: list[str] = []
    for line in lines[: section.first]:
        if len(line) + 1 > room:
            break
        first.append(line)
        room -= len(line) + 1
    last: list[str] = []
    for line in reversed(lines[len(first) :]):
        if len(line) + 1 > room:
            break
        last.append(line)
        room -= len(line) + 1
    if not first and not last:
        return ""
    left_out = len(lines) - len(first) - len(last)
    note = f"- … {left_out} of {len(lines)} left out here for their size"
    return head + "\n".join([*first, note, *reversed(last)]) + "\n"


def _line(text: str, longest: int) -> str:
    line = " ".join(printable(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
