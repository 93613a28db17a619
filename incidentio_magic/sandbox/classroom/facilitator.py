"""The facilitator's page: trainees and their drills, open incidents, faults and the clock."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from incidentio_magic.sandbox.classroom.drill_routes import begin, grouped, planned
from incidentio_magic.sandbox.http.context import answer, body
from incidentio_magic.sandbox.http.errors import Problem, invalid
from incidentio_magic.sandbox.http.payloads import Body
from incidentio_magic.sandbox.incidentio.clock import parsed, shown
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from sqlite3 import Row

    from incidentio_magic.sandbox.class_records import Drill, DrillSummary, IncidentSummary, Person, PresentPerson
    from incidentio_magic.sandbox.records import Actor, Incident

blueprint = Blueprint("facilitator", __name__, url_prefix="/sandbox")

MOST_SHOWN = 200
MANY = 3  # names of owners that are shown for a shared incident; the others are counted
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
    """Describe the class: clock, people and their drills, open incidents, and active faults."""
    here = running()
    known = here.state()
    rows = here.store.rows(
        "SELECT id, document, number, mode, visibility FROM incidents"
        " WHERE status_category IN ('triage', 'live', 'learning', 'paused')"
        " ORDER BY mode = 'test' DESC, created_at DESC LIMIT ?",
        (MOST_SHOWN,),
    )
    people = here.people()
    newest: dict[str, Drill] = {}
    for drill in here.drills.newest():
        for member in drill["members"]:
            newest.setdefault(member["id"], drill)
    names = {person["id"]: person["name"] for person in people}
    return answer(
        {
            "clock": known["clock"],
            "faults": known["faults"],
            "people": [_person(person, newest.get(person["id"])) for person in people],
            "incidents": [_incident(row, names) for row in rows],
            "scenarios": here.library.scenarios() if here.library else [],
        }
    )


@blueprint.post("/class/drills")
def start() -> Response:
    """Start a shipped scenario for all trainees or for some; their running drills end."""
    sent = body()
    name, chosen = sent.text("scenario", required=True), sent.texts("people")
    sent.check()
    here = running()
    scenario = here.library.plan(name or "") if here.library else None
    if scenario is None:
        raise invalid(Problem(f"there is no scenario {name}", "/scenario"))
    found = Body(scenario)
    plan, shared = planned(found), found.flag("shared")
    found.check()
    drills = begin(grouped(chosen, shared=bool(shared)), plan)
    return answer({"drills": len(drills)}, 201)


@blueprint.post("/class/drills/<any(stop, pause, resume):action>")
def steer(action: str) -> Response:
    """Stop, pause or resume the drills of all trainees or of some; a shared drill for all who share it."""
    sent = body()
    chosen = set(sent.texts("people"))
    sent.check()
    here = running()
    drills = [
        drill for drill in here.drills.running() if not chosen or chosen & {member["id"] for member in drill["members"]}
    ]
    with here.store.writing():
        for drill in drills:
            getattr(here.drills, action)(drill["id"])
    here.drills.perform()
    return answer({"drills": len(drills)})


def _person(person: Person, drill: Drill | None) -> PresentPerson:
    seen = running().presence.of(person["id"])
    return {
        "id": person["id"],
        "name": person["name"],
        "team": person["team"],
        "connected": bool(seen and seen.connected),
        "ago": None if seen is None else round(seen.ago),
        "requests": seen.requests if seen else 0,
        "last": seen.last if seen else "",
        "action": seen.action if seen else "",
        "silence": _silence(person["id"], drill),
        "drill": _drill(drill) if drill else None,
    }


def _silence(key_id: str, drill: Drill | None) -> int | None:
    """Return for how many seconds of a running drill a trainee has written nothing; None while no drill runs."""
    if drill is None or drill["ended_at"] or drill["paused_at"]:
        return None
    here = running()
    seen = here.presence.of(key_id)
    since = parsed(drill["pauses"][-1][1] if drill["pauses"] else drill["started_at"])
    if seen and seen.acted_at:
        since = max(since, seen.acted_at)
    return round((here.now() - since).total_seconds())


def _drill(drill: Drill) -> DrillSummary:
    return {
        "name": drill["name"],
        "state": "ended" if drill["ended_at"] else "paused" if drill["paused_at"] else "running",
        "seconds": round(running().drills.elapsed(drill)),
        "shared": bool(drill["team"]),
        "practice": drill["practice"],
        "score": running().score(drill),
    }


def _incident(row: Row, names: dict[str, str]) -> IncidentSummary:
    incident: Incident = json.loads(row["document"])
    organisation = running().organisation
    severity = organisation["severities"].get(incident["severity_id"] or "")
    return {
        "reference": f"INC-{row['number']}",
        "name": "🔒 private" if row["visibility"] == "private" else incident["name"],
        "severity": severity["name"] if severity else "",
        "status": organisation["incident_statuses"][incident["incident_status_id"]]["name"],
        "mode": row["mode"],
        "by": _by(row["id"], incident["creator"], names),
        "created_at": shown(incident["created_at"]),
        "minutes": round((running().now() - parsed(incident["created_at"])).total_seconds() / 60),
    }


def _by(incident_id: str, creator: Actor, names: dict[str, str]) -> str:
    """Return the owners of an incident in the class; without any, who declared it."""
    here = running()
    rows = here.store.rows("SELECT key_id FROM class_members WHERE object_id = ? ORDER BY key_id", (incident_id,))
    owners = [names[row["key_id"]] for row in rows if row["key_id"] in names]
    if owners:
        more = f" and {len(owners) - MANY + 1} more" if len(owners) > MANY else ""
        return ", ".join(owners[: MANY - 1] if more else owners) + more
    actor = here.renderer.actor(creator)
    if "alert" in actor:
        return "an alert"  # whose title repeats the incident's name, which may be private
    named = actor.get("user") or actor.get("workflow") or actor.get("api_key")
    return named["name"] if named else ""
