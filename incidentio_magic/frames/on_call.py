"""Who is on call, and who an escalation path would page, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidentio_magic.frames.table import COUNT, FLAG, LASTED, TEXT, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.on_call.levels import Target
    from incidentio_magic.on_call.shifts import Duty


@dataclass(frozen=True)
class ScheduleDuty:
    """A span of time in a schedule.

    Args:
        schedule: The schedule.
        duty: Who is on call, or a gap.
        rotation: The rotation's name; None for a gap.
    """

    schedule: models.Schedule
    duty: Duty
    rotation: str | None


@dataclass(frozen=True)
class Responder:
    """A person that a level pages.

    Args:
        target: The level and its target.
        user: The person; None if the target is a channel, or a schedule in which nobody is on call.
        via: The schedule or channel that the level names; empty if it names the person.
    """

    target: Target
    user: models.User | None
    via: str


class OnCallFrames(Table):
    """The frames of schedules and escalation paths."""

    def on_call(self, records: Sequence[ScheduleDuty]) -> pd.DataFrame:
        """Return who is on call as rows.

        Args:
            records: The spans of time, in order.

        Returns:
            schedule, rotation, state (on call, next, nobody), name, email, timezone, schedule_id, rotation_id, user_id
            (string); starts_at, ends_at (time); override (boolean). `timezone` is the schedule's own.
        """

        def person(name: str) -> Any:
            return lambda row: getattr(row.duty.user, name) if row.duty.user else None

        columns: list[Column] = [
            ("schedule", TEXT, lambda row: row.schedule.name),
            ("state", TEXT, lambda row: row.duty.state),
            ("name", TEXT, person("name")),
            ("email", TEXT, person("email")),
            ("starts_at", self.time, lambda row: row.duty.start),
            ("ends_at", self.time, lambda row: row.duty.end),
            ("override", FLAG, lambda row: row.duty.is_override if row.duty.user else None),
            ("rotation", TEXT, lambda row: row.rotation),
            ("timezone", TEXT, lambda row: row.schedule.timezone),
            ("schedule_id", TEXT, lambda row: row.schedule.id),
            ("rotation_id", TEXT, lambda row: row.duty.rotation_id or None),
            ("user_id", TEXT, person("id")),
        ]
        return self.frame(columns, records)

    def responders(self, records: Sequence[Responder]) -> pd.DataFrame:
        """Return who an escalation path would page as rows, level by level.

        Args:
            records: The people and channels.

        Returns:
            level (Int64); name, email, via, urgency, condition, user_id (string); after (timedelta).
        """
        columns: list[Column] = [
            ("level", COUNT, lambda row: row.target.level),
            ("name", TEXT, lambda row: row.user.name if row.user else None),
            ("email", TEXT, lambda row: row.user.email if row.user else None),
            ("via", TEXT, lambda row: row.via or None),
            ("urgency", TEXT, lambda row: row.target.target.urgency or None),
            ("after", LASTED, lambda row: row.target.after_seconds),
            ("condition", TEXT, lambda row: row.target.condition or None),
            ("user_id", TEXT, lambda row: row.user.id if row.user else None),
        ]
        return self.frame(columns, records)
