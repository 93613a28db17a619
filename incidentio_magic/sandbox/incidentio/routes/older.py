"""Older versions of the API that other clients still read: incidents, roles, fields, the catalog's types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.incident_lookup import existing
from incidentio_magic.sandbox.incidentio.rules import HIDDEN_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Response

    from incidentio_magic.sandbox.records import Incident, Record
    from incidentio_magic.sandbox.vocabulary import CatalogType, CustomField, Named, Organisation, Status

blueprint = Blueprint("older", __name__)

LARGEST_PAGE = 500
PLAIN = (
    "id", "reference", "name", "summary", "permalink", "call_url", "created_at", "updated_at", "visibility", "creator",
    "custom_field_entries", "incident_role_assignments", "incident_type", "postmortem_document_url", "severity",
    "slack_channel_id", "slack_channel_name", "slack_team_id",
)  # fmt: skip
# Today's statuses and modes in the words of the first version. Where it has no word, the nearest one is a guess; if it
# is wrong, only clients of the first version see another status or mode.
STATUSES = ("triage", "investigating", "fixing", "monitoring", "closed", "declined")
MODES = {"standard": "real", "retrospective": "real"}
ONLY_LATER = ("engine_resource_type", "is_team_type", "owning_team_ids", "use_name_as_identifier")


def _status(status: Status) -> str:
    if status["category"] == "live":
        name = status["name"].lower()
        return name if name in STATUSES else "investigating"
    if status["category"] in HIDDEN_CATEGORIES:
        return "declined"
    return {"triage": "triage", "paused": "monitoring"}.get(status["category"], "closed")


def _shown(incident: Incident) -> Record:
    today = service().renderer.incident(incident, workload=False)
    actor = today["creator"]
    known = {name: who for name, who in actor.items() if name in ("user", "api_key")}
    timestamps = [
        {"name": each["incident_timestamp"]["name"]}
        | ({"last_occurred_at": each["value"]["value"]} if "value" in each else {})
        for each in today["incident_timestamp_values"]
    ]
    return {name: today[name] for name in PLAIN if name in today} | {
        "creator": known,
        "mode": MODES.get(today["mode"], today["mode"]),
        "status": _status(today["incident_status"]),
        "timestamps": timestamps,
    }


@blueprint.get("/v1/incidents")
def incidents() -> Response:
    """List incidents, the newest first."""
    parameters = query()
    wanted = parameters.texts("status") + parameters.texts("status[]")
    for status in wanted:
        if status not in STATUSES:
            parameters.blame("status", f"status must be one of {', '.join(STATUSES)}")
    conditions = visible("id")
    if wanted:
        statuses = service().organisation["incident_statuses"].values()
        conditions.append(member("incident_status_id", [each["id"] for each in statuses if _status(each) in wanted]))
    rows, meta = page(
        service().store,
        parameters,
        "incidents",
        [*conditions, Condition("mode != 'stream'")],
        order="created_at",
        newest_first=True,
        accepted=LARGEST_PAGE,
        total=True,
    )
    return answer({"incidents": [_shown(json.loads(row["document"])) for row in rows], "pagination_meta": meta})


@blueprint.get("/v1/incidents/<reference>")
def incident(reference: str) -> Response:
    """Show an incident, by identifier or by number."""
    query().check()
    return answer({"incident": _shown(existing(reference))})


def _field(field: CustomField) -> Record:
    """Show a custom field with its options; today the forms decide where it is shown."""
    options = service().organisation["custom_field_options"].values()
    return {
        **field,
        "options": [option for option in options if option["custom_field_id"] == field["id"]],
        "required": "never",
        "show_before_closure": True,
        "show_before_creation": True,
        "show_before_update": False,
    }


def _type(kind: CatalogType) -> Record:
    # The older version has no word for an attribute that the API sets.
    attributes = [{**attribute, "mode": "manual"} for attribute in kind["schema"]["attributes"]]
    older = {name: value for name, value in kind.items() if name not in ONLY_LATER}
    return older | {"semantic_type": "", "schema": {**kind["schema"], "attributes": attributes}}


def _workflow(workflow: Named) -> Record:
    """Show a workflow, of which the sandbox knows only the name."""
    return {
        "id": workflow["id"],
        "name": workflow["name"],
        "auto_run_mode": "run_automatically",
        "condition_groups": [],
        "continue_on_step_error": False,
        "expressions": [],
        "include_private_escalations": False,
        "include_private_incidents": False,
        "once_for": [],
        "private_incident_scope": "none",
        "runs_on_incident_modes": ["standard"],
        "runs_on_incidents": "newly_created",
        "state": "active",
        "steps": [{"label": "Post a message", "name": "slack.post_message"}],
        "trigger": {"label": "An incident changes", "name": "incident.updated"},
        "version": 1,
    }


# By path: the table, the name of an object, and the rendered objects.
LISTS: dict[str, tuple[str, str, Callable[[Organisation], Iterable[Mapping[str, object]]]]] = {
    "/v1/incident_roles": ("incident_roles", "incident_role", lambda known: known["incident_roles"].values()),
    "/v1/custom_fields": ("custom_fields", "custom_field", lambda known: map(_field, known["custom_fields"].values())),
    "/v2/catalog_types": ("catalog_types", "", lambda known: map(_type, known["catalog_types"].values())),
    "/v2/workflows": ("workflows", "", lambda known: map(_workflow, known["workflows"].values())),
    "/v1/custom_field_options": ("", "custom_field_option", lambda known: known["custom_field_options"].values()),
    "/v3/catalog_types": ("", "catalog_type", lambda known: known["catalog_types"].values()),
}


def show_list(path: str) -> Response:
    """List every object of a table."""
    query().check()
    table, _, shown = LISTS[path]
    return answer({table: list(shown(service().organisation))})


def show_one(path: str, identity: str) -> Response:
    """Show an object of a table."""
    query().check()
    _, name, shown = LISTS[path]
    record = next((record for record in shown(service().organisation) if record["id"] == identity), None)
    if record is None:
        raise not_found(name)
    return answer({name: record})


for _path, (_table, _name, _) in LISTS.items():
    _endpoint = _path.strip("/").replace("/", "_")
    if _table:
        blueprint.get(_path, defaults={"path": _path}, endpoint=f"list_{_endpoint}")(show_list)
    if _name:
        blueprint.get(f"{_path}/<identity>", defaults={"path": _path}, endpoint=f"show_{_endpoint}")(show_one)
