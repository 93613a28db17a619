"""Alerts and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.api.models import actor_text
from incidentio_magic.timeline.event import Event
from incidentio_magic.timeline.kinds import of_escalation
from incidentio_magic.timeline.records import unique

if TYPE_CHECKING:
    from incidentio_magic.api import models
    from incidentio_magic.timeline.records import Records
    from incidentio_magic.timeline.rows import EventMerge


def add_escalations(merged: EventMerge, records: Records) -> None:
    """Add each event of each escalation; the activity log may already have the page and its acknowledgement."""
    for escalation in sorted(unique(records.escalations), key=lambda escalation: escalation.id):
        for happened in sorted(unique(escalation.events), key=lambda event: (event.occurred_at, event.id)):
            event = _of_escalation(escalation, happened, records)
            place = None
            if happened.event in {"triggered", "acked"}:
                key = (happened.event, escalation.id)
                by = event.actor
                place = merged.take(key, event.at, fits=lambda row, by=by: by is None or row.actor in {None, by})  # type: ignore[misc]
            if place is None:
                merged.add(event)
            else:
                merged.fill(place, link=f"escalations:{happened.id}", **vars(event))


def _of_escalation(escalation: models.Escalation, happened: models.EscalationEvent, records: Records) -> Event:
    actor, actor_kind = None, None
    people = ", ".join(user.name for user in happened.users or ()) or None
    after = None
    title = f"Page {happened.event.replace('_', ' ')}: {escalation.title}"
    detail = None
    if happened.event == "triggered":
        actor, actor_kind = actor_text(escalation.creator)
        title = f"Paged: {escalation.title}"
        detail = escalation.description or None
    elif happened.event == "acked":
        actor, actor_kind = (people, "user") if people else (None, None)
        title = f"Acknowledged: {escalation.title}"
    elif happened.event == "notified_users":
        title, after = f"Notified {people or 'people'}", people
        detail = f"Urgency: {happened.urgency}" if happened.urgency else None
    elif happened.event == "notified_channels":
        title = "Notified channels"
    return Event(
        at=happened.occurred_at,
        source="escalations",
        kind=of_escalation(happened.event),
        type=happened.event,
        title=title,
        entry_id=happened.id,
        incident=records.incident.reference,
        recorded_at=happened.occurred_at,
        detail=detail,
        actor=actor,
        actor_kind=actor_kind,
        after=after,
        about=escalation.id,
        private=_is_private(escalation, records),
    )


def _is_private(escalation: models.Escalation, records: Records) -> bool:
    """Return whether an escalation is about a private incident."""
    return records.incident.is_private or any(
        incident.visibility == "private" for incident in escalation.related_incidents or ()
    )


def add_alerts(merged: EventMerge, records: Records) -> None:
    """Add when each alert fired and when it was resolved; only the activity log knows when it was attached."""
    fired: dict[str, int] = {}
    for link in sorted(unique(records.alerts), key=lambda link: link.id):
        alert = link.alert
        if alert.id not in fired:
            fired[alert.id] = merged.add(_of_alert(alert, records, resolved=False))
            if alert.resolved_at:
                merged.add(_of_alert(alert, records, resolved=True))
        place = merged.take(("attached", alert.id))
        known = {"detail": alert.description or None, "url": alert.source_url or None}
        merged.fill(fired[alert.id] if place is None else place, link=f"alerts:{link.id}", **known)


def _of_alert(alert: models.Alert, records: Records, *, resolved: bool) -> Event:
    at = alert.resolved_at if resolved and alert.resolved_at else alert.created_at
    return Event(
        at=at,
        source="alerts",
        kind="alert",
        type="resolved" if resolved else "fired",
        title=f"Alert {'resolved' if resolved else 'fired'}: {alert.title}",
        entry_id=alert.id,
        incident=records.incident.reference,
        recorded_at=at,
        detail=alert.description or None,
        after="resolved" if resolved else "firing",
        url=alert.source_url or None,
        about=alert.id,
        private=records.incident.is_private,
    )
