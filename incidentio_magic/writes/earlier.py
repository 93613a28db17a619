"""The result of an earlier write of the same intent, read back from the service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.writes.drafts import Declaration, Event, Page, Update, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.writes.ledger import Entry
    from incidentio_magic.writes.messages import Keyed, Made

RECENT: Final = timedelta(hours=24)
"""How long after a declaration the same content declares nothing new unless `again` is set."""


def read_back(api: Api, draft: Keyed, identity: str) -> Made | None:
    """Return the record that a write created, or None if it no longer exists or cannot be read.

    Args:
        api: The endpoints.
        draft: What was written.
        identity: The ID of the created record.
    """
    try:
        match draft:
            case Declaration():
                return api.incident(identity)
            case Page():
                return api.escalation(identity)
            case Update():
                return _with_id(api.incident_updates(draft.incident.id), identity)
            case Event():
                return _with_id(api.timeline_items(draft.incident.id), identity)
    except errors.NotFound:
        return None
    except errors.IncidentioError:
        if isinstance(draft, Declaration):
            raise  # the next step depends on whether it is still open
        return None


def paged_with_key(api: Api, draft: Page, key: str) -> models.Escalation | None:
    """Return the escalation created with this key; None if there is none or the service does not say.

    Args:
        api: The endpoints.
        draft: Who is to be paged.
        key: The idempotency key.
    """
    try:
        found = list(next(api.escalations(idempotency_key=key).walk()).records)
    except errors.IncidentioError:
        return None  # if the key may not list escalations, the service still recognises the idempotency key
    # A service without this filter lists everything, so only an escalation that matches the draft counts.
    alike = [page for page in found if page.title == tidy(draft.title) and _is_about(page, draft.incident)]
    return alike[0] if len(found) == len(alike) == 1 else None


def refuse_if_recent(incident: models.Incident, now: datetime, zone: ZoneInfo) -> None:
    """Refuse to declare again from content whose incident was declared recently and has ended.

    Args:
        incident: The incident that was declared from the content.
        now: The service's current time.
        zone: The time zone of the message.

    Raises:
        RecentlyEnded: If it was declared in the last 24 hours.
    """
    if now - incident.created_at >= RECENT:
        return
    creator = incident.creator
    who = creator and (creator.user or creator.api_key or creator.workflow)
    at = f"{incident.created_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    raise errors.RecentlyEnded(
        f"{incident.reference} was declared from this same text at {at}{f' by {who.name}' if who else ''} and is now"
        f" {incident.incident_status.name}; nothing was sent.",
        hint=f"%incidents show {incident.reference} shows it",
        option_hint="--again declares another incident",
    )


def remembered_sentence(draft: Keyed, entry: Entry, zone: ZoneInfo) -> str:
    """Return the sentence about a write that only the ledger records.

    Args:
        draft: What was written.
        entry: The ledger's entry about its end.
        zone: The time zone of the message.
    """
    reference = "" if isinstance(draft, Declaration) else draft.incident.reference
    done = {"update": "shared on", "event": "added to the timeline of", "page": "paged for"}.get(draft.verb, "written")
    return f"Already {done} {reference} at {entry_time(entry, zone)}, according to the local ledger; nothing sent."


def entry_time(entry: Entry, zone: ZoneInfo) -> str:
    """Return when a line of the ledger was written, with its zone, or "an unknown time"."""
    return f"{entry.moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" if entry.moment else "an unknown time"


def _with_id(records: Iterable[Made], identity: str) -> Made | None:
    return next((record for record in records if record.id == identity), None)


def _is_about(page: models.Escalation, incident: models.Incident) -> bool:
    return incident.id in {related.id for related in page.related_incidents or ()}
