"""An incident's merged story as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.frames.table import FLAG, LASTED, MASK, TEXT, Column, Table

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

_SHOWN: Final = ("at", "elapsed", "kind", "title", "status", "severity", "actor", "detail")


class TimelineFrames(Table):
    """The frame of what happened."""

    def timeline(
        self, events: Sequence[Event], *, declared: datetime | None = None, private: bool = False
    ) -> pd.DataFrame:
        """Return events as rows, in the order given.

        Args:
            events: What happened.
            declared: When the incident was declared.
            private: Whether it is private, so that what tells the story is masked unless asked for.

        Returns:
            at, recorded_at (time); elapsed (timedelta since the declaration); source, kind, type, title, detail, actor,
            actor_kind, from, to, incident, entry_id, also_in, url (string); status, severity (ordered category: as they
            were after everything that happened up to then); curated (boolean).
        """
        hidden = private and not self.show_private

        def masked(text: str | None) -> str | None:
            return MASK if text and hidden else text

        def change(one: Event, text: str | None) -> str | None:
            return text if one.kind in _OPEN_CHANGES else masked(text)

        columns: list[Column] = [
            ("at", self.time, lambda one: one.at),
            ("elapsed", LASTED, lambda one: (one.at - declared).total_seconds() if declared else None),
            ("source", TEXT, lambda one: one.source),
            ("kind", TEXT, lambda one: one.kind),
            ("type", TEXT, lambda one: one.type),
            ("title", TEXT, lambda one: masked(one.title)),
            ("detail", TEXT, lambda one: masked(one.detail)),
            # The name of an alert or a workflow may tell the story; people's names do not.
            ("actor", TEXT, lambda one: masked(one.actor) if one.actor_kind in {"alert", "workflow"} else one.actor),
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
            ("url", TEXT, lambda one: masked(one.url)),
        ]
        frame = self.frame(columns, events)
        shown: dict[str, Any] = {"columns": list(_SHOWN), "of": len(columns)}
        frame.attrs["shown"] = shown
        return frame
