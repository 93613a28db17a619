"""The Flask application: authentication, rate limits, faults, and response headers."""

from __future__ import annotations

import gzip
import json
from copy import copy
from email.utils import format_datetime
from functools import cache, wraps
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from incidentio_magic.sandbox.classroom.presence import ACTIONS
from incidentio_magic.sandbox.classroom.write_rules import check_write
from incidentio_magic.sandbox.http import context, origins
from incidentio_magic.sandbox.http.errors import Problem, RefusedError
from incidentio_magic.sandbox.http.scopes import OPERATIONS, operation
from incidentio_magic.sandbox.incidentio.clock import shown, written
from incidentio_magic.sandbox.incidentio.store import LockedError
from incidentio_magic.sandbox.routes import blueprints
from incidentio_magic.sandbox.service import running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from incidentio_magic.sandbox.http.access import Key
    from incidentio_magic.sandbox.http.faults import Fault
    from incidentio_magic.sandbox.service import Service

LARGEST_BODY = 2 * 1024 * 1024
SMALLEST_COMPRESSED = 1024
BAD_REQUEST = 400
READS = ("GET", "HEAD", "OPTIONS")
ADMIN = "/sandbox/"
DOCS = "/"
DRILLS = "/sandbox/drills"
OPEN = ("/sandbox/about", "/sandbox/class")
# What the WSGI layer reads once Flask is done: how the connection has to end.
CUT = "sandbox.cut"


def create(service: Service) -> Flask:
    """Make the application that serves a sandbox."""
    app = copy(_routed())
    app.extensions = {"sandbox": service}
    return app


