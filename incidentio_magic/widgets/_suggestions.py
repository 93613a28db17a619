"""Finds records by a part of their names, best first, in a list of any length."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from incidentio_magic.names.close_matches import Spellings
from incidentio_magic.names.comparison import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

R = TypeVar("R")

SUGGESTIONS: Final = 8
_RANKED: Final = 500  # for a short text, at most this many matches are compared


class Suggestions(Generic[R]):
    """The names of records.

    Args:
        records: The records; each has an id.
        names_of: Returns a record's names; the first one is displayed.
    """

    def __init__(self, records: Sequence[R], names_of: Callable[[R], Sequence[str]]) -> None:
        self._records = records
        self._names_of = names_of
        self._names = [names_of(record) for record in records]
        self._texts = ["\n".join(map(comparable, names)) for names in self._names]
        self._exact: dict[str, list[R]] = {}
        for record, text in zip(records, self._texts, strict=True):
            for name in {*text.split("\n"), comparable(str(getattr(record, "id", "")))}:
                self._exact.setdefault(name, []).append(record)
        self._spellings: Spellings | None = None
        self._shown = Counter(names[0] for names in self._names)

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._records)

    def label(self, record: R) -> str:
        """Return a record's label: its first name, with its ID if another record has the same name."""
        name = self._names_of(record)[0]
        return f"{name} ({getattr(record, 'id', '')})" if self._shown[name] > 1 else name

    def exact(self, text: str) -> list[R]:
        """Return the records that have `text` as a name or an ID."""
        return self._exact.get(comparable(text), [])

    def search(self, text: str, most: int = SUGGESTIONS) -> list[R]:
        """Return the records whose names contain every word of `text`; names that begin with it come first.

        Args:
            text: A part of a name, in any case.
            most: The maximum number to return.
        """
        wanted = comparable(text)
        words = wanted.split()
        if not words:
            return list(self._records[:most])
        fitting = [
            place
            for place, name in enumerate(self._texts)
            if words[0] in name and all(word in name for word in words[1:])
        ]
        first = [place for place in fitting if self._texts[place].startswith(wanted)][:_RANKED]
        ranked = first if len(first) >= most else [*first, *fitting[:_RANKED]]
        best = heapq.nsmallest(most, set(ranked), key=lambda place: (self._rank(place, wanted, words), place))
        return [self._records[place] for place in best]

    def _rank(self, place: int, wanted: str, words: list[str]) -> tuple[int, int]:
        name = self._texts[place]
        begins = name.startswith(wanted)
        word_begins = all(f" {word}" in f" {name}".replace("\n", " ").replace("-", " ") for word in words)
        return (0 if begins else 1 if word_begins else 2), len(name)

    def close_to(self, text: str) -> list[str]:
        """Return the names that `text` may have meant, nearest first."""
        if self._spellings is None:
            self._spellings = Spellings(name for names in self._names for name in names)
        return self._spellings.closest(text) or self._spellings.with_word_like(text)
