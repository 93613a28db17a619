"""What can be checked of a text that people read: whether it says anything at all, and anything new."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_LONG_ENOUGH: Final = {
    "name": 8,
    "message": 12,
}  # letters; a sign of a script without case, such as 漢, counts as three
_WORDS: Final = {"name": 2, "message": 3}  # that differ
_DIFFERENT_LETTERS: Final = 6
_SIGN: Final = 3


def says_something(text: str | None, kind: str = "message") -> bool:
    """Return whether a text has enough different words to say something; what it says is not judged.

    Args:
        text: The text.
        kind: `message` or `name`, which may be shorter.
    """
    letters = [character for character in (text or "").casefold() if character.isalpha()]
    signs = sum(unicodedata.category(character) == "Lo" for character in letters)
    if len(letters) + signs * (_SIGN - 1) < _LONG_ENOUGH[kind]:
        return False
    words = set(_WORD.findall((text or "").casefold()))
    return bool(signs) or (len(words) >= _WORDS[kind] and len(set(letters)) >= _DIFFERENT_LETTERS)


def same(text: str) -> str:
    """Return what is left of a text when it is compared with others: its letters and figures."""
    return "".join(character for character in text.casefold() if character.isalnum())
