"""Incidents: list, show, declare, edit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, key, once, query, service, visible
from incidentio_magic.sandbox.http.pagination import page
from incidentio_magic.sandbox.http.scopes import VIEW_WORKLOAD
from incidentio_magic.sandbox.incidentio import changes
from incidentio_magic.sandbox.incidentio.declaration import declare
from incidentio_magic.sandbox.incidentio.filters import incident_conditions
from incidentio_magic.sandbox.incidentio.incident_lookup import existing
from incidentio_magic.sandbox.incidentio.routes.updates import move

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.answers import ShownIncident
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.records import FieldValue, Incident
    from incidentio_magic.sandbox.vocabulary import Identified

blueprint = Blueprint("incidents", __name__)

ACCEPTED_PAGE = 500
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


def shown(incident: Incident) -> ShownIncident:
    """Show an incident as this key may see it."""
    return service().renderer.incident(incident, workload=key().may(VIEW_WORKLOAD))


@blueprint.get("/v2/incidents")
def incidents() -> Response:
    """List incidents."""
    parameters = query()
    order = parameters.choice("sort_by", ORDERS, ORDERS[0])
    conditions = [*visible("id"), *incident_conditions(parameters, service().organisation)]
    rows, meta = page(
        service().store,
        parameters,
        "incidents",
        conditions,
        order="created_at",
        newest_first=order == ORDERS[0],
        accepted=ACCEPTED_PAGE,
        total=True,
    )
    return answer({"incidents": [shown(json.loads(row["document"])) for row in rows], "pagination_meta": meta})


@blueprint.get("/v2/incidents/<reference>")
def incident(reference: str) -> Response:
    """Show an incident, by identifier or by number."""
    query().check()
    return answer({"incident": shown(existing(reference))})


@blueprint.post("/v2/incidents")
def create() -> Response:
    """Declare an incident, once for each idempotency key."""
    sent = body()
    idempotency_key = sent.text("idempotency_key", required=True, empty=False)

    def make(at: str) -> Identified:
        declaration = declare(sent, service())
        sent.check()
        made = service().journal.open(declaration, at, key().actor)
        service().journal.save(made)
        service().declared(key().id, made, at)
        return {"id": made["id"]}

    if idempotency_key is None:
        declare(sent, service())
        sent.check()
    # New and repeated declarations answer with the incident's current state. A key that declares
    # a private incident sees it in this answer even without the scope to view private incidents.
    found = once("POST /v2/incidents", idempotency_key or "", make, _shown_now)
    return answer({"incident": found})


def _shown_now(made: Identified) -> ShownIncident:
    incident = service().store.document("incidents", made["id"])
    assert incident  # noqa: S101  incidents are never deleted
    return shown(incident)


@blueprint.post("/v2/incidents/<reference>/actions/edit")
def edit(reference: str) -> Response:
    """Change the given properties."""
    sent = body()
    notify = sent.flag("notify_incident_channel", required=True)
    inner = sent.inner("incident", required=True)
    if inner is not None:
        key().require(*(scope for name, scope in EDIT_SCOPES.items() if name in inner))
    with service().writing() as at:
        found = existing(reference)
        wanted = _read(found, inner) if inner is not None else None
        sent.check()
        if wanted is not None:
            _change(found, wanted, at)
        found["notifications"] += bool(notify)
        service().journal.save(found)
    return answer({"incident": shown(found)})


@dataclass(frozen=True)
class Wanted:
    """The changes of an edit; None or empty means no change."""

    name: str | None
    channel: str | None
    summary: str | None
    call_url: str | None
    severity: str | None
    status: str | None
    fields: dict[str, list[FieldValue]]
    roles: dict[str, str | None]
    stamps: dict[str, str | None]


def _read(found: Incident, sent: Body) -> Wanted:
    """Read every property, and refuse the edit if any is wrong."""
    organisation = service().organisation
    wanted = Wanted(
        name=sent.text("name", empty=False, longest=changes.LONGEST_NAME),
        channel=sent.text("slack_channel_name_override", empty=False, longest=changes.LONGEST_CHANNEL),
        summary=sent.text("summary"),
        call_url=changes.link(sent, "call_url"),
        severity=sent.reference("severity_id", organisation["severities"]),
        status=sent.reference("incident_status_id", organisation["incident_statuses"]),
        fields=changes.custom_fields(sent, organisation),
        roles=changes.roles(sent, organisation, declaring=False),
        stamps=changes.timestamps(sent, organisation),
    )
    move(sent, "incident_status_id", found, wanted.status)
    if wanted.call_url and found.get("call_url") not in (None, wanted.call_url):
        key().require("incident_calls.destroy")
    return wanted


def _change(found: Incident, wanted: Wanted, at: str) -> None:
    """Change each property that differs from what it was."""
    journal, actor = service().journal, key().actor
    if wanted.name not in (None, found["name"]):
        journal.rename(found, at, actor, wanted.name)
    if wanted.channel not in (None, found["slack_channel_name"]):
        found["slack_channel_name"] = wanted.channel
        journal.touch(found, at)
    if wanted.summary not in (None, found.get("summary")):
        journal.summarise(found, at, actor, wanted.summary)
    if wanted.call_url not in (None, found.get("call_url")):
        journal.call(found, at, wanted.call_url)
    _assign(found, wanted, at)
    moved = wanted.status if wanted.status != found["incident_status_id"] else None
    graded = wanted.severity if wanted.severity != found.get("severity_id") else None
    if moved or graded:
        journal.change(found, at, actor, status_id=moved, severity_id=graded)


def _assign(found: Incident, wanted: Wanted, at: str) -> None:
    """Set the custom fields, roles and timestamps that differ from what they were."""
    journal, actor = service().journal, key().actor
    for field, values in wanted.fields.items():
        if values != found["fields"].get(field, []):
            journal.fill(found, at, actor, field, values)
    for role, user in wanted.roles.items():
        if user != found["roles"].get(role):
            journal.assign(found, at, actor, role, user)
    for stamp, value in wanted.stamps.items():
        if value != found["timestamps"].get(stamp):
            journal.time(found, at, actor, stamp, value)
