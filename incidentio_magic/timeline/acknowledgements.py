"""Pairs pages with their acknowledgements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incidentio_magic.timeline.event import Event

_MOMENTS: Final = ("paged_at", "acknowledged_at")


def pages(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return each page with its first acknowledgement.

    Args:
        events: The events of a timeline, in order.

    Returns:
        For each escalation that was triggered: `escalation` (its ID), `paged_at`, `acknowledged_at` and `by` (None if
        nobody has acknowledged it), `entry_id` and `acknowledgement_id` (of their rows).
    """
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.about is None:
            continue
        page = found.get(event.about)
        if event.kind == "page" and page is None:
            found[event.about] = {
                "escalation": event.about,
                "paged_at": event.at,
                "entry_id": event.entry_id,
                "acknowledged_at": None,
                "acknowledgement_id": None,
                "by": None,
            }
        elif event.kind == "acknowledgement" and page is not None and page["acknowledged_at"] is None:
            page |= {"acknowledged_at": event.at, "acknowledgement_id": event.entry_id, "by": event.actor}
    return list(found.values())


def as_json(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return pages with their moments as texts, so that they can be stored in a frame's attrs."""
    return [
        {name: value.isoformat() if name in _MOMENTS and value else value for name, value in page.items()}
        for page in found
    ]


def from_json(stored: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return pages as `pages` does, from the result of `as_json`."""
    return [
        {name: datetime.fromisoformat(value) if name in _MOMENTS and value else value for name, value in page.items()}
        for page in stored
    ]
