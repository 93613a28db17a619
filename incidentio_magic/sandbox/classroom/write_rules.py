"""Rules of a class, independent of the client: a trainee writes to the trainee's own test incidents only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.errors import Problem, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Row

    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import JsonObject

DECLARE = "POST /v2/incidents"
# Where each operation names the incident that it writes to. An operation that is in none of these is refused.
INCIDENT_IN_PATH = (
    "POST /v2/incidents/{id}/actions/edit",
    "POST /v2/incidents/{id}/actions/import_postmortem_document",
)
INCIDENT_IN_BODY = (
    "POST /v2/incident_updates",
    "POST /v2/incident_timeline_items",
    "POST /v1/incident_attachments",
    "POST /v3/actions",
    "POST /v3/follow_ups",
    "POST /v2/escalations",
)
INCIDENT_OF_ROW = {
    "PATCH /v2/incident_timeline_items/{id}": "incident_timeline_items",
    "PUT /v3/actions/{id}": "actions",
    "PUT /v3/follow_ups/{id}": "follow_ups",
    "PUT /v1/postmortem_documents/{id}": "postmortem_documents",
    "POST /v2/escalations/{id}/actions/respond": "escalations",
    "POST /v2/escalations/{id}/actions/cancel": "escalations",
}
STATUSES = ("to_incident_status_id", "incident_status_id")
LONGEST_NUMBER = 12


def check_write(state: State, key_id: str, operation: str, named: str, document: Callable[[], JsonObject]) -> None:
    """Refuse a trainee's write to anything but the trainee's own test incidents.

    Args:
        state: the state that would be written to; the caller blocks other writes.
        key_id: the trainee's key.
        operation: the method and the route, such as `POST /v2/incident_updates`.
        named: the identifier or reference in the path; empty if it has none.
        document: returns the request's body.

    Raises:
        RefusedError: 403; nothing is written.
    """
    if operation == DECLARE:
        mode = document().get("mode")
        if mode != "test":
            raise _refused(f"A class declares test incidents only, and this one would be {mode or 'standard'}")
        return
    if operation in INCIDENT_OF_ROW:
        row = state.store.row(
            f"SELECT incident_id FROM {INCIDENT_OF_ROW[operation]} WHERE id = ?",  # noqa: S608  the tables are ours
            (named,),
        )
        if row is not None:
            _require_own(state, key_id, row["incident_id"])
        return  # the route answers that there is no such thing
    if operation in INCIDENT_IN_PATH:
        _require_own(state, key_id, named)
        inner = document().get("incident")
        _require_no_merge(state, inner if isinstance(inner, dict) else {})
    elif operation in INCIDENT_IN_BODY:
        _require_own(state, key_id, document().get("incident_id"))
        _require_no_merge(state, document())
    else:
        raise _refused(f"A class does not know what {operation} would write to")


def _require_own(state: State, key_id: str, reference: object) -> None:
    if not isinstance(reference, str) or not reference:
        raise _refused("A class writes to test incidents only, and no incident was named")
    found = _incident(state, reference)
    if found is None:
        return  # the route answers that there is none
    if found["mode"] != "test":
        raise _refused(f"A class writes to test incidents only, and INC-{found['number']} is {found['mode']}")
    if not state.belongs(found["id"], key_id):
        raise _refused(f"INC-{found['number']} belongs to others in the class")
    if found["status_category"] == "merged":
        raise _refused(f"INC-{found['number']} was merged into another incident")


def _incident(state: State, reference: str) -> Row | None:
    columns = "SELECT id, number, mode, status_category FROM incidents WHERE"
    found = state.store.row(f"{columns} id = ?", (reference,))
    if found is None and reference.isdecimal() and len(reference) <= LONGEST_NUMBER:
        found = state.store.row(f"{columns} number = ?", (int(reference),))
    return found


def _require_no_merge(state: State, content: JsonObject) -> None:
    statuses = state.organisation["incident_statuses"]
    for name in STATUSES:
        wanted = content.get(name)
        if isinstance(wanted, str) and wanted in statuses and statuses[wanted]["category"] == "merged":
            raise _refused("A class merges no incident into another")


def _refused(message: str) -> RefusedError:
    return RefusedError(403, [Problem(f"{message}; nothing was written", code="class_rule")])
