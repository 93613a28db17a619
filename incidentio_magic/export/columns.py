"""The columns of an export: the same in every file, whatever the incidents of a month have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import pandas as pd

from incidentio_magic.frames import MASK, actor
from incidentio_magic.printable import printable

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


class Column(msgspec.Struct, frozen=True):
    """A column: its name, its pandas dtype, and the ID of the field, role or timestamp it comes from, if any."""

    name: str
    dtype: str
    source: str = ""


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


def incident_columns(frames: Frames, vocabulary: Vocabulary) -> list[Column]:
    """Return the columns of incidents: those of the wide frame, with durations in seconds."""
    empty = plain(frames.incidents([], wide=True, **names(vocabulary)))
    sources = {printable(f"role.{role.name}"): role.id for role in vocabulary.roles()}
    sources |= {printable(f"field.{field.name}"): field.id for field in vocabulary.fields()}
    sources |= {printable(f"at.{stamp.name}"): stamp.id for stamp in vocabulary.timestamps()}
    return [Column(name, str(empty[name].dtype), sources.get(name, "")) for name in map(str, empty.columns)]


def names(vocabulary: Vocabulary) -> dict[str, Sequence[str]]:
    """Return the organisation's names, as the wide frame wants them."""
    return {
        "roles": [role.name for role in vocabulary.roles()],
        "fields": [
            f"{field.name}:numeric" if field.field_type == "numeric" else field.name for field in vocabulary.fields()
        ],
        "timestamps": [stamp.name for stamp in vocabulary.timestamps()],
    }


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with only the types that every reader of datasets knows."""
    columns: dict[str, Any] = {}
    for name in map(str, frame.columns):
        values = frame[name]
        kind = str(values.dtype)
        if kind == "category":
            columns[name] = values.astype(TEXT)
        elif kind.startswith("timedelta"):
            columns[name.replace(_LASTED, _SECONDS, 1)] = values.dt.total_seconds().round().astype(COUNT)
        elif kind.startswith("datetime"):
            columns[name] = values.dt.tz_convert("UTC").astype(TIME)
        else:
            columns[name] = values
    return pd.DataFrame(columns)


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


def joined(old: Sequence[Column], new: Iterable[Column]) -> tuple[list[Column], dict[str, str]]:
    """Return the columns of old and new files together, and the new names of the old columns that were renamed.

    What the organisation renamed is renamed; what it removed stays; new columns come last.

    Args:
        old: The columns so far.
        new: The columns of today.
    """
    new = list(new)
    today = {column.source: column for column in new if column.source}
    moved = {
        column.name: today[column.source].name
        for column in old
        if column.source in today and today[column.source].name != column.name
    }
    taken = {column.name for column in old} - set(moved)
    renamed = {name: other for name, other in moved.items() if other not in taken}
    kept = [Column(renamed.get(column.name, column.name), column.dtype, column.source) for column in old]
    known = {column.name for column in kept}
    return [*kept, *(column for column in new if column.name not in known)], renamed


def updates_frame(
    frames: Frames, records: Sequence[models.IncidentUpdate], is_private: Callable[[str], bool]
) -> pd.DataFrame:
    """Return updates as rows; messages and alert titles of private incidents are masked, unless `show_private`."""

    def hidden(update: models.IncidentUpdate) -> bool:
        return not frames.show_private and is_private(update.incident_id)

    def updater(update: models.IncidentUpdate) -> str | None:
        name, kind = actor(update.updater)
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
        "updater_kind": lambda update: actor(update.updater)[1],
        "merged_into_incident_id": lambda update: update.merged_into_incident_id,
    }
    kinds = {TEXT: TEXT, TIME: frames.time}
    return plain(frames.frame([(column.name, kinds[column.dtype], values[column.name]) for column in UPDATES], records))
