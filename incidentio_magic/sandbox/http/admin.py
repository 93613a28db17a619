"""Administration of a running sandbox: its state, faults, clock and keys."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from flask import Blueprint, request

from incidentio_magic.sandbox.http.access import ROLES, hashed
from incidentio_magic.sandbox.http.context import answer, body, document
from incidentio_magic.sandbox.http.errors import Problem, invalid
from incidentio_magic.sandbox.http.faults import Fault
from incidentio_magic.sandbox.http.scopes import SCOPES
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("admin", __name__, url_prefix="/sandbox")

LONGEST_KEY = 200


@blueprint.get("/about")
def about() -> Response:
    """Confirm that this server is a sandbox; no key is needed."""
    return answer({"sandbox": True})


@blueprint.get("/state")
def state() -> Response:
    """Describe the sandbox."""
    return answer(running().state())


@blueprint.post("/faults")
def add_fault() -> Response:
    """Add a fault."""
    sent = document()
    unknown = sent.keys() - {field.name for field in fields(Fault)}
    try:
        fault = Fault(**{name: value for name, value in sent.items() if name not in unknown})
    except (TypeError, ValueError) as error:
        raise invalid(Problem(str(error), "/kind")) from None
    if unknown:
        raise invalid(*(Problem(f"a fault has no {name}", f"/{name}") for name in sorted(unknown)))
    running().faults.add(fault)
    return answer({"fault": fault.document()}, 201)


@blueprint.delete("/faults")
def clear_faults() -> Response:
    """Remove every fault, or those of one `kind` and `endpoint`."""
    kind, endpoint = request.args.get("kind"), request.args.get("endpoint")
    running().faults.clear() if kind is None else running().faults.remove(kind, endpoint)
    return answer({"faults": [fault.document() for fault in running().faults.waiting()]})


@blueprint.post("/clock")
def move_clock() -> Response:
    """Move the clock forward by `advance` seconds, set its `speed`, or both."""
    sent = document()
    numbers = {name: sent[name] for name in ("advance", "speed") if name in sent}
    if not numbers:
        raise invalid(Problem("advance must be a number of seconds", "/advance"))
    for name, value in numbers.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise invalid(Problem(f"{name} must be a number", f"/{name}"))
        try:
            running().advance(value) if name == "advance" else running().run(value)
        except (ValueError, OverflowError) as error:
            raise invalid(Problem(str(error), f"/{name}")) from None
    running().drills.perform()
    return answer(running().state()["clock"])


@blueprint.post("/reset")
def reset() -> Response:
    """Return to the seeded state."""
    running().reset()
    return answer(running().state())


@blueprint.post("/keys")
def make_key() -> Response:
    """Make a key with these roles, or with exactly these scopes."""
    sent = body()
    secret = sent.text("key", required=True, empty=False, longest=LONGEST_KEY)
    name = sent.text("name") or "Another key"
    roles, scopes = sent.texts("roles"), sent.texts("scopes")
    known = {scope for carried in SCOPES.values() for scope in carried}
    for role in roles:
        if role not in ROLES:
            sent.blame("roles", f"there is no role {role}")
    for scope in scopes:
        if scope not in known:
            sent.blame("scopes", f"there is no scope {scope}")
    if hashed(secret or "") in running().roster.digests:
        sent.blame("key", "the sandbox's own keys cannot be changed")
    sent.check()
    with running().store.writing():
        running().put_key(secret or "", name, roles, scopes if "scopes" in sent else None)
    return answer({"key": secret, "name": name, "roles": roles}, 201)
