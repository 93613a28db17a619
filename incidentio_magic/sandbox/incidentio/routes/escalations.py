"""Escalations and their paths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from incidentio_magic.sandbox.http.context import answer, body, key, once, query, service, visible
from incidentio_magic.sandbox.http.errors import Problem, invalid, not_found
from incidentio_magic.sandbox.http.pagination import page, page_of, where
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.incident_lookup import named_in

if TYPE_CHECKING:
    from incidentio_magic.sandbox.attached_answers import ShownEscalation
    from incidentio_magic.sandbox.attached_records import Escalation, Page
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.http.queries import Filter, Query

blueprint = Blueprint("escalations", __name__)

LARGEST_PAGE = 50
LARGEST_PATHS_PAGE = 25
MOST_USERS = 50
STATUSES = (
    "acked", "cancelled", "delayed", "expired", "pending", "pending_repeat", "resolved", "snoozed",
    "triggered",
)  # fmt: skip
RESPONSES = ("ack", "nack", "snooze")
# The statuses in which people are paged, or will be.
PAGING = ("delayed", "pending", "pending_repeat", "snoozed", "triggered")
FILTERS = ("escalation_path", "status", "alert", "incident", "created_at", "updated_at", "idempotency_key")


@blueprint.get("/v2/escalations")
def escalations() -> Response:
    """List escalations, newest first."""
    parameters = query()
    wanted = parameters.filters(*FILTERS)
    conditions = [condition for each in wanted if (condition := _condition(parameters, each))]
    for name in ("created_at", "updated_at"):
        conditions += parameters.dates([each for each in wanted if each.parameter == name], name)
    rows, meta = page(
        service().store,
        parameters,
        "escalations",
        [*conditions, *_visible()],
        order="created_at",
        newest_first=True,
        largest=LARGEST_PAGE,
    )
    shown = [_shown(json.loads(row["document"])) for row in rows]
    return answer({"escalations": shown, "pagination_meta": meta})


def _visible() -> list[Condition]:
    """Leave out escalations about incidents that this key may not see."""
    return [Condition(f"incident_id IS NULL OR {condition.clause}") for condition in visible()]


def _condition(parameters: Query, wanted: Filter) -> Condition | None:
    columns = {"escalation_path": "escalation_path_id", "status": "status", "alert": "alert_id"}
    known = {"escalation_path": service().organisation["escalation_paths"], "status": STATUSES}
    if wanted.parameter in columns:
        return parameters.member(wanted, columns[wanted.parameter], known.get(wanted.parameter))
    if wanted.parameter == "incident":
        return _related(parameters, wanted)
    return _keyed(parameters, wanted) if wanted.parameter == "idempotency_key" else None


def _keyed(parameters: Query, wanted: Filter) -> Condition | None:
    if wanted.operator not in ("is", "starts_with") or wanted.key or len(wanted.values) > 1:
        parameters.unknown_operator(wanted, ("is", "starts_with"))
        return None
    start = "substr(idempotency_key, 1, ?)" if wanted.operator == "starts_with" else "idempotency_key"
    lengths = (len(wanted.values[0]),) if wanted.operator == "starts_with" else ()
    return Condition(f"{start} = ?", (*lengths, wanted.values[0]))


def _related(parameters: Query, wanted: Filter) -> Condition | None:
    """Find escalations that are linked to an incident or raised by one of its alerts."""
    if parameters.member(wanted, "incident_id") is None:
        return None
    linked = member("incident_id", wanted.values)
    raised = f"alert_id IN (SELECT alert_id FROM incident_alerts WHERE {linked.clause})"  # noqa: S608  ours
    related = f"(coalesce({linked.clause}, 0) OR coalesce({raised}, 0))"
    return Condition(f"NOT {related}" if wanted.operator == "not_in" else related, linked.values * 2)


def _shown(escalation: Escalation) -> ShownEscalation:
    related = [escalation["incident_id"]] if escalation["incident_id"] else []
    if alert_id := escalation.get("alert_id"):
        found = where([Condition("alert_id = ?", (alert_id,)), *visible()])
        rows = service().store.rows(
            f"SELECT incident_id FROM incident_alerts WHERE {found.clause} ORDER BY id",  # noqa: S608  ours
            found.values,
        )
        related += [row["incident_id"] for row in rows if row["incident_id"] not in related]
    return service().renderer.escalation(escalation, related)


@blueprint.get("/v2/escalations/<identity>")
def escalation(identity: str) -> Response:
    """Show one escalation."""
    query().check()
    return answer({"escalation": _shown(_paged(identity))})


@blueprint.post("/v2/escalations")
def create() -> Response:
    """Page an escalation path or people, once for each idempotency key."""
    sent = body()
    organisation = service().organisation
    idempotency_key = sent.text("idempotency_key", required=True, empty=False)
    title = sent.text("title", required=True, empty=False, longest=1000)
    description = sent.text("description")
    path = sent.reference("escalation_path_id", organisation["escalation_paths"])
    users = _users(sent)
    incident_id = sent.text("incident_id")
    if ("escalation_path_id" in sent) == bool(users):
        sent.blame("escalation_path_id", "an escalation needs either escalation_path_id or user_ids", "is_required")

    def make(at: str) -> Escalation:
        incident = named_in(sent, incident_id)
        sent.check()
        paged = organisation["escalation_paths"][path]["current_responders"][:1] if path else users
        page: Page = {
            "title": title or "",
            "description": description or (incident and incident["summary"]) or "",
            "escalation_path_id": path,
            "user_ids": paged,
            "incident_id": incident["id"] if incident else None,
        }
        made = service().journal.escalate(page, at, key().actor, idempotency_key)
        if incident:
            service().journal.touch(incident, at)
            service().journal.save(incident)
        return made

    if idempotency_key is None:
        named_in(sent, incident_id)
        sent.check()
    made = once("POST /v2/escalations", idempotency_key or "", make, _shown)
    return answer({"escalation": made}, 201)


def _users(sent: Body) -> list[str]:
    users = list(dict.fromkeys(sent.texts("user_ids")))
    known = service().organisation["users"]
    if len(users) > MOST_USERS:
        sent.blame("user_ids", f"at most {MOST_USERS} people can be paged at once")
    for place, user in enumerate(users):
        if user not in known or not known[user]["is_active"]:
            sent.blame(f"user_ids/{place}", "there is no such active user", "not_found")
    return users


def _paged(identity: str) -> Escalation:
    """Return an escalation that this key may see.

    Raises:
        RefusedError: 404 when there is none.
    """
    found = where([Condition("id = ?", (identity,)), *_visible()])
    row = service().store.row(f"SELECT document FROM escalations WHERE {found.clause}", found.values)  # noqa: S608  ours
    if row is None:
        raise not_found("escalation")
    document: Escalation = json.loads(row["document"])
    return document


@blueprint.post("/v2/escalations/<identity>/actions/respond")
def respond(identity: str) -> Response:
    """Acknowledge or snooze an escalation in the key's name."""
    sent = body()
    response = sent.choice("response", RESPONSES, required=True)
    snooze = sent.inner("snooze_details", required=response == "snooze")
    if snooze is not None:
        snooze.moment("snooze_until", required=True)
        snooze.text("reason")
    if response == "nack":
        sent.blame("response", "an API key cannot decline a page")
    with service().writing() as at:
        found = _paged(identity)
        if found["status"] not in PAGING:
            sent.blame("response", f"the escalation is {found['status']}: nobody is being paged", "invalid_transition")
        sent.check()
        service().journal.answer_page(found, at, "acked" if response == "ack" else "snoozed")
    return Response(status=200)


@blueprint.post("/v2/escalations/<identity>/actions/cancel")
def cancel(identity: str) -> Response:
    """Cancel an escalation; a cancelled escalation stays cancelled."""
    with service().writing() as at:
        found = _paged(identity)
        if found["status"] in ("resolved", "expired"):
            message = f"the escalation is {found['status']} and cannot be cancelled"
            raise invalid(Problem(message, code="invalid_transition"))
        if found["status"] != "cancelled":
            service().journal.answer_page(found, at, "cancelled")
    return Response(status=200)


@blueprint.get("/v2/escalation_paths")
def paths() -> Response:
    """List the escalation paths, with who is on call now."""
    every = list(service().organisation["escalation_paths"].values())
    chosen, meta = page_of(query(), every, largest=LARGEST_PATHS_PAGE)
    return answer({"escalation_paths": [service().renderer.path(path) for path in chosen], "pagination_meta": meta})


@blueprint.get("/v2/escalation_paths/<identity>")
def path(identity: str) -> Response:
    """Show one escalation path."""
    query().check()
    found = service().organisation["escalation_paths"].get(identity)
    if found is None:
        raise not_found("escalation path")
    return answer({"escalation_path": service().renderer.path(found)})
