"""Actions and follow-ups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, key, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page, where
from incidentio_magic.sandbox.http.queries import Condition, member
from incidentio_magic.sandbox.incidentio.incident_lookup import named_in
from incidentio_magic.sandbox.incidentio.rules import SHOWN_MODES

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_answers import ShownTask
    from incidentio_magic.sandbox.attached_records import Task, TaskText
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.http.queries import Query
    from incidentio_magic.sandbox.incidentio.belongings import TaskTable

blueprint = Blueprint("tasks", __name__)

STATUSES = ("outstanding", "completed", "deleted", "not_doing")
MODES = ("retrospective", "standard", "stream", "test", "tutorial")


def _conditions(parameters: Query, table: TaskTable) -> list[Condition]:
    """Read the filters that all lists of tasks have; without a mode, only real incidents count."""
    incident_id = parameters.text("incident_id")
    mode = parameters.choice("incident_mode", MODES)
    team = parameters.text("assignee_team_id") if table == "follow_ups" else None
    modes = member("mode", [mode] if mode else SHOWN_MODES)
    incidents = f"(SELECT id FROM incidents WHERE {modes.clause})"  # noqa: S608  ours
    conditions = [Condition(f"incident_id IN {incidents}", modes.values)]
    if incident_id is not None:
        conditions.append(Condition("incident_id = ?", (incident_id,)))
    if team is not None:
        conditions.append(Condition("json_extract(document, '$.assignee_team') = ?", (team,)))
    return conditions


def show_list(table: TaskTable) -> Response:
    """List tasks, of an incident or of all incidents of a mode."""
    parameters = query()
    conditions = _conditions(parameters, table)
    wanted = parameters.filters("created_at", "updated_at")
    for name in ("created_at", "updated_at"):
        conditions += parameters.dates([each for each in wanted if each.parameter == name], name, instants=True)
    rows, meta = page(service().store, parameters, table, [where(conditions), *visible()])
    shown = [service().renderer.task(json.loads(row["document"])) for row in rows]
    return answer({table: shown, "pagination_meta": meta})


def _existing(table: TaskTable, name: str, identity: str) -> Task:
    found = where([Condition("id = ?", (identity,)), *visible()])
    row = service().store.row(f"SELECT document FROM {table} WHERE {found.clause}", found.values)  # noqa: S608  ours
    if row is None:
        raise not_found(name)
    document: Task = json.loads(row["document"])
    return document


def show_one(table: TaskTable, name: str, identity: str) -> Response:
    """Show one task."""
    query().check()
    return answer({name: service().renderer.task(_existing(table, name, identity))})


def create(table: TaskTable, name: str) -> Response:
    """Create a task; there is no idempotency key."""
    sent = body()
    incident_id = sent.text("incident_id", required=True)
    text = _read(sent, table)
    with service().writing() as at:
        incident = named_in(sent, incident_id)
        sent.check()
        assert incident  # noqa: S101  check() has refused a missing incident
        made = service().journal.task(table, text, incident["id"], at, key().actor)
    return answer({name: service().renderer.task(made)}, 201)


def change(table: TaskTable, name: str, identity: str) -> Response:
    """Replace a task's members; without an assignee, the task is unassigned."""
    # A guess: a PUT without an assignee unassigns the task. If it is wrong, the task keeps its assignee.
    sent = body()
    sent.take_null_as_absent("assignee_id", "assignee_team_id")
    status = sent.choice("status", STATUSES, required=True)
    text = _read(sent, table)
    with service().writing() as at:
        before = _existing(table, name, identity)
        sent.check()
        after = _replaced(before, text, status or "")
        made = service().journal.change_task(table, before, after, at, key().actor)
    return answer({name: service().renderer.task(made)})


def _read(sent: Body, table: TaskTable) -> TaskText:
    """Read the members of a task that a request may set."""
    organisation = service().organisation
    assignee = sent.reference("assignee_id", organisation["users"])
    if table == "actions":
        return {"assignee": assignee, "description": sent.text("description", required=True, empty=False)}
    return {
        "assignee": assignee,
        "title": sent.text("title", required=True, empty=False),
        "description": sent.text("description"),
        "assignee_team": sent.reference("assignee_team_id", organisation["teams"]),
        "category": sent.reference("follow_up_category_id", organisation["follow_up_categories"]),
        "priority": sent.reference("follow_up_priority_option_id", organisation["follow_up_priorities"]),
        "labels": sent.texts("labels"),
    }


def _replaced(before: Task, text: TaskText, status: str) -> Task:
    """Return a task with new members and status; those that a request cannot set stay."""
    after: Task = {
        **text,
        "id": before["id"],
        "incident_id": before["incident_id"],
        "status": status,
        "creator": before["creator"],
        "created_at": before["created_at"],
        "updated_at": before["updated_at"],
    }
    if "completed_at" in before:
        after["completed_at"] = before["completed_at"]
    if "external_issue_reference" in before:
        after["external_issue_reference"] = before["external_issue_reference"]
    return after


def show_all(table: TaskTable) -> Response:
    """List every task of incidents of one mode; the older version of the API has no pages."""
    parameters = query()
    conditions = _conditions(parameters, table)
    parameters.check()
    found = where([*conditions, *visible()])
    rows = service().store.rows(
        f"SELECT document FROM {table} WHERE {found.clause} ORDER BY id",  # noqa: S608  ours
        found.values,
    )
    return answer({table: [_older(json.loads(row["document"])) for row in rows]})


def show_older(table: TaskTable, name: str, identity: str) -> Response:
    """Show one task as the older version of the API does."""
    query().check()
    return answer({name: _older(_existing(table, name, identity))})


def _older(task: Task) -> ShownTask:
    shown = service().renderer.task(task)
    shown.pop("category", None)
    return shown


for _table, _name in (("actions", "action"), ("follow_ups", "follow_up")):
    _every, _each = {"table": _table}, {"table": _table, "name": _name}
    blueprint.get(f"/v3/{_table}", defaults=_every, endpoint=f"list_{_table}")(show_list)
    blueprint.post(f"/v3/{_table}", defaults=_each, endpoint=f"create_{_table}")(create)
    blueprint.get(f"/v3/{_table}/<identity>", defaults=_each, endpoint=f"show_{_table}")(show_one)
    blueprint.put(f"/v3/{_table}/<identity>", defaults=_each, endpoint=f"change_{_table}")(change)
    blueprint.get(f"/v2/{_table}", defaults=_every, endpoint=f"list_{_table}_v2")(show_all)
    blueprint.get(f"/v2/{_table}/<identity>", defaults=_each, endpoint=f"show_{_table}_v2")(show_older)
