"""Long texts as rows of a tooltip."""

from __future__ import annotations

import textwrap
from typing import Final

_ROW: Final = 220  # a row of a tooltip in JupyterLab is cut off after about five lines


def rows(name: str, text: str) -> dict[str, str]:
    """Return a text as rows of a tooltip, each short enough to be seen whole: `name`, `name 2`, and so on.

    Args:
        name: What the first row is called.
        text: The text; its lines become rows of their own where one row would not hold them.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) <= _ROW and text.count("\n") <= 1:
        return {name: text}
    pieces = [piece for line in text.splitlines() if line for piece in textwrap.wrap(line, _ROW) or [""]]
    return {name if not place else f"{name} {place + 1}": piece for place, piece in enumerate(pieces)}
