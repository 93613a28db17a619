"""The catalog: its types and their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/v3/catalog_types")
def types() -> Response:
    """List the catalog's types."""
    query().check()
    return answer({"catalog_types": list(service().organisation["catalog_types"].values())})


@blueprint.get("/v3/catalog_entries")
def entries() -> Response:
    """List the entries of one type, or the one with a name, an external ID or an alias."""
    parameters = query()
    organisation = service().organisation
    kind = parameters.text("catalog_type_id", required=True)
    wanted = parameters.text("identifier")
    if kind is not None and kind not in organisation["catalog_types"]:
        parameters.blame("catalog_type_id", "there is no such catalog type", "not_found")
    found = [
        entry
        for entry in organisation["catalog_entries"].values()
        if entry["catalog_type_id"] == kind
        and (wanted is None or wanted in (entry["id"], entry["name"], entry["external_id"], *entry["aliases"]))
    ]
    chosen, meta = page_of(parameters, found, required=True)
    return answer(
        {
            "catalog_entries": chosen,
            "catalog_type": organisation["catalog_types"][kind or ""],
            "pagination_meta": meta | {"total_record_count": len(found)},
        }
    )


@blueprint.get("/v3/catalog_entries/<identity>")
def entry(identity: str) -> Response:
    """Show one entry, with its type."""
    parameters = query()
    parameters.flag("expand")
    parameters.check()
    found = service().organisation["catalog_entries"].get(identity)
    if found is None:
        raise not_found("catalog entry")
    kind = service().organisation["catalog_types"][found["catalog_type_id"]]
    return answer({"catalog_entry": found, "catalog_type": kind})
