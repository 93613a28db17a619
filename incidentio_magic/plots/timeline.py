"""The chart of one incident: bands of status and severity, events by kind, pages and their acknowledgement."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from incidentio_magic.plots import bands, events, spans
from incidentio_magic.plots.axis import axis_over
from incidentio_magic.plots.chart import Chart
from incidentio_magic.plots.looks import WIDTH, config, said, to_know
from incidentio_magic.plots.series import panels
from incidentio_magic.plots.words import lasted
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from incidentio_magic.plots.axis import TimeAxis


def timeline_chart(
    frame: pd.DataFrame,
    *,
    series: Mapping[str, Any] | None = None,
    timezone: str = "UTC",
) -> Chart:
    """Return the chart of a timeline.

    Args:
        frame: The frame of `timeline`: at, elapsed, source, kind, title, detail, actor, actor_kind, from, to, status,
            severity, curated, incident, recorded_at, entry_id, also_in. Its attrs tell the incident, its pages, what is
            backdated, whether it is still open and at which moment, and whether the frame is complete.
        series: The user's own metrics to draw below, by name; see `panels`.
        timezone: The time zone of what is written.

    Raises:
        InputError: If a series cannot be drawn.
        SettingsError: If the extra `plot` is not installed.
    """
    own = printable(str(frame.attrs.get("incident", "")))
    title = f"Timeline of {own}" if own else "Timeline"
    short = to_know(frame)
    until = datetime.fromisoformat(frame.attrs["as_of"]) if frame.attrs.get("open") else None
    if frame.empty:
        return Chart(
            {"title": {"text": title, "subtitle": short}, **said("No events."), "config": config()},
            "\n".join([f"{title}: no events.", *short]),
            frame,
        )
    axis = axis_over([one.to_pydatetime() for one in frame["at"]], until=until, zone=ZoneInfo(timezone))
    kinds = events.lanes(frame)
    found = events.points(frame, axis, own=own)
    waits = spans.waits(frame.attrs.get("pages", ()), axis, until=until)
    y = events.y_of(kinds)
    drawn = {
        "width": WIDTH,
        "height": events.height(kinds),
        "data": {"values": found},
        "layer": [
            *([spans.layer(waits, axis, y)] if waits and spans.LANE in kinds else []),
            *events.layers(found, axis, kinds),
        ],
    }
    upper = bands.bands(frame, axis, until=until)
    views = [
        *([upper] if upper else []),
        drawn,
        *panels(series or {}, axis),
        *([events.overview(found, axis)] if axis.is_cut else []),
    ]
    said_below = [*_subtitle(frame, axis), *short]
    spec = {
        "title": {"text": title, "subtitle": said_below},
        "vconcat": views,
        "spacing": 12,
        "resolve": {"scale": {"color": "independent"}, "legend": {"color": "independent", "shape": "independent"}},
        "config": config(),
    }
    told = [f"{title}: {said_below[0]}", *said_below[1:], *(_of_wait(one) for one in waits)]
    return Chart(spec, "\n".join(told), frame)


def _subtitle(frame: pd.DataFrame, axis: TimeAxis) -> list[str]:
    first, last = frame["at"].iloc[0].to_pydatetime(), frame["at"].iloc[-1].to_pydatetime()
    number = len(frame)
    lines = [f"{number} event{'s' if number > 1 else ''} from {axis.written(first)} to {axis.written(last)}"]
    lines[0] += f" ({lasted(last - first)})" if last > first else ""
    if axis.is_cut:
        inside = int(frame["at"].between(*axis.window).sum())
        lines.append(
            f"Shown are the {inside} that are close together; the strip below has them all"
            if inside < number
            else "The incident is still open; the strip below reaches to the present"
        )
    return lines


def _of_wait(wait: Mapping[str, Any]) -> str:
    return f"Paged {wait['tip']['paged']}, acknowledged {wait['tip']['acknowledged']}"
