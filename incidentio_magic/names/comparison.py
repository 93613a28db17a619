"""Normalises names for comparison, so that letters that look the same are equal."""

from __future__ import annotations

import math
import unicodedata
from decimal import Context, Decimal
from typing import Final

_EXACT: Final = Context(prec=1_000)  # more digits than any finite float has


def comparable(text: str) -> str:
    """Return `text` in the form for comparison with other names.

    Compatibility forms (NFKC) and case are folded, characters without a width are dropped, white space of any kind and
    length becomes a single space, and surrounding white space is removed.

    Args:
        text: A name as it was typed, or as the organisation wrote it.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    # Case folding may leave letters decomposed, so both are repeated until nothing changes.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split())


def comparable_number(text: str) -> str | None:
    """Return a number in the form for comparison, so that 42, 42.0 and 4.2e1 are equal; None if it is not a number.

    Every digit counts: 9007199254740993 is not 9007199254740992.

    Args:
        text: A number as it was typed, or as the service stores it.
    """
    try:
        is_number = math.isfinite(float(text)) and text.isascii() and "_" not in text
    except ValueError:
        return None
    return str(Decimal(text.strip()).normalize(_EXACT)) if is_number else None
