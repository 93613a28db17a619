"""The API's endpoints, one short method each, returning typed records."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.read_ahead import ReadAhead
from incidentio_magic.api.wire import CREATE_ESCALATION, EVERYTHING, LIST_INCIDENTS, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.api.transport import Transport
    from incidentio_magic.api.wire import Answer

T = TypeVar("T")

PAGE: Final = 250
SMALL_PAGE: Final = 50  # escalations, alert links, workflow runs
SMALLEST_PAGE: Final = 25  # escalation paths; also what each list takes if nothing is asked for


_decoders: Final[dict[tuple[str, Any], msgspec.json.Decoder[Any]]] = {}
_building: Final = threading.Lock()


def decoder(name: str, kind: Any) -> msgspec.json.Decoder[Any]:
    """Return the decoder of an answer that has a `kind` under `name`; to read it in one pass takes half the time.

    Each is built once, under one lock: threads that describe the same type to msgspec at once end the process.
    """
    found = _decoders.get((name, kind))
    if found is None:
        with _building:
            found = _decoders.get((name, kind))
            if found is None:
                content = ("content", kind, msgspec.field(name=name))
                meta = ("pagination_meta", models.PaginationMeta | None, None)
                found = msgspec.json.Decoder(msgspec.defstruct("Body", [content, meta]))
                _decoders[name, kind] = found
    return found


class Api:
    """The API over one transport.

    Args:
        transport: Sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._last = threading.local()

    @property
    def last_request_id(self) -> str:
        """The service's id of this thread's last answered request."""
        return getattr(self._last, "request_id", "")

    # The organisation's vocabulary

    def identity(self) -> models.Identity:
        """Return who the API key is."""
        return self._one(Request("GET", "/v1/identity"), "identity", models.Identity)

    def is_sandbox(self) -> bool:
        """Return whether this is the sandbox, which says so at `GET /sandbox/about`; the real service has no such."""
        try:
            return self._one(Request("GET", "/sandbox/about"), "sandbox", bool)
        except (errors.NotFound, errors.PermissionDenied, errors.UnexpectedAnswer):
            return False

    def severities(self) -> list[models.Severity]:
        """Return the severities."""
        return self._one(Request("GET", "/v1/severities"), "severities", list[models.Severity])

    def incident_statuses(self) -> list[models.IncidentStatus]:
        """Return the incident statuses."""
        request = Request("GET", "/v1/incident_statuses")
        return self._one(request, "incident_statuses", list[models.IncidentStatus])

    def incident_types(self) -> list[models.IncidentType]:
        """Return the incident types."""
        return self._one(Request("GET", "/v1/incident_types"), "incident_types", list[models.IncidentType])

    def incident_roles(self) -> list[models.IncidentRole]:
        """Return the incident roles."""
        return self._one(Request("GET", "/v2/incident_roles"), "incident_roles", list[models.IncidentRole])

    def incident_timestamps(self) -> list[models.IncidentTimestamp]:
        """Return the definitions of the incident timestamps."""
        request = Request("GET", "/v2/incident_timestamps")
        return self._one(request, "incident_timestamps", list[models.IncidentTimestamp])

    def custom_fields(self) -> list[models.CustomField]:
        """Return the custom fields."""
        return self._one(Request("GET", "/v2/custom_fields"), "custom_fields", list[models.CustomField])

    def custom_field_options(self, custom_field_id: str) -> Listing[models.CustomFieldOption]:
        """List the options of a select field."""
        return self._many(
            "/v1/custom_field_options",
            "custom_field_options",
            models.CustomFieldOption,
            (("custom_field_id", custom_field_id),),
        )

    def catalog_entries(self, catalog_type_id: str) -> Listing[models.CatalogEntry]:
        """List the entries of a catalog type."""
        query = (("catalog_type_id", catalog_type_id),)
        return self._many("/v3/catalog_entries", "catalog_entries", models.CatalogEntry, query)

    def users(self, *, email: str = "") -> Listing[models.User]:
        """List the people, or the one with an email address."""
        return self._many("/v2/users", "users", models.User, (("email", email),) if email else ())

    def escalation_paths(self) -> Listing[models.EscalationPath]:
        """List the escalation paths."""
        return self._many("/v2/escalation_paths", "escalation_paths", models.EscalationPath, size=SMALLEST_PAGE)

    # Incidents

    def incidents(
        self, which: IncidentFilter, *, limit: int | None = None, ahead: bool = False
    ) -> Listing[models.Incident]:
        """List incidents.

        Args:
            which: The filters and the order.
            limit: The most to list, or None for all.
            ahead: Whether a long list may be read by several threads; for callers that read it to its end.
        """
        size = PAGE if limit is None else min(PAGE, max(1, limit))

        def fetch(which: IncidentFilter, cursor: str | None, own_size: int | None) -> Page[models.Incident]:
            query, rows = which.query(), own_size or size
            return self._page("/v2/incidents", "incidents", models.Incident, query, rows, cursor, rate=LIST_INCIDENTS)

        if ahead:
            return Listing(ReadAhead(which, fetch, lambda: self.transport.left(LIST_INCIDENTS)), limit, size)
        return Listing(lambda cursor: fetch(which, cursor, None), limit, size)

    def incident(self, identity: str) -> models.Incident:
        """Return one incident, by its full ID or the number of its reference."""
        return self._one(Request("GET", f"/v2/incidents/{_quoted(identity)}"), "incident", models.Incident)

    def create_incident(self, body: Mapping[str, Any]) -> models.Incident:
        """Declare an incident; `body` carries an idempotency key."""
        return self._one(Request("POST", "/v2/incidents", body=body, keyed=True), "incident", models.Incident)

    def edit_incident(self, identity: str, body: Mapping[str, Any]) -> models.Incident:
        """Change an incident's properties. There is no idempotency key: it is never repeated blindly."""
        path = f"/v2/incidents/{_quoted(identity)}/actions/edit"
        return self._one(Request("POST", path, body=body), "incident", models.Incident)

    # What happened in an incident

    def incident_updates(self, incident_id: str = "") -> Listing[models.IncidentUpdate]:
        """List the updates of an incident, by its full ID, or of the whole organisation."""
        return self._many("/v2/incident_updates", "incident_updates", models.IncidentUpdate, _of(incident_id))

    def create_incident_update(self, body: Mapping[str, Any]) -> models.IncidentUpdate:
        """Share an update; `body` carries an idempotency key."""
        request = Request("POST", "/v2/incident_updates", body=body, keyed=True)
        return self._one(request, "incident_update", models.IncidentUpdate)

    def timeline_items(self, incident_id: str) -> Listing[models.TimelineItem]:
        """List the items of an incident's curated timeline."""
        return self._many(
            "/v2/incident_timeline_items", "incident_timeline_items", models.TimelineItem, _of(incident_id)
        )

    def create_timeline_item(self, body: Mapping[str, Any]) -> models.TimelineItem:
        """Add an item to a timeline; `body` carries an idempotency key."""
        request = Request("POST", "/v2/incident_timeline_items", body=body, keyed=True)
        return self._one(request, "incident_timeline_item", models.TimelineItem)

    def activity_log_entries(self, incident_id: str) -> Listing[models.ActivityLogEntry]:
        """List an incident's activity log, oldest first."""
        return self._many(
            "/v2/incident_activity_log_entries",
            "incident_activity_log_entries",
            models.ActivityLogEntry,
            _of(incident_id),
        )

    def escalations(self, incident_id: str) -> Listing[models.Escalation]:
        """List the escalations related to an incident."""
        query = (("incident[one_of]", incident_id),)
        return self._many("/v2/escalations", "escalations", models.Escalation, query, size=SMALL_PAGE)

    def create_escalation(self, body: Mapping[str, Any]) -> models.Escalation:
        """Page people; `body` carries an idempotency key."""
        request = Request("POST", "/v2/escalations", body=body, keyed=True, rate=CREATE_ESCALATION)
        return self._one(request, "escalation", models.Escalation)

    def incident_alerts(self, incident_id: str) -> Listing[models.IncidentAlert]:
        """List the alerts attached to an incident."""
        return self._many(
            "/v2/incident_alerts", "incident_alerts", models.IncidentAlert, _of(incident_id), size=SMALL_PAGE
        )

    def actions(self, incident_id: str, mode: str) -> Listing[models.Action]:
        """List an incident's actions; the incident's own `mode` must be given, or test rows are missing."""
        return self._many("/v3/actions", "actions", models.Action, _of(incident_id, mode))

    def follow_ups(self, incident_id: str, mode: str) -> Listing[models.FollowUp]:
        """List an incident's follow-ups; the incident's own `mode` must be given, or test rows are missing."""
        return self._many("/v3/follow_ups", "follow_ups", models.FollowUp, _of(incident_id, mode))

    def call_sessions(self, incident_id: str) -> Listing[models.CallSession]:
        """List an incident's calls."""
        return self._many("/v2/call_sessions", "call_sessions", models.CallSession, _of(incident_id))

    def call_transcript(self, call_session_id: str) -> Listing[models.CallTranscriptEntry]:
        """List what was said in a call, oldest first."""
        query = (("call_session_id", call_session_id),)
        return self._many("/v2/call_transcript_entries", "call_transcript_entries", models.CallTranscriptEntry, query)

    def workflow_runs(self, incident_id: str) -> Listing[models.WorkflowRun]:
        """List the workflow runs about an incident."""
        return self._many("/v2/workflow_runs", "workflow_runs", models.WorkflowRun, _of(incident_id), size=SMALL_PAGE)

    def postmortem_documents(self, incident_id: str) -> Listing[models.PostmortemDocument]:
        """List an incident's postmortem documents."""
        return self._many(
            "/v1/postmortem_documents", "postmortem_documents", models.PostmortemDocument, _of(incident_id)
        )

    def import_postmortem(self, incident_id: str, body: Mapping[str, Any]) -> models.PostmortemDocument:
        """Attach a document. There is no idempotency key: it is never repeated blindly."""
        path = f"/v2/incidents/{_quoted(incident_id)}/actions/import_postmortem_document"
        return self._one(Request("POST", path, body=body), "postmortem_document", models.PostmortemDocument)

    def postmortem_content(self, identity: str) -> str:
        """Return a postmortem document as Markdown."""
        return self._one(Request("GET", f"/v1/postmortem_documents/{_quoted(identity)}/content"), "markdown", str)

    def participants(self, incident_id: str) -> models.Participants:
        """Return who took part in an incident."""
        request = Request("GET", "/v2/incident_participants", query=_of(incident_id))
        return self._one(request, "incident_participants", models.Participants)

    def _one(self, request: Request, name: str, kind: type[T]) -> T:
        return self._answered(request, name, kind).content  # type: ignore[no-any-return]

    def _many(
        self,
        path: str,
        name: str,
        kind: type[T],
        query: tuple[tuple[str, str], ...] = (),
        *,
        size: int = PAGE,
    ) -> Listing[T]:
        def fetch(cursor: str | None) -> Page[T]:
            try:
                return self._page(path, name, kind, query, listing.size or size, cursor)
            except errors.ValidationFailed as error:
                # Not every list's largest page is documented.
                if "page_size" not in error.fields or listing.size == SMALLEST_PAGE:
                    raise
                listing.size = SMALLEST_PAGE
                return self._page(path, name, kind, query, SMALLEST_PAGE, cursor)

        listing = Listing(fetch, None, size)
        return listing

    def _page(  # noqa: PLR0917  what a page is named by
        self,
        path: str,
        name: str,
        kind: type[T],
        query: tuple[tuple[str, str], ...],
        size: int,
        cursor: str | None,
        *,
        rate: str = EVERYTHING,
    ) -> Page[T]:
        pairs = (*query, ("page_size", str(size)), *((("after", cursor),) if cursor else ()))
        request = Request("GET", path, query=pairs, rate=rate)
        body = self._answered(request, name, list[kind])  # type: ignore[valid-type]
        return Page(body.content, body.pagination_meta)

    def _answered(self, request: Request, name: str, kind: Any) -> Any:
        answer = self.transport.send(request)
        self._last.request_id = answer.headers.get("x-request-id", "")
        try:
            return decoder(name, kind).decode(answer.content)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise _unexpected(request, answer, str(error)) from None


def _unexpected(request: Request, answer: Answer, why: str) -> errors.UnexpectedAnswer:
    return errors.UnexpectedAnswer(
        f"The answer to {request.name} is not what the API promises: {why}.",
        status=answer.status,
        hint="is this the address of incident.io? A newer version of incidentio_magic may know the new form",
        request_id=answer.headers.get("x-request-id", ""),
    )


def _of(incident_id: str, mode: str = "") -> tuple[tuple[str, str], ...]:
    pairs = (("incident_id", incident_id), ("incident_mode", mode))
    return tuple(pair for pair in pairs if pair[1])


def _quoted(identity: str) -> str:
    if not identity.strip("."):  # would name another address: the one above, or the list
        raise errors.InputError(f"{identity!r} is not an ID.")
    return quote(identity, safe="")
