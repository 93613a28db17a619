"""The endpoints of incidents and of everything that belongs to an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.api import models
from incidentio_magic.api.endpoints import _base
from incidentio_magic.api.endpoints._base import SMALL_PAGE, Endpoints, given, is_about, quoted
from incidentio_magic.api.pagination import Listing
from incidentio_magic.api.read_ahead import ReadAhead
from incidentio_magic.api.wire import LIST_INCIDENTS, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.api.pagination import Page


class IncidentEndpoints(Endpoints):
    """Incidents, their updates, timelines, documents and attachments."""

    def incidents(
        self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False
    ) -> Listing[models.Incident]:
        """List incidents.

        Args:
            which: The filters and the order.
            limit: The maximum number to list, or None for all.
            ahead: Whether several threads may read a long list; for callers that read it to its end.
        """
        return self._incidents(models.Incident, which, limit=limit, ahead=ahead)

    def wide_incidents(
        self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False
    ) -> Listing[models.WideIncident]:
        """List incidents with the columns of a wide table; the arguments are those of `incidents`."""
        return self._incidents(models.WideIncident, which, limit=limit, ahead=ahead)

    def narrow_incidents(
        self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False
    ) -> Listing[models.NarrowIncident]:
        """List incidents with the columns of a narrow table; the arguments are those of `incidents`."""
        return self._incidents(
            models.NarrowIncident, which, limit=limit, ahead=ahead, prepare=models.CommonParts().share
        )

    def measured_incidents(self, which: IncidentFilter, *, ahead: bool = True) -> Listing[models.MeasuredIncident]:
        """List incidents with the parts that durations need; the arguments are those of `incidents`."""
        return self._incidents(models.MeasuredIncident, which, limit=None, ahead=ahead)

    def _incidents(
        self,
        kind: type[Any],
        which: IncidentFilter,
        *,
        limit: int | None,
        ahead: bool,
        prepare: Callable[[list[Any]], None] = lambda _records: None,
    ) -> Listing[Any]:
        size = _base.PAGE if limit is None else min(_base.PAGE, max(1, limit))

        def fetch(which: IncidentFilter, cursor: str | None, own_size: int | None) -> Page[Any]:
            query, rows = which.query(), own_size or size
            page: Page[Any] = self._page("/v2/incidents", "incidents", kind, query, rows, cursor, rate=LIST_INCIDENTS)
            prepare(page.records)
            return page

        if ahead:
            return Listing(ReadAhead(which, fetch, lambda: self.transport.left(LIST_INCIDENTS)), limit, size)
        return Listing(lambda cursor: fetch(which, cursor, None), limit, size)

    def incident(self, identity: str) -> models.Incident:
        """Return one incident, by its full ID or the number of its reference."""
        request = Request("GET", f"/v2/incidents/{quoted(identity)}")
        return self._record_about(request, "incident", models.Incident, lambda found: _is_named(found, identity))

    def create_incident(self, body: Mapping[str, Any]) -> models.Incident:
        """Declare an incident; `body` carries an idempotency key."""
        return self._record(Request("POST", "/v2/incidents", body=body, keyed=True), "incident", models.Incident)

    def edit_incident(self, identity: str, body: Mapping[str, Any]) -> models.Incident:
        """Change an incident's properties. It has no idempotency key, so it is never repeated without a check."""
        path = f"/v2/incidents/{quoted(identity)}/actions/edit"
        request = Request("POST", path, body=body)
        return self._record_about(request, "incident", models.Incident, lambda found: _is_named(found, identity))

    def incident_updates(self, incident_id: str = "") -> Listing[models.IncidentUpdate]:
        """List the updates of an incident, by its full ID, or of the whole organisation."""
        query = given(incident_id=incident_id)
        return self._list("/v2/incident_updates", "incident_updates", models.IncidentUpdate, query)

    def create_incident_update(self, body: Mapping[str, Any]) -> models.IncidentUpdate:
        """Share an update; `body` carries an idempotency key."""
        request = Request("POST", "/v2/incident_updates", body=body, keyed=True)
        return self._record_about(
            request, "incident_update", models.IncidentUpdate, lambda found: is_about(found.incident_id, body)
        )

    def timeline_items(self, incident_id: str) -> Listing[models.TimelineItem]:
        """List the items of an incident's curated timeline."""
        query = given(incident_id=incident_id)
        return self._list("/v2/incident_timeline_items", "incident_timeline_items", models.TimelineItem, query)

    def create_timeline_item(self, body: Mapping[str, Any]) -> models.TimelineItem:
        """Add an item to a timeline; `body` carries an idempotency key."""
        request = Request("POST", "/v2/incident_timeline_items", body=body, keyed=True)
        return self._record_about(
            request, "incident_timeline_item", models.TimelineItem, lambda found: is_about(found.incident_id, body)
        )

    def activity_log_entries(self, incident_id: str) -> Listing[models.ActivityLogEntry]:
        """List an incident's activity log, oldest first."""
        name, query = "incident_activity_log_entries", given(incident_id=incident_id)
        return self._list(f"/v2/{name}", name, models.ActivityLogEntry, query)

    def call_sessions(self, incident_id: str) -> Listing[models.CallSession]:
        """List an incident's calls."""
        return self._list("/v2/call_sessions", "call_sessions", models.CallSession, given(incident_id=incident_id))

    def call_transcript(self, call_session_id: str) -> Listing[models.CallTranscriptEntry]:
        """List a call's transcript, oldest first."""
        query = given(call_session_id=call_session_id)
        return self._list("/v2/call_transcript_entries", "call_transcript_entries", models.CallTranscriptEntry, query)

    def workflow_runs(self, incident_id: str) -> Listing[models.WorkflowRun]:
        """List the workflow runs about an incident."""
        query = given(incident_id=incident_id)
        return self._list("/v2/workflow_runs", "workflow_runs", models.WorkflowRun, query, size=SMALL_PAGE)

    def participants(self, incident_id: str) -> models.Participants:
        """Return who took part in an incident."""
        request = Request("GET", "/v2/incident_participants", query=given(incident_id=incident_id))
        return self._record(request, "incident_participants", models.Participants)

    def participant_workloads(self, incident_id: str) -> list[models.ParticipantWorkload]:
        """Return how many minutes each participant spent on an incident."""
        request = Request("GET", "/v2/incident_participant_workloads", query=given(incident_id=incident_id))
        return self._record(request, "incident_participant_workloads", list[models.ParticipantWorkload])

    def incident_relationships(self, incident_id: str) -> Listing[models.IncidentRelationship]:
        """List the incidents that are related to an incident."""
        query = given(incident_id=incident_id)
        return self._list("/v1/incident_relationships", "incident_relationships", models.IncidentRelationship, query)

    def incident_attachments(self, incident_id: str) -> list[models.IncidentAttachment]:
        """Return the links that are attached to an incident."""
        request = Request("GET", "/v1/incident_attachments", query=given(incident_id=incident_id))
        return self._record(request, "incident_attachments", list[models.IncidentAttachment])

    def create_incident_attachment(self, body: Mapping[str, Any]) -> models.IncidentAttachment:
        """Attach a link. There is no idempotency key, so list the attachments first."""
        request = Request("POST", "/v1/incident_attachments", body=body)
        return self._record_about(
            request, "incident_attachment", models.IncidentAttachment, lambda found: is_about(found.incident_id, body)
        )

    def postmortem_documents(self, incident_id: str) -> Listing[models.PostmortemDocument]:
        """List an incident's postmortem documents."""
        query = given(incident_id=incident_id)
        return self._list("/v1/postmortem_documents", "postmortem_documents", models.PostmortemDocument, query)

    def import_postmortem(self, incident_id: str, body: Mapping[str, Any]) -> models.PostmortemDocument:
        """Import a postmortem document. It has no idempotency key, so it is never repeated without a check."""
        path = f"/v2/incidents/{quoted(incident_id)}/actions/import_postmortem_document"
        return self._record(Request("POST", path, body=body), "postmortem_document", models.PostmortemDocument)

    def postmortem_content(self, identity: str) -> str:
        """Return a postmortem document as Markdown."""
        return self._record(Request("GET", f"/v1/postmortem_documents/{quoted(identity)}/content"), "markdown", str)

    def set_postmortem_status(self, identity: str, status: str) -> models.PostmortemDocument:
        """Set a document's status: in_progress, in_review or completed. Repeating it changes nothing."""
        path = f"/v1/postmortem_documents/{quoted(identity)}"
        request = Request("PUT", path, body={"status": status}, harmless=True)
        return self._record(request, "postmortem_document", models.PostmortemDocument)


def _is_named(incident: models.Incident, identity: str) -> bool:
    """Return whether an incident has this ID, reference, or number of its reference."""
    number = incident.reference.rpartition("-")[2]
    if identity.isdecimal() and number.isdecimal():
        return int(number) == int(identity)
    return identity.isdecimal() or identity.casefold() in {incident.id.casefold(), incident.reference.casefold()}
