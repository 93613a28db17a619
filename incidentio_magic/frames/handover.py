"""What happened in a shift and what is open, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.frames.table import FLAG, TEXT, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


class HandoverFrames(Table):
    """The frame of a handover."""

    def handover(self, items: Sequence[Any]) -> pd.DataFrame:
        """Return the items of a handover as rows.

        Args:
            items: The items, in order; private texts are already masked.

        Returns:
            section (open, opened, changed, closed, paged, overdue), incident, name, lead, what, permalink (string);
            severity, status (ordered category); at (time); needs_update, waiting (boolean).
        """
        columns: list[Column] = [
            ("section", TEXT, lambda item: item.section),
            ("incident", TEXT, lambda item: item.reference),
            ("name", TEXT, lambda item: item.name),
            ("severity", "severity", lambda item: item.severity),
            ("status", "status", lambda item: item.status),
            ("lead", TEXT, lambda item: item.lead),
            ("at", self.time, lambda item: item.at),
            ("what", TEXT, lambda item: item.what or None),
            ("needs_update", FLAG, lambda item: item.needs_update if item.section == "open" else None),
            ("waiting", FLAG, lambda item: item.is_waiting if item.section == "paged" else None),
            ("permalink", TEXT, lambda item: item.permalink),
        ]
        return self.frame(columns, items)
