"""What an event changed from and to, as people read it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_TASKS: Final = frozenset({"action", "follow_up"})


def value_text(kind: str, text: str, written: Callable[[datetime], str]) -> str:
    """Return a value that an event changed: moments are written like all others, statuses of tasks as words.

    Args:
        kind: The event's kind.
        text: The value before or after the event.
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
