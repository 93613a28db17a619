"""The curated timeline, and the activity log behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, key, once, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.incident_lookup import named_in

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_records import TimelineItem

blueprint = Blueprint("timeline", __name__)
LONGEST_TITLE = 1000


@blueprint.get("/v2/incident_activity_log_entries")
def entries() -> Response:
    """List an incident's activity, oldest first."""
    parameters = query()
    about = Condition("incident_id = ?", (parameters.text("incident_id", required=True),))
    conditions = [about, *visible()]
    identities = parameters.texts("id") + parameters.texts("id[]")
    if identities:
        conditions.append(member("id", identities))
    rows, meta = page(service().store, parameters, "activity", conditions, order="occurred_at", cursor_among=about)
    shown = [service().renderer.entry(row) for row in rows]
    return answer({"incident_activity_log_entries": shown, "pagination_meta": meta})


@blueprint.get("/v2/incident_timeline_items")
def items() -> Response:
    """List an incident's timeline, oldest first by when things happened."""
    parameters = query()
    conditions = [Condition("incident_id = ?", (parameters.text("incident_id", required=True),)), *visible()]
    rows, meta = page(service().store, parameters, "incident_timeline_items", conditions, order="timestamp")
    shown = [service().renderer.item(json.loads(row["document"])) for row in rows]
    return answer({"incident_timeline_items": shown, "pagination_meta": meta})


@blueprint.post("/v2/incident_timeline_items")
def create() -> Response:
    """Add an item, once for each idempotency key."""
    sent = body()
    idempotency_key = sent.text("idempotency_key", required=True, empty=False)
    incident_id = sent.text("incident_id", required=True)
    timestamp = sent.moment("timestamp", required=True)
    title = sent.text("title", required=True, empty=False, longest=LONGEST_TITLE)
    description = sent.text("description")

    def make(at: str) -> TimelineItem:
        incident = named_in(sent, incident_id)
        sent.check()
        assert incident  # noqa: S101  check() has refused a missing incident
        item = service().journal.item(
            incident["id"],
            at,
            key().actor,
            timestamp=timestamp or at,
            title=title or "",
            description=description,
        )
        service().journal.touch(incident, at)
        service().journal.save(incident)
        return item

    if idempotency_key is None:
        named_in(sent, incident_id)
        sent.check()
    item = once("POST /v2/incident_timeline_items", idempotency_key or "", make, service().renderer.item)
    return answer({"incident_timeline_item": item}, 201)


@blueprint.patch("/v2/incident_timeline_items/<identity>")
def edit(identity: str) -> Response:
    """Change an item; the time of a promoted item is that of its activity."""
    sent = body()
    title = sent.text("title", empty=False, longest=LONGEST_TITLE)
    description = sent.text("description")
    timestamp = sent.moment("timestamp")
    with service().writing() as at:
        row = service().store.row("SELECT incident_id, document FROM incident_timeline_items WHERE id = ?", (identity,))
        conditions = visible("id")
        seen = row and service().store.row(
            f"SELECT 1 FROM incidents WHERE id = ? AND {conditions[0].clause if conditions else 1}",  # noqa: S608  ours
            (row["incident_id"],),
        )
        if row is None or not seen:
            raise not_found("timeline item")
        item: TimelineItem = json.loads(row["document"])
        if timestamp and item["activity_log_id"]:
            sent.blame("timestamp", "The time of a promoted item cannot be changed")
        sent.check()
        item.update({"title": title or item["title"], "timestamp": timestamp or item["timestamp"], "updated_at": at})
        if description is not None:
            item["description"] = description or None
        service().journal.keep_item(item)
    return answer({"incident_timeline_item": service().renderer.item(item)})
