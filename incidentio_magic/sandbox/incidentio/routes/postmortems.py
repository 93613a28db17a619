"""Post-mortem documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page, where
from incidentio_magic.sandbox.http.queries import Condition
from incidentio_magic.sandbox.incidentio.incident_lookup import existing

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_records import PostmortemDocument

blueprint = Blueprint("postmortems", __name__)

STATUSES = ("in_progress", "in_review", "completed")
ORDERS = ("created_at_newest_first", "created_at_oldest_first")


@blueprint.get("/v1/postmortem_documents")
def documents() -> Response:
    """List documents, without their text."""
    parameters = query()
    incident_id = parameters.text("incident_id")
    order = parameters.choice("sort_by", ORDERS, ORDERS[0])
    conditions = [] if incident_id is None else [Condition("incident_id = ?", (incident_id,))]
    rows, meta = page(
        service().store,
        parameters,
        "postmortem_documents",
        conditions + visible(),
        order="created_at",
        newest_first=order == ORDERS[0],
    )
    shown = [service().renderer.postmortem(json.loads(row["document"])) for row in rows]
    return answer({"postmortem_documents": shown, "pagination_meta": meta})


def _existing(identity: str) -> PostmortemDocument:
    found = where([Condition("id = ?", (identity,)), *visible()])
    row = service().store.row(f"SELECT document FROM postmortem_documents WHERE {found.clause}", found.values)  # noqa: S608  ours
    if row is None:
        raise not_found("post-mortem document")
    document: PostmortemDocument = json.loads(row["document"])
    return document


@blueprint.get("/v1/postmortem_documents/<identity>")
def document(identity: str) -> Response:
    """Show one document, without its text."""
    query().check()
    return answer({"postmortem_document": service().renderer.postmortem(_existing(identity))})


@blueprint.put("/v1/postmortem_documents/<identity>")
def change_status(identity: str) -> Response:
    """Move a document to another status."""
    sent = body()
    status = sent.choice("status", STATUSES, required=True)
    with service().writing() as at:
        found = _existing(identity)
        sent.check()
        found.update({"status": status or "", "updated_at": at})
        service().journal.keep_postmortem(found)
    return answer({"postmortem_document": service().renderer.postmortem(found)})


@blueprint.get("/v1/postmortem_documents/<identity>/content")
def content(identity: str) -> Response:
    """Show a document's text."""
    query().check()
    return answer({"markdown": _existing(identity)["markdown"]})


@blueprint.post("/v2/incidents/<reference>/actions/import_postmortem_document")
def bring(reference: str) -> Response:
    """Import a document that was written elsewhere."""
    sent = body()
    title = sent.text("title", required=True, empty=False, longest=1000)
    markdown = sent.text("content", required=True, empty=False)
    with service().writing() as at:
        incident = existing(reference)
        sent.check()
        made = service().journal.write_up(incident, at, title or "", markdown or "")
        service().journal.save(incident)
    return answer({"postmortem_document": service().renderer.postmortem(made)}, 201)
