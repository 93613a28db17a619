"""Attachments, related incidents, and the time people spent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from flask import Blueprint

from incidentio_magic.sandbox.http.context import answer, body, query, service, visible
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page, where
from incidentio_magic.sandbox.http.queries import Condition
from incidentio_magic.sandbox.incidentio import changes
from incidentio_magic.sandbox.incidentio.incident_lookup import find, named_in

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.answers import ParticipantWorkload, RelatedIncident, Relationship

blueprint = Blueprint("attachments", __name__)

RESOURCES = (
    "pager_duty_incident", "opsgenie_alert", "datadog_monitor_alert", "github_pull_request", "gitlab_merge_request",
    "sentry_issue", "jira_issue", "jsm_alert", "atlassian_statuspage_incident", "zendesk_ticket",
    "google_calendar_event", "outlook_calendar_event", "slack_file", "salesforce_case", "pylon_issue",
    "arbitrary_url", "scrubbed", "statuspage_incident",
)  # fmt: skip
LONGEST_TITLE = 1000
WorkloadName = Literal[
    "workload_minutes_total", "workload_minutes_working", "workload_minutes_late", "workload_minutes_sleeping"
]
MINUTES: tuple[tuple[str, WorkloadName], ...] = (
    ("minutes_spent_on_incident", "workload_minutes_total"),
    ("minutes_spent_on_incident_in_working_hours", "workload_minutes_working"),
    ("minutes_spent_on_incident_in_late_hours", "workload_minutes_late"),
    ("minutes_spent_on_incident_in_sleeping_hours", "workload_minutes_sleeping"),
)


@blueprint.get("/v1/incident_attachments")
def attachments() -> Response:
    """List attachments, by incident or by external ID."""
    parameters = query()
    incident_id, external_id = parameters.text("incident_id"), parameters.text("external_id")
    resource_type = parameters.choice("resource_type", RESOURCES)
    parameters.check()
    conditions = [
        Condition(f"{column} = ?", (value,))
        for column, value in (
            ("incident_id", incident_id),
            ("json_extract(document, '$.resource.external_id')", external_id),
            ("json_extract(document, '$.resource.resource_type')", resource_type),
        )
        if value is not None
    ]
    found = where([*conditions, *visible()])
    rows = service().store.rows(
        f"SELECT document FROM incident_attachments WHERE {found.clause} ORDER BY incident_id, id",  # noqa: S608  ours
        found.values,
    )
    return answer({"incident_attachments": [json.loads(row["document"]) for row in rows]})


@blueprint.post("/v1/incident_attachments")
def attach() -> Response:
    """Attach something external; a repeated attachment is not added again."""
    # A guess: a repeat adds nothing. If it is wrong, the real incident has the link twice; the client lists the
    # attachments first.
    sent = body()
    incident_id = sent.text("incident_id", required=True)
    resource = sent.inner("resource", required=True)
    kind = address = title = None
    if resource is not None:
        kind = resource.choice("resource_type", RESOURCES, required=True)
        title = resource.text("title", longest=LONGEST_TITLE)
        resource.text("emoji")
        if kind == "arbitrary_url":
            address = changes.link(resource, "url")
            if "url" not in resource:
                resource.blame("url", "an arbitrary_url needs its url", "is_required")
        else:
            address = resource.text("external_id", required=True, empty=False)
    with service().writing():
        incident = named_in(sent, incident_id)
        sent.check()
        assert incident  # noqa: S101  check() has refused a missing incident
        made = service().journal.attach(
            incident["id"], f"{kind} {address}", kind or "", address or "", title or address or ""
        )
    return answer({"incident_attachment": made}, 201)


@blueprint.get("/v1/incident_relationships")
def relationships() -> Response:
    """List the incidents that are related to an incident."""
    parameters = query()
    conditions = [Condition("incident_id = ?", (parameters.text("incident_id", required=True),))]
    conditions += [*visible(), *visible("related_id")]
    rows, meta = page(service().store, parameters, "incident_relationships", conditions)
    shown: list[Relationship] = []
    for row in rows:
        related = service().store.document("incidents", row["related_id"])
        assert related  # noqa: S101  incidents are never deleted
        details: RelatedIncident = {"id": related["id"], "external_id": related["number"], "name": related["name"]}
        shown.append({"id": row["id"], "incident": details})
    return answer({"incident_relationships": shown, "pagination_meta": meta})


@blueprint.get("/v2/incident_participant_workloads")
def workloads() -> Response:
    """List the time that each participant spent: the incident's time, in equal parts of whole minutes."""
    parameters = query()
    incident_id = parameters.text("incident_id", required=True)
    parameters.check()
    incident = find(incident_id or "")
    if incident is None:
        raise not_found("incident")
    people = incident["participants"]
    spent = incident.get("workload")
    working = [user for user, kind in people.items() if kind != "observer"] or list(people)
    shown: list[ParticipantWorkload] = [
        {
            "user": service().renderer.user(user),
            "participant_type": kind,
            "workload": {
                name: spent[total] / len(working) if spent and user in working else 0.0 for name, total in MINUTES
            },
        }
        for user, kind in people.items()
    ]
    metadata = {"data_synced_at": service().renderer.moment(incident["updated_at"])}
    return answer({"incident_participant_workloads": shown, "metadata": metadata})
