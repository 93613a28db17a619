"""Draws the spans from a page to its acknowledgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.moments import between, local
from incidentio_magic.printable import printable
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from incidentio_magic.plots.axis import TimeAxis

_ANSWERED: Final = "#2fa889"
_UNANSWERED: Final = "#e45756"


def waits(
    pages: Iterable[Mapping[str, Any]], axis: TimeAxis, *, until: datetime | None, y: float
) -> list[dict[str, Any]]:
    """Return a row for each page with a known time: its beginning, its end and its tooltip.

    Args:
        pages: `paged_at`, `acknowledged_at` and `by` of each page; the latter None if nobody has acknowledged it.
        axis: The time axis.
        until: The current moment if the incident is open; None if it is over.
        y: Their position, in pixels from the top.
    """
    found = []
    for page in pages:
        paged, acknowledged = page["paged_at"], page["acknowledged_at"]
        if local(paged, axis.zone) is None:
            continue
        waited = between(paged, acknowledged)
        end = until or axis.end if waited is None else acknowledged
        tip = {"paged": axis.written(paged)}
        if acknowledged:
            who = f" by {printable(page['by'])}" if page.get("by") else ""
            after = "" if waited is None else f"after {span_text(waited)}"
            tip["acknowledged"] = f"{after}{who}, {axis.written(acknowledged)}"
        else:
            tip["acknowledged"] = "not yet" if until else "never"
        found.append(
            {
                "y": y,
                "start": axis.place(paged),
                "end": axis.place(max(end, paged)),
                "colour": _ANSWERED if acknowledged else _UNANSWERED,
                "dash": [1, 0] if acknowledged else [4, 3],
                "tip": tip,
            }
        )
    return found


def layer(rows: list[dict[str, Any]], axis: TimeAxis) -> dict[str, Any]:
    """Return the layer that draws the rows.

    Args:
        rows: The result of `waits`.
        axis: The time axis.
    """
    return {
        "data": {"values": rows},
        "mark": {
            "type": "rule",
            "clip": True,
            "strokeWidth": 5,
            "opacity": 0.9,
            "stroke": {"expr": "datum.colour"},
            "strokeDash": {"expr": "datum.dash"},
            "tooltip": {"expr": "{'paged': datum.tip.paged, 'acknowledged': datum.tip.acknowledged}"},
        },
        "encoding": {
            "x": axis.encoding("start", axis=axis.ticks(axis.title)),
            "x2": {"field": "end"},
            "y": {"field": "y", "type": "quantitative", "scale": None, "axis": None},
        },
    }
