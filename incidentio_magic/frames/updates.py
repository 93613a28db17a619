"""An incident's updates, and the writes made from this machine, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.api.models import MASK, actor_text
from incidentio_magic.frames.table import TEXT, Column, Table
from incidentio_magic.timeline.records import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.writes.ledger import Entry


class UpdateFrames(Table):
    """The frames of updates and of the local ledger."""

    def updates(
        self,
        records: Sequence[models.IncidentUpdate],
        *,
        private: bool = False,
        mention: Callable[[str], str] = lambda _incident_id: UNREADABLE,
    ) -> pd.DataFrame:
        """Return updates as rows, oldest first.

        Args:
            records: The updates.
            private: Whether their incident is private, so that the messages are masked unless `show_private`.
            mention: Returns the reference of an incident by its ID.

        Returns:
            at (time); message, updater, updater_kind, merged_into, id (string); status, severity (ordered category).
        """

        def updater(update: models.IncidentUpdate) -> str | None:
            name, kind = actor_text(update.updater)
            hidden = name and kind == "alert" and private and not self.show_private
            return MASK if hidden else name  # the title of an alert describes the incident

        def merged_into(update: models.IncidentUpdate) -> str | None:
            return mention(update.merged_into_incident_id) if update.merged_into_incident_id else None

        columns: list[Column] = [
            ("at", self.time, lambda update: update.created_at),
            ("status", "status", lambda update: update.new_incident_status.name),
            ("severity", "severity", lambda update: update.new_severity.name if update.new_severity else None),
            (
                "message",
                TEXT,
                lambda update: MASK if update.message and private and not self.show_private else update.message,
            ),
            ("updater", TEXT, updater),
            ("updater_kind", TEXT, lambda update: actor_text(update.updater)[1]),
            ("merged_into", TEXT, merged_into),
            ("id", TEXT, lambda update: update.id),
        ]
        return self.frame(columns, sorted(records, key=lambda update: (update.created_at, update.id)))

    def ledger(self, entries: Sequence[Entry]) -> pd.DataFrame:
        """Return the local ledger's writes as rows, oldest first.

        Returns:
            at (time by the service's clock); who, verb, reference, outcome, organisation, key, result, request_id
            (string).
        """
        columns: list[Column] = [
            ("at", self.time, lambda entry: entry.moment),
            ("who", TEXT, lambda entry: entry.who),
            ("verb", TEXT, lambda entry: entry.verb),
            ("reference", TEXT, lambda entry: entry.reference),
            ("outcome", TEXT, lambda entry: entry.outcome),
            ("organisation", TEXT, lambda entry: entry.organisation),
            ("key", TEXT, lambda entry: entry.key),
            ("result", TEXT, lambda entry: entry.result),
            ("request_id", TEXT, lambda entry: entry.request_id),
        ]
        return self.frame(columns, entries)
