"""Numbers pages, follow-ups and actions within their incident: INC-7#2 is the second of INC-7."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from incidentio_magic import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


class Numbered(Protocol):
    """A record that is numbered within its incident, oldest first."""

    @property
    def id(self) -> str:
        """The ID."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it was created."""
        ...


N = TypeVar("N", bound=Numbered)

_NUMBER: Final = re.compile(r"(?P<reference>.*\S)\s*#(?P<number>\d{1,6})", re.DOTALL)


def split_number(text: str) -> tuple[str, int | None]:
    """Return the incident and the number in `INC-7#2`; the number is None if there is none.

    Args:
        text: The typed text: `INC-7#2`, `7#2`, or a reference or ID without a number.
    """
    found = _NUMBER.fullmatch(text.strip())
    return (found["reference"], int(found["number"])) if found else (text.strip(), None)


def in_order(records: Iterable[N]) -> list[N]:
    """Return an incident's records in the order of their numbers: by creation time."""
    return sorted(records, key=lambda record: (record.created_at, record.id))


def label(reference: str, record: Numbered, records: Iterable[Numbered]) -> str:
    """Return a record's label, as it can be typed: `INC-7#2`, or its ID if it is not among the records.

    Args:
        reference: The incident's reference.
        record: The record.
        records: All of the incident's records of its kind.
    """
    identities = [other.id for other in in_order(records)]
    return f"{reference}#{identities.index(record.id) + 1}" if record.id in identities else record.id


def at_number(kind: str, command: str, reference: str, number: int, records: Sequence[N]) -> N:
    """Return the record with a number.

    Args:
        kind: The kind of record, for messages: "follow-up".
        command: The subcommand that lists them: "follow_ups".
        reference: The incident's reference.
        number: The number, from 1.
        records: All of the incident's records of this kind.

    Raises:
        UnknownName: If there is no such record.
    """
    ordered = in_order(records)
    if 1 <= number <= len(ordered):
        return ordered[number - 1]
    count = f"it has {reference}#1 to #{len(ordered)}" if len(ordered) > 1 else f"it has only {reference}#1"
    hint = f"{count if ordered else 'it has none'}; %incidents {command} {reference} lists them"
    raise errors.UnknownName(f"{reference} has no {kind} '{reference}#{number}'.", hint=hint)
