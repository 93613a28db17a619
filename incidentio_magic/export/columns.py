"""What an export's columns are: the same in every file, whatever a month's incidents happen to have."""

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
    sources = {printable(f"role.{one.name}"): one.id for one in vocabulary.roles()}
    sources |= {printable(f"field.{one.name}"): one.id for one in vocabulary.fields()}
    sources |= {printable(f"at.{one.name}"): one.id for one in vocabulary.timestamps()}
    return [Column(name, str(empty[name].dtype), sources.get(name, "")) for name in map(str, empty.columns)]


def names(vocabulary: Vocabulary) -> dict[str, Sequence[str]]:
    """Return the organisation's names, as the wide frame wants them."""
    return {
        "roles": [one.name for one in vocabulary.roles()],
        "fields": [f"{one.name}:numeric" if one.field_type == "numeric" else one.name for one in vocabulary.fields()],
        "timestamps": [one.name for one in vocabulary.timestamps()],
    }


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with the few types that every reader of datasets knows."""
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
    """Return a frame with exactly these columns; what it lacks is missing in every row."""
    filled: dict[str, Any] = {}
    for one in columns:
        dtype: Any = one.dtype
        missing = pd.NaT if dtype == TIME else pd.NA
        filled[one.name] = (
            frame[one.name].astype(dtype) if one.name in frame else pd.Series(missing, index=frame.index, dtype=dtype)
        )
    return pd.DataFrame(filled)


def joined(old: Sequence[Column], new: Iterable[Column]) -> tuple[list[Column], dict[str, str]]:
    """Return the columns of old and new files together, and which old names are now called otherwise.

    What the organisation renamed is renamed; what it removed stays; what is new comes last.

    Args:
        old: The columns so far.
        new: The columns of today.
    """
    new = list(new)
    today = {one.source: one for one in new if one.source}
    moved = {
        one.name: today[one.source].name for one in old if one.source in today and today[one.source].name != one.name
    }
    taken = {one.name for one in old} - set(moved)
    renamed = {name: other for name, other in moved.items() if other not in taken}
    kept = [Column(renamed.get(one.name, one.name), one.dtype, one.source) for one in old]
    known = {one.name for one in kept}
    return [*kept, *(one for one in new if one.name not in known)], renamed


def updates_frame(
    frames: Frames, records: Sequence[models.IncidentUpdate], is_private: Callable[[str], bool]
) -> pd.DataFrame:
    """Return updates as rows; those of private incidents tell no message and no alert's title, unless asked for."""

    def hidden(one: models.IncidentUpdate) -> bool:
        return not frames.show_private and is_private(one.incident_id)

    def updater(one: models.IncidentUpdate) -> str | None:
        name, kind = actor(one.updater)
        return MASK if name and kind == "alert" and hidden(one) else name

    values: Mapping[str, Callable[[models.IncidentUpdate], Any]] = {
        "id": lambda one: one.id,
        "incident_id": lambda one: one.incident_id,
        "created_at": lambda one: one.created_at,
        "status": lambda one: one.new_incident_status.name,
        "status_category": lambda one: one.new_incident_status.category,
        "severity": lambda one: one.new_severity.name if one.new_severity else None,
        "message": lambda one: MASK if one.message and hidden(one) else one.message,
        "updater": updater,
        "updater_kind": lambda one: actor(one.updater)[1],
        "merged_into_incident_id": lambda one: one.merged_into_incident_id,
    }
    kinds = {TEXT: TEXT, TIME: frames.time}
    return plain(frames.frame([(one.name, kinds[one.dtype], values[one.name]) for one in UPDATES], records))
