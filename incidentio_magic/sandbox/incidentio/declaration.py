"""Reads a declaration and applies the rules of the incident's type and mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio import changes
from incidentio_magic.sandbox.incidentio.filters import MODES

if TYPE_CHECKING:
    from incidentio_magic.sandbox.http.payloads import Body
    from incidentio_magic.sandbox.incidentio.state import State
    from incidentio_magic.sandbox.records import Declaration, SparseIncident
    from incidentio_magic.sandbox.vocabulary import IncidentType, Organisation, Status

LARGEST_NUMBER = 10**9
FIRST_CATEGORIES = {"retrospective": ("closed", "learning", "live", "triage")}


def declare(sent: Body, service: State) -> Declaration:
    """Read a declaration, noting every problem in `sent`.

    Args:
        sent: the request's body.
        service: provides the vocabulary and the next number.

    Returns:
        The incident, as far as the request decides it.
    """
    organisation = service.organisation
    visibility = sent.choice("visibility", ("public", "private"), required=True)
    mode = sent.choice("mode", MODES) or "standard"
    types = organisation["incident_types"]
    type_id = sent.reference("incident_type_id", types)
    kind = types[type_id] if type_id else next(kind for kind in types.values() if kind["is_default"])
    if kind["private_incidents_only"] and visibility == "public":
        sent.blame("visibility", f"Incidents of the type {kind['name']} must be private")
    status = _status(sent, mode, kind, organisation)
    severity_id = sent.reference("severity_id", organisation["severities"])
    if "severity_id" not in sent and status["category"] != "triage":
        sent.blame("severity_id", "A severity is required to open an incident", "is_required")
    number, options = _retrospective(sent, mode, service)
    summary = sent.text("summary")
    fields = changes.custom_fields(sent, organisation)
    roles = changes.roles(sent, organisation, declaring=True)
    timestamps = changes.timestamps(sent, organisation)
    name = sent.text("name", empty=False, longest=changes.LONGEST_NAME)
    channel = sent.text("slack_channel_name_override", empty=False, longest=changes.LONGEST_CHANNEL)
    team = sent.text("slack_team_id", longest=changes.LONGEST_CHANNEL)
    declaration: Declaration = {
        **options,
        "number": number,
        "name": name or f"Incident {number}",
        "summary": summary,
        "mode": mode,
        "visibility": visibility or "",
        "incident_type_id": kind["id"],
        "incident_status_id": status["id"],
        "severity_id": severity_id,
        "fields": {identity: values for identity, values in fields.items() if values},
        "roles": {role: user for role, user in roles.items() if user},
        "timestamps": {stamp: value for stamp, value in timestamps.items() if value},
    }
    if channel:
        declaration["slack_channel_name"] = channel
    if team:
        declaration["slack_team_id"] = team
    return declaration


def _status(sent: Body, mode: str, kind: IncidentType, organisation: Organisation) -> Status:
    statuses = organisation["incident_statuses"]
    allowed = FIRST_CATEGORIES.get(mode, ("live", "triage"))
    always = kind["create_in_triage"] == "always" and mode != "retrospective"
    chosen = sent.reference("incident_status_id", statuses)
    if chosen and statuses[chosen]["category"] not in allowed:
        sent.blame("incident_status_id", f"A new {mode} incident cannot be {statuses[chosen]['name']}")
    if chosen and not always:
        return statuses[chosen]
    category = "triage" if always else allowed[0]
    return next(status for status in statuses.values() if status["category"] == category)


def _retrospective(sent: Body, mode: str, service: State) -> tuple[int, SparseIncident]:
    """Return the incident's number, and the options that only a retrospective incident may set."""
    number = service.store.count("SELECT coalesce(max(number), 0) + 1 FROM incidents")
    found: SparseIncident = {}
    options = sent.inner("retrospective_incident_options")
    if options is None:
        return number, found
    if mode != "retrospective":
        sent.blame("retrospective_incident_options", "Only a retrospective incident takes these options")
    chosen = options.integer("external_id", 1, LARGEST_NUMBER)
    if chosen:
        if service.store.count("SELECT count(*) FROM incidents WHERE number = ?", (chosen,)):
            options.blame("external_id", f"There is already an INC-{chosen}", "conflict")
        number = chosen
    url = changes.link(options, "postmortem_document_url")
    if url:
        found["postmortem_document_url"] = url
    channel = options.text("slack_channel_id", longest=changes.LONGEST_CHANNEL)
    if channel:
        found["slack_channel_id"] = channel
    return number, found
