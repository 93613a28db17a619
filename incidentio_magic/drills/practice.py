"""Drills on a sandbox: starting, watching and ending them, and reading what was recorded."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from incidentio_magic import errors
from incidentio_magic.api.drills import DrillApi
from incidentio_magic.drills.reading import scenario as read_scenario
from incidentio_magic.drills.scenario import Event, Expectation, Metric, Scenario
from incidentio_magic.drills.scoring import Played
from incidentio_magic.names.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.api import models
    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.client import Incidents


class Practice:
    """The drills of one connection.

    Args:
        client: A connection to a sandbox.

    Raises:
        InputError: If it is no sandbox.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._api = DrillApi(client.transport)
        if not client.api.is_sandbox():
            raise errors.InputError(
                f"Drills need a sandbox, and {client.transport.host} is none.",
                hint="%incidents sandbox starts one in this notebook",
            )

    def start(self, name: str, *, speed: float | None = None, everyone: bool = False) -> tuple[Scenario, list[Drill]]:
        """Start a drill; one that still runs ends.

        Args:
            name: A scenario that comes along, or the path of one's own.
            speed: How many times as fast as real time the sandbox's clock shall run; None leaves it.
            everyone: Whether it is started for each trainee of the class; the facilitator's key may.

        Raises:
            UnknownName: If there is no such scenario, or it names a severity, status, path or person there is none of.
            InputError: If the file is no scenario.
            PermissionDenied: If only the facilitator may do this.
        """
        chosen = read_scenario(name)
        self._check(chosen)
        before = None if speed is None else self._steer(speed)
        body = {
            "name": chosen.name,
            "document": {"scenario": dataclasses.asdict(chosen), "speed_before": before},
            "acts": [one.act() for one in chosen.events],
            "everyone": everyone,
        }
        return chosen, self._api.start(body)

    def _steer(self, speed: float) -> float:
        """Let the clock run at another speed, and return the one before."""
        try:
            before = self._api.clock_speed()
            self._api.run_clock(speed)
        except errors.PermissionDenied:
            raise errors.InputError(
                "The clock is the whole class's: only the facilitator changes its speed.", hint="leave --speed out"
            ) from None
        except errors.ValidationFailed as error:
            raise errors.InputError(
                f"The clock cannot run so fast: {error.message}.", hint="such as --speed 10"
            ) from None
        return before

    def _check(self, chosen: Scenario) -> None:
        """Check that this organisation has every name that is expected, and everybody who speaks."""
        words = self._client.vocabulary
        for event in chosen.events:
            if event.kind != "alert":
                words.user(event.by)
        for one in chosen.expectations:
            for severity in one.severity:
                words.severity(severity)
            for status in one.status:
                words.status(status)
            for person in one.people:
                words.user(person)
            if one.path:
                named("escalation path", one.path, list(self._client.api.escalation_paths()), lambda path: path.name)

    def present(self) -> Drill:
        """Return this key's newest drill, running or not.

        Raises:
            InputError: If there is none.
        """
        drills = self._api.drills()
        if not drills:
            raise errors.InputError("There is no drill yet.", hint="%incidents drill list, %incidents drill start NAME")
        return drills[0]

    def newest_of_all(self) -> list[Drill]:
        """Return each trainee's newest drill, by name."""
        newest: dict[str, Drill] = {}
        for drill in self._api.drills(everyone=True):
            newest.setdefault(drill.key.id, drill)
        return sorted(newest.values(), key=lambda one: one.key.name)

    def stop(self, drill: Drill) -> Drill:
        """End a drill; a clock that was sped up for it goes on as before."""
        if drill.ended_at is not None:
            return drill
        ended = self._api.stop(drill)
        before = drill.document.get("speed_before")
        if before is not None:
            self._steer(before)
        return ended

    def end_incident(self, drill: Drill, ending: str, reference: str, into: str = "") -> str:
        """Let a colleague decline, cancel or merge an incident, which the service offers in its dashboard only.

        Args:
            drill: The drill.
            ending: `decline`, `cancel` or `merge`.
            reference: The incident.
            into: Of a merge, the incident that it is part of.

        Returns:
            What happened, in a sentence.
        """
        incident = self._client.incident(reference)
        body: dict[str, Any] = {"end": ending, "incident_id": incident.id}
        target = self._client.incident(into) if into else None
        if target is not None:
            body["into_incident_id"] = target.id
        try:
            self._api.end_incident(drill, body)
        except errors.ValidationFailed:
            raise errors.InputError(
                f"{incident.reference} cannot be ended so: colleagues {ending} incidents of this drill only.",
                hint="%incidents drill status shows them; others end with %%incident_update --status …",
            ) from None
        after = self._client.incident(reference).incident_status.name
        return f"{incident.reference} is now {after}" + (f" into {target.reference}" if target else "") + "."

    def played(self, drill: Drill) -> Played:
        """Return what was recorded of a drill. Source: its incidents, their updates and their escalations."""
        api = self._client.api
        incidents = [api.incident(identity) for identity in drill.incident_ids]
        until = drill.ended_at or drill.now
        paths = {one.id: one.name for one in api.escalation_paths()} if incidents else {}
        pages = []
        for incident in incidents:
            for page in api.escalations(incident.id):
                if page.created_at > until:
                    continue
                if page.escalation_path_id:
                    who = {paths.get(page.escalation_path_id, "")}
                else:
                    users = [user for event in page.events for user in event.users or ()]
                    who = {name for user in users for name in (user.name, user.email) if name}
                pages.append((page.created_at, frozenset(who)))
        return Played(
            started=drill.started_at,
            until=until,
            over=drill.ended_at is not None,
            incidents=incidents,
            declared=declared(drill, incidents),
            updates={
                one.id: [update for update in api.incident_updates(one.id) if update.created_at <= until]
                for one in incidents
            },
            pages=pages,
            ranks={one.name.casefold(): one.rank for one in self._client.vocabulary.severities()},
        )


def declared(drill: Drill, incidents: Iterable[models.Incident]) -> frozenset[str]:
    """Return the IDs of those incidents that whoever plays the drill has declared; alerts may have opened others."""
    creators = {one.id: one.creator.api_key for one in incidents if one.creator}
    return frozenset(identity for identity, key in creators.items() if key and key.id == drill.key.id)


def scenario_of(drill: Drill) -> Scenario:
    """Return the scenario a drill was started with, also where its file has changed since."""
    kept = drill.document["scenario"]
    return Scenario(
        **{name: kept[name] for name in ("name", "title", "briefing", "minutes")},
        events=tuple(Event(**one) for one in kept["events"]),
        metrics=tuple(
            Metric(one["name"], one["unit"], tuple((minute, value) for minute, value in one["points"]))
            for one in kept["metrics"]
        ),
        expectations=tuple(_expectation(one) for one in kept["expectations"]),
    )


def _expectation(kept: dict[str, Any]) -> Expectation:
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in kept.items()}
    return Expectation(**values)
