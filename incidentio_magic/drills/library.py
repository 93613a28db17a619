"""What a class's server needs to know about drills: the scenarios to choose from, and the score of a running drill.

The sandbox imports nothing of this package; `python -m incidentio_magic sandbox` hands it this library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from incidentio_magic.api import models
from incidentio_magic.api.models.drill import Drill
from incidentio_magic.drills.planning import plan
from incidentio_magic.drills.played import played, scenario_of
from incidentio_magic.drills.reading import known
from incidentio_magic.drills.reading import scenario as read_scenario
from incidentio_magic.drills.scoring import score
from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ScenarioTitle(TypedDict):
    """A scenario to choose from."""

    name: str
    title: str
    minutes: float
    shared: bool


class Score(TypedDict):
    """The points so far, how many there are, and how many still can be got."""

    score: float
    of: float
    pending: float


class Library:
    """The built-in scenarios, and the rules that score them."""

    def scenarios(self) -> list[ScenarioTitle]:
        """Return each scenario's name, title, length in minutes, and whether it is shared."""
        found = [read_scenario(name) for name in known()]
        return [
            {"name": scenario.name, "title": scenario.title, "minutes": scenario.minutes, "shared": scenario.shared}
            for scenario in found
        ]

    def plan(self, name: str) -> dict[str, Any] | None:
        """Return the request body that starts the scenario with this name; None if there is none."""
        return plan(read_scenario(name)) if name in known() else None

    def score(self, record: Mapping[str, object]) -> Score | None:
        """Return the score of a drill so far; None if it holds no scenario that can be scored.

        Args:
            record: The drill, its incidents, their updates and escalations by incident ID, the escalation paths' names
                by ID, and the severities, as the API shows them.

        Returns:
            The points so far, how many there are, and how many still can be got.
        """
        drill = msgspec.convert(record["drill"], Drill, strict=False)
        try:
            expectations = scenario_of(drill).expectations
        except InputError:
            return None
        what = played(
            drill,
            msgspec.convert(record["incidents"], list[models.Incident], strict=False),
            updates=msgspec.convert(record["updates"], dict[str, list[models.IncidentUpdate]], strict=False),
            escalations=msgspec.convert(record["escalations"], dict[str, list[models.Escalation]], strict=False),
            paths=msgspec.convert(record["paths"], dict[str, str]),
            severities=msgspec.convert(record["severities"], list[models.Severity], strict=False),
        )
        results = score(expectations, what)
        return {
            "score": sum(result.score for result in results),
            "of": sum(result.of for result in results),
            "pending": sum(result.of for result in results if result.done == "pending"),
        }
