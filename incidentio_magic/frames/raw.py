"""Records of any endpoint as rows: nested values become columns with a dot; each column has the type of its values."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.frames.table import COUNT, FLAG, NUMBER, TEXT, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

_LARGEST: Final = 2**63 - 1
_TIME_SUFFIXES: Final = ("_at", "timestamp")


class RawFrames(Table):
    """The frame of records that have no type in this package."""

    def raw(self, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Return records as rows.

        Args:
            records: Objects as they were sent.

        Returns:
            One column per member; `status.name` for a nested member, and JSON for a list. Texts are string, whole
            numbers Int64, other numbers Float64, flags boolean, and moments in members whose name ends with `_at` time.
        """
        flat = [dict(_flattened(record)) for record in records]
        names = dict.fromkeys(name for record in flat for name in record)
        return self.built(self._column(name, [record.get(name) for record in flat]) for name in names)

    def _column(self, name: str, values: list[Any]) -> tuple[str, str, list[Any]]:
        present = [value for value in values if value is not None]
        if present and all(isinstance(value, bool) for value in present):
            return name, FLAG, values
        if present and all(_is_whole(value) for value in present):
            return name, COUNT, values
        if present and all(isinstance(value, float) or _is_whole(value) for value in present):
            return name, NUMBER, values
        if present and name.endswith(_TIME_SUFFIXES):
            moments = [_moment(value) for value in values]
            if all((moment is None) == (value is None) for moment, value in zip(moments, values, strict=True)):
                return name, self.time, moments
        return name, TEXT, [value if value is None or isinstance(value, str) else _json(value) for value in values]


def _flattened(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and value:
            yield from _flattened(value, f"{path}.")
        else:
            yield path, _json(value) if isinstance(value, list | dict) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
