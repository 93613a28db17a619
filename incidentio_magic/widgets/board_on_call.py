"""Who is on call, for a board: each incident's open pages and on-call people of its teams, and all schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import IncidentioError, NotFound, PermissionDenied
from incidentio_magic.moments import between
from incidentio_magic.on_call.pages import ACKNOWLEDGED, WAITING, PageStory
from incidentio_magic.printable import one_line
from incidentio_magic.widgets.board_rows import ago
from incidentio_magic.widgets.parallel_reads import read_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Escalation, Incident, Schedule
    from incidentio_magic.client import Incidents
    from incidentio_magic.widgets.board_rows import Row

_MOST_SCHEDULES: Final = 6
_LONGEST: Final = 60
_WHAT: Final = {"pages": "open pages", "schedules": "schedules"}


@dataclass(frozen=True)
class OnCall:
    """Who is on call, and which pages are open.

    Args:
        pages: The pages that are waiting or acknowledged, by incident ID, oldest first.
        schedules: The names of the people on call, by schedule name; empty if nobody is.
        teams: The names of the people on call in a team's schedules, by team ID; empty if nobody is.
        problem: Why a part is missing; empty if nothing is missing, or if the key may not see it.
    """

    pages: Mapping[str, tuple[PageStory, ...]] = field(default_factory=dict)
    schedules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str = ""

    def waiting(self, incident_id: str, now: datetime) -> str:
        """Return how long pages about an incident have been waiting, and who was paged; empty if none is waiting."""
        pages = [page for page in self.pages.get(incident_id, ()) if page.is_waiting]
        if not pages:
            return ""
        count = "open page" if len(pages) == 1 else f"{len(pages)} open pages"
        people = _names(page.paged for page in pages)
        return f"{count} for {ago(between(pages[0].paged_at, now))}{people and f': {people}'}"

    def acknowledged(self, incident_id: str) -> str:
        """Return who acknowledged the open pages about an incident; empty if nobody has."""
        pages = [page for page in self.pages.get(incident_id, ()) if not page.is_waiting]
        if not pages:
            return ""
        count = "page" if len(pages) == 1 else f"{len(pages)} pages"
        people = _names(page.acknowledged_by for page in pages)
        return f"{count} acknowledged{people and f' by {people}'}"

    def of_teams(self, incident: Incident) -> str:
        """Return who is on call for the teams of an incident; empty if no schedule of its teams is known."""
        known = [self.teams[team] for team in incident.team_ids or () if team in self.teams]
        return f"on call: {_names(name for names in known for name in names) or 'nobody'}" if known else ""

    def line(self) -> str:
        """Return who is on call, schedule by schedule; empty if no schedule is known."""
        shown = list(self.schedules.items())[:_MOST_SCHEDULES]
        parts = [f"{one_line(name)}: {one_line(', '.join(people)) or 'nobody'}" for name, people in shown]
        more = len(self.schedules) - len(shown)
        if more:
            parts.append(f"and {more} more, see %incidents oncall")
        return f"On call: {' · '.join(parts)}" if parts else ""


class OnCallReader:
    """Reads who is on call, as far as the key may see it; a refused request is not repeated.

    Args:
        client: The connection.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._refused: set[str] = set()

    def read(self, rows: Sequence[Row]) -> OnCall:
        """Return who is on call. Source: `GET /v2/escalations`, `GET /v2/schedules`.

        Args:
            rows: The rows on the board; the pages about their incidents are read.
        """
        incidents = [row.incident.id for row in rows]
        calls: dict[str, Callable[[], Any]] = {"schedules": lambda: self._client.api.schedules().whole()}
        if incidents:
            statuses = (*WAITING, *ACKNOWLEDGED)
            calls["pages"] = lambda: self._client.api.escalations(incidents, statuses=statuses).whole()
        found = read_together({name: call for name, call in calls.items() if name not in self._refused})
        problems = []
        for name, result in found.items():
            if isinstance(result, PermissionDenied | NotFound):
                self._refused.add(name)
            elif isinstance(result, IncidentioError):
                problems.append(f"The {_WHAT[name]} cannot be read: {result.message}")
        read = {name: result for name, result in found.items() if not isinstance(result, IncidentioError)}
        schedules = [(schedule, _people(schedule)) for schedule in read.get("schedules", ())]
        teams: dict[str, tuple[str, ...]] = {}
        for schedule, people in schedules:
            for team in schedule.team_ids or ():
                teams[team] = (*teams.get(team, ()), *people)
        return OnCall(
            _by_incident(read.get("pages", ())),
            {schedule.name: people for schedule, people in schedules},
            teams,
            " ".join(problems),
        )


def _by_incident(escalations: Iterable[Escalation]) -> dict[str, tuple[PageStory, ...]]:
    stories = sorted((PageStory(page, page.id) for page in escalations), key=lambda story: story.paged_at)
    found: dict[str, tuple[PageStory, ...]] = {}
    for story in stories:
        for incident in story.escalation.related_incidents or ():
            found[incident.id] = (*found.get(incident.id, ()), story)
    return found


def _people(schedule: Schedule) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shift.user.name for shift in schedule.current_shifts or () if shift.user))


def _names(people: Iterable[str | None]) -> str:
    """Return the distinct names in one line."""
    return one_line(", ".join(dict.fromkeys(filter(None, people))), limit=_LONGEST)
