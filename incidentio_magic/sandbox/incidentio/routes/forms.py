"""The organisation's own forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("forms", __name__)


@blueprint.get("/v3/incident_forms")
def forms() -> Response:
    """List the forms, with their elements in the order of display."""
    chosen, meta = page_of(query(), list(service().organisation["incident_forms"].values()))
    return answer({"incident_forms": chosen, "pagination_meta": meta})


@blueprint.get("/v3/incident_forms/<identity>")
def form(identity: str) -> Response:
    """Show a form."""
    query().check()
    found = service().organisation["incident_forms"].get(identity)
    if found is None:
        raise not_found("incident form")
    return answer({"incident_form": found})
