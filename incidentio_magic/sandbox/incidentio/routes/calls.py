"""Calls, their transcripts, workflow runs and participants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page
from incidentio_magic.sandbox.http.queries import Condition
from incidentio_magic.sandbox.incidentio.incident_lookup import find
from incidentio_magic.sandbox.incidentio.render import without_nulls

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.answers import Participant
    from incidentio_magic.sandbox.attached_records import WorkflowRun

blueprint = Blueprint("calls", __name__)

LARGEST_RUNS_PAGE = 50
ACTIVE = ("collaborator", "responder")


@blueprint.get("/v2/call_sessions")
def sessions() -> Response:
    """List an incident's calls, newest first."""
    parameters = query()
    conditions = [Condition("incident_id = ?", (parameters.text("incident_id", required=True),)), *visible()]
    rows, meta = page(service().store, parameters, "call_sessions", conditions, order="started_at", newest_first=True)
    shown = [without_nulls(json.loads(row["document"])) for row in rows]
    return answer({"call_sessions": shown, "pagination_meta": meta})


@blueprint.get("/v2/call_transcript_entries")
def transcript() -> Response:
    """List a call's transcript, oldest first."""
    parameters = query()
    seen = visible()
    calls = f"SELECT id FROM call_sessions WHERE {seen[0].clause if seen else 1}"  # noqa: S608  ours
    conditions = [
        Condition("call_session_id = ?", (parameters.text("call_session_id", required=True),)),
        Condition(f"call_session_id IN ({calls})"),
    ]
    rows, meta = page(service().store, parameters, "call_transcript_entries", conditions, order="timestamp")
    shown = [without_nulls(json.loads(row["document"])) for row in rows]
    return answer({"call_transcript_entries": shown, "pagination_meta": meta})


@blueprint.get("/v2/workflow_runs")
def runs() -> Response:
    """List workflow runs, newest first."""
    parameters = query()
    conditions = [
        Condition(f"{name} = ?", (value,))
        for name in ("workflow_id", "incident_id")
        if (value := parameters.text(name)) is not None
    ]
    conditions += parameters.dates(parameters.filters("created_at"), "created_at")
    rows, meta = page(
        service().store,
        parameters,
        "workflow_runs",
        conditions + visible(),
        order="created_at",
        newest_first=True,
        largest=LARGEST_RUNS_PAGE,
        total=True,
    )
    shown = []
    for row in rows:
        run: WorkflowRun = json.loads(row["document"])
        run["progress"] = [without_nulls(step) for step in run["progress"]]
        shown.append(without_nulls(run))
    return answer({"workflow_runs": shown, "pagination_meta": meta})


@blueprint.get("/v2/incident_participants")
def participants() -> Response:
    """List an incident's active and passive participants."""
    parameters = query()
    incident_id = parameters.text("incident_id", required=True)
    parameters.check()
    incident = find(incident_id or "")
    if incident is None:
        raise not_found("incident")
    shown: dict[str, list[Participant]] = {"active": [], "passive": []}
    for user, kind in incident["participants"].items():
        part: Participant = {"participant_type": kind, "user": service().renderer.user(user)}
        shown["active" if kind in ACTIVE else "passive"].append(part)
    return answer({"incident_participants": shown})
