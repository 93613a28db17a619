"""The organisation's vocabulary: severities, statuses, types, roles, timestamps, custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("vocabulary", __name__)

# By path: the table, and the name of an object.
VocabularyTable = Literal[
    "severities", "incident_statuses", "incident_types", "incident_roles", "incident_timestamps", "custom_fields"
]
LISTS: dict[str, tuple[VocabularyTable, str]] = {
    "/v1/severities": ("severities", "severity"),
    "/v1/incident_statuses": ("incident_statuses", "incident_status"),
    "/v1/incident_types": ("incident_types", "incident_type"),
    "/v2/incident_roles": ("incident_roles", "incident_role"),
    "/v2/incident_timestamps": ("incident_timestamps", "incident_timestamp"),
    "/v2/custom_fields": ("custom_fields", "custom_field"),
}


def show_list(table: VocabularyTable) -> Response:
    """List every object of a table."""
    query().check()
    return answer({table: list(service().organisation[table].values())})


def show_one(table: VocabularyTable, name: str, identity: str) -> Response:
    """Show one object of a table."""
    query().check()
    record = service().organisation[table].get(identity)
    if record is None:
        raise not_found(name)
    return answer({name: record})


for _path, (_table, _name) in LISTS.items():
    blueprint.get(_path, defaults={"table": _table}, endpoint=f"list_{_table}")(show_list)
    blueprint.get(f"{_path}/<identity>", defaults={"table": _table, "name": _name}, endpoint=f"show_{_table}")(show_one)


@blueprint.get("/v1/custom_field_options")
def options() -> Response:
    """List the options of one custom field."""
    parameters = query()
    field = parameters.text("custom_field_id", required=True)
    every = service().organisation["custom_field_options"].values()
    chosen, meta = page_of(parameters, [option for option in every if option["custom_field_id"] == field])
    return answer({"custom_field_options": chosen, "pagination_meta": meta})
