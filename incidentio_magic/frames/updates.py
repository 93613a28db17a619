"""An incident's updates, and the writes made from this machine, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.table import TEXT, Column, Table, actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.api import models
    from incidentio_magic.writes.ledger import Entry


class UpdateFrames(Table):
    """The frames of what was said and written."""

    def updates(self, records: Sequence[models.IncidentUpdate], *, private: bool = False) -> pd.DataFrame:
        """Return updates as rows, oldest first.

        Args:
            records: The updates.
            private: Whether their incident is private, so that the messages are masked unless asked for.

        Returns:
            at (time); message, updater, updater_kind, merged_into, id (string); status, severity (ordered category).
        """

        def updater(one: models.IncidentUpdate) -> str | None:
            name, kind = actor(one.updater)
            hidden = name and kind == "alert" and private and not self.show_private
            return MASK if hidden else name  # an alert's title tells the story

        columns: list[Column] = [
            ("at", self.time, lambda one: one.created_at),
            ("status", "status", lambda one: one.new_incident_status.name),
            ("severity", "severity", lambda one: one.new_severity.name if one.new_severity else None),
            (
                "message",
                TEXT,
                lambda one: MASK if one.message and private and not self.show_private else one.message,
            ),
            ("updater", TEXT, updater),
            ("updater_kind", TEXT, lambda one: actor(one.updater)[1]),
            ("merged_into", TEXT, lambda one: one.merged_into_incident_id),
            ("id", TEXT, lambda one: one.id),
        ]
        return self.frame(columns, sorted(records, key=lambda one: (one.created_at, one.id)))

    def ledger(self, entries: Sequence[Entry]) -> pd.DataFrame:
        """Return the local ledger's writes as rows, oldest first: at (time), and what the ledger keeps (string)."""
        columns: list[Column] = [
            ("at", self.time, lambda one: pd.to_datetime(one.at, utc=True, errors="coerce")),
            ("who", TEXT, lambda one: one.who),
            ("verb", TEXT, lambda one: one.verb),
            ("reference", TEXT, lambda one: one.reference),
            ("outcome", TEXT, lambda one: one.outcome),
            ("organisation", TEXT, lambda one: one.organisation),
            ("key", TEXT, lambda one: one.key),
            ("result", TEXT, lambda one: one.result),
            ("request_id", TEXT, lambda one: one.request_id),
        ]
        return self.frame(columns, entries)
