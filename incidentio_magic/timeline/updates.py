"""Events from an incident's updates and timestamps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import actor_text
from incidentio_magic.timeline.content import moved
from incidentio_magic.timeline.event import Event
from incidentio_magic.timeline.records import unique

if TYPE_CHECKING:
    from incidentio_magic.api import models
    from incidentio_magic.timeline.records import Records
    from incidentio_magic.timeline.rows import EventMerge

_SAME: Final = timedelta(seconds=1)


def add_updates(merged: EventMerge, records: Records) -> None:
    """Add the updates that are not in the activity log."""
    before: dict[str, models.IncidentUpdate] = {}
    for update in sorted(unique(records.updates), key=lambda update: (update.created_at, update.id)):
        event = _of_update(update, before.get(update.incident_id), records)
        before[update.incident_id] = update
        place = merged.take(("update", update.id))
        if place is None:
            merged.add(event)
            continue
        if event.kind == "merge":  # only the update names the target incident
            row = merged.events[place]
            merged.events[place] = replace(row, kind="merge", title=event.title, before=event.before, after=event.after)
        fields = vars(event)
        if merged.events[place].kind == "update":  # the entry shows no change
            fields = fields | {"before": None, "after": None}
        merged.fill(place, link=f"updates:{update.id}", **fields)


def _of_update(update: models.IncidentUpdate, last: models.IncidentUpdate | None, records: Records) -> Event:
    actor, actor_kind = actor_text(update.updater)
    status = update.new_incident_status.name
    old_status = last.new_incident_status.name if last else None
    severity = update.new_severity.name if update.new_severity else None
    old_severity = last.new_severity.name if last and last.new_severity else None
    moves = [("Status", old_status, status)] if old_status != status else []
    if severity and old_severity != severity:
        moves.append(("Severity", old_severity, severity))
    kind, title = "update", moved(moves) or "Shared an update"
    before = ", ".join(old for _, old, _ in moves if old) or None
    after = ", ".join(new for _, _, new in moves) or None
    if update.merged_into_incident_id:
        into = records.reference(update.merged_into_incident_id)
        kind, title = "merge", f"Merged into {into}"
        before, after = records.reference(update.incident_id), into
    elif last is None:
        kind = "declaration"
    elif moves:
        kind = moves[0][0].lower()
    return Event(
        at=update.created_at,
        source="updates",
        kind=kind,
        type="incident_update",
        title=title,
        entry_id=update.id,
        incident=records.reference(update.incident_id),
        recorded_at=update.created_at,
        detail=update.message or None,
        actor=actor,
        actor_kind=actor_kind,
        before=before,
        after=after,
        private=records.is_private(update.incident_id),
    )


def add_timestamps(merged: EventMerge, records: Records) -> None:
    """Add the incident's timestamps, with who set each and when, if the activity log says so."""
    if not records.timestamps:
        return
    stamps = {
        timestamp.incident_timestamp.id: (timestamp.incident_timestamp.name, timestamp.value.value)
        for timestamp in records.incident.incident_timestamp_values or ()
        if timestamp.value and timestamp.value.value
    }
    occurred: dict[str, int] = {}
    # The log does not say which timestamp occurred; if several have the same moment, the title must name it.
    for identity, (name, value) in stamps.items():
        named = partial(_names, name)
        alone = sum(abs(value - other) <= _SAME for _, other in stamps.values()) == 1
        key = ("type", "incident_timestamp_occurred")
        place = merged.take(key, value, within=_SAME, fits=(lambda _event: True) if alone else named)
        if place is not None:
            occurred[identity] = place
    for identity, (name, value) in stamps.items():
        link = f"timestamps:{identity}"
        if identity in occurred:
            merged.fill(occurred[identity], link=link, after=_written(value))
            continue
        place = merged.take(("set", identity), value, within=_SAME)
        if place is not None:
            merged.fill(place, link=link)
            continue
        setting = merged.last(("set", identity), fits=partial(_set_to, value))
        merged.add(
            Event(
                at=value,
                source="timestamps",
                kind="timestamp",
                type="incident_timestamp",
                title=name,
                entry_id=identity,
                incident=records.incident.reference,
                recorded_at=setting.recorded_at if setting else None,
                actor=setting.actor if setting else None,
                actor_kind=setting.actor_kind if setting else None,
                private=records.incident.is_private,
            )
        )


def _names(name: str, event: Event) -> bool:
    return name.casefold() in event.title.casefold()


def _set_to(value: datetime, event: Event) -> bool:
    try:
        return event.after is not None and abs(datetime.fromisoformat(event.after) - value) <= _SAME
    except (ValueError, TypeError):
        return False


def _written(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
