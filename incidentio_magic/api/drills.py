"""The sandbox's own endpoints for drills; the real service has none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.models.drill import Clock, Drill
from incidentio_magic.api.wire import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


class DrillApi(Api):
    """Drills over one transport."""

    def drills(self, *, everyone: bool = False) -> list[Drill]:
        """Return this key's drills, or the whole class's; the newest first."""
        query = (("everyone", "true"),) if everyone else ()
        return self._record(Request("GET", "/sandbox/drills", query=query), "drills", list[Drill])

    def start(self, body: Mapping[str, Any]) -> list[Drill]:
        """Start a drill for this key, or with `everyone` for each trainee; one that still runs ends."""
        return self._record(Request("POST", "/sandbox/drills", body=body), "drills", list[Drill])

    def stop(self, drill: Drill) -> Drill:
        """End a drill."""
        return self._record(Request("POST", f"/sandbox/drills/{drill.id}/stop", body={}), "drill", Drill)

    def end_incident(self, drill: Drill, body: Mapping[str, Any]) -> Drill:
        """Let a colleague decline, cancel or merge one of the drill's incidents in the dashboard."""
        return self._record(Request("POST", f"/sandbox/drills/{drill.id}/dashboard", body=body), "drill", Drill)

    def clock_speed(self) -> float:
        """Return how many times as fast as real time the sandbox's clock runs; 0 if it stands still."""
        return self._record(Request("GET", "/sandbox/state"), "clock", Clock).speed

    def run_clock(self, speed: float) -> float:
        """Let the sandbox's clock run so many times as fast as real time, and return its speed."""
        return self._record(Request("POST", "/sandbox/clock", body={"speed": speed}), "speed", float)
