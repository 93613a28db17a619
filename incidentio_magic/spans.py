"""Spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_DAY: Final = 86_400


def span_text(span: timedelta) -> str:
    """Return a span as its two largest units of days, hours, minutes and seconds, such as `3 h 12 min`.

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
