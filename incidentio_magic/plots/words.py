"""Spans of time and long texts, as people read them in a chart."""

from __future__ import annotations

import textwrap
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY: Final = 86_400
_TASKS: Final = frozenset({"action", "follow_up"})
_ROW: Final = 220  # a row of a tooltip in JupyterLab is cut off after about five lines


def lasted(span: timedelta) -> str:
    """Return a span as days, hours, minutes and seconds: the two largest that matter.

    Args:
        span: Any span; a negative one has a minus sign.
    """
    seconds = round(abs(span.total_seconds()))
    sign = "-" if span < timedelta() and seconds else ""
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    shown = [f"{number} {unit}" for number, unit in parts[first : first + 2] if number]
    return sign + (" ".join(shown) or "0 s")


def value_of(kind: str, text: str, written: Callable[[datetime], str]) -> str:
    """Return what an event changed from or to as people read it: moments like all others, statuses in words.

    Args:
        kind: The event's kind.
        text: What was, or is since then.
        written: Writes a moment.
    """
    if kind in _TASKS:
        return text.replace("_", " ")
    if kind != "timestamp":
        return text
    try:
        return written(datetime.fromisoformat(text))
    except ValueError:
        return text


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
