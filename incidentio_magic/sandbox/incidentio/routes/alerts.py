"""Alerts, their sources, and the incidents they belong to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, key, narrows, not_others, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page, where
from incidentio_magic.sandbox.http.queries import Condition

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_answers import AlertLink, AlertTemplate, ShownAlert, ShownSource
    from incidentio_magic.sandbox.attached_records import Alert
    from incidentio_magic.sandbox.http.queries import Filter, Query
    from incidentio_magic.sandbox.vocabulary import AlertSource

blueprint = Blueprint("alerts", __name__)

LARGEST_PAGE = 50
FILTERS = ("status", "alert_source", "deduplication_key", "created_at", "updated_at")
STATUSES = ("firing", "resolved")


@blueprint.get("/v2/alerts")
def alerts() -> Response:
    """List alerts, newest first."""
    parameters = query()
    wanted = parameters.filters(*FILTERS)
    conditions = [condition for each in wanted if (condition := _condition(parameters, each))]
    for name in ("created_at", "updated_at"):
        conditions += parameters.dates([each for each in wanted if each.parameter == name], name)
    conditions += _visible()
    rows, meta = page(
        service().store,
        parameters,
        "alerts",
        conditions,
        order="created_at",
        newest_first=True,
        largest=LARGEST_PAGE,
        required=True,
    )
    return answer({"alerts": [_shown(json.loads(row["document"])) for row in rows], "pagination_meta": meta})


def _visible() -> list[Condition]:
    """Leave out alerts of incidents that this key may not see, and those of other trainees' drills."""
    conditions: list[Condition] = []
    if hidden := visible():
        # An alert of private incidents alone is as private as they are.
        linked = "SELECT alert_id FROM incident_alerts"
        seen = f"{linked} WHERE {hidden[0].clause}"
        conditions.append(Condition(f"id NOT IN ({linked}) OR id IN ({seen})"))
    if key().id in service().trainee_ids:
        given = "SELECT object_id FROM class_members"
        conditions.append(Condition(f"id NOT IN ({given}) OR id IN ({given} WHERE key_id = ?)", (key().id,)))
    if narrows():
        conditions.append(not_others("id"))
    return conditions


def _condition(parameters: Query, wanted: Filter) -> Condition | None:
    if wanted.parameter == "status":
        return parameters.member(wanted, "status", STATUSES)
    if wanted.parameter == "alert_source":
        return parameters.member(wanted, "alert_source_id", service().organisation["alert_sources"])
    if wanted.parameter == "deduplication_key":
        if wanted.operator != "is" or wanted.key or len(wanted.values) > 1:
            parameters.unknown_operator(wanted, ("is",))
            return None
        return Condition("deduplication_key = ?", (wanted.values[0],))
    return None


def _shown(found: Alert) -> ShownAlert:
    return {**service().renderer.alert(found), "attributes": found["attributes"]}


@blueprint.get("/v2/alerts/<identity>")
def alert(identity: str) -> Response:
    """Show an alert."""
    query().check()
    found = where([Condition("id = ?", (identity,)), *_visible()])
    row = service().store.row(f"SELECT document FROM alerts WHERE {found.clause}", found.values)  # noqa: S608  ours
    if row is None:
        raise not_found("alert")
    return answer({"alert": _shown(json.loads(row["document"]))})


@blueprint.get("/v2/alert_sources")
def sources() -> Response:
    """List the alert sources."""
    query().check()
    found = service().organisation["alert_sources"].values()
    return answer({"alert_sources": [_source(source) for source in found]})


@blueprint.get("/v2/alert_sources/<identity>")
def source(identity: str) -> Response:
    """Show an alert source."""
    query().check()
    found = service().organisation["alert_sources"].get(identity)
    if found is None:
        raise not_found("alert source")
    return answer({"alert_source": _source(found)})


def _source(source: AlertSource) -> ShownSource:
    """Show a source with the simplest template: title and description as they were sent."""
    template: AlertTemplate = {
        "attributes": [],
        "expressions": [],
        "is_private": False,
        "title": {"label": "Title", "reference": "alert.title"},
        "description": {"label": "Description", "reference": "alert.description"},
    }
    return {**source, "template": template}


@blueprint.get("/v2/incident_alerts")
def incident_alerts() -> Response:
    """List which alerts belong to which incidents."""
    parameters = query()
    conditions = [
        Condition(f"{name} = ?", (value,))
        for name in ("incident_id", "alert_id")
        if (value := parameters.text(name)) is not None
    ]
    rows, meta = page(
        service().store, parameters, "incident_alerts", conditions + visible(), largest=LARGEST_PAGE, required=True
    )
    renderer = service().renderer
    shown: list[AlertLink] = []
    for row in rows:
        found = service().store.document("alerts", row["alert_id"])
        assert found  # noqa: S101  alerts are never deleted
        incident = renderer.slim(row["incident_id"])
        shown.append({"id": row["id"], "alert": renderer.alert(found), "incident": incident})
    return answer({"incident_alerts": shown, "pagination_meta": meta})
