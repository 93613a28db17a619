"""The sentence that reports the outcome of a write with a key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.api import models
from incidentio_magic.writes.drafts import Declaration, Event, Page, Update

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.settings import Settings

    Keyed = Declaration | Update | Event | Page
    Made = models.Incident | models.IncidentUpdate | models.TimelineItem | models.Escalation

AGAIN: Final = "--again repeats it"


def sentence(draft: Keyed, made: Made, settings: Settings, now: datetime, *, replayed: bool, by: str = "") -> str:
    """Return the sentence: what was created, or when it had been created before.

    Args:
        draft: What was written.
        made: The record that the service returned.
        settings: The time zone, and whether names of private incidents are shown.
        now: The service's current time.
        replayed: Whether an earlier request had created it.
        by: The name of the API key that created it, if it was another key.
    """
    zone = settings.zone
    at = f"{made.created_at.astimezone(zone):%H:%M:%S %Z}"
    if replayed and made.created_at < now - timedelta(hours=12):
        at = f"{made.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    at += f" with the key {by!r}" if by else ""
    match draft:
        case Declaration():
            incident = made if isinstance(made, models.Incident) else None
            reference = incident.reference if incident else ""
            shown = _name(incident, show_private=settings.show_private) if incident else ""
            new = f"{reference} declared at {at}: {shown}"
            earlier = f"{reference} was already declared from the same text at {at} and is still open; nothing sent"
        case Update():
            reference = draft.incident.reference
            new = f"{reference} updated at {at}" + _new_values(draft)
            earlier = f"Already shared on {reference} at {at}; nothing sent"
        case Event():
            reference = draft.incident.reference
            when = draft.at.astimezone(zone)
            new = f"{reference}: event at {when:%Y-%m-%d %H:%M %Z} added to the timeline"
            earlier = f"Already on the timeline of {reference} since {at}; nothing sent"
        case Page():
            reference = draft.incident.reference
            recipients = draft.path.name if draft.path else ", ".join(user.name for user in draft.users)
            new = f"{reference}: paged {recipients} at {at}"
            earlier = f"Already paged for {reference} at {at}; nothing sent"
    return (earlier if replayed else new) + "."


def _name(incident: models.Incident, *, show_private: bool) -> str:
    parts = [
        incident.shown_name(show_private=show_private),
        incident.severity.name if incident.severity else "",
        incident.incident_status.name,
        "" if incident.mode == "standard" else incident.mode,
    ]
    return " · ".join(part for part in parts if part)


def _new_values(draft: Update) -> str:
    changes = []
    if draft.status:
        changes.append((draft.incident.incident_status.name, draft.status.name))
    if draft.severity:
        changes.append((draft.incident.severity.name if draft.incident.severity else "", draft.severity.name))
    texts = [f"{before} → {after}" if before not in {"", after} else after for before, after in changes]
    return ": " + " · ".join(texts) if texts else ""
