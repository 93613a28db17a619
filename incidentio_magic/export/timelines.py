"""Converts the timelines of exported incidents: events to rows, and rows back to events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.export.columns import FLAG, NUMBER, TEXT, TIME, Column, columns_of
from incidentio_magic.timeline import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

TIMELINES: Final = "timelines"
UNREAD: Final = ""
"""Marks an incident of which no source was read."""

_SHOWN: Final = (
    "source", "kind", "type", "title", "detail", "actor", "actor_kind", "from", "to", "status", "severity", "incident",
    "entry_id", "also_in", "url",
)  # fmt: skip
TIMELINE_COLUMNS: Final = (
    *columns_of(f"id incident_id {' '.join(_SHOWN)}", "created_at recorded_at"),
    Column("elapsed_seconds", NUMBER),
    Column("curated", FLAG),
    Column("private", FLAG),
    Column("about", TEXT),
)
"""The columns of exported timelines; `created_at` is when an event happened."""

EVENT_COLUMNS: Final = tuple(column for column in TIMELINE_COLUMNS if column.name not in {"id", "elapsed_seconds"})
"""The columns from which events are restored."""


@dataclass(frozen=True)
class ReadTimeline:
    """The timeline of one incident.

    Args:
        frame: The frame of `Frames.timeline`.
        events: Its events, one for each row of the frame.
        gaps: For each source that was not read completely: how the reading ended, and why.
    """

    frame: pd.DataFrame
    events: Sequence[Event]
    gaps: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def incomplete(self) -> str:
        """Why events may be missing; "" if none are."""
        return "; ".join(f"{name} {state}{f' ({why})' if why else ''}" for name, (state, why) in self.gaps.items())


def timeline_rows(read: ReadTimeline, incident_id: str) -> pd.DataFrame:
    """Return a timeline as rows of an export.

    Args:
        read: The timeline.
        incident_id: The ID of its incident.
    """
    import pandas as pd  # noqa: PLC0415  loads on first use

    frame = read.frame
    rows = pd.DataFrame({name: frame[name].astype(TEXT) for name in _SHOWN})
    places = frame["source"].astype(TEXT) + "/" + frame["type"].astype(TEXT) + "/" + frame["entry_id"].astype(TEXT)
    rows.insert(0, "id", f"{incident_id}/" + places)
    rows.insert(1, "incident_id", pd.Series(incident_id, index=rows.index, dtype=TEXT))
    for column, name in (("created_at", "at"), ("recorded_at", "recorded_at")):
        rows[column] = frame[name].dt.tz_convert("UTC").astype(TIME)
    rows["elapsed_seconds"] = frame["elapsed"].dt.total_seconds().astype(NUMBER)
    rows["curated"] = frame["curated"].astype(FLAG)
    rows["private"] = pd.array([event.private for event in read.events], dtype=FLAG)
    rows["about"] = pd.array([event.about for event in read.events], dtype=TEXT)
    return rows


def events_of(rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    """Return the events of rows of `EVENT_COLUMNS`, in the order of a timeline."""
    return sorted(map(_event, rows), key=lambda event: (event.order, event.type))


def _event(row: tuple[Any, ...]) -> Event:
    held = dict(zip((column.name for column in EVENT_COLUMNS), row, strict=True))
    return Event(
        at=held["created_at"],
        before=held["from"],
        after=held["to"],
        title=held["title"] or "",
        also_in=tuple((held["also_in"] or "").split(", ")) if held["also_in"] else (),
        curated=bool(held["curated"]),
        private=bool(held["private"]),
        **{name: held[name] for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE: Final = (
    "source", "kind", "type", "entry_id", "incident", "recorded_at", "detail", "actor", "actor_kind", "status",
    "severity", "url", "about",
)  # fmt: skip
