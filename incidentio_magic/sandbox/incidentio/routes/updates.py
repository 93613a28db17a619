"""Incident updates: a message, a new status, a new severity, or any of them together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, key, once, query, service, visible
from incidentio_magic.sandbox.http.pagination import page
from incidentio_magic.sandbox.http.queries import Condition
from incidentio_magic.sandbox.http.scopes import SKIP_REVIEW
from incidentio_magic.sandbox.incidentio import rules
from incidentio_magic.sandbox.incidentio.incident_lookup import named_in

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.records import Incident, IncidentUpdate

blueprint = Blueprint("updates", __name__)


@blueprint.get("/v2/incident_updates")
def updates() -> Response:
    """List updates of one incident or of all, oldest first."""
    parameters = query()
    incident_id = parameters.text("incident_id")
    conditions = [] if incident_id is None else [Condition("incident_id = ?", (incident_id,))]
    rows, meta = page(service().store, parameters, "incident_updates", conditions + visible(), order="created_at")
    shown = [service().renderer.update(json.loads(row["document"])) for row in rows]
    return answer({"incident_updates": shown, "pagination_meta": meta})


def move(sent: Body, name: str, incident: Incident, status_id: str | None) -> None:
    """Refuse a move between statuses that the rules or the key do not allow."""
    if status_id is None:
        return
    before, after = service().journal.status(incident), service().organisation["incident_statuses"][status_id]
    refusal = rules.refusal(before, after)
    if refusal:
        sent.blame(name, refusal, "invalid_transition")
    elif rules.skips_review(before, after):
        key().require(SKIP_REVIEW)


@blueprint.post("/v2/incident_updates")
def create() -> Response:
    """Share an update, once for each idempotency key."""
    sent = body()
    organisation = service().organisation
    idempotency_key = sent.text("idempotency_key", required=True, empty=False)
    incident_id = sent.text("incident_id", required=True)
    message = sent.text("message")
    status_id = sent.reference("to_incident_status_id", organisation["incident_statuses"])
    severity_id = sent.reference("to_severity_id", organisation["severities"])
    key().require(
        *(["incidents.update_status"] if "to_incident_status_id" in sent else []),
        *(["incidents.update_severity"] if "to_severity_id" in sent else []),
    )
    if not message and "to_incident_status_id" not in sent and "to_severity_id" not in sent:
        sent.blame("message", "an update needs a message, a status or a severity", "is_required")

    def make(at: str) -> IncidentUpdate:
        incident = named_in(sent, incident_id)
        if incident:
            move(sent, "to_incident_status_id", incident, status_id)
        sent.check()
        assert incident  # noqa: S101  check() has refused a missing incident
        journal = service().journal
        update = journal.change(
            incident, at, key().actor, status_id=status_id, severity_id=severity_id, message=message or None
        )
        journal.save(incident)
        return update

    if idempotency_key is None:
        named_in(sent, incident_id)
        sent.check()
    update = once("POST /v2/incident_updates", idempotency_key or "", make, service().renderer.update)
    return answer({"incident_update": update}, 201)
