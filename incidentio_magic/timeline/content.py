"""Reads an activity log entry: its actor, the values before and after, and its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic.api import models

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACTORS: Final = ("updater", "actor", "creator", "merger")
_CHANGES: Final = {
    "role_update": ("assignee",),
    "custom_field_value_update": ("values",),
    "incident_rename": ("name",),
    "incident_timestamp_set": ("value",),
    "incident_type_changed": ("incident_type",),
    "incident_visibility_changed": ("visibility",),
    "action_updated": ("status", "assignee"),
    "follow_up_updated": ("status", "assignee"),
    "incident_update": ("status", "severity"),
    "status_change": ("status",),
}
_TOGETHER: Final = frozenset({"incident_update"})  # both may change at once; of others, the first counts
_DETAILS: Final = ("message", "new_summary", "event_description", "new_title")
_SUBJECTS: Final = ("escalation_id", "alert_id", "action_id", "follow_up_id", "incident_update_id")


def content_of(entry: models.ActivityLogEntry) -> dict[str, Any]:
    """Return the content for an entry's type; empty if it is absent or cannot be read."""
    content = (entry.content or {}).get(entry.type)
    return content if isinstance(content, dict) else {}


def doer(content: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the name and the kind of the actor of an entry."""
    for name in _ACTORS:
        if name in content:
            try:
                return models.actor_text(msgspec.convert(content[name], models.Actor))
            except msgspec.ValidationError:
                return None, None
    if person := shown(content.get("acknowledger")):
        return person, "user"
    return None, None


def change(entry_type: str, content: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the values before and after, as texts."""
    if entry_type == "incident_merged":
        return shown(content.get("source_incident")), None
    if entry_type == "escalation_created":
        return None, shown(content.get("escalated_to_users"))
    found = []
    for name in _CHANGES.get(entry_type, ()):
        before, after = shown(content.get(f"previous_{name}")), shown(content.get(f"new_{name}"))
        if before != after:
            found.append((before, after))
    if entry_type not in _TOGETHER:
        found = found[:1]
    return _joined(value for value, _ in found), _joined(value for _, value in found)


def moved(moves: Iterable[tuple[str, str | None, str | None]]) -> str | None:
    """Return in one line how the status and the severity changed; None if neither changed.

    Args:
        moves: Property, before and after; a status without a previous status counts as declared.
    """
    changes = [
        f"Declared as {after}" if what == "Status" and not before else f"{what} is now {after}"
        for what, before, after in moves
        if after and before != after
    ]
    # At its declaration, an incident has all other properties from the beginning.
    return changes[0] if changes and changes[0].startswith("Declared") else "; ".join(changes) or None


def detail(content: dict[str, Any]) -> str | None:
    """Return an entry's longer text, in Markdown."""
    return next((content[name] for name in _DETAILS if isinstance(content.get(name), str) and content[name]), None)


def subject(content: dict[str, Any]) -> str | None:
    """Return the ID of an entry's subject."""
    return next((content[name] for name in _SUBJECTS if isinstance(content.get(name), str)), None)


def identity(value: Any) -> str | None:
    """Return the ID of a record that is embedded in an entry."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def is_private(incident: Any) -> bool:
    """Return whether an incident that is embedded in an entry is private."""
    return isinstance(incident, dict) and incident.get("visibility") == "private"


def shown(value: Any) -> str | None:
    """Return a value of an entry for display: its reference, its name, or the text itself."""
    if isinstance(value, list):
        return _joined(map(shown, value))
    if isinstance(value, dict):
        for name in ("reference", "name", "value"):
            if isinstance(value.get(name), str):
                return str(value[name])
        inner = (shown(part) for name, part in value.items() if name.startswith("value_"))
        return next((part for part in inner if part), None)
    return None if value is None or value == "" else str(value)


def _joined(texts: Iterable[str | None]) -> str | None:
    return ", ".join(text for text in texts if text) or None
