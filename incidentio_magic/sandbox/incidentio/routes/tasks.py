"""Actions and follow-ups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.access import VIEW
from incidentio_magic.sandbox.http.context import answer, key, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page, where
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.rules import SHOWN_MODES

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("tasks", __name__)

MODES = ("retrospective", "standard", "stream", "test", "tutorial")


def show_list(table: str) -> Response:
    """List the tasks of incidents of one mode; real incidents are meant when no mode is given."""
    key().require(VIEW)
    asked = query()
    incident_id = asked.text("incident_id")
    mode = asked.choice("incident_mode", MODES)
    team = asked.text("assignee_team_id") if table == "follow_ups" else None
    modes = member("mode", [mode] if mode else SHOWN_MODES)
    incidents = f"(SELECT id FROM incidents WHERE {modes.clause})"  # noqa: S608  ours
    conditions = [Condition(f"incident_id IN {incidents}", modes.values)]
    if incident_id is not None:
        conditions.append(Condition("incident_id = ?", (incident_id,)))
    if team is not None:
        conditions.append(Condition("json_extract(document, '$.assignee_team') = ?", (team,)))
    wanted = asked.filters("created_at", "updated_at")
    for name in ("created_at", "updated_at"):
        conditions += asked.dates([each for each in wanted if each.parameter == name], name, instants=True)
    rows, meta = page(service().store, asked, table, [where(conditions), *visible()])
    shown = [service().renderer.task(json.loads(row["document"])) for row in rows]
    return answer({table: shown, "pagination_meta": meta})


def show_one(table: str, name: str, identity: str) -> Response:
    """Show one task."""
    key().require(VIEW)
    query().check()
    found = where([Condition("id = ?", (identity,)), *visible()])
    row = service().store.row(f"SELECT document FROM {table} WHERE {found.clause}", found.values)  # noqa: S608  ours
    if row is None:
        raise not_found(name)
    return answer({name: service().renderer.task(json.loads(row["document"]))})


for _table, _name in (("actions", "action"), ("follow_ups", "follow_up")):
    blueprint.get(f"/v3/{_table}", defaults={"table": _table}, endpoint=f"list_{_table}")(show_list)
    blueprint.get(f"/v3/{_table}/<identity>", defaults={"table": _table, "name": _name}, endpoint=f"show_{_table}")(
        show_one
    )
