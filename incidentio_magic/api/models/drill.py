"""A drill on a sandbox: a record of this project, not of the vendor."""

from __future__ import annotations

from typing import Any

import msgspec

from incidentio_magic.api.models.record import Moment, Named, Record


class Clock(Record, frozen=True):
    """The sandbox's clock. Source: the sandbox's `GET /sandbox/state`."""

    speed: float


class DrillEvent(Record, frozen=True):
    """An event caused by an alert or a simulated colleague."""

    at: Moment
    kind: str
    who: str
    title: str
    text: str = ""


class Drill(Record, frozen=True):
    """A drill, and what has happened in it so far. Source: the sandbox's `GET /sandbox/drills`."""

    id: str
    name: str
    key: Named
    started_at: Moment
    now: Moment
    document: dict[str, Any]
    incident_ids: list[str]
    feed: list[DrillEvent]
    ended_at: Moment | None = None
    paused_at: Moment | None = None
    members: tuple[Named, ...] = ()
    pauses: tuple[tuple[Moment, Moment], ...] = ()
    team: str = ""
    practice: bool = False  # whether a trainee of a class started it, not the facilitator
    names: dict[str, str] = msgspec.field(default_factory=dict)  # its incidents by ID, as they were when it ended

    @property
    def label(self) -> str:
        """The name; for a trainee's own practice, it says so."""
        return f"{self.name} (own practice)" if self.practice else self.name
