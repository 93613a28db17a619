"""Close matches for a typo: the names that are as near as the nearest one, or almost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SIMILAR: Final = 0.6
_SIMILAR_WORD: Final = 0.75  # short words are soon similar
_ALMOST: Final = 0.1
_WORD: Final = re.compile(r"\w{3,}")


def closest(text: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the names that `text` may have meant, nearest first; none if nothing is similar.

    Args:
        text: What was typed.
        names: The names there are.
        most: The most to return.
    """
    return _nearest(text, {name: [name] for name in names}, _SIMILAR, most)


def with_word_like(text: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the names of which one word is near `text`, nearest first: Alice Archer for "alise".

    Args:
        text: What was typed.
        names: The names there are.
        most: The most to return.
    """
    return _nearest(text, {name: _WORD.findall(name) for name in names}, _SIMILAR_WORD, most)


def _nearest(text: str, spellings: Mapping[str, Iterable[str]], least: float, most: int) -> list[str]:
    """Return the names of which a spelling is at least so similar to `text`, and about as similar as the nearest."""
    from difflib import SequenceMatcher  # noqa: PLC0415  loads with the first typo

    matcher = SequenceMatcher(b=text.casefold())
    scores: dict[str, float] = {}
    for name, own in spellings.items():
        for spelling in own:
            matcher.set_seq1(spelling.casefold())
            if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least:
                scores[name] = max(scores.get(name, 0.0), matcher.ratio())
    best = max(scores.values(), default=0.0)
    near = [name for name, score in scores.items() if score >= max(least, best - _ALMOST)]
    return sorted(near, key=lambda name: -scores[name])[:most]
