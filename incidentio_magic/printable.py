"""Makes strings from outside safe to print: no control sequences, direction overrides or endless lines."""

from __future__ import annotations

import unicodedata

# Bidirectional overrides can make a terminal line read as something else; ordinary right-to-left text needs none.
_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_KEPT = "\n\t"


def printable(text: str, *, limit: int | None = None) -> str:
    """Return `text` without control characters (new lines and tabs stay) and direction overrides.

    Args:
        text: Any string, usually one the service returned.
        limit: The maximum number of characters to return; a longer text ends in "…". None for no limit.
    """
    if not text.isprintable():
        text = "".join(
            character for character in text if character in _KEPT or unicodedata.category(character) != "Cc"
        ).translate(_OVERRIDES)
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return text


def one_line(text: str, *, limit: int = 200) -> str:
    """Return `text` as one printable line of at most `limit` characters."""
    return printable(" ".join(text.split()), limit=limit)
