"""Drills over HTTP: a key starts, sees and stops its own; the facilitator everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request

from incidentio_magic.sandbox.classroom.drills import ENDINGS, KINDS
from incidentio_magic.sandbox.http.access import ROLES
from incidentio_magic.sandbox.http.context import answer, body
from incidentio_magic.sandbox.http.errors import Problem, RefusedError, invalid, not_found
from incidentio_magic.sandbox.incidentio.store import compact
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.http.payloads import Body

Record = dict[str, Any]

blueprint = Blueprint("drills", __name__, url_prefix="/sandbox/drills")

LONGEST_NAME = 200
LONGEST_DRILL = 7 * 24 * 3600.0
MOST_ACTS = 500
LARGEST_DOCUMENT = 200_000


def facilitates() -> bool:
    """Return whether the caller may see and steer everybody's drills."""
    return g.key is None or set(g.key.roles) == set(ROLES)


def _own() -> str:
    if g.key is None:
        raise RefusedError(401, [Problem("A drill belongs to an API key", code="invalid_api_key")])
    return str(g.key.id)


@blueprint.get("")
def drills() -> Response:
    """List the key's own drills, newest first; with `everyone`, all of the class's."""
    everyone = request.args.get("everyone") == "true"
    if everyone and not facilitates():
        raise RefusedError(403, [Problem("Only the facilitator sees everybody's drills", code="forbidden")])
    return answer({"drills": running().drills.of(None if everyone else _own())})


@blueprint.post("")
def start() -> Response:
    """Start a drill for the key, or for every trainee; a running one ends."""
    sent = body()
    name = sent.text("name", required=True, empty=False, longest=LONGEST_NAME) or ""
    document = sent.document.get("document") or {}
    if not isinstance(document, dict) or len(compact(document)) > LARGEST_DOCUMENT:
        sent.blame("document", f"document must be an object of at most {LARGEST_DOCUMENT} characters")
    acts = [_act(act) for act in sent.inners("acts")]
    if len(acts) > MOST_ACTS:
        sent.blame("acts", f"a drill has at most {MOST_ACTS} acts")
    everyone = sent.flag("everyone")
    sent.check()
    if everyone and not facilitates():
        raise RefusedError(403, [Problem("Only the facilitator starts everybody's drills", code="forbidden")])
    trainees = running().trainees()
    if everyone and not trainees:
        raise invalid(Problem("This sandbox has no trainees: start it with --keys", "/everyone"))
    with running().store.writing():
        made = [
            running().drills.start(key, name, document, acts)
            for key in ([trainee["id"] for trainee in trainees] if everyone else [_own()])
        ]
    running().drills.perform()
    return answer({"drills": [running().drills.find(identity, None) for identity in made]}, 201)


def _act(sent: Body) -> Record:
    after = sent.document.get("after")
    if not isinstance(after, int | float) or isinstance(after, bool) or not 0 <= after <= LONGEST_DRILL:
        sent.blame("after", f"after must be between 0 and {LONGEST_DRILL:.0f} seconds")
    return {
        "after": after,
        "kind": sent.choice("kind", KINDS, required=True),
        "who": sent.text("who", longest=LONGEST_NAME) or "",
        "title": sent.text("title", required=True, empty=False, longest=LONGEST_NAME),
        "text": sent.text("text", longest=LARGEST_DOCUMENT) or "",
        "opens": bool(sent.flag("opens")),
    }


def _found(identity: str) -> Record:
    found = running().drills.find(identity, None if facilitates() else _own())
    if found is None:
        raise not_found("drill")
    return found


@blueprint.post("/<identity>/stop")
def stop(identity: str) -> Response:
    """End a drill."""
    _found(identity)
    with running().store.writing():
        running().drills.stop(identity)
    return answer({"drill": _found(identity)})


@blueprint.post("/<identity>/dashboard")
def dashboard(identity: str) -> Response:
    """Let a colleague do in the dashboard what the API does not offer: decline, cancel or merge an incident."""
    found = _found(identity)
    sent = body()
    ending = sent.choice("end", list(ENDINGS), required=True)
    incident_id = sent.text("incident_id", required=True)
    into = sent.text("into_incident_id", required=ending == "merge")
    sent.check()
    with running().store.writing():
        if not running().drills.end_incident(found, incident_id or "", ending or "", into):
            sent.blame("incident_id", "only an incident of this drill can be ended so, and merged into another of it")
            sent.check()
    return answer({"drill": _found(identity)})
