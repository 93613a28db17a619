"""The status page, on which public incidents of the two highest severities are published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service
from incidentio_magic.sandbox.http.pagination import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from incidentio_magic.sandbox.attached_answers import (
        ComponentImpact,
        ComponentStatus,
        PublishedIncident,
        PublishedUpdate,
    )
    from incidentio_magic.sandbox.records import Incident, IncidentUpdate

blueprint = Blueprint("status_pages", __name__)

PUBLISHED_FROM_RANK = 3
STATUSES = {
    "Investigating": "investigating", "Triage": "investigating", "Fixing": "identified", "Monitoring": "monitoring",
}  # fmt: skip
IMPACTS = {3: "partial_outage", 4: "full_outage"}


@blueprint.get("/v2/status_pages")
def pages() -> Response:
    """List the status pages."""
    chosen, meta = page_of(query(), list(service().organisation["status_pages"].values()))
    return answer({"status_pages": chosen, "pagination_meta": meta})


@blueprint.get("/v2/status_page_components")
def components() -> Response:
    """List the components that status pages show."""
    query().check()
    return answer({"status_page_components": list(service().organisation["status_page_components"].values())})


@blueprint.get("/v2/status_page_incidents")
def incidents() -> Response:
    """List the incidents published on a page, newest first."""
    parameters = query()
    identity = parameters.text("status_page_id", required=True)
    if identity is not None and identity not in service().organisation["status_pages"]:
        parameters.blame("status_page_id", "there is no such status page", "not_found")
    chosen, meta = page_of(parameters, _published(identity or ""))
    return answer({"status_page_incidents": chosen, "pagination_meta": meta})


def _published(page: str) -> list[PublishedIncident]:
    rows = service().store.rows("SELECT document FROM incidents ORDER BY id DESC", ())
    found: Iterator[Incident] = (json.loads(row["document"]) for row in rows)
    return [_shown(incident, page) for incident in found if _is_published(incident)]


def _is_published(incident: Incident) -> bool:
    severity = service().organisation["severities"].get(incident["severity_id"] or "")
    ranked = severity is not None and severity["rank"] >= PUBLISHED_FROM_RANK
    return bool(ranked and incident["mode"] == "standard" and incident["visibility"] == "public")


def _shown(incident: Incident, page: str) -> PublishedIncident:
    statuses, severities = service().organisation["incident_statuses"], service().organisation["severities"]
    parts = list(service().organisation["status_page_components"])
    component = parts[incident["number"] % len(parts)]
    impact = IMPACTS[severities[incident["severity_id"] or ""]["rank"]]
    identity = f"SP{incident['id']}"
    rows = service().store.rows(
        "SELECT document FROM incident_updates WHERE incident_id = ? ORDER BY created_at, id", (incident["id"],)
    )
    updates: list[PublishedUpdate] = []
    shared: list[IncidentUpdate] = [json.loads(row["document"]) for row in rows]
    for update in shared:
        status = STATUSES.get(statuses[update["new_incident_status"]]["name"], "resolved")
        affected: ComponentStatus = {
            "component_id": component,
            "component_status": "operational" if status == "resolved" else impact,
        }
        updates.append(
            {
                "id": f"SP{update['id']}",
                "status_page_incident_id": identity,
                "incident_status": status,
                "message": update.get("message") or f"The status is now {status}.",
                "published_at": service().renderer.moment(update["created_at"]),
                "component_statuses": [affected],
            }
        )
    ended = next((update["published_at"] for update in updates if update["incident_status"] == "resolved"), None)
    started = service().renderer.moment(incident["created_at"])
    time: ComponentImpact = {"component_id": component, "component_status": impact, "start_at": started}
    if ended:
        time["end_at"] = ended
    return {
        "id": identity,
        "status_page_id": page,
        "name": incident["name"],
        "incident_status": STATUSES.get(statuses[incident["incident_status_id"]]["name"], "resolved"),
        "published_at": started,
        "component_impacts": [time],
        "updates": updates,
    }
