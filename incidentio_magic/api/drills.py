"""The sandbox's own endpoints for drills; the real service does not have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.models.drill import Clock, Drill
from incidentio_magic.api.models.record import Named
from incidentio_magic.api.wire import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


class DrillApi(Api):
    """Drills over one transport."""

    def drills(self, *, everyone: bool = False) -> list[Drill]:
        """Return this key's drills, or the whole class's, newest first."""
        query = (("everyone", "true"),) if everyone else ()
        return self._record(Request("GET", "/sandbox/drills", query=query), "drills", list[Drill])

    def start(self, body: Mapping[str, Any]) -> list[Drill]:
        """Start a drill for this key, for each trainee with `everyone`, or for `key_ids`; a running drill ends."""
        return self._record(Request("POST", "/sandbox/drills", body=body), "drills", list[Drill])

    def steer(self, drill: Drill, action: str) -> Drill:
        """End a drill (`stop`), pause it (`pause`), or resume it (`resume`)."""
        return self._record(Request("POST", f"/sandbox/drills/{drill.id}/{action}", body={}), "drill", Drill)

    def trainees(self) -> list[Named]:
        """Return the class's trainees; needs the facilitator's key."""
        return self._record(Request("GET", "/sandbox/class/trainees"), "trainees", list[Named])

    def alert_sources(self) -> list[Named]:
        """Return the sources of alerts."""
        return self._record(Request("GET", "/v2/alert_sources"), "alert_sources", list[Named])

    def end_incident(self, drill: Drill, body: Mapping[str, Any]) -> Drill:
        """Let a simulated colleague decline, cancel or merge one of the drill's incidents."""
        return self._record(Request("POST", f"/sandbox/drills/{drill.id}/dashboard", body=body), "drill", Drill)

    def clock_speed(self) -> float:
        """Return the speed of the sandbox's clock as a multiple of real time; 0 if it is stopped."""
        return self._record(Request("GET", "/sandbox/state"), "clock", Clock).speed

    def run_clock(self, speed: float) -> float:
        """Set the speed of the sandbox's clock as a multiple of real time, and return it."""
        return self._record(Request("POST", "/sandbox/clock", body={"speed": speed}), "speed", float)
