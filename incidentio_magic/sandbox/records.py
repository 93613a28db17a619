"""What the sandbox keeps and sends: JSON objects, and the types of those that have the same members everywhere.

An incident, an update or an alert differs with what was given and what the organisation has: these are `Record`s.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

Record = dict[str, Any]


class Shift(TypedDict):
    """One person's time on call, from a rotation or an override."""

    entry_id: str
    rotation_id: str
    user: str
    start_at: str
    end_at: str


class Rotation(TypedDict):
    """Who follows whom on call, handed over at a local time.

    `days` lie between handovers; `hours` are the first and the last working hour, None for day and night.
    """

    id: str
    name: str
    first_handover: str
    days: int
    users: list[str]
    hours: list[str] | None
    weekdays: list[str]


class Schedule(TypedDict):
    """An on-call schedule with its rotations and overrides."""

    id: str
    name: str
    timezone: str
    team_ids: list[str]
    rotations: list[Rotation]
    overrides: list[Shift]
    created_at: str
    updated_at: str


class PaginationMeta(TypedDict):
    """Where a list goes on, as each page says it."""

    page_size: int
    after: NotRequired[str]
    total_record_count: NotRequired[int]
