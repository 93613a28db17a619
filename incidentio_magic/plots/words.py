"""Splits long texts into rows of a tooltip."""

from __future__ import annotations

import textwrap
from typing import Final

_ROW: Final = 220  # JupyterLab cuts off a row of a tooltip after about five lines


def rows(name: str, text: str) -> dict[str, str]:
    """Return a text as rows of a tooltip that are short enough to be fully visible: `name`, `name 2`, and so on.

    Args:
        name: The name of the first row.
        text: The text; if it does not fit into one row, each line becomes a row.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) <= _ROW and text.count("\n") <= 1:
        return {name: text}
    pieces = [piece for line in text.splitlines() if line for piece in textwrap.wrap(line, _ROW) or [""]]
    return {name if not place else f"{name} {place + 1}": piece for place, piece in enumerate(pieces)}
