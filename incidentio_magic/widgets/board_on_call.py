"""What a board shows of who is on call: the pages that nobody has acknowledged, by incident, and the schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import IncidentioError, NotFound, PermissionDenied
from incidentio_magic.on_call.pages import WAITING, PageStory
from incidentio_magic.printable import one_line
from incidentio_magic.widgets.board_rows import ago
from incidentio_magic.widgets.parallel_reads import read_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from incidentio_magic.api.models import Escalation, Schedule
    from incidentio_magic.client import Incidents

_MOST_SCHEDULES: Final = 6
_LONGEST: Final = 60
_WHAT: Final = {"pages": "open pages", "schedules": "schedules"}


@dataclass(frozen=True)
class OnCall:
    """Who is on call, and what waits.

    Args:
        pages: The pages that nobody has acknowledged, by incident ID, oldest first.
        schedules: The names of who is on call, by the schedule's name; empty where nobody is.
        problem: Why a part of it is missing; empty if none is, or the key may not see it.
    """

    pages: Mapping[str, tuple[PageStory, ...]] = field(default_factory=dict)
    schedules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str = ""

    def waiting(self, incident_id: str, now: datetime) -> str:
        """Return how long pages about an incident have waited, and for whom; empty if none waits."""
        pages = self.pages.get(incident_id, ())
        if not pages:
            return ""
        count = "open page" if len(pages) == 1 else f"{len(pages)} open pages"
        people = ", ".join(dict.fromkeys(page.paged for page in pages if page.paged))
        whom = f": {one_line(people, limit=_LONGEST)}" if people else ""
        return f"{count} for {ago(now - pages[0].paged_at)}{whom}"

    def line(self) -> str:
        """Return who is on call, schedule by schedule; empty if no schedule is known."""
        shown = list(self.schedules.items())[:_MOST_SCHEDULES]
        parts = [f"{one_line(name)}: {one_line(', '.join(people)) or 'nobody'}" for name, people in shown]
        more = len(self.schedules) - len(shown)
        if more:
            parts.append(f"and {more} more, see %incidents oncall")
        return f"On call: {' · '.join(parts)}" if parts else ""


class OnCallReader:
    """Reads who is on call, as far as the key may see it; what it may not see is not asked for again.

    Args:
        client: The connection.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._refused: set[str] = set()

    def read(self) -> OnCall:
        """Return who is on call. Source: `GET /v2/escalations`, `GET /v2/schedules`."""
        calls: dict[str, Callable[[], Any]] = {
            "pages": lambda: self._client.api.escalations(statuses=WAITING).whole(),
            "schedules": lambda: self._client.api.schedules().whole(),
        }
        found = read_together({name: call for name, call in calls.items() if name not in self._refused})
        problems = []
        for name, result in found.items():
            if isinstance(result, PermissionDenied | NotFound):
                self._refused.add(name)
            elif isinstance(result, IncidentioError):
                problems.append(f"The {_WHAT[name]} cannot be read: {result.message}")
        read = {name: result for name, result in found.items() if not isinstance(result, IncidentioError)}
        return OnCall(_by_incident(read.get("pages", ())), _people(read.get("schedules", ())), " ".join(problems))


def _by_incident(escalations: Iterable[Escalation]) -> dict[str, tuple[PageStory, ...]]:
    stories = sorted((PageStory(page, page.id) for page in escalations), key=lambda story: story.paged_at)
    found: dict[str, tuple[PageStory, ...]] = {}
    for story in stories:
        for incident in story.escalation.related_incidents or ():
            found[incident.id] = (*found.get(incident.id, ()), story)
    return found


def _people(schedules: Iterable[Schedule]) -> dict[str, tuple[str, ...]]:
    return {
        schedule.name: tuple(dict.fromkeys(shift.user.name for shift in schedule.current_shifts or () if shift.user))
        for schedule in schedules
    }
