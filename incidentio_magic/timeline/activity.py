"""The curated timeline and the activity log behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import actor_text
from incidentio_magic.timeline import content as carried
from incidentio_magic.timeline.event import Event
from incidentio_magic.timeline.kinds import of_activity
from incidentio_magic.timeline.records import unique

if TYPE_CHECKING:
    from typing import Any

    from incidentio_magic.api import models
    from incidentio_magic.timeline.records import Records
    from incidentio_magic.timeline.rows import EventMerge, Key

_TWINS: Final = timedelta(seconds=2)  # a status change writes two entries at once
_KEYED: Final = {
    "escalation_created": ("triggered", "escalation_id"),
    "escalation_acknowledged": ("acked", "escalation_id"),
    "alert_attached_to_incident": ("attached", "alert_id"),
    "incident_merged": ("update", "incident_update_id"),
    "incident_update": ("update", "id"),
    "action_created": ("created", "action_id"),
    "follow_up_created": ("created", "follow_up_id"),
}


def add_activity(merged: EventMerge, records: Records) -> None:
    """Add the timeline's items and the activity log; a promoted entry becomes part of its item's row."""
    promoted: dict[str, int] = {}
    for item in sorted(unique(records.timeline), key=lambda item: (item.created_at, item.id)):
        place = merged.add(_of_item(item, records))
        if item.activity_log_id:
            promoted.setdefault(item.activity_log_id, place)
    # Status changes come last, after the updates that they may be part of.
    for entry in sorted(
        unique(records.activity), key=lambda entry: (entry.type == "status_change", entry.occurred_at, entry.id)
    ):
        event = _of_entry(entry, records)
        link = f"activity:{entry.id}"
        twin = None
        if entry.id in promoted:
            place = promoted[entry.id]
            item_event = merged.events[place]
            # It was recorded when it happened, even if it was promoted later.
            merged.events[place] = replace(item_event, kind=event.kind, type=event.type, recorded_at=event.recorded_at)
        elif (twin := _twin(merged, entry, event)) is not None:
            place = twin
        else:
            merged.add(event, *_keys(entry))
            continue
        merged.fill(place, link=link, **vars(event))
        if twin is None:
            merged.name(place, *_keys(entry))


def _of_item(item: models.TimelineItem, records: Records) -> Event:
    actor, actor_kind = actor_text(item.creator)
    return Event(
        at=item.timestamp,
        source="timeline",
        kind="note",
        type="timeline_item",
        title=item.title,
        entry_id=item.id,
        incident=records.reference(item.incident_id),
        recorded_at=item.created_at,
        detail=item.description or None,
        actor=actor,
        actor_kind=actor_kind,
        curated=True,
        private=records.is_private(item.incident_id),
    )


def _of_entry(entry: models.ActivityLogEntry, records: Records) -> Event:
    content = carried.content_of(entry)
    actor, actor_kind = carried.doer(content)
    before, after = carried.change(entry.type, content)
    if entry.type == "incident_merged":
        # The entry names only the merged incident; that incident's own update says into which one.
        own = carried.identity(content.get("source_incident")) == entry.incident_id
        before, after = (None, None) if own else (before, records.reference(entry.incident_id))
    return Event(
        at=entry.occurred_at,
        source="activity",
        kind=_kind(entry.type, content),
        type=entry.type,
        title=_title(entry, content),
        entry_id=entry.id,
        incident=records.reference(entry.incident_id),
        recorded_at=entry.created_at,
        detail=carried.detail(content),
        actor=actor,
        actor_kind=actor_kind,
        before=before,
        after=after,
        about=carried.subject(content),
        private=records.is_private(entry.incident_id) or carried.is_private(content.get("source_incident")),
    )


def _title(entry: models.ActivityLogEntry, content: dict[str, Any]) -> str:
    """Return an entry's title; for an update, what changed, since all updates in the log may have the same title."""
    if entry.type != "incident_update":
        return entry.title
    return carried.moved(_moves(content)) or entry.title


def _moves(content: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [
        (what, carried.shown(content.get(f"previous_{name}")), carried.shown(content.get(f"new_{name}")))
        for what, name in (("Status", "status"), ("Severity", "severity"))
    ]


def _kind(entry_type: str, content: dict[str, Any]) -> str:
    if entry_type != "incident_update":
        return of_activity(entry_type)
    for what, old, new in _moves(content):
        if new and old != new:
            return "declaration" if what == "Status" and not old else what.lower()
    return "update"


def _twin(merged: EventMerge, entry: models.ActivityLogEntry, event: Event) -> int | None:
    """Return the row of the update that made this entry's status change; each update is used once."""
    if entry.type != "status_change" or event.after is None:
        return None
    return merged.take(_moved(entry), event.at, within=_TWINS)


def _moved(entry: models.ActivityLogEntry) -> Key:
    content = carried.content_of(entry)
    ids = (carried.identity(content.get(name)) or "" for name in ("previous_status", "new_status"))
    return "moved", " ".join((entry.incident_id, *ids))


def _keys(entry: models.ActivityLogEntry) -> list[Key]:
    content = carried.content_of(entry)
    keys: list[Key] = [("type", entry.type)]
    if entry.type in _KEYED:
        name, field = _KEYED[entry.type]
        if isinstance(content.get(field), str):
            keys.append((name, content[field]))
    if entry.type == "incident_update" and content.get("new_status"):
        keys.append(_moved(entry))
    if entry.type in {"action_updated", "follow_up_updated"}:
        keys.append((str(content.get("new_status")), carried.subject(content) or ""))
    if entry.type == "incident_timestamp_set":
        keys.append(("set", carried.identity(content.get("incident_timestamp")) or ""))
    if entry.type == "workflow_ran":
        creator = content.get("creator")
        workflow = carried.identity(creator.get("workflow")) if isinstance(creator, dict) else None
        keys.append(("ran", workflow or ""))
    return keys
