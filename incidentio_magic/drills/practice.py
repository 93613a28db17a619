"""Starts, watches and ends drills on a sandbox, and reads their records."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from incidentio_magic import errors
from incidentio_magic.api.drills import DrillApi
from incidentio_magic.drills.planning import plan
from incidentio_magic.drills.played import Played, played
from incidentio_magic.drills.reading import scenario_with_mistakes
from incidentio_magic.names.lists import split_names
from incidentio_magic.names.resolution import NameIndex, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from incidentio_magic.api import models
    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.api.models.record import Named
    from incidentio_magic.client import Incidents
    from incidentio_magic.drills.scenario import Scenario


class Practice:
    """The drills of one connection.

    Args:
        client: A connection to a sandbox.

    Raises:
        InputError: If it is not a sandbox.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._api = DrillApi(client.transport)
        self._sources: list[Named] | None = None
        if not client.api.is_sandbox():
            raise errors.InputError(
                f"Drills need a sandbox, and {client.transport.host} is not one.",
                hint="%incidents sandbox starts one in this notebook",
            )

    def start(
        self, name: str, *, speed: float | None = None, everyone: bool = False, trainees: Sequence[str] = ()
    ) -> tuple[Scenario, list[Drill]]:
        """Start a drill; a running drill ends.

        Args:
            name: A built-in scenario, or the path of your own.
            speed: The speed of the sandbox's clock as a multiple of real time; None to leave it.
            everyone: Whether to start it for each trainee of the class; needs the facilitator's key.
            trainees: Only for these trainees: names, or several in one text with commas.

        Raises:
            UnknownName: If there is no such scenario or trainee.
            ScenarioError: If the file has mistakes, or names a severity, status, path, person or source of alerts that
                the organisation does not have.
            PermissionDenied: If only the facilitator may do this.
        """
        chosen = self.check(name)
        body = plan(chosen) | {"everyone": everyone, "key_ids": self._trainee_ids(trainees)}
        before = self._speed_before(everyone=everyone or bool(trainees))
        if speed is not None:
            present = self._steer(speed)
            before = present if before is None else before
        body["document"]["speed_before"] = before
        return chosen, self._api.start(body)

    def _speed_before(self, *, everyone: bool) -> float | None:
        """Return the clock's speed before a drill that still runs, and that ends now, changed it; None if none did."""
        running = [drill for drill in self._api.drills(everyone=everyone) if drill.ended_at is None]
        return next((before for drill in running if (before := drill.document.get("speed_before")) is not None), None)

    def _trainee_ids(self, names: Sequence[str]) -> list[str]:
        if not names:
            return []
        index = NameIndex(self._api.trainees(), _name)
        return [index.resolve("trainee", name).id for name in split_names(list(names), index.find)]

    def _steer(self, speed: float) -> float:
        """Change the clock's speed, and return the previous speed."""
        try:
            before = self._api.clock_speed()
            self._api.run_clock(speed)
        except errors.PermissionDenied:
            raise errors.InputError(
                "The clock is the whole class's: only the facilitator changes its speed.", hint="leave --speed out"
            ) from None
        except errors.ValidationFailed as error:
            raise errors.InputError(
                f"The clock cannot run at this speed: {error.fields.get('speed', error.message)}.",
                hint="such as --speed 10",
            ) from None
        return before

    def check(self, name: str) -> Scenario:
        """Return a scenario whose names all exist in this organisation, spelt as they are there.

        Args:
            name: A built-in scenario, or the path of your own.

        Raises:
            ScenarioError: If the file has mistakes; all of them are named.
        """
        chosen, mistakes = scenario_with_mistakes(name)
        spelt: dict[tuple[int, str, str], str] = {}
        for table, number, key, text, look_up in self._names(chosen):
            try:
                spelt[number, key, text] = look_up().name
            except errors.InputError as error:
                message = error.message[:1].lower() + error.message[1:].rstrip(".")
                mistakes.note(table, number, key, f"is not known: {message}", error.hint)
        mistakes.refuse()
        return _renamed(chosen, spelt)

    def _names(self, chosen: Scenario) -> Iterator[tuple[str, int, str, str, Callable[[], _HasName]]]:
        """Yield every name that a scenario uses, with its place and what looks it up."""
        words, api = self._client.vocabulary, self._client.api
        for event in chosen.events:
            if not event.by or not event.kind:
                continue  # noted already
            if event.kind == "alert":
                sources = self._alert_sources()
                look_up = partial(named, "source of alerts", event.by, sources, _name)
                yield "event", event.number, "by", event.by, look_up
            elif event.kind != "status_page":
                yield "event", event.number, "by", event.by, partial(words.user, event.by)
        for expectation in chosen.expectations:
            for severity in expectation.severity:
                yield "expect", expectation.number, "severity", severity, partial(words.severity, severity)
            for status in expectation.status:
                yield "expect", expectation.number, "status", status, partial(words.status, status)
            for person in expectation.people:
                yield "expect", expectation.number, "people", person, partial(words.user, person)
            if expectation.path:
                paths = list(api.escalation_paths())
                yield (
                    "expect",
                    expectation.number,
                    "path",
                    expectation.path,
                    partial(named, "escalation path", expectation.path, paths, _name),
                )

    def _alert_sources(self) -> list[Named]:
        if self._sources is None:
            self._sources = self._api.alert_sources()
        return self._sources

    def present(self) -> Drill:
        """Return this key's newest drill, running or not.

        Raises:
            InputError: If there is none.
        """
        drills = self._api.drills()
        if not drills:
            raise errors.InputError("There is no drill.", hint="%incidents drill list, %incidents drill start NAME")
        return drills[0]

    def for_class(self) -> list[Drill]:
        """Return the class's drills, if the key is the facilitator's and has no newer drill; else an empty list."""
        try:
            others = self.newest_of_all()
        except errors.PermissionDenied:
            return []
        own = self._api.drills()
        newest = max((drill.started_at for drill in others), default=None)
        return others if newest is not None and (not own or newest > own[0].started_at) else []

    def newest_of_all(self) -> list[Drill]:
        """Return each trainee's or team's newest drill, by name; the facilitator's own is left out.

        A trainee's own practice is returned only if the facilitator started no drill for that trainee.

        Raises:
            PermissionDenied: If only the facilitator may see them.
        """
        own = {drill.id for drill in self._api.drills()}
        newest: dict[tuple[str, ...], Drill] = {}
        seen: set[str] = set()
        for drill in sorted(self._api.drills(everyone=True), key=lambda drill: drill.practice):
            players = tuple(sorted(member.id for member in drill.members))
            if drill.id not in own and not seen.issuperset(players):
                newest.setdefault(players, drill)
            seen.update(players if drill.id not in own else ())
        return sorted(newest.values(), key=lambda drill: drill.key.name)

    def pause(self, drill: Drill) -> Drill:
        """Pause a drill: nothing happens in it until it is resumed."""
        return self._api.steer(drill, "pause")

    def resume(self, drill: Drill) -> Drill:
        """Resume a paused drill."""
        return self._api.steer(drill, "resume")

    def stop(self, drill: Drill) -> Drill:
        """End a drill; a clock that was sped up for it returns to its previous speed."""
        if drill.ended_at is not None:
            return drill
        ended = self._api.steer(drill, "stop")
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
            into: For a merge, the incident to merge into.

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
                f"Colleagues {ending} only incidents of this drill, and {incident.reference} is not one.",
                hint="%incidents drill status shows them; other test incidents end with %%incident_update --status …",
            ) from None
        after = self._client.incident(reference).incident_status.name
        return f"{incident.reference} is now {after}" + (f" into {target.reference}" if target else "") + "."

    def played(self, drill: Drill) -> Played:
        """Return what was recorded of a drill. Source: its incidents, their updates and their escalations."""
        api = self._client.api
        incidents = [api.incident(incident_id) for incident_id in drill.incident_ids]
        return played(
            drill,
            incidents,
            updates={incident.id: list(api.incident_updates(incident.id)) for incident in incidents},
            escalations={incident.id: list(api.escalations(incident.id)) for incident in incidents},
            paths={path.id: path.name for path in api.escalation_paths()} if incidents else {},
            severities=self._client.vocabulary.severities(),
        )


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


def _renamed(chosen: Scenario, spelt: Mapping[tuple[int, str, str], str]) -> Scenario:
    """Return a scenario with the organisation's names: the sandbox acts, and the scores compare, by these alone."""

    def names(number: int, key: str, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(spelt.get((number, key, text), text) for text in texts)

    return replace(
        chosen,
        events=tuple(replace(event, by=names(event.number, "by", [event.by])[0]) for event in chosen.events),
        expectations=tuple(
            replace(
                expected,
                severity=names(expected.number, "severity", expected.severity),
                status=names(expected.number, "status", expected.status),
                people=names(expected.number, "people", expected.people),
                path=names(expected.number, "path", [expected.path])[0],
            )
            for expected in chosen.expectations
        ),
    )


def _name(record: Named | models.EscalationPath) -> str:
    return record.name
