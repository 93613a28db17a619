"""The values before and after an event, as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_TASKS: Final = frozenset({"action", "follow_up"})


def value_text(kind: str, text: str, written: Callable[[datetime], str]) -> str:
    """Return a value before or after an event as text: moments in the usual form, statuses of tasks as words.

    Args:
        kind: The event's kind.
        text: The value before or after the event.
        written: Formats a moment.
    """
    if kind in _TASKS:
        return text.replace("_", " ")
    if kind != "timestamp":
        return text
    try:
        return written(datetime.fromisoformat(text))
    except ValueError:
        return text
