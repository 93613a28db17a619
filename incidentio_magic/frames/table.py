"""Builds every frame: typed columns, with severities and statuses in the organisation's order."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pandas as pd

from incidentio_magic.api import models
from incidentio_magic.api.models import MASK
from incidentio_magic.errors import InputError
from incidentio_magic.frames.moments import spans, times
from incidentio_magic.names.resources import COUNT, FLAG, TEXT, Column
from incidentio_magic.names.vocabulary import named
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "COUNT", "FLAG", "LASTED", "MADE_BY", "NUMBER", "TEXT", "Column", "Table", "Values", "chosen", "made",
    "signature",
]  # fmt: skip

MADE_BY: Final = "incidentio_magic"

NUMBER: Final = "Float64"
# Made once: to look a dtype up by its name takes as long as to fill a column.
_TEXT: Final = pd.StringDtype()
_DTYPES: Final = {NUMBER: pd.Float64Dtype(), FLAG: pd.BooleanDtype(), COUNT: pd.Int64Dtype()}
_LARGEST: Final = 2**63 - 1  # what a column of whole numbers can hold
LASTED: Final = "timedelta64[us]"

Values = tuple[str, str, Any]
"""A column's name, its kind, and a list of its values, or an array of them."""


class Table:
    """Builds the frames of an organisation, with its order of severities, a time zone and a privacy setting.

    Args:
        severities: The organisation's severities, least severe first.
        statuses: Its statuses, in the order incidents go through them.
        timezone: The time zone in which times are shown; they stay time-zone-aware.
        show_private: Whether names and summaries of private incidents are shown.
        banner: A line to show above every frame in training mode; empty otherwise.
    """

    def __init__(
        self,
        severities: Sequence[models.Severity] = (),
        statuses: Sequence[models.IncidentStatus] = (),
        *,
        timezone: str = "UTC",
        show_private: bool = False,
        banner: str = "",
    ) -> None:
        self._severities = [severity.name for severity in severities]
        self._statuses = [status.name for status in statuses]
        self.timezone = timezone
        self.time = f"datetime64[us, {timezone}]"
        self.show_private = show_private
        self._banner = banner

    def open_text(self, incident: models.Incident, text: str | None) -> str | None:
        """Return `text`, or the mask if the incident is private and `show_private` is off."""
        return MASK if text and incident.is_private and not self.show_private else text

    def frame(self, columns: Sequence[Column], records: Sequence[Any]) -> pd.DataFrame:
        """Return a frame with one row per record and one column per (name, kind, value of a record)."""
        return self.built((name, kind, [value(record) for record in records]) for name, kind, value in columns)

    def built(self, columns: Iterable[Values]) -> pd.DataFrame:
        """Return a frame of the columns (name, kind, values)."""
        packed = self.packed(columns)
        frame = pd.DataFrame({printable(name): self._array(kind, values) for name, kind, values in packed}, copy=False)
        return self.ours(frame)

    def packed(self, columns: Iterable[Values]) -> list[Values]:
        """Return columns with their texts and times as arrays, which take a tenth of the memory."""
        columns = list(columns)
        # All times and all texts in one go, and arrays in place of series: a call to pandas costs more than a column.
        arrays = {
            self.time: self._moments(_lists(columns, self.time)),
            TEXT: _texts(_lists(columns, TEXT)),
        }
        return [
            (name, kind, next(arrays[kind]) if kind in arrays and isinstance(values, list) else values)
            for name, kind, values in columns
        ]

    def joined(self, batches: Sequence[list[Values]], order: NDArray[np.intp]) -> pd.DataFrame:
        """Return a frame of the rows of several batches.

        Args:
            batches: The columns of each batch, as `packed` returns them; at least one batch, all with the same columns.
            order: The rows to return, counted over all batches.
        """
        return self.built(
            (name, kind, _taken([batch[place][2] for batch in batches], order))
            for place, (name, kind, _values) in enumerate(batches[0])
        )

    def ours(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Mark a frame as made by this project, so that it is shown in this project's look."""
        frame.attrs = made(frame)
        if self._banner:
            frame.attrs["banner"] = self._banner
        return frame

    def _moments(self, columns: list[list[Any]]) -> Iterator[Any]:
        shown = times(list(chain.from_iterable(columns)), self.timezone).array
        start = 0
        for values in columns:
            yield shown[start : start + len(values)]
            start += len(values)

    def _array(self, kind: Any, values: Any) -> Any:
        if kind in {"severity", "status", "category"}:
            known = {
                "severity": self._severities,
                "status": self._statuses,
                "category": list(models.CATEGORIES),
            }[kind]
            names = _printable(values)
            order = dict.fromkeys(map(printable, known))
            order |= dict.fromkeys(sorted({name for name in names if name is not None} - set(order)))
            places = {name: place for place, name in enumerate(order)} | {None: -1}
            return pd.Categorical.from_codes([places[name] for name in names], pd.Index(list(order)), ordered=True)
        if kind == LASTED:
            return spans(values).array
        if kind == COUNT:
            values = [value if value is None or abs(value) <= _LARGEST else None for value in values]
        if kind == NUMBER and any(isinstance(value, Decimal | str) for value in values):
            return pd.Series(values, dtype=object)  # an array of texts only would become a column of texts
        return pd.array(values, dtype=_DTYPES.get(kind, kind)) if isinstance(values, list) else values


def _lists(columns: Sequence[Values], kind: str) -> list[list[Any]]:
    return [values for _name, other, values in columns if other == kind and isinstance(values, list)]


def _taken(parts: Sequence[Any], order: NDArray[np.intp]) -> Any:
    """Return rows of the values of a column that follow one another: lists, or arrays."""
    if isinstance(parts[0], list):
        values = list(chain.from_iterable(parts))
        return [values[row] for row in order]
    return pd.concat(list(map(pd.Series, parts)), ignore_index=True).array.take(order)


def _texts(columns: list[list[Any]]) -> Iterator[Any]:
    texts: Any = _printable(list(chain.from_iterable(columns)))
    if _TEXT.storage == "pyarrow":
        import pyarrow as pa  # noqa: PLC0415  pandas works without it

        texts = pa.array(texts, pa.large_string())  # pandas would look at each text twice before it does the same
    array = pd.array(texts, dtype=_TEXT)
    start = 0
    for values in columns:
        yield array[start : start + len(values)]
        start += len(values)


def _printable(texts: list[Any]) -> list[Any]:
    # Nearly every text is printable already: ask that of all at once, then of each.
    if "".join(filter(None, texts)).isprintable():
        return texts
    return [text if text is None or text.isprintable() else printable(text) for text in texts]


def made(frame: pd.DataFrame) -> dict[Hashable | None, Any]:
    """Return the attrs by which a frame of this project is recognised for as long as it is unchanged."""
    return {"made_by": MADE_BY, "made_of": signature(frame)}


def signature(frame: pd.DataFrame) -> int:
    """Return a number that changes with a frame's columns, their order and their types."""
    text = "\n".join(f"{name}\t{kind}" for name, kind in zip(frame.columns, frame.dtypes, strict=True))
    return crc32(text.encode("utf-8", errors="replace"))


def chosen(frame: pd.DataFrame, columns: Iterable[str], sort: Iterable[str]) -> pd.DataFrame:
    """Return `frame` sorted, and with only some columns.

    Args:
        frame: Any frame.
        columns: The columns to keep, in order; empty for all.
        sort: Columns to sort by; a leading `-` sorts in descending order.

    Raises:
        UnknownName: If there is no such column.
    """
    known = [models.Named(str(name), str(name)) for name in frame.columns]

    def column(name: str) -> str:
        return named("column", name, known, lambda column: column.name).name

    keys = [(column(name.removeprefix("-")), not name.startswith("-")) for name in sort]
    if keys:
        attributes = frame.attrs
        frame = frame.sort_values(
            [name for name, _up in keys],
            ascending=[up for _name, up in keys],
            kind="stable",
            ignore_index=True,
        )
        frame.attrs = attributes
    wanted = [column(name) for name in columns]
    if len(set(wanted)) < len(wanted):
        raise InputError("A column is named twice.", hint="name each column once")
    if not wanted:
        return frame
    picked = frame[wanted]
    picked.attrs["made_of"] = signature(picked)
    return picked
