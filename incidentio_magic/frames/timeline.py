"""An incident's merged story as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.table import FLAG, LASTED, TEXT, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.timeline import Event

_OPEN_CHANGES: Final = frozenset(
    {
        "declaration", "update", "status", "severity", "merge", "page", "notification", "acknowledgement",
        "escalation", "alert", "action", "follow_up", "role", "timestamp",
    }
)  # fmt: skip
"""The kinds whose changes are statuses, severities, people and times, which tell nothing of the story."""

_TELLING: Final = frozenset({"alert", "workflow"})
_SHOWN: Final = ("at", "elapsed", "kind", "title", "status", "severity", "actor", "detail")


class TimelineFrames(Table):
    """The frame of what happened."""

    def timeline(self, events: Sequence[Event], *, declared: datetime | None = None) -> pd.DataFrame:
        """Return events as rows, in the order given.

        Args:
            events: What happened; what tells the story of a private incident is masked unless asked for.
            declared: When the incident was declared.

        Returns:
            at, recorded_at (time); elapsed (timedelta since the declaration); source, kind, type, title, detail, actor,
            actor_kind, from, to, incident, entry_id, also_in, url (string); status, severity (ordered category: as they
            were after everything that happened up to then); curated (boolean).
        """

        def masked(one: Event, text: str | None) -> str | None:
            return MASK if text and one.private and not self.show_private else text

        def change(one: Event, text: str | None) -> str | None:
            return text if one.kind in _OPEN_CHANGES else masked(one, text)

        columns: list[Column] = [
            ("at", self.time, lambda one: one.at),
            ("elapsed", LASTED, lambda one: (one.at - declared).total_seconds() if declared else None),
            ("source", TEXT, lambda one: one.source),
            ("kind", TEXT, lambda one: one.kind),
            ("type", TEXT, lambda one: one.type),
            ("title", TEXT, lambda one: masked(one, one.title)),
            ("detail", TEXT, lambda one: masked(one, one.detail)),
            # The name of an alert or a workflow may tell the story; people's names do not.
            ("actor", TEXT, lambda one: masked(one, one.actor) if one.actor_kind in _TELLING else one.actor),
            ("actor_kind", TEXT, lambda one: one.actor_kind),
            ("from", TEXT, lambda one: change(one, one.before)),
            ("to", TEXT, lambda one: change(one, one.after)),
            ("status", "status", lambda one: one.status),
            ("severity", "severity", lambda one: one.severity),
            ("curated", FLAG, lambda one: one.curated),
            ("incident", TEXT, lambda one: one.incident),
            ("recorded_at", self.time, lambda one: one.recorded_at),
            ("entry_id", TEXT, lambda one: one.entry_id),
            ("also_in", TEXT, lambda one: ", ".join(one.also_in) or None),
            ("url", TEXT, lambda one: masked(one, one.url)),
        ]
        frame = self.frame(columns, events)
        frame.attrs["shown"] = {"columns": list(_SHOWN), "of": len(columns)}
        return frame
