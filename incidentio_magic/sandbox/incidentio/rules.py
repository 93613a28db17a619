"""The rules of incidents: allowed moves between statuses, the timestamps each sets, and durations."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidentio_magic.sandbox.records import Duration
    from incidentio_magic.sandbox.vocabulary import Status

OPEN = ("triage", "live", "paused")
HIDDEN_CATEGORIES = ("declined", "canceled", "merged")
SHOWN_MODES = ("standard", "retrospective")
MOVES = {
    "triage": ("triage", "live", "learning", "closed"),
    "live": ("live", "learning", "closed"),
    "learning": ("learning", "closed"),
    "closed": ("closed",),
    "paused": ("paused",),
}
SLIM_CATEGORIES = {"live": "active", "learning": "post-incident"}
# Entering a status or category (left) sets a timestamp (right).
STAMPS = {
    "live": "Accepted at",
    "Fixing": "Identified at",
    "Monitoring": "Fixed at",
    "learning": "Resolved at",
    "Reviewing": "Documented at",
    "closed": "Closed at",
    "declined": "Declined at",
    "canceled": "Canceled at",
    "merged": "Merged at",
}


def refusal(before: Status, after: Status) -> str | None:
    """Return why an incident may not move between these statuses, or None if it may."""
    if before["id"] == after["id"] or after["category"] in MOVES.get(before["category"], ()):
        return None
    return (
        f"Cannot move an incident from {before['name']} ({before['category']}) to {after['name']} ({after['category']})"
    )


def skips_review(before: Status, after: Status) -> bool:
    """Return whether a move closes an incident without its post-incident flow."""
    return before["category"] in ("triage", "live") and after["category"] == "closed"


def stamps(before: Status | None, after: Status) -> list[str]:
    """Return the names of the timestamps that entering a status sets if they are empty."""
    names = []
    if after["category"] in STAMPS and (before is None or before["category"] != after["category"]):
        names.append(STAMPS[after["category"]])
    if after["name"] in STAMPS:
        names.append(STAMPS[after["name"]])
    if after["category"] == "closed" and (before is None or before["category"] in OPEN):
        names.append(STAMPS["learning"])
    return names


@lru_cache(maxsize=256)  # an incident is measured at each of its changes
def _seconds(start: str, end: str) -> int:
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def duration(start: str | None, end: str | None, known: Duration | None) -> Duration:
    """Measure the duration between two timestamps.

    Args:
        start: when it starts; None if that timestamp is not set.
        end: when it ends; None if that timestamp is not set.
        known: the duration as it was measured before; a value that is no longer valid is kept, and its status says so.
    """
    if not start or not end:
        status = "timestamps_missing"
    elif (seconds := _seconds(start, end)) >= 0:
        return {"status": "success", "value_seconds": seconds}
    else:
        status = "invalid_timestamps"
    return {"status": status, "value_seconds": known["value_seconds"] if known else None}
