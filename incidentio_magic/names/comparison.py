"""The form in which names are compared: letters that look the same are the same."""

from __future__ import annotations

import unicodedata


def comparable(text: str) -> str:
    """Return `text` as it is compared with other names.

    Compatibility forms (NFKC) and case are folded, characters without a width are dropped, white space of any kind and
    length becomes a single space, and surrounding white space is removed.

    Args:
        text: A name as it was typed, or as the organisation wrote it.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    # Folding the case may leave letters decomposed, so both are done until nothing changes any more.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split())
