"""Prepares a cell before IPython reads it, so that a cell magic works wherever a user sees one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPACE: Final = r"(?P<magic>^\s*(?:[\w.\[\]\"']+\s*=\s*)?%%?incident\w*)[\u00a0\u2007\u202f]"  # pasted spaces
_QUOTES: Final = ('"""', "'''")


class CellTransformer:
    """Prepares cells that contain one of this package's magics; every other cell stays unchanged.

    Args:
        cell_magics: The names of our cell magics.
    """

    def __init__(self, cell_magics: Iterable[str]) -> None:
        self._begins = rf"%%(?P<name>{'|'.join(cell_magics)})(?!\w)"

    def __call__(self, lines: list[str]) -> list[str]:
        """Return a cell's lines for IPython.

        Raises:
            InputError: If code stands above one of the cell magics.
        """
        if not any("%incident" in line for line in lines):
            return lines
        lines = [re.sub(_SPACE, r"\g<magic> ", line) for line in lines]
        first = next((number for number, line in enumerate(lines) if re.match(self._begins, line)), None)
        if first is None:
            return lines
        above = lines[:first]
        if any(line.strip() and not line.lstrip().startswith("#") for line in above):
            return self._checked(lines, above, lines[first])
        lines = lines[first:]
        if len(lines) == 1:  # a new status needs no message, but IPython requires a body
            return [lines[0].rstrip("\n") + "\n", "\n"]
        return lines

    def _checked(self, lines: list[str], above: Sequence[str], line: str) -> list[str]:
        """Refuse code above a cell magic; quoted text and the text of another cell magic may contain its name."""
        text = "".join(above)
        is_text = above[0].startswith("%%") or any(text.count(quotes) % 2 for quotes in _QUOTES)
        if is_text:
            return lines
        name = line.split(maxsplit=1)[0]
        raise InputError(
            f"{name} must come first in its cell; nothing was run.",
            hint="move it to a cell of its own, as the first line",
        )
