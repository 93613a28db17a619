"""Close matches for a typo: the names that are as near as the nearest one, or almost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIMILAR: Final = 0.6
_ALMOST: Final = 0.1


def closest(text: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the names that `text` may have meant, nearest first; none if nothing is similar.

    Args:
        text: What was typed.
        names: The names there are.
        most: The most to return.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415  loads with the first typo

    matcher = SequenceMatcher(b=text.casefold())
    scored = []
    for name in dict.fromkeys(names):
        matcher.set_seq1(name.casefold())
        if matcher.real_quick_ratio() >= _SIMILAR and matcher.quick_ratio() >= _SIMILAR:
            scored.append((matcher.ratio(), name))
    best = max((score for score, _name in scored), default=0.0)
    near = [(score, name) for score, name in scored if score >= max(_SIMILAR, best - _ALMOST)]
    return [name for _score, name in sorted(near, key=lambda pair: -pair[0])[:most]]
