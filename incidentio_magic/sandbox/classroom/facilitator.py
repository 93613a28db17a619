"""The facilitator's page: connected trainees, open incidents, active faults, the clock."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from incidentio_magic.sandbox.http.context import answer
from incidentio_magic.sandbox.incidentio.clock import parsed, shown
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from sqlite3 import Row

Record = dict[str, Any]

blueprint = Blueprint("facilitator", __name__, url_prefix="/sandbox")

MOST_SHOWN = 200
# The page holds no data: its script reads the secret from the address, where no request carries it.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/class")
def page() -> Response:
    """Serve the page itself."""
    html = files("incidentio_magic.sandbox.classroom").joinpath("facilitator.html").read_text("utf-8")
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(html, mimetype="text/html", headers=headers)


@blueprint.get("/class/trainees")
def trainees() -> Response:
    """List the trainees."""
    return answer({"trainees": running().trainees()})


@blueprint.get("/class/state")
def state() -> Response:
    """Describe the class: its clock, its people, its open incidents and the faults that are on."""
    here = running()
    known = here.state()
    drills = {drill["key"]["id"]: drill for drill in here.drills.of(None) if drill["ended_at"] is None}
    drilled = {identity: drill["key"]["name"] for drill in drills.values() for identity in drill["incident_ids"]}
    rows = here.store.rows(
        "SELECT id, document, number, mode, visibility FROM incidents"
        " WHERE status_category IN ('triage', 'live', 'learning', 'paused')"
        " ORDER BY mode = 'test' DESC, created_at DESC LIMIT ?",
        (MOST_SHOWN,),
    )
    people = here.people()
    names = {person["id"]: person["name"] for person in people}
    return answer(
        {
            "clock": known["clock"],
            "faults": known["faults"],
            "people": [_person(person, drills.get(person["id"])) for person in people],
            "incidents": [_incident(row, names, drilled) for row in rows],
        }
    )


def _person(person: Record, drill: Record | None) -> Record:
    seen = running().presence.of(person["id"])
    return {
        "name": person["name"],
        "connected": bool(seen and seen.connected),
        "ago": None if seen is None else round(seen.ago),
        "requests": seen.requests if seen else 0,
        "last": seen.last if seen else "",
        "drill": drill and {"name": drill["name"], "seconds": round(running().drills.elapsed(drill))},
    }


def _incident(row: Row, names: dict[str, str], drilled: dict[str, str]) -> Record:
    incident = json.loads(row["document"])
    organisation = running().organisation
    severity = organisation["severities"].get(incident.get("severity_id") or "")
    creator = incident["creator"].get("api_key", {})
    return {
        "reference": f"INC-{row['number']}",
        "name": "🔒 private" if row["visibility"] == "private" else incident["name"],
        "severity": severity["name"] if severity else "",
        "status": organisation["incident_statuses"][incident["incident_status_id"]]["name"],
        "mode": row["mode"],
        "by": names.get(creator.get("id")) or drilled.get(row["id"], ""),  # an alarm's incident is its drill's
        "created_at": shown(incident["created_at"]),
        "minutes": round((running().now() - parsed(incident["created_at"])).total_seconds() / 60),
    }
