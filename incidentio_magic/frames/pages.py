"""Pages and alerts as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidentio_magic.api.models import MASK, actor_text
from incidentio_magic.frames.table import FLAG, LASTED, TEXT, Column, Table
from incidentio_magic.moments import seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.on_call.pages import PageStory


@dataclass(frozen=True)
class FiredAlert:
    """An alert and the incidents that it belongs to.

    Args:
        alert: The alert.
        source: The name of its source; None if not known.
        incidents: The references of the incidents; None if they could not be read.
        is_private: Whether one of them is private.
    """

    alert: models.Alert
    source: str | None
    incidents: str | None
    is_private: bool


class PageFrames(Table):
    """The frames of pages and alerts."""

    def pages(self, records: Sequence[PageStory], *, now: datetime) -> pd.DataFrame:
        """Return pages as rows.

        Args:
            records: The pages, in order.
            now: The current time, the end of `waited` for waiting pages.

        Returns:
            incident, title, status, page (what to type for it), path, paged, acknowledged_by, priority, creator, id
            (string); waiting (boolean); paged_at, acknowledged_at (time); acknowledged_after, waited (timedelta).
        """

        def creator(page: PageStory) -> str | None:
            name, kind = actor_text(page.escalation.creator)
            return self._masked(page, name) if kind == "alert" else name

        columns: list[Column] = [
            ("incident", TEXT, lambda page: page.incidents),
            ("title", TEXT, lambda page: self._masked(page, page.escalation.title)),
            ("status", TEXT, lambda page: page.escalation.status),
            ("waiting", FLAG, lambda page: page.is_waiting),
            ("acknowledged_by", TEXT, lambda page: page.acknowledged_by),
            ("page", TEXT, lambda page: page.label),
            ("paged", TEXT, lambda page: page.paged),
            ("paged_at", self.time, lambda page: page.paged_at),
            ("acknowledged_after", LASTED, lambda page: seconds_between(page.paged_at, page.acknowledged_at)),
            ("waited", LASTED, lambda page: seconds_between(page.paged_at, now) if page.is_waiting else None),
            ("path", TEXT, lambda page: page.path),
            ("acknowledged_at", self.time, lambda page: page.acknowledged_at),
            ("priority", TEXT, lambda page: page.escalation.priority.name if page.escalation.priority else None),
            ("creator", TEXT, creator),
            ("id", TEXT, lambda page: page.escalation.id),
        ]
        return self.frame(columns, records)

    def alerts(self, records: Sequence[FiredAlert], *, now: datetime) -> pd.DataFrame:
        """Return alerts as rows.

        Args:
            records: The alerts, in order.
            now: The current time, the end of `lasted` for firing alerts.

        Returns:
            title, status, source, incidents, url, description, deduplication_key, id (string); fired_at, resolved_at
            (time); lasted (timedelta).
        """
        columns: list[Column] = [
            ("title", TEXT, lambda fired: self._masked(fired, fired.alert.title)),
            ("status", TEXT, lambda fired: fired.alert.status),
            ("source", TEXT, lambda fired: fired.source),
            ("incidents", TEXT, lambda fired: fired.incidents),
            ("fired_at", self.time, lambda fired: fired.alert.created_at),
            ("resolved_at", self.time, lambda fired: fired.alert.resolved_at),
            ("lasted", LASTED, lambda fired: seconds_between(fired.alert.created_at, fired.alert.resolved_at or now)),
            ("url", TEXT, lambda fired: self._masked(fired, fired.alert.source_url)),
            ("description", TEXT, lambda fired: self._masked(fired, fired.alert.description)),
            ("deduplication_key", TEXT, lambda fired: self._masked(fired, fired.alert.deduplication_key)),
            ("id", TEXT, lambda fired: fired.alert.id),
        ]
        return self.frame(columns, records)

    def _masked(self, record: PageStory | FiredAlert, text: str | None) -> str | None:
        return MASK if text and record.is_private and not self.show_private else text or None
