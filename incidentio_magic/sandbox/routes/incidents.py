"""Incidents: list, show, declare, edit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from incidentio_magic.sandbox import changes
from incidentio_magic.sandbox.access import VIEW, VIEW_WORKLOAD
from incidentio_magic.sandbox.context import answer, body, key, once, query, service, visible
from incidentio_magic.sandbox.declaration import declare
from incidentio_magic.sandbox.filters import incident_conditions
from incidentio_magic.sandbox.incident_lookup import existing, find
from incidentio_magic.sandbox.paging import page
from incidentio_magic.sandbox.routes.updates import move

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.payloads import Body

Record = dict[str, Any]

blueprint = Blueprint("incidents", __name__)

ORDERS = ("created_at_newest_first", "created_at_oldest_first")
EDIT_SCOPES = {
    "name": "incidents.update_name",
    "slack_channel_name_override": "incidents.update_name",
    "summary": "incidents.update_summary",
    "severity_id": "incidents.update_severity",
    "incident_status_id": "incidents.update_status",
    "custom_field_entries": "incidents.update_custom_fields",
    "incident_timestamp_values": "incidents.update_timestamps",
    "incident_role_assignments": "incidents.update_role_assignments",
    "call_url": "incident_calls.create",
}


def shown(incident: Record) -> Record:
    """Show an incident as this key may see it."""
    return service().renderer.incident(incident, workload=key().may(VIEW_WORKLOAD))


@blueprint.get("/v2/incidents")
def incidents() -> Response:
    """List incidents."""
    key().require(VIEW)
    asked = query()
    order = asked.choice("sort_by", ORDERS, ORDERS[0])
    conditions = [*visible("id"), *incident_conditions(asked, service().organisation)]
    rows, meta = page(
        service().store,
        asked,
        "incidents",
        conditions,
        order="created_at",
        newest_first=order == ORDERS[0],
        total=True,
    )
    return answer({"incidents": [shown(json.loads(row["document"])) for row in rows], "pagination_meta": meta})


@blueprint.get("/v2/incidents/<reference>")
def incident(reference: str) -> Response:
    """Show an incident, by identifier or by number."""
    key().require(VIEW)
    query().check()
    return answer({"incident": shown(existing(reference, numbers=True))})


@blueprint.post("/v2/incidents")
def create() -> Response:
    """Declare an incident, once for each idempotency key."""
    key().require("incidents.create")
    sent = body()
    idempotency_key = sent.text("idempotency_key", required=True, empty=False)

    def make(at: str) -> Record:
        made = declare(sent, service())
        sent.check()
        service().journal.open(made, at, key().actor)
        service().journal.measure(made)
        service().journal.save(made)
        return {"id": made["id"]}

    if idempotency_key is None:
        declare(sent, service())
        sent.check()
    # What is shown is the incident as it is now, whether this request declared it or an earlier one.
    found = once("POST /v2/incidents", idempotency_key or "", make, lambda made: find(made["id"]) or {})
    return answer({"incident": shown(found)})


@blueprint.post("/v2/incidents/<reference>/actions/edit")
def edit(reference: str) -> Response:
    """Change the properties that are given, and nothing else."""
    key().require(VIEW)
    sent = body()
    notify = sent.flag("notify_incident_channel", required=True)
    inner = sent.inner("incident", required=True)
    if inner is not None:
        key().require(*(scope for name, scope in EDIT_SCOPES.items() if name in inner))
    with service().writing() as at:
        found = existing(reference)
        if inner is None:
            sent.check()
        else:
            _change(found, inner, at)
        found["notifications"] += bool(notify)
        service().journal.save(found)
    return answer({"incident": shown(found)})


def _change(found: Record, sent: Body, at: str) -> None:
    """Read every property, then change each that differs from what it was."""
    organisation, journal, actor = service().organisation, service().journal, key().actor
    name = sent.text("name", empty=False, longest=changes.LONGEST_NAME)
    channel = sent.text("slack_channel_name_override", empty=False, longest=80)
    summary = sent.text("summary")
    severity = sent.reference("severity_id", organisation["severities"])
    status = sent.reference("incident_status_id", organisation["incident_statuses"])
    call_url = changes.link(sent, "call_url")
    fields = changes.custom_fields(sent, organisation)
    stamps = changes.timestamps(sent, organisation)
    roles = changes.roles(sent, organisation, declaring=False)
    move(sent, "incident_status_id", found, status)
    if call_url and found.get("call_url") not in (None, call_url):
        key().require("incident_calls.destroy")
    sent.check()
    if name is not None and name != found["name"]:
        journal.rename(found, at, actor, name)
    if channel is not None and channel != found["slack_channel_name"]:
        found["slack_channel_name"] = channel
        journal.touch(found, at)
    if summary is not None and summary != found.get("summary"):
        journal.summarise(found, at, actor, summary)
    if call_url is not None and call_url != found.get("call_url"):
        journal.call(found, at, call_url)
    for field, values in fields.items():
        if values != found["fields"].get(field, []):
            journal.fill(found, at, actor, field, values)
    for role, user in roles.items():
        if user != found["roles"].get(role):
            journal.assign(found, at, actor, role, user)
    for stamp, value in stamps.items():
        if value != found["timestamps"].get(stamp):
            journal.time(found, at, actor, stamp, value)
    moved = status if status != found["incident_status_id"] else None
    graded = severity if severity != found.get("severity_id") else None
    if moved or graded:
        journal.change(found, at, actor, status_id=moved, severity_id=graded)
