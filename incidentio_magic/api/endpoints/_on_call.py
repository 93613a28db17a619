"""The endpoints of paging: alerts, escalations, escalation paths and schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.api import models
from incidentio_magic.api.endpoints._base import PAGE, SMALL_PAGE, SMALLEST_PAGE, Endpoints, given, one_of, quoted
from incidentio_magic.api.filters import ALWAYS, Window
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.wire import CREATE_ESCALATION, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class OnCallEndpoints(Endpoints):
    """Who is on call, who was paged, and which alerts paged them."""

    def alerts(
        self,
        *,
        statuses: Iterable[str] = (),
        alert_source_ids: Iterable[str] = (),
        created: Window = ALWAYS,
        deduplication_key: str = "",
    ) -> Listing[models.Alert]:
        """List the organisation's alerts.

        Args:
            statuses: Only these statuses: firing, resolved.
            alert_source_ids: Only alerts from these sources.
            created: When the alert was created; the service filters by whole days.
            deduplication_key: Only the alert with this key.
        """
        query = (
            *one_of("status", statuses),
            *one_of("alert_source", alert_source_ids),
            *created.pairs("created_at"),
            *(given(**{"deduplication_key[is]": deduplication_key})),
        )
        return self._list("/v2/alerts", "alerts", models.Alert, query, size=SMALL_PAGE)

    def incident_alerts(self, incident_id: str = "", *, alert_id: str = "") -> Listing[models.IncidentAlert]:
        """List which alerts belong to which incidents.

        Args:
            incident_id: Only the alerts of this incident, by its full ID.
            alert_id: Only the incidents of this alert.
        """
        query = given(incident_id=incident_id, alert_id=alert_id)
        return self._list("/v2/incident_alerts", "incident_alerts", models.IncidentAlert, query, size=SMALL_PAGE)

    def escalation_paths(self) -> Listing[models.EscalationPath]:
        """List the escalation paths."""
        return self._list("/v2/escalation_paths", "escalation_paths", models.EscalationPath, size=SMALLEST_PAGE)

    def escalations(
        self,
        incident_ids: str | Iterable[str] = (),
        *,
        statuses: Iterable[str] = (),
        escalation_path_ids: Iterable[str] = (),
        created: Window = ALWAYS,
        idempotency_key: str = "",
    ) -> Listing[models.Escalation]:
        """List escalations, of some incidents or of the whole organisation.

        Args:
            incident_ids: Only the escalations related to these incidents, by their full IDs; one ID or several.
            statuses: Only these statuses, such as triggered or acked.
            escalation_path_ids: Only these escalation paths.
            created: When the escalation was created; the service filters by whole days.
            idempotency_key: Only the escalation created with this key.
        """
        incidents = [incident_ids] if isinstance(incident_ids, str) else incident_ids
        query = (
            *one_of("incident", incidents),
            *one_of("status", statuses),
            *one_of("escalation_path", escalation_path_ids),
            *created.pairs("created_at"),
            *given(**{"idempotency_key[is]": idempotency_key}),
        )
        return self._list("/v2/escalations", "escalations", models.Escalation, query, size=SMALL_PAGE)

    def escalation(self, identity: str) -> models.Escalation:
        """Return one escalation."""
        request = Request("GET", f"/v2/escalations/{quoted(identity)}")
        return self._record_about(request, "escalation", models.Escalation, lambda found: found.id == identity)

    def create_escalation(self, body: Mapping[str, Any]) -> models.Escalation:
        """Page people; `body` carries an idempotency key."""
        request = Request("POST", "/v2/escalations", body=body, keyed=True, rate=CREATE_ESCALATION)
        return self._record(request, "escalation", models.Escalation)

    def respond_to_escalation(self, identity: str, body: Mapping[str, Any]) -> None:
        """Acknowledge or snooze an escalation in the API key's name. Never repeat it without reading it back."""
        path = f"/v2/escalations/{quoted(identity)}/actions/respond"
        self._done(Request("POST", path, body=body, has_content=False))

    def cancel_escalation(self, identity: str) -> None:
        """Stop an escalation from paging anyone else. Cancelling it again changes nothing."""
        path = f"/v2/escalations/{quoted(identity)}/actions/cancel"
        self._done(Request("POST", path, harmless=True, has_content=False))

    def status_page_incidents(self, status_page_id: str) -> Listing[models.StatusPageIncident]:
        """List what was published on a status page."""
        query = given(status_page_id=status_page_id)
        return self._list("/v2/status_page_incidents", "status_page_incidents", models.StatusPageIncident, query)

    def schedules(self, *, with_next_shifts: bool = False) -> Listing[models.Schedule]:
        """List the schedules with their current shifts.

        Args:
            with_next_shifts: Whether to list the next shifts too; the service includes them only on small pages.
        """
        size = SMALLEST_PAGE if with_next_shifts else PAGE
        return self._list("/v2/schedules", "schedules", models.Schedule, size=size)

    def schedule_entries(self, schedule_id: str, start: datetime, end: datetime) -> Listing[models.ShiftInForce]:
        """List who is on call in a schedule: the shifts in force, with overrides marked.

        Args:
            schedule_id: The schedule.
            start: The beginning of the window.
            end: The end of the window.
        """

        def fetch(cursor: str | None) -> Page[models.ShiftInForce]:
            # This list has no `after` parameter: the next page begins where the last one ended.
            query = given(
                schedule_id=schedule_id,
                entry_window_start=cursor or start.isoformat(),
                entry_window_end=end.isoformat(),
            )
            request = Request("GET", "/v2/schedule_entries", query=query)
            decoded = self._answered(request, "schedule_entries", models.ScheduleEntries)
            return Page(_in_force(decoded.content), decoded.meta, decoded.unreadable)

        return Listing(fetch)


def _in_force(entries: models.ScheduleEntries) -> list[models.ShiftInForce]:
    return [
        models.ShiftInForce(
            shift.start_at,
            shift.end_at,
            shift.user,
            shift.entry_id,
            shift.rotation_id,
            any(_made(override, shift) for override in entries.overrides or ()),
        )
        for shift in entries.final or ()
    ]


def _made(override: models.Shift, shift: models.Shift) -> bool:
    """Return whether a shift is in force because of an override: it is the override, or part of it."""
    if override.entry_id and override.entry_id == shift.entry_id:
        return True
    same = override.user is not None and shift.user is not None and override.user.id == shift.user.id
    same = same and override.rotation_id in {None, shift.rotation_id}
    return same and override.start_at <= shift.start_at and shift.end_at <= override.end_at
