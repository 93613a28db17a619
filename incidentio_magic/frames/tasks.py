"""Follow-ups and actions as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.models import MASK
from incidentio_magic.frames.table import FLAG, LASTED, TEXT, Column, Table
from incidentio_magic.moments import seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models

OUTSTANDING: Final = "outstanding"


@dataclass(frozen=True)
class ListedTask:
    """A follow-up or an action, with its incident.

    Args:
        task: The follow-up or action.
        label: What to type for it: `INC-7#2`, or its ID.
        incident: Its incident; None if this key may not see it, in which case it may be private.
        due_at: When it is due; None if no rule says so.
    """

    task: models.FollowUp | models.Action
    label: str
    incident: models.Incident | models.NarrowIncident | None
    due_at: datetime | None = None

    @property
    def is_private(self) -> bool:
        """Whether it belongs to an incident that is, or may be, private."""
        return self.incident is None or self.incident.is_private

    @property
    def is_outstanding(self) -> bool:
        """Whether it is still to be done."""
        return self.task.status == OUTSTANDING


class TaskFrames(Table):
    """The frames of follow-ups and actions."""

    def follow_ups(self, records: Sequence[ListedTask], *, now: datetime) -> pd.DataFrame:
        """Return follow-ups as rows.

        Args:
            records: The follow-ups, in order.
            now: The current time, the end of `age` for outstanding tasks.

        Returns:
            follow_up (what to type for it), title, status, owner, team, priority, incident, category, mode, labels,
            external_issue, description, id, incident_id (string); severity (ordered category); age, lasted (timedelta);
            due_at, created_at, completed_at (time); overdue (boolean, missing if no rule says when it is due).
        """

        def text(name: str) -> Any:
            return lambda row: self._words(row, getattr(row.task, name))

        def name_of(name: str) -> Any:
            return lambda row: getattr(row.task, name).name if getattr(row.task, name) else None

        def issue(row: ListedTask) -> str | None:
            reference = row.task.external_issue_reference  # type: ignore[union-attr]
            return self._words(row, reference.issue_permalink or reference.issue_name) if reference else None

        columns: list[Column] = [
            ("follow_up", TEXT, lambda row: row.label),
            ("title", TEXT, text("title")),
            *self._state(now),
            ("team", TEXT, name_of("assignee_team")),
            ("priority", TEXT, name_of("priority")),
            *self._origin(),
            ("category", TEXT, name_of("category")),
            ("labels", TEXT, lambda row: self._words(row, ", ".join(row.task.labels or ()))),
            ("external_issue", TEXT, issue),
            ("description", TEXT, text("description")),
            *_IDENTITIES,
        ]
        return self.frame(columns, records)

    def actions(self, records: Sequence[ListedTask], *, now: datetime) -> pd.DataFrame:
        """Return actions as rows.

        Args:
            records: The actions, in order.
            now: The current time, the end of `age` for outstanding tasks.

        Returns:
            action (what to type for it), description, status, owner, incident, mode, id, incident_id (string); severity
            (ordered category); age, lasted (timedelta); due_at, created_at, completed_at (time); overdue (boolean,
            missing if no rule says when it is due).
        """
        columns: list[Column] = [
            ("action", TEXT, lambda row: row.label),
            ("description", TEXT, lambda row: self._words(row, row.task.description)),
            *self._state(now),
            *self._origin(),
            *_IDENTITIES,
        ]
        return self.frame(columns, records)

    def _state(self, now: datetime) -> list[Column]:
        """Return the columns about a task's state and owner."""

        def age(row: ListedTask) -> int | None:
            return seconds_between(row.task.created_at, now) if row.is_outstanding else None

        def lasted(row: ListedTask) -> int | None:
            return seconds_between(row.task.created_at, row.task.completed_at)

        def overdue(row: ListedTask) -> bool | None:
            return None if row.due_at is None else row.is_outstanding and row.due_at < now

        return [
            ("status", TEXT, lambda row: row.task.status),
            ("owner", TEXT, lambda row: row.task.assignee.name if row.task.assignee else None),
            ("age", LASTED, age),
            ("due_at", self.time, lambda row: row.due_at),
            ("overdue", FLAG, overdue),
            ("created_at", self.time, lambda row: row.task.created_at),
            ("completed_at", self.time, lambda row: row.task.completed_at),
            ("lasted", LASTED, lasted),
        ]

    def _origin(self) -> list[Column]:
        """Return the columns about the incident."""

        def severity(row: ListedTask) -> str | None:
            return row.incident.severity.name if row.incident and row.incident.severity else None

        return [
            ("incident", TEXT, lambda row: row.incident.reference if row.incident else None),
            ("severity", "severity", severity),
            ("mode", TEXT, lambda row: row.incident.mode if row.incident else None),
        ]

    def _words(self, row: ListedTask, text: str | None) -> str | None:
        return MASK if text and row.is_private and not self.show_private else text or None


_IDENTITIES: Final[list[Column]] = [
    ("id", TEXT, lambda row: row.task.id),
    ("incident_id", TEXT, lambda row: row.task.incident_id),
]
