"""Finds close matches for a typo: the nearest name, and names that are almost as near."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIMILAR: Final = 0.6
_SIMILAR_WORD: Final = 0.75  # short words are similar too easily
_ALMOST: Final = 0.1
_WORD: Final = re.compile(r"\w{3,}")
_FEW: Final = 300  # up to this many names are all compared letter by letter
_CANDIDATES: Final = 50
_LONGEST_READING: Final = 15_000  # entries of the inverted index to read for a typo, the rarest first


def closest(text: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the names that `text` may have meant, nearest first; an empty list if none is similar.

    Args:
        text: What was typed.
        names: The existing names.
        most: The maximum number to return.
    """
    return Spellings(names).closest(text, most=most)


class Spellings:
    """Names that typos are compared with.

    Comparing thousands of names letter by letter takes seconds. So if there are many names, only those that share the
    most runs of three letters with the typo are compared. The first typo builds the inverted index of these runs.

    Args:
        names: The existing names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._places: dict[str, array[int]] | None = None

    def closest(self, text: str, *, most: int = 3) -> list[str]:
        """Return the names that `text` may have meant, nearest first; an empty list if none is similar.

        Args:
            text: What was typed.
            most: The maximum number to return.
        """
        return _nearest(text, {name: [name] for name in self._candidates(text)}, _SIMILAR, most)

    def with_word_like(self, text: str, *, most: int = 3) -> list[str]:
        """Return the names that contain a word near `text`, nearest first: Alice Archer for "alise".

        Args:
            text: What was typed.
            most: The maximum number to return.
        """
        words = {name: _WORD.findall(name) for name in self._candidates(text)}
        return _nearest(text, words, _SIMILAR_WORD, most)

    def _candidates(self, text: str) -> list[str]:
        """Return the names to compare letter by letter: all if there are few."""
        if len(self._names) <= _FEW:
            return self._names
        if self._places is None:
            self._places = _inverted(self._names)
        postings = sorted((self._places.get(run, array("I")) for run in _runs(text)), key=len)
        shared: Counter[int] = Counter()
        read = 0
        for places in postings:
            if read and read + len(places) > _LONGEST_READING:
                break
            shared.update(places)
            read += len(places)
        length = len(text)
        best = sorted(shared, key=lambda place: (-shared[place], abs(len(self._names[place]) - length)))
        return [self._names[place] for place in best[:_CANDIDATES]]


def _inverted(names: list[str]) -> dict[str, array[int]]:
    """Return the positions of the names that contain each run of three letters."""
    places: dict[str, array[int]] = {}
    for place, name in enumerate(names):
        for run in _runs(name):
            if run not in places:
                places[run] = array("I")
            places[run].append(place)
    return places


def _runs(text: str) -> set[str]:
    """Return the runs of three letters in `text`, with the edges of its words."""
    padded = f"  {'  '.join(text.casefold().split())} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _nearest(text: str, spellings: dict[str, list[str]], least: float, most: int) -> list[str]:
    """Return the names with a spelling similar enough to `text`, and about as similar as the nearest."""
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
