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
from incidentio_magic.sandbox.incidentio.render import without_nulls
from incidentio_magic.sandbox.incidentio.rules import HIDDEN_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Response

    from incidentio_magic.sandbox.answers import ShownActor, TimestampValue
    from incidentio_magic.sandbox.older_answers import (
        OlderCatalogType,
        OlderField,
        OlderIncident,
        OlderTimestamp,
        ShownWorkflow,
    )
    from incidentio_magic.sandbox.records import Incident
    from incidentio_magic.sandbox.vocabulary import (
        CatalogAttribute,
        CatalogType,
        CustomField,
        Named,
        Organisation,
        Status,
    )

blueprint = Blueprint("older", __name__)

LARGEST_PAGE = 500
# Today's statuses and modes in the words of the first version. Where it has no word, the nearest one is a guess; if it
# is wrong, only clients of the first version see another status or mode.
STATUSES = ("triage", "investigating", "fixing", "monitoring", "closed", "declined")
MODES = {"standard": "real", "retrospective": "real"}


def _status(status: Status) -> str:
    if status["category"] == "live":
        name = status["name"].lower()
        return name if name in STATUSES else "investigating"
    if status["category"] in HIDDEN_CATEGORIES:
        return "declined"
    return {"triage": "triage", "paused": "monitoring"}.get(status["category"], "closed")


def _shown(incident: Incident) -> OlderIncident:
    today = service().renderer.incident(incident, workload=False)
    older: OlderIncident = {
        "id": today["id"],
        "reference": today["reference"],
        "name": today["name"],
        "summary": today.get("summary"),
        "permalink": today["permalink"],
        "call_url": today.get("call_url"),
        "created_at": today["created_at"],
        "updated_at": today["updated_at"],
        "visibility": today["visibility"],
        "creator": _creator(today["creator"]),
        "custom_field_entries": today["custom_field_entries"],
        "incident_role_assignments": today["incident_role_assignments"],
        "incident_type": today["incident_type"],
        "postmortem_document_url": today.get("postmortem_document_url"),
        "severity": today.get("severity"),
        "slack_channel_id": today["slack_channel_id"],
        "slack_channel_name": today["slack_channel_name"],
        "slack_team_id": today["slack_team_id"],
        "mode": MODES.get(today["mode"], today["mode"]),
        "status": _status(today["incident_status"]),
        "timestamps": [_timestamp(timestamp) for timestamp in today["incident_timestamp_values"]],
    }
    return without_nulls(older)


def _creator(actor: ShownActor) -> ShownActor:
    """Show a person or a key; the older version has no other actors."""
    if "user" in actor:
        return {"user": actor["user"]}
    return {"api_key": actor["api_key"]} if "api_key" in actor else {}


def _timestamp(timestamp: TimestampValue) -> OlderTimestamp:
    time, name = timestamp.get("value"), timestamp["incident_timestamp"]["name"]
    return {"name": name, "last_occurred_at": time["value"]} if time else {"name": name}


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


def _field(field: CustomField) -> OlderField:
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


def _type(kind: CatalogType) -> OlderCatalogType:
    # The older version has no word for an attribute that the API sets.
    attributes: list[CatalogAttribute] = [{**attribute, "mode": "manual"} for attribute in kind["schema"]["attributes"]]
    return {
        "id": kind["id"],
        "name": kind["name"],
        "created_at": kind["created_at"],
        "updated_at": kind["updated_at"],
        "type_name": kind["type_name"],
        "description": kind["description"],
        "annotations": kind["annotations"],
        "categories": kind["categories"],
        "color": kind["color"],
        "icon": kind["icon"],
        "is_editable": kind["is_editable"],
        "ranked": kind["ranked"],
        "estimated_count": kind["estimated_count"],
        "schema": {**kind["schema"], "attributes": attributes},
        "semantic_type": "",
    }


def _workflow(workflow: Named) -> ShownWorkflow:
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
