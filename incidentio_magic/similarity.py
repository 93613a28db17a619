"""Computes how similar two incidents are, by their words, fields and alerts, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from math import log, sqrt
from typing import TYPE_CHECKING, Final, TypeVar

from incidentio_magic.names.comparison import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T", str, tuple[str, str])

_TOKEN: Final = re.compile(r"\w[\w.\-]*\w")
_SHORTEST: Final = 3
_IN_NAME: Final = 3.0  # a word of the name counts as much as three of the summary
_WORDS: Final = 0.6
_FIELDS: Final = 0.4
_ALERT: Final = 0.5  # the share of the remaining distance to 1
_NAMED: Final = 3  # how many words are named as a reason


@dataclass(frozen=True)
class Traits:
    """The parts of an incident that are compared.

    Args:
        name: Its name.
        summary: Its summary.
        fields: The values of its type and custom fields, by name.
        alerts: The titles of its alerts.
    """

    name: str
    summary: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()

    @cached_property
    def words(self) -> dict[str, float]:
        """Return the words of the name and the summary with their weights."""
        found = dict.fromkeys(_tokens(self.summary), 1.0)
        return found | dict.fromkeys(_tokens(self.name), _IN_NAME)

    @cached_property
    def values(self) -> dict[tuple[str, str], float]:
        """Return the field values, each as (field, value)."""
        return {(name, value): 1.0 for name, values in self.fields.items() for value in values if value}


@dataclass(frozen=True)
class Match:
    """How similar another incident is to the given incident.

    Args:
        score: Between 0 and 1.
        why: The common traits, the most significant first.
    """

    score: float
    why: tuple[str, ...]


class Similarity:
    """Compares an incident with others. A trait that few incidents share counts more than one that many share.

    Args:
        incident: The given incident.
        others: The incidents to compare with it.
    """

    def __init__(self, incident: Traits, others: Iterable[Traits]) -> None:
        words: Counter[str] = Counter()
        values: Counter[tuple[str, str]] = Counter()
        count = 0
        for traits in (incident, *others):
            count += 1
            words.update(traits.words.keys())
            values.update(traits.values.keys())
        self._word_weights = {word: _rarity(count, held) for word, held in words.items()}
        self._value_weights = {value: _rarity(count, held) for value, held in values.items()}
        self._words, self._values = incident.words, incident.values
        self._alerts = {comparable(title): title for title in incident.alerts}

    def with_alerts(self, titles: Iterable[str]) -> None:
        """Also compare the alerts of the given incident.

        Args:
            titles: Their titles.
        """
        self._alerts = {comparable(title): title for title in titles}

    def match(self, other: Traits) -> Match:
        """Return how similar another incident is to the given incident, and why."""
        words, shared_words = _cosine(self._words, other.words, self._word_weights)
        # Fields that are filled in after an incident, such as its root cause, must not lower the similarity.
        values, shared_values = _cosine(self._values, other.values, self._value_weights, contained=True)
        score = _WORDS * words + _FIELDS * values if self._values else words
        why = [f"{name}: {value}" for name, value in shared_values]
        if shared_words:
            why.append(f"words: {', '.join(shared_words[:_NAMED])}")
        alerts = [self._alerts[key] for key in map(comparable, other.alerts) if key in self._alerts]
        if alerts:
            score += (1 - score) * _ALERT
            why.insert(0, f"alert: {alerts[0]}")
        return Match(min(1.0, score), tuple(why))


def _tokens(text: str) -> list[str]:
    return [word for word in _TOKEN.findall(comparable(text)) if len(word) >= _SHORTEST]


def _rarity(count: int, held: int) -> float:
    """Return the weight of a trait that some of the incidents have; 0 for a trait that all of them have."""
    return log((1 + count) / (1 + held))


def _cosine(
    first: Mapping[T, float], second: Mapping[T, float], weights: Mapping[T, float], *, contained: bool = False
) -> tuple[float, list[T]]:
    """Return how similar two weighted sets are, between 0 and 1, and what they share, the most significant first.

    Args:
        first: One set.
        second: The other.
        weights: How much each element counts.
        contained: Whether extra elements of the second set do not lower the similarity.
    """
    shared = {key: weights[key] for key in first.keys() & second.keys() if weights.get(key, 0.0) > 0}
    length = _length(first, weights)
    other = length if contained else _length(second, weights)
    if not shared or not length or not other:
        return 0.0, []
    parts = {key: first[key] * second[key] * weight**2 for key, weight in shared.items()}
    return sum(parts.values()) / (length * other), sorted(parts, key=lambda key: (-parts[key], key))


def _length(held: Mapping[T, float], weights: Mapping[T, float]) -> float:
    return sqrt(sum((amount * weights.get(key, 0.0)) ** 2 for key, amount in held.items()))
