"""The request with which a sandbox plays a scenario."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from incidentio_magic.drills.scenario import Scenario


def plan(scenario: Scenario) -> dict[str, Any]:
    """Return the body that starts a scenario on a sandbox: the scenario itself, and what happens when."""
    return {
        "name": scenario.name,
        "document": {"scenario": dataclasses.asdict(scenario)},
        "acts": [event.act() for event in scenario.events],
        "shared": scenario.shared,
    }
