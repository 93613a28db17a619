"""Spreads the values of many records over one column per role, field, timestamp or duration."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.names.field_labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from incidentio_magic.api import models

_EXACT_DIGITS: Final = 15  # a float keeps as many


class ById:
    """One list of values per role, field, timestamp or duration.

    Args:
        known: The records that always have a list, in order; others follow as they occur.
        rows: The length of each list.
    """

    def __init__(self, known: Sequence[models.Named], rows: int) -> None:
        self._known = known
        self._rows = rows
        self._values: dict[str, list[Any]] = {record.id: [None] * rows for record in known}
        self.records: dict[str, models.Named] = {record.id: record for record in known}

    def column(self, record: models.Named) -> list[Any]:
        """Return the list of a record, creating it if needed."""
        values = self._values.get(record.id)
        if values is None:
            values = self._values[record.id] = [None] * self._rows
            self.records[record.id] = record
        return values

    def add(self, record: models.Named, row: int, value: Any) -> None:
        """Set a row's value; several texts are all kept, of several other values only the first."""
        values = self._values.get(record.id)
        if values is None:
            values = self.column(record)
        if values[row] is None:
            values[row] = value
        elif isinstance(value, str):
            values[row] += f", {value}"

    def add_entries(self, entries: Iterable[models.CustomFieldEntry], row: int) -> None:
        """Set a row's custom field values, with several values of a field joined; faster than many calls of `add`."""
        columns = self._values
        for entry in entries:
            column = columns.get(entry.custom_field.id)
            if column is None:
                column = self.column(entry.custom_field)
            if values := entry.values:
                text = values[0].text if len(values) == 1 else ", ".join(entry.texts)
                if text:
                    column[row] = text if column[row] is None else f"{column[row]}, {text}"

    def labelled(self) -> Iterator[tuple[models.Named, str, list[Any]]]:
        """Yield the record, the label and the values of each list."""
        names = labels(self._known, self.records.values())
        for identity, values in self._values.items():
            yield self.records[identity], names[identity], values


def numbers(texts: Iterable[str | None]) -> list[Any]:
    """Return numbers for texts: floats if they keep every digit, else decimals; other texts stay as they are.

    Args:
        texts: Numbers as the service sends them.
    """
    texts = list(texts)
    if all(text is None or _fits(text) for text in texts):
        return [None if text is None else float(text) for text in texts]
    return [None if text is None else _decimal(text) for text in texts]


def _fits(text: str) -> bool:
    """Return whether a float has the same digits."""
    if len(text) <= _EXACT_DIGITS and text.isascii() and text.isdecimal():
        return True
    try:
        number = float(text)
        return Decimal(repr(number)) == Decimal(text.strip()) and "_" not in text
    except (ValueError, InvalidOperation):
        return False


def _decimal(text: str) -> Decimal | str:
    try:
        return text if "_" in text else Decimal(text.strip())
    except InvalidOperation:
        return text
