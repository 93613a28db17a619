"""Drills over HTTP: each key starts and steers its own drills, the facilitator all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, request

from incidentio_magic.sandbox.class_records import Plan
from incidentio_magic.sandbox.classroom.colleagues import ENDINGS, KINDS
from incidentio_magic.sandbox.http.context import answer, body
from incidentio_magic.sandbox.http.errors import Problem, RefusedError, invalid, not_found
from incidentio_magic.sandbox.incidentio.store import compact
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.class_records import Act, Drill
    from incidentio_magic.sandbox.http.payloads import Body

blueprint = Blueprint("drills", __name__, url_prefix="/sandbox/drills")

LONGEST_NAME = 200
LONGEST_DRILL = 7 * 24 * 3600.0
MOST_ACTS = 500
THE_CLASS = "The class"
LARGEST_DOCUMENT = 200_000


def facilitates() -> bool:
    """Return whether the caller may see and steer everyone's drills."""
    return g.key is None or g.key.id == running().roster.full_id


def _own() -> str:
    if g.key is None:
        raise RefusedError(401, [Problem("A drill belongs to an API key", code="invalid_api_key")])
    return str(g.key.id)


@blueprint.get("")
def drills() -> Response:
    """List the key's own drills, newest first; with `everyone`, all of the class's."""
    everyone = request.args.get("everyone") == "true"
    if everyone and not facilitates():
        raise RefusedError(403, [Problem("Only the facilitator sees everyone's drills", code="forbidden")])
    return answer({"drills": running().drills.of(None if everyone else _own())})


@blueprint.post("")
def start() -> Response:
    """Start a drill for the key, for every trainee or for some; a drill that runs already ends.

    A `shared` drill is played together by the trainees of a team, or by all trainees without a team.
    """
    sent = body()
    plan = planned(sent)
    everyone, shared, chosen = sent.flag("everyone"), sent.flag("shared"), sent.texts("key_ids")
    sent.check()
    if everyone or chosen:
        return answer({"drills": begin(_groups(chosen, shared=bool(shared)), plan)}, 201)
    _require_steering(running().drills.running_with(_own()))
    return answer({"drills": begin([("", [_own()])], plan, practice=not facilitates())}, 201)


def planned(sent: Body) -> Plan:
    """Read the plan of a drill, noting every problem in `sent`."""
    name = sent.text("name", required=True, empty=False, longest=LONGEST_NAME) or ""
    document = sent.document.get("document") or {}
    if not isinstance(document, dict) or len(compact(document).decode()) > LARGEST_DOCUMENT:
        sent.blame("document", f"document must be an object of at most {LARGEST_DOCUMENT} characters")
    acts = [_act(act) for act in sent.inners("acts")]
    if len(acts) > MOST_ACTS:
        sent.blame("acts", f"a drill has at most {MOST_ACTS} acts")
    return Plan(name, document, acts)


def begin(groups: list[tuple[str, list[str]]], plan: Plan, *, practice: bool = False) -> list[Drill]:
    """Start a drill for each group of keys, and return the drills.

    Args:
        groups: who plays together: the team's name, empty if the drill is not shared, and its keys.
        plan: what happens in it.
        practice: whether a trainee starts it.
    """
    drills = running().drills
    with running().store.writing():
        made = [drills.start(members, plan, team=team, practice=practice) for team, members in groups]
    drills.perform()
    return [drill for identity in made if (drill := running().drills.find(identity, None)) is not None]


def _groups(chosen: list[str], *, shared: bool) -> list[tuple[str, list[str]]]:
    if not facilitates():
        raise RefusedError(403, [Problem("Only the facilitator starts drills for others", code="forbidden")])
    return grouped(chosen, shared=shared)


def grouped(chosen: list[str], *, shared: bool) -> list[tuple[str, list[str]]]:
    """Return who plays together, as the team's name (empty if the drill is not shared) and its keys.

    Args:
        chosen: the trainees' key IDs; empty for all.
        shared: whether those of a team, or all who have none, play one drill.

    Raises:
        RefusedError: 422 where there is no such trainee, or none at all.
    """
    trainees = running().trainees()
    if not trainees:
        raise invalid(Problem("This sandbox has no trainees: start it with --keys", "/everyone"))
    if unknown := set(chosen) - {trainee["id"] for trainee in trainees}:
        raise invalid(*(Problem(f"there is no trainee {key_id}", "/key_ids") for key_id in sorted(unknown)))
    playing = [trainee for trainee in trainees if not chosen or trainee["id"] in chosen]
    if not shared:
        return [("", [trainee["id"]]) for trainee in playing]
    teams: dict[str, list[str]] = {}
    for trainee in playing:
        teams.setdefault(trainee["team"] or THE_CLASS, []).append(trainee["id"])
    return list(teams.items())


def _require_steering(found: list[Drill]) -> None:
    """Leave a drill that the facilitator started to the facilitator: pauses and new starts would change the score."""
    if not facilitates() and not all(drill["practice"] for drill in found):
        message = "The facilitator started this drill: only the facilitator pauses, stops or replaces it"
        raise RefusedError(403, [Problem(message, code="forbidden")])


def _act(sent: Body) -> Act:
    after = sent.document.get("after")
    if not isinstance(after, int | float) or isinstance(after, bool) or not 0 <= after <= LONGEST_DRILL:
        sent.blame("after", f"after must be between 0 and {LONGEST_DRILL:.0f} seconds")
        after = 0.0
    return {
        "after": after,
        "kind": sent.choice("kind", KINDS, required=True) or "",
        "who": sent.text("who", longest=LONGEST_NAME) or "",
        "title": sent.text("title", required=True, empty=False, longest=LONGEST_NAME) or "",
        "text": sent.text("text", longest=LARGEST_DOCUMENT) or "",
        "opens": bool(sent.flag("opens")),
    }


def _found(identity: str) -> Drill:
    found = running().drills.find(identity, None if facilitates() else _own())
    if found is None:
        raise not_found("drill")
    return found


@blueprint.post("/<identity>/<any(stop, pause, resume):action>")
def steer(identity: str, action: str) -> Response:
    """Stop, pause or resume a drill."""
    _require_steering([_found(identity)])
    with running().store.writing():
        getattr(running().drills, action)(identity)
    running().drills.perform()
    return answer({"drill": _found(identity)})


@blueprint.post("/<identity>/dashboard")
def dashboard(identity: str) -> Response:
    """Let a colleague decline, cancel or merge an incident in the dashboard, which the API does not offer."""
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
