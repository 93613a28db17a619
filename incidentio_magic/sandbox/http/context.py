"""The context of a route: the state, the key, the request's query and body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

from flask import Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from incidentio_magic.sandbox.http.errors import Problem, RefusedError
from incidentio_magic.sandbox.http.payloads import Body
from incidentio_magic.sandbox.http.queries import Condition, Query
from incidentio_magic.sandbox.http.scopes import VIEW_PRIVATE
from incidentio_magic.sandbox.incidentio.clock import written
from incidentio_magic.sandbox.incidentio.store import compact
from incidentio_magic.sandbox.vocabulary import Identified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.sandbox.http.access import Key
    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import JsonObject


# The facilitator's lists show everyone's incidents if a request has this header.
EVERYONE = "X-Sandbox-Everyone"
# Parameters that name what a list is about; such a list is never narrowed to the facilitator's own.
_NAMING = ("alert", "alert_id", "call_session_id", "deduplication_key", "idempotency_key", "incident", "incident_id")

Made = TypeVar("Made", bound=Identified)
Shown = TypeVar("Shown")


def service() -> State:
    """Return the state of the imitated service that answers this request."""
    return cast("State", current_app.extensions["sandbox"])


def key() -> Key:
    """Return the key that this request was made with."""
    return cast("Key", g.key)


def query() -> Query:
    """Return the request's query string, in the order it was sent."""
    return Query(request.args.items(multi=True))


def answer(document: Mapping[str, object], status: int = 200) -> Response:
    """Send a JSON document."""
    return Response(compact(document), status, mimetype="application/json")


def document() -> JsonObject:
    """Read the request's JSON object.

    Raises:
        RefusedError: 400 if it is not a JSON object, 413 if it is too large.
    """
    # A guess: the contract knows JSON bodies only. If it is wrong, the real service reads what is refused here.
    if request.mimetype not in ("", "application/json"):
        problem = Problem("The request's Content-Type must be application/json", code="invalid_content_type")
        raise RefusedError(400, [problem])
    try:
        data = request.get_data()
    except RequestEntityTooLarge:
        raise RefusedError(413, [Problem("The request's body is too large", code="payload_too_large")]) from None
    try:
        text = data.decode("utf-8")
        found = json.loads(text, parse_constant=_no_number)
        # A lone surrogate is legal in JSON escapes but cannot be stored as text.
        compact(found)
    except (ValueError, RecursionError):
        raise RefusedError(400, [Problem("The request's body is not valid JSON", code="invalid_json")]) from None
    if not isinstance(found, dict):
        raise RefusedError(400, [Problem("The request's body must be a JSON object", code="invalid_json")])
    return found


def body() -> Body:
    """Return the request's body, to be read field by field."""
    return Body(document())


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def visible(column: str = "incident_id") -> list[Condition]:
    """Hide what belongs to private incidents from keys that may not see them.

    In a class a trainee sees the organisation's history and, of the test incidents, its own only, private ones too.
    The facilitator may see everything; a list leaves out what one trainee has alone, unless the request asks for it.

    Args:
        column: the column with the incident's identifier.
    """
    if key().id in service().trainee_ids:
        theirs = f"SELECT object_id FROM class_members WHERE key_id = '{key().id}'"  # noqa: S608  the ID is ours
        history = "visibility = 'public' AND mode <> 'test'"
        return [Condition(f"{column} IN (SELECT id FROM incidents WHERE ({history}) OR id IN ({theirs}))")]  # noqa: S608
    if narrows():
        return [not_others(column)]
    if key().may(VIEW_PRIVATE):
        return []
    public = "(SELECT id FROM incidents WHERE visibility = 'public')"
    return [Condition(f"{column} IN {public}")]


def narrows() -> bool:
    """Return whether this request lists only what is the facilitator's or shared, and note that others' is left out."""
    if key().id != service().facilitator_id or request.method not in ("GET", "HEAD"):
        return False
    if "<" in str(request.url_rule):  # the path names something
        return False
    if EVERYONE in request.headers or any(name.partition("[")[0] in _NAMING for name in request.args):
        return False
    g.left_out = g.get("left_out") or service().store.row(f"{_of_one_trainee()} LIMIT 1") is not None
    return True


def not_others(column: str) -> Condition:
    """Leave out what belongs to one trainee of the class alone.

    Args:
        column: the column with the identifier of an incident or an alert.
    """
    return Condition(f"{column} NOT IN ({_of_one_trainee()})")


def _of_one_trainee() -> str:
    whose = f"count(*) = 1 AND max(key_id) <> '{key().id}'"  # the ID is ours
    return f"SELECT object_id FROM class_members GROUP BY object_id HAVING {whose}"  # noqa: S608  ours


def once(endpoint: str, idempotency_key: str, make: Callable[[str], Made], show: Callable[[Made], Shown]) -> Shown:
    """Make something, unless it was made with this idempotency key before; both happen in one transaction.

    Args:
        endpoint: the endpoint the idempotency key was sent to.
        idempotency_key: the key.
        make: makes it at the given time, and returns what is remembered, with its `id`.
        show: renders what is remembered.
    """
    store = service().store
    if key().id in service().trainee_ids:
        # A class runs the same cells: a trainee's idempotency keys must not match another's.
        idempotency_key = f"{key().id} {idempotency_key}"
    with store.writing():
        row = store.row(
            "SELECT answer FROM idempotency_keys WHERE endpoint = ? AND key = ?", (endpoint, idempotency_key)
        )
        if row:
            return show(json.loads(row["answer"]))
        made = make(written(service().clock.next()))
        columns = {"endpoint": endpoint, "key": idempotency_key, "resource_id": made["id"], "answer": made}
        store.put("idempotency_keys", columns)
        service().accept()
        return show(made)
