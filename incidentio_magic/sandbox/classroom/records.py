"""The record of a drill, in the API's form, for the rules that score it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from incidentio_magic.sandbox.class_records import Drill, DrillRecord, ScenarioTitle, Score
    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import JsonObject


class Library(Protocol):
    """Where scenarios and scores come from; the sandbox itself knows neither."""

    def scenarios(self) -> list[ScenarioTitle]:
        """Return each scenario's name, title, length in minutes, and whether it is shared."""

    def plan(self, name: str) -> JsonObject | None:
        """Return the request body that starts the scenario of this name; None if there is none."""

    def score(self, record: DrillRecord) -> Score | None:
        """Return the score so far, the total, and the points still possible; None if there are no rules."""


def record_of(state: State, drill: Drill) -> DrillRecord:
    """Return a drill, its incidents, and by incident ID their updates and escalations; paths by ID; severities."""
    store, renderer, organisation = state.store, state.renderer, state.organisation
    incident_ids = drill["incident_ids"]
    found = [store.document("incidents", incident_id) for incident_id in incident_ids]

    def documents(table: str, incident_id: str) -> list[Any]:
        query = f"SELECT document FROM {table} WHERE incident_id = ? ORDER BY created_at, id"  # noqa: S608  ours
        return [json.loads(row["document"]) for row in store.rows(query, (incident_id,))]

    return {
        "drill": drill,
        "incidents": [renderer.incident(incident) for incident in found if incident],
        "updates": {
            incident_id: [renderer.update(update) for update in documents("incident_updates", incident_id)]
            for incident_id in incident_ids
        },
        "escalations": {
            incident_id: [renderer.escalation(page, [incident_id]) for page in documents("escalations", incident_id)]
            for incident_id in incident_ids
        },
        "paths": {path["id"]: path["name"] for path in organisation["escalation_paths"].values()},
        "severities": list(organisation["severities"].values()),
    }
