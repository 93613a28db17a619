"""Spans from a page to its acknowledgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.plots.words import lasted
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from incidentio_magic.plots.axis import TimeAxis

LANE: Final = "page"
"""The kind of event in whose lane the spans are drawn."""

_ANSWERED: Final = "#2fa889"
_UNANSWERED: Final = "#e45756"


def waits(pages: Iterable[Mapping[str, Any]], axis: TimeAxis, *, until: datetime | None) -> list[dict[str, Any]]:
    """Return one row a page: where it begins and ends, and what is told of it.

    Args:
        pages: `paged_at`, `acknowledged_at` and `by` of each page; the latter None if nobody has acknowledged it.
        axis: The time axis.
        until: The present moment for an incident that still goes on; None for one that is over.
    """
    found = []
    for page in pages:
        paged, acknowledged = page["paged_at"], page["acknowledged_at"]
        end = acknowledged or until or axis.end
        tip = {"paged": axis.written(paged)}
        if acknowledged:
            who = f" by {printable(page['by'])}" if page.get("by") else ""
            tip["acknowledged"] = f"after {lasted(acknowledged - paged)}{who}, {axis.written(acknowledged)}"
        else:
            tip["acknowledged"] = "not yet" if until else "never"
        found.append(
            {
                "kind": LANE,
                "start": axis.place(paged),
                "end": axis.place(max(end, paged)),
                "colour": _ANSWERED if acknowledged else _UNANSWERED,
                "dash": [1, 0] if acknowledged else [4, 3],
                "tip": tip,
            }
        )
    return found


def layer(rows: list[dict[str, Any]], axis: TimeAxis, y: dict[str, Any]) -> dict[str, Any]:
    """Return the layer that draws the rows.

    Args:
        rows: What `waits` returns.
        axis: The time axis.
        y: The encoding of the lanes.
    """
    return {
        "data": {"values": rows},
        "mark": {
            "type": "rule",
            "clip": True,
            "strokeWidth": 4,
            "opacity": 0.8,
            "yOffset": 9,
            "stroke": {"expr": "datum.colour"},
            "strokeDash": {"expr": "datum.dash"},
            "tooltip": {"expr": "datum.tip"},
        },
        "encoding": {
            "x": axis.encoding("start", axis=axis.ticks(axis.title)),
            "x2": {"field": "end"},
            "y": y,
        },
    }
