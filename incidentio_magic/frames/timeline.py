"""An incident's timeline as rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.table import FLAG, LASTED, TEXT, Column, Table

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.timeline import Event

_OPEN_CHANGES: Final = frozenset(
    {
        "declaration", "update", "status", "severity", "merge", "page", "notification", "acknowledgement",
        "escalation", "alert", "action", "follow_up", "role", "timestamp",
    }
)  # fmt: skip
"""Kinds whose changes are statuses, severities, people and times, which are never masked."""

_REVEALING: Final = frozenset({"alert", "workflow"})
_SHOWN: Final = ("at", "elapsed", "kind", "title", "status", "severity", "actor", "detail")


class TimelineFrames(Table):
    """The frame of a timeline."""

    def timeline(
        self, events: Sequence[Event], *, declared: datetime | Sequence[datetime] | None = None
    ) -> pd.DataFrame:
        """Return events as rows, in the given order.

        Args:
            events: What happened; texts of a private incident are masked unless `show_private`.
            declared: When the incident was declared; for several incidents, the declaration for each event.

        Returns:
            at, recorded_at (time); elapsed (timedelta since the declaration); source, kind, type, title, detail, actor,
            actor_kind, from, to, incident, entry_id, also_in, url (string); status, severity (ordered category: their
            values after everything that had happened by then); curated (boolean).
        """

        def masked(event: Event, text: str | None) -> str | None:
            return MASK if text and event.private and not self.show_private else text

        def change(event: Event, text: str | None) -> str | None:
            return text if event.kind in _OPEN_CHANGES else masked(event, text)

        moments = iter(declared if isinstance(declared, Sequence) else repeat(declared))

        def elapsed(event: Event) -> float | None:
            start = next(moments)
            return (event.at - start).total_seconds() if start else None

        columns: list[Column] = [
            ("at", self.time, lambda event: event.at),
            ("elapsed", LASTED, elapsed),
            ("source", TEXT, lambda event: event.source),
            ("kind", TEXT, lambda event: event.kind),
            ("type", TEXT, lambda event: event.type),
            ("title", TEXT, lambda event: masked(event, event.title)),
            ("detail", TEXT, lambda event: masked(event, event.detail)),
            # The name of an alert or a workflow may describe the incident; people's names do not.
            (
                "actor",
                TEXT,
                lambda event: masked(event, event.actor) if event.actor_kind in _REVEALING else event.actor,
            ),
            ("actor_kind", TEXT, lambda event: event.actor_kind),
            ("from", TEXT, lambda event: change(event, event.before)),
            ("to", TEXT, lambda event: change(event, event.after)),
            ("status", "status", lambda event: event.status),
            ("severity", "severity", lambda event: event.severity),
            ("curated", FLAG, lambda event: event.curated),
            ("incident", TEXT, lambda event: event.incident),
            ("recorded_at", self.time, lambda event: event.recorded_at),
            ("entry_id", TEXT, lambda event: event.entry_id),
            ("also_in", TEXT, lambda event: ", ".join(event.also_in) or None),
            ("url", TEXT, lambda event: masked(event, event.url)),
        ]
        frame = self.frame(columns, events)
        frame.attrs["shown"] = {"columns": list(_SHOWN), "of": len(columns)}
        return frame


def changes(frame: pd.DataFrame, name: str) -> list[tuple[datetime, str]]:
    """Return when a column changed its value, and to which; moments at which it is not known are skipped.

    Args:
        frame: The events in order, with `at` and the column.
        name: The column, such as status.
    """
    found: list[tuple[datetime, str]] = []
    # Of several events of one moment the last says what was from then on.
    known = frame[["at", name]].dropna().drop_duplicates("at", keep="last")
    for at, value in zip(known["at"], known[name], strict=True):
        if not found or found[-1][1] != value:
            found.append((at.to_pydatetime(), str(value)))
    return found