@cache
def _routed() -> Flask:
    """Make the application without a sandbox, once: compiling its routes takes longer than all else at the start."""
    app = Flask("incidentio_magic.sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.before_request(_admit)
    app.after_request(_finish)
    app.register_error_handler(RefusedError, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(LockedError, _refuse_locked)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.view_functions = {name: _undisturbed(view) for name, view in app.view_functions.items()}
    return app


def _undisturbed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep others from writing while a route reads: each response is a consistent snapshot."""

    @wraps(view)
    def serve(**arguments: Any) -> Any:
        if request.path != DOCS and not request.path.startswith(ADMIN):
            method = "GET" if request.method == "HEAD" else request.method
            needed = OPERATIONS[operation(method, str(request.url_rule))]
            if needed:
                context.key().require(needed)
        service = running()
        with service.store.reading():
            if g.get("key") and g.key.id in service.trainee_ids and not request.path.startswith(ADMIN):
                _keep_class_rules(service, arguments)
            return view(**arguments)

    return serve


def _keep_class_rules(service: Service, arguments: Mapping[str, object]) -> None:
    if request.method not in READS:
        named = str(arguments.get("identity") or arguments.get("reference") or "")
        check_write(service, g.key.id, operation(request.method, str(request.url_rule)), named, context.document)


def _admit() -> Response | None:
    """Decide whether a request is let through to its route."""
    service = running()
    g.request_id = service.request_id()
    g.verdict = None
    g.fault = None
    origins.check(request.headers.get("Host", ""), request.headers.get("Origin"), service.settings)
    if service.settings.latency:
        service.wait(service.settings.latency)
    endpoint = f"{request.method} {request.path.rstrip('/')}"
    if request.path == DOCS:
        return None
    if request.path.startswith(ADMIN):
        if request.path not in OPEN:
            _admit_admin(service)
            if g.key:  # a trainee who only looks at a drill is present, too
                service.presence.note(g.key.id, endpoint)
            service.drills.perform()
        return None
    found = _bearer(service)
    g.verdict = service.rates.take(found.id if found else f"address {request.remote_addr}", endpoint)
    if found is None:
        raise RefusedError(401, [Problem("The API key is missing or not known", code="invalid_api_key")])
    if not g.verdict.allowed:
        raise _too_many(service.now(), g.verdict.name, g.verdict.limit, g.verdict.wait)
    g.key = found
    if context.EVERYONE in request.headers:
        _admit_everyone(service, found)
    service.presence.note(found.id, endpoint)
    service.drills.perform()
    return _strike(service)


def _admit_admin(service: Service) -> None:
    """Admit administrators, by the admin token or the full key; a trainee's key may reach its own drills."""
    shown = request.headers.get("X-Sandbox-Admin", "")
    found = g.key = _bearer(service)
    if compare_digest(shown.encode(), service.roster.admin.encode()):
        return
    if found and (found.id == service.roster.full_id or request.path.startswith(DRILLS)):
        return
    raise RefusedError(403, [Problem("Only the full key of the sandbox may do this", code="forbidden")])


def _admit_everyone(service: Service, found: Key) -> None:
    """Admit the facilitator of a class to everyone's incidents."""
    if not service.facilitator_id:
        message = "This sandbox is not a class, so all incidents are yours: start one with --keys or --names"
        raise RefusedError(400, [Problem(message, code="no_class")])
    if found.id != service.facilitator_id:
        raise RefusedError(403, [Problem("Only the facilitator sees everyone's incidents", code="forbidden")])


def _bearer(service: Service) -> Key | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return service.key(secret.strip()) if scheme.lower() == "bearer" else None


def _too_many(now: datetime, name: str, limit: int, wait: int) -> RefusedError:
    again = now.timestamp() + wait
    moment = shown(written(now.fromtimestamp(again, tz=now.tzinfo)))
    return RefusedError(
        429,
        [Problem(f"Too many requests: try again in {wait} s", code="too_many_requests")],
        {"Retry-After": str(wait), "X-RateLimit-Remaining": "0"},
        {"name": name, "limit": limit, "remaining": 0, "retry_after": moment},
    )


def _strike(service: Service) -> Response | None:
    """Apply a fault before the route, or remember it for the response."""
    fault: Fault | None = service.faults.strike(request.method, request.path)
    g.fault = fault
    if fault is None:
        return None
    if fault.kind == "slow":
        service.wait(fault.seconds)
    elif fault.kind == "drop":
        return Response(status=204)
    elif fault.kind == "status":
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        raise RefusedError(fault.status, [Problem("The service is not available", code="internal_error")], headers)
    elif fault.kind == "rate_limited":
        raise _limited(service, fault)
    return None


def _limited(service: Service, fault: Fault) -> RefusedError:
    if fault.body_type == "too_many_requests":
        refused = _too_many(service.now(), "api_key", service.settings.rate, max(1, fault.retry_after or 1))
        if fault.retry_after is None:
            del refused.headers["Retry-After"]
        return refused
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    problem = Problem("The rate limit was reached", code="rate_limit_reached")
    return RefusedError(429, [problem], headers, kind="rate_limit_reached")


def _refuse(error: RefusedError) -> Response:
    response = context.answer(error.document(g.request_id), error.status)
    response.headers.update(error.headers)
    return response


def _refuse_http(error: HTTPException) -> Response:
    status = error.code or 500
    refused = RefusedError(
        status, [Problem(error.description or error.name, code=error.name.lower().replace(" ", "_"))]
    )
    response = _refuse(refused)
    for name, value in error.get_headers():
        if name in ("Allow", "Location"):
            response.headers[name] = value
    return response


def _refuse_locked(error: LockedError) -> Response:
    return _refuse(RefusedError(503, [Problem(f"Nothing was written: {error}", code="database_locked")]))


def _finish(response: Response) -> Response:
    """Add headers, record the request, and apply a fault to the response."""
    service = running()
    now = service.now()
    response.headers["X-Request-Id"] = g.request_id
    response.headers["Date"] = format_datetime(now, usegmt=True)
    if g.verdict is not None:
        for name, value in g.verdict.headers(now.timestamp()).items():
            response.headers.setdefault(name, value)
    if g.get("left_out"):
        response.headers["X-Sandbox-Shown"] = "own"
    kind = g.fault.kind if g.fault else None
    if request.method not in READS and response.status_code < BAD_REQUEST:
        _note_action(service, now)
    if not request.path.startswith(ADMIN):
        _note(service, None if kind in ("drop", "lose_answer") else response.status_code)
    if kind == "malformed":
        response.set_data(response.get_data()[:-1] + b",")
    _compress(response)
    if kind in ("drop", "lose_answer", "truncated"):
        request.environ[CUT] = kind
    return response


def _note_action(service: Service, now: datetime) -> None:
    made = operation(request.method, str(request.url_rule))
    if g.get("key") and g.key.id in service.trainee_ids and (made in ACTIONS or not request.path.startswith(ADMIN)):
        service.presence.note_action(g.key.id, made, now)


def _compress(response: Response) -> None:
    data = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(data) > SMALLEST_COMPRESSED and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(data, compresslevel=1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _note(service: Service, status: int | None) -> None:
    service.requests.append(
        {
            "method": request.method,
            "path": request.path,
            "query": list(request.args.items(multi=True)),
            "body": _body(),
            "status": status,
            "headers": {name: value for name, value in request.headers if name != "Authorization"},
        }
    )


def _body() -> Any:
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError, HTTPException):
        return None
