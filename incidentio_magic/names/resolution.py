"""Resolves a name or an ID to exactly one record, or raises an error with a hint that works when typed."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from incidentio_magic import errors
from incidentio_magic.names.close_matches import Spellings, closest
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class HasId(Protocol):
    """A record with an ID."""

    @property
    def id(self) -> str:
        """The ID, unique among records of its kind."""
        ...


R = TypeVar("R", bound=HasId)

_WITH_ID: Final = re.compile(r"(?P<name>.*\S)\s*\((?P<id>\S+)\)", re.DOTALL)
_SHOWN_NAMES: Final = 12
_SHOWN_EQUALS: Final = 6


def named(
    kind: str,
    text: str,
    records: Sequence[R],
    name_of: Callable[[R], str | Iterable[str]],
    *,
    active: Callable[[R], bool] = lambda _record: True,
) -> R:
    """Return the one record that `text` names, by name or by ID.

    Args:
        kind: The kind of record, for messages: "severity".
        text: The typed text.
        records: The candidates.
        name_of: Returns a record's name, or its names with the display name first.
        active: Returns whether a record is in use; among several with the same name, the only active record wins.

    Raises:
        UnknownName: If no record matches; the hint offers close matches, or all names if there are few.
        AmbiguousName: If several records match; the hint offers their IDs.
    """
    return NameIndex(records, name_of, active=active).resolve(kind, text)


class NameIndex(Generic[R]):
    """An index of records by name and by ID, built once per list and kept with it.

    Args:
        records: The candidates.
        name_of: Returns a record's name, or its names with the display name first.
        active: Returns whether a record is in use; among several with the same name, the only active record wins.
    """

    def __init__(
        self,
        records: Sequence[R],
        name_of: Callable[[R], str | Iterable[str]],
        *,
        active: Callable[[R], bool] = lambda _record: True,
    ) -> None:
        self.records = records
        self._name_of = name_of
        self._active = active
        self._by_id: dict[str, R] = {}
        self._by_name: dict[str, list[R]] = {}
        for record in records:
            self._by_id.setdefault(record.id, record)
            for name in {comparable(name) for name in self._names(record)}:
                self._by_name.setdefault(name, []).append(record)

    def find(self, text: str) -> list[R]:
        """Return the records that `text` may mean: the record with this ID, or those with this name, active ones first.

        If some of them are active, only those are returned. `Name (ID)`, as hints write it, is understood.

        Args:
            text: The typed text.
        """
        if (record := self._by_id.get(text.strip())) is not None:
            return [record]
        if (both := _WITH_ID.fullmatch(text.strip())) and (record := self._by_id.get(both["id"])) is not None:
            return [record] if comparable(both["name"]) in map(comparable, self._names(record)) else []
        fitting = list({record.id: record for record in self._by_name.get(comparable(text), ())}.values())
        return [record for record in fitting if self._active(record)] or fitting

    def resolve(self, kind: str, text: str) -> R:
        """Return the one record that `text` names.

        Args:
            kind: The kind of record, for messages: "severity".
            text: The typed text.

        Raises:
            UnknownName: If no record matches; the hint offers close matches, or all names if there are few.
            AmbiguousName: If several records match; the hint offers their IDs.
        """
        fitting = self.find(text)
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise errors.AmbiguousName(
                f"{text!r} fits {len(fitting)} entries of kind {kind}.",
                hint=f"choose one by its ID: {self._with_ids(fitting)}",
            )
        raise errors.UnknownName(f"There is no {kind} {text!r}.", hint=self.hint(kind, text))

    def hint(self, kind: str, text: str) -> str:
        """Return the hint for a name that does not exist: what to type instead.

        Args:
            kind: The kind of record, for messages: "severity".
            text: The typed text.
        """
        if near := self.closest(text):
            return f"did you mean {' or '.join(near)}?"
        first = [self.shown(record) for record in self.records if self._active(record)]
        if not first:
            return f"the organisation has none, or this key may not see them: no {kind} is known"
        if len(first) <= _SHOWN_NAMES:
            return f"there are: {', '.join(first)}"
        if listed := next((name for name, resource in RESOURCES.items() if resource.kind == kind), ""):
            return f"there are {len(first)} of them; %incidents {listed} lists them"
        return f"there are {len(first)} of them, such as {', '.join(first[:5])}"

    def closest(self, text: str) -> list[str]:
        """Return names similar to `text` that each resolve to an active record, nearest first.

        Args:
            text: The typed text.
        """
        typed = comparable(text)
        near = self._spellings.closest(typed) or self._first_spellings.with_word_like(typed)
        if "@" not in typed:
            return near
        person = typed.partition("@")[0]  # after the @, all addresses of an organisation are alike
        return [name for name in near if closest(person, [comparable(name).partition("@")[0]])]

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(
            self._typed_back(record, name)
            for record in self.records
            if self._active(record)
            for name in self._names(record)
        )

    @cached_property
    def _first_spellings(self) -> Spellings:
        return Spellings(self.shown(record) for record in self.records if self._active(record))

    def _names(self, record: R) -> list[str]:
        names = self._name_of(record)
        return [name for name in ([names] if isinstance(names, str) else names) if comparable(name)]

    def shown(self, record: R) -> str:
        """Return the name by which a list shows a record: if possible, a name that no other record has."""
        names = self._names(record)
        single = (name.strip() for name in names if self.find(name) == [record])
        return next(single, self._typed_back(record, names[0]) if names else record.id)

    def _typed_back(self, record: R, name: str) -> str:
        """Return the text that finds the record when typed: this name, with the ID if other records share it."""
        return name.strip() if self.find(name) == [record] else f"{name.strip()} ({record.id})"

    def _with_ids(self, records: Sequence[R]) -> str:
        """Return the IDs of records with the same name, each with its other names."""
        shown = [self._with_id(record) for record in records[:_SHOWN_EQUALS]]
        if len(records) > _SHOWN_EQUALS:
            shown.append(f"{len(records) - _SHOWN_EQUALS} more")
        return " or ".join(shown)

    def _with_id(self, record: R) -> str:
        return f"{record.id} ({', '.join(name.strip() for name in self._names(record))})"
