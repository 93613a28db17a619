"""The columns of an export, which are the same in every file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import pandas as pd

from incidentio_magic.api.models import actor_text
from incidentio_magic.frames import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.frames import Frames
    from incidentio_magic.names.vocabulary import Vocabulary

TEXT: Final = "string"
NUMBER: Final = "Float64"
COUNT: Final = "Int64"
FLAG: Final = "boolean"
TIME: Final = "datetime64[us, UTC]"
_LASTED: Final = "lasted."
_SECONDS: Final = "lasted_seconds."
_EXACT: Final = " (exact)"
_IDENTITIES: Final = "ids"
_KINDS: Final = {TEXT: "text", NUMBER: "number", COUNT: "number", FLAG: "yes or no", TIME: "time"}


class Column(msgspec.Struct, frozen=True):
    """A column: its name, its pandas dtype, and the ID of the field, role or timestamp it comes from, if any."""

    name: str
    dtype: str
    source: str = ""


def columns_of(texts: str, times: str) -> tuple[Column, ...]:
    """Return text columns and time columns; the names are separated by spaces."""
    return tuple(Column(name, TEXT) for name in texts.split()) + tuple(Column(name, TIME) for name in times.split())


UPDATES: Final = (
    Column("id", TEXT),
    Column("incident_id", TEXT),
    Column("created_at", TIME),
    Column("status", TEXT),
    Column("status_category", TEXT),
    Column("severity", TEXT),
    Column("message", TEXT),
    Column("updater", TEXT),
    Column("updater_kind", TEXT),
    Column("merged_into_incident_id", TEXT),
)


def incident_columns(frame: pd.DataFrame) -> list[Column]:
    """Return the columns of a plain frame of incidents, each with the ID of its source."""
    identities: Mapping[str, str] = frame.attrs[_IDENTITIES]
    return [Column(name, str(frame[name].dtype), identities.get(name, "")) for name in map(str, frame.columns)]


def parts(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the organisation's roles, fields and timestamps, as arguments for the wide frame."""
    return {"roles": vocabulary.roles(), "fields": vocabulary.fields(), "timestamps": vocabulary.timestamps()}


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame that has only types that every dataset reader supports.

    If a float would change the digits of a number, the column `… (exact)` holds them as text.
    """
    columns: dict[str, Any] = {}
    found: Mapping[str, str] = frame.attrs.get("ids", {})
    identities: dict[str, str] = {}
    for name in map(str, frame.columns):
        values = frame[name]
        kind = str(values.dtype)
        column = name
        if kind == "category":
            columns[name] = values.astype(TEXT)
        elif kind.startswith("timedelta"):
            column = name.replace(_LASTED, _SECONDS, 1)
            columns[column] = values.dt.total_seconds().round().astype(COUNT)
        elif kind.startswith("datetime"):
            columns[name] = values.dt.tz_convert("UTC").astype(TIME)
        elif kind == "object":
            columns[name] = pd.Series(pd.array(list(map(_float, values)), dtype=NUMBER), index=values.index)
            exact = f"{name}{_EXACT}"
            columns[exact] = values.map(str, na_action="ignore").astype(TEXT)
            identities[exact] = f"{found.get(name, '')}{_EXACT}"
        else:
            columns[name] = values
        if name in found:
            identities[column] = f"{found[name]}"
    plain = pd.DataFrame(columns)
    plain.attrs[_IDENTITIES] = identities
    return plain


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def fitted(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return a frame with exactly these columns; a missing column is empty in every row."""
    filled: dict[str, Any] = {}
    for column in columns:
        dtype: Any = column.dtype
        missing = pd.NaT if dtype == TIME else pd.NA
        filled[column.name] = (
            frame[column.name].astype(dtype)
            if column.name in frame
            else pd.Series(missing, index=frame.index, dtype=dtype)
        )
    return pd.DataFrame(filled)


class Joined(NamedTuple):
    """The columns of old and new files together.

    Args:
        columns: All columns: the old ones first, in their order.
        renamed: New names of old columns whose field, role or timestamp was renamed.
        today: The names of current columns in the files, if they differ.
    """

    columns: list[Column]
    renamed: dict[str, str]
    today: dict[str, str]


def joined(old: Sequence[Column], new: Iterable[Column]) -> Joined:
    """Join the columns of old and new files: a column is the same if its source and its type are.

    A renamed field's column is renamed; a removed field's column stays; a field that changed its type, or was removed
    and added again under the same name, gets a new column beside the old column.

    Args:
        old: The columns so far.
        new: The current columns.
    """
    new = list(new)
    known = {_identity(column): column for column in old}
    sourceless = {(column.name, column.dtype): column for column in old if not column.source}
    same = {
        column.name: found
        for column in new
        if (found := known.get(_identity(column)) or sourceless.get((column.name, column.dtype)))
    }
    # A label that only distinguishes columns with the same name is no reason to rename a column in the files.
    moved = {found.name: name for name, found in same.items() if not f"{name} (".startswith(f"{found.name} (")}
    taken = {column.name for column in old} - set(moved)
    renamed: dict[str, str] = {}
    for name, other in moved.items():
        if other not in taken and other not in renamed.values():
            renamed[name] = other
    sources = {found.name: column.source for column in new if (found := same.get(column.name))}
    columns = [
        Column(renamed.get(column.name, column.name), column.dtype, column.source or sources.get(column.name, ""))
        for column in old
    ]
    names = {column.name for column in columns}
    today: dict[str, str] = {}
    for column in new:
        if column.name in same:
            name = renamed.get(same[column.name].name, same[column.name].name)
        else:
            kind = _KINDS.get(column.dtype, column.dtype)
            choices = (column.name, f"{column.name} ({kind})", f"{column.name} ({kind}, {column.source})")
            name = next((choice for choice in choices if choice not in names), choices[-1])
            columns.append(Column(name, column.dtype, column.source))
            names.add(name)
        if name != column.name:
            today[column.name] = name
    return Joined(columns, renamed, today)


def _identity(column: Column) -> tuple[str, str, str]:
    """Return the identity of a column: its source, kind and type; or else its name and type."""
    sort = column.name.partition(".")[0] if column.source else column.name
    return sort, column.source, column.dtype


def updates_frame(
    frames: Frames, records: Sequence[models.IncidentUpdate], is_private: Callable[[str], bool]
) -> pd.DataFrame:
    """Return updates as rows; messages and alert titles of private incidents are masked, unless `show_private`."""

    def hidden(update: models.IncidentUpdate) -> bool:
        return not frames.show_private and is_private(update.incident_id)

    def updater(update: models.IncidentUpdate) -> str | None:
        name, kind = actor_text(update.updater)
        return MASK if name and kind == "alert" and hidden(update) else name

    values: Mapping[str, Callable[[models.IncidentUpdate], Any]] = {
        "id": lambda update: update.id,
        "incident_id": lambda update: update.incident_id,
        "created_at": lambda update: update.created_at,
        "status": lambda update: update.new_incident_status.name,
        "status_category": lambda update: update.new_incident_status.category,
        "severity": lambda update: update.new_severity.name if update.new_severity else None,
        "message": lambda update: MASK if update.message and hidden(update) else update.message,
        "updater": updater,
        "updater_kind": lambda update: actor_text(update.updater)[1],
        "merged_into_incident_id": lambda update: update.merged_into_incident_id,
    }
    kinds = {TEXT: TEXT, TIME: frames.time}
    return plain(frames.frame([(column.name, kinds[column.dtype], values[column.name]) for column in UPDATES], records))
