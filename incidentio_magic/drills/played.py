"""Turns the sandbox's records of a drill into the values that are scored; sends no request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from incidentio_magic.drills.scenario import EXPECTED, Scenario
from incidentio_magic.drills.wording import same, says_something
from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.drills.scenario import Expectation


@dataclass(frozen=True)
class Played:
    """The recorded values of a drill.

    Args:
        started: When it began.
        until: When it ended, or now.
        over: Whether it has ended.
        incidents: Its incidents, oldest first; the expectations apply to the first.
        declared: The IDs of the incidents that its players declared.
        updates: The updates by incident ID, oldest first.
        pages: When each page was sent, and to which escalation path or people, by name.
        ranks: The severities' ranks by name; the least severe has the lowest.
        pauses: The beginnings and ends of its pauses.
    """

    started: datetime
    until: datetime
    over: bool
    incidents: Sequence[models.Incident] = ()
    declared: frozenset[str] = frozenset()
    updates: Mapping[str, Sequence[models.IncidentUpdate]] = field(default_factory=dict)
    pages: Sequence[tuple[datetime, frozenset[str]]] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)
    pauses: Sequence[tuple[datetime, datetime]] = ()

    def minutes(self, moment: datetime) -> float:
        """Return the minutes from the start to a moment, without pauses."""
        return minutes_played(self.started, moment, self.pauses)

    @property
    def elapsed(self) -> float:
        """The minutes it has taken."""
        return self.minutes(self.until)

    def status(self, incident: models.Incident) -> models.IncidentStatus:
        """Return the status that an incident had when the drill ended, or has now."""
        updates = self.updates.get(incident.id, ())
        return updates[-1].new_incident_status if updates else incident.incident_status

    def shared(self, incident: models.Incident) -> list[models.IncidentUpdate]:
        """Return an incident's updates whose message says something, and something new."""
        return [update for update, informs in self._messages(incident) if informs]

    def empty_words(self, incident: models.Incident) -> int:
        """Return how many of an incident's messages say nothing, or repeat an earlier message."""
        return sum(not informs for _update, informs in self._messages(incident))

    def _messages(self, incident: models.Incident) -> list[tuple[models.IncidentUpdate, bool]]:
        """Return an incident's updates with a message, and whether it says something new."""
        seen: set[str] = set()
        found = []
        for update in self.updates.get(incident.id, ()):
            if update.message and update.message.strip():
                text = same(update.message)
                found.append((update, says_something(update.message) and text not in seen))
                seen.add(text)
        return found


def minutes_played(started: datetime, moment: datetime, pauses: Iterable[tuple[datetime, datetime]]) -> float:
    """Return the minutes from a drill's start to a moment, without pauses."""
    still = sum((max(min(end, moment) - begin, timedelta()) for begin, end in pauses), timedelta())
    return (moment - started - still).total_seconds() / 60


def last_moment(drill: Drill) -> datetime:
    """Return when a drill ended or was paused, or now."""
    return drill.ended_at or drill.paused_at or drill.now


def played(
    drill: Drill,
    incidents: Sequence[models.Incident],
    *,
    updates: Mapping[str, Iterable[models.IncidentUpdate]],
    escalations: Mapping[str, Iterable[models.Escalation]],
    paths: Mapping[str, str],
    severities: Iterable[models.Severity],
) -> Played:
    """Return the recorded values of a drill, without what came after its end.

    Args:
        drill: The drill.
        incidents: Its incidents, the oldest first.
        updates: Their updates by incident ID, oldest first.
        escalations: Their pages by incident ID.
        paths: The escalation paths' names by ID.
        severities: All severities.
    """
    until = last_moment(drill)
    incidents = [
        msgspec.structs.replace(incident, name=drill.names.get(incident.id, incident.name)) for incident in incidents
    ]
    return Played(
        started=drill.started_at,
        until=until,
        over=drill.ended_at is not None,
        incidents=incidents,
        declared=declared(drill, incidents),
        updates={
            incident_id: [update for update in shared if update.created_at <= until]
            for incident_id, shared in updates.items()
        },
        pages=[
            (page.created_at, _paged(page, paths))
            for pages in escalations.values()
            for page in pages
            if page.created_at <= until
        ],
        ranks={severity.name.casefold(): severity.rank for severity in severities},
        pauses=[(begin, end) for begin, end in drill.pauses],
    )


def _paged(page: models.Escalation, paths: Mapping[str, str]) -> frozenset[str]:
    if page.escalation_path_id:
        return frozenset({paths.get(page.escalation_path_id, "")})
    users = [user for event in page.events for user in event.users or ()]
    return frozenset(name for user in users for name in (user.name, user.email) if name)


def declared(drill: Drill, incidents: Iterable[models.Incident]) -> frozenset[str]:
    """Return the IDs of those incidents that the drill's players declared; alerts may have opened others."""
    players = {member.id for member in drill.members} or {drill.key.id}
    creators = {incident.id: incident.creator.api_key for incident in incidents if incident.creator}
    return frozenset(incident_id for incident_id, key in creators.items() if key and key.id in players)


def scenario_of(drill: Drill) -> Scenario:
    """Return the scenario that a drill was started with, even if its file has changed since.

    Raises:
        InputError: If the drill has no scenario that can be scored; any program with a key can start such a drill.
    """
    try:
        found = msgspec.convert(drill.document.get("scenario"), Scenario)
    except msgspec.ValidationError:
        found = None
    if found is None or not all(map(_can_be_scored, found.expectations)):
        raise InputError(
            f"The drill of {drill.key.name} holds no scenario that can be scored.",
            hint="%incidents drill start NAME; %incidents drill list shows the names",
        )
    return found


def _can_be_scored(expectation: Expectation) -> bool:
    return (
        expectation.kind in EXPECTED
        and bool(expectation.severity or expectation.kind != "escalated")
        and all(
            0 <= number < float("inf")
            for number in (expectation.within, expectation.after, expectation.every, expectation.points)
        )
    )
