"""Draws bands of an incident's status and severity over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.frames.timeline import changes
from incidentio_magic.plots.looks import CHARACTER, ON_COLOUR, WIDTH, distinct, ranked, shortened
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.plots.axis import TimeAxis

_STEP = 24
_FEWEST = 4


def bands(
    frame: pd.DataFrame,
    axis: TimeAxis,
    *,
    until: datetime | None,
    incidents: Mapping[str, datetime | None] | None = None,
) -> dict[str, Any] | None:
    """Return the view of the bands, or None if status and severity are unknown.

    Args:
        frame: The events, with `at`, `status` and `severity` (ordered category).
        axis: The time axis.
        until: The current moment if the incident is open; None if it is over.
        incidents: If several incidents share the chart: the events of each by reference. Each then has one band, for
            its status.
    """
    if incidents:
        names = list(incidents)
        rows = [
            row | {"row": reference}
            for reference, now in incidents.items()
            for own in [frame[frame["incident"] == reference]]
            if len(own)
            for row in _rows("status", own, axis, now or own["at"].iloc[-1].to_pydatetime(), distinct)
        ]
    else:
        names = ["status", "severity"]
        end = until or frame["at"].iloc[-1].to_pydatetime()
        rows = [*_rows("status", frame, axis, end, distinct), *_rows("severity", frame, axis, end, ranked)]
    if not rows:
        return None
    y = {
        "field": "row",
        "type": "nominal",
        "sort": None,
        "title": None,
        "scale": {"domain": names},
        "axis": {"domain": False, "ticks": False, "labelFontSize": 12},
    }
    return {
        "width": WIDTH,
        "height": {"step": _STEP},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "height": _STEP - 6, "clip": True, "cornerRadius": 2},
                "encoding": {
                    "x": axis.encoding("start"),
                    "x2": {"field": "end"},
                    "y": y,
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                    "tooltip": [{"field": name, "type": "nominal"} for name in ("is", "from", "until", "lasted")],
                },
            },
            {
                "mark": {"type": "text", "clip": True, "color": ON_COLOUR, "fontSize": 12, "tooltip": None},
                "encoding": {"x": axis.encoding("middle"), "y": y, "text": {"field": "label", "type": "nominal"}},
            },
        ],
    }


def _rows(
    name: str,
    frame: pd.DataFrame,
    axis: TimeAxis,
    end: datetime,
    colours_for: Callable[[Sequence[str]], dict[str, str]],
) -> list[dict[str, Any]]:
    colours = colours_for([str(category) for category in frame[name].cat.categories])
    found = changes(frame, name)
    rows = []
    for place, (start, value) in enumerate(found):
        is_last = place + 1 == len(found)
        stop = end if is_last else found[place + 1][0]
        drawn_to = max(stop, axis.end) if is_last else stop  # so that the last one is visible even if it is short
        left, right = max(start, axis.window[0]), min(drawn_to, axis.window[1])
        room = int((axis.pixels(right) - axis.pixels(left) - 8) / CHARACTER) if left < right else 0
        rows.append(
            {
                "row": name,
                "is": value,
                "label": shortened(value, room) if room >= min(_FEWEST, len(value)) else "",
                "colour": colours[value],
                "start": axis.place(start),
                "end": axis.place(drawn_to),
                "middle": axis.place(left + (right - left) / 2 if left < right else start),
                "from": axis.written(start),
                "until": axis.written(stop),
                "lasted": span_text(stop - start),
            }
        )
    return rows
