"""What was published on status pages, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.frames.table import LASTED, TEXT, Column, Table
from incidentio_magic.moments import seconds_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from incidentio_magic.api import models

RESOLVED: Final = "resolved"


@dataclass(frozen=True)
class Published:
    """An incident that was published.

    Args:
        page: The name of the status page.
        incident: The incident as it was published.
    """

    page: str
    incident: models.StatusPageIncident

    @property
    def updates(self) -> list[models.StatusPageUpdate]:
        """What was published about it, oldest first."""
        return sorted(self.incident.updates or (), key=lambda update: (update.published_at, update.id))

    @property
    def is_resolved(self) -> bool:
        """Whether the status page says that it is resolved."""
        return self.incident.incident_status == RESOLVED


class StatusPageFrames(Table):
    """The frame of published incidents."""

    def published(self, records: Sequence[Published], components: Mapping[str, str]) -> pd.DataFrame:
        """Return published incidents as rows; all of it is public, so nothing is masked.

        Args:
            records: The incidents, in order.
            components: The names of components, by ID.

        Returns:
            page, name, status, affected (components that it still affects), message (the last message), id (string);
            published_at, updated_at, resolved_at (time); lasted (timedelta).
        """

        def affected(row: Published) -> str | None:
            still = [impact for impact in row.incident.component_impacts or () if impact.end_at is None]
            names = [components.get(impact.component_id, impact.component_id) for impact in still]
            states = [impact.component_status.replace("_", " ") for impact in still]
            return ", ".join(f"{name}: {state}" for name, state in zip(names, states, strict=True)) or None

        def resolved(row: Published) -> models.StatusPageUpdate | None:
            found = (update for update in row.updates if update.incident_status == RESOLVED)
            return next(found, None) if row.is_resolved else None

        def lasted(row: Published) -> int | None:
            end = resolved(row)
            return seconds_between(row.incident.published_at, end.published_at) if end else None

        columns: list[Column] = [
            ("page", TEXT, lambda row: row.page),
            ("name", TEXT, lambda row: row.incident.name),
            ("status", TEXT, lambda row: row.incident.incident_status),
            ("affected", TEXT, affected),
            ("published_at", self.time, lambda row: row.incident.published_at),
            ("updated_at", self.time, lambda row: row.updates[-1].published_at if row.updates else None),
            ("message", TEXT, lambda row: row.updates[-1].message if row.updates else None),
            ("resolved_at", self.time, lambda row: end.published_at if (end := resolved(row)) else None),
            ("lasted", LASTED, lasted),
            ("id", TEXT, lambda row: row.incident.id),
        ]
        return self.frame(columns, records)
