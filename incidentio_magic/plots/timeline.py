"""The chart of a timeline: bands of status and severity, events by kind, pages and their acknowledgements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from incidentio_magic.plots import bands, spans
from incidentio_magic.plots._lanes import PAGES
from incidentio_magic.plots.axis import axis_over
from incidentio_magic.plots.chart import Chart
from incidentio_magic.plots.events import Events
from incidentio_magic.plots.looks import WIDTH, config, note, shortened, to_know
from incidentio_magic.plots.series import panels
from incidentio_magic.printable import printable
from incidentio_magic.spans import span_text
from incidentio_magic.timeline import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from incidentio_magic.plots.axis import TimeAxis

_LONGEST_NAME: Final = 80


def timeline_chart(
    frame: pd.DataFrame,
    *,
    series: Mapping[str, Any] | None = None,
    timezone: str = "UTC",
) -> Chart:
    """Return the chart of a timeline.

    Args:
        frame: The frame of `timeline`: at, elapsed, source, kind, title, detail, actor, actor_kind, from, to, status,
            severity, curated, incident, recorded_at, entry_id, also_in. Its attrs hold the incident, its name and
            impact, its pages, the backdated events, whether it is open and as of when, and whether the frame is
            complete.
        series: The user's own metrics to draw below, by name; see `panels`.
        timezone: The time zone of displayed times.

    Raises:
        InputError: If a series cannot be drawn.
        SettingsError: If the extra `plot` is not installed.
    """
    reference = printable(str(frame.attrs.get("incident", "")))
    name = printable(str(frame.attrs.get("name", "")))
    title = " · ".join(part for part in (reference, shortened(name, _LONGEST_NAME)) if part) or "Timeline"
    warnings = [*_names(frame.attrs.get("incidents", [])), *to_know(frame)]
    until = datetime.fromisoformat(frame.attrs["as_of"]) if frame.attrs.get("open") else None
    given, frame = frame, frame[frame["at"].notna()]
    if unknown := len(given) - len(frame):
        warnings.append(f"Not drawn, because the time is unknown: {unknown} event{'s' * (unknown > 1)}.")
    if frame.empty:
        return Chart(
            {"title": {"text": title, "subtitle": warnings}, **note("No events."), "config": config()},
            "\n".join([f"{title}: no events.", *warnings]),
            given,
        )
    moments = [at.to_pydatetime() for at in frame["at"]]
    axis = axis_over(moments, until=until, zone=ZoneInfo(timezone), impact=_impact(frame))
    incidents = frame.attrs.get("incidents", [])
    events = Events(frame, axis, own=reference, by_incident=_lanes(incidents))
    waits = []
    for page in from_json(frame.attrs.get("pages", ())):
        if (lane := page.get("incident", PAGES)) in events.lanes:
            waits += spans.waits([page], axis, until=until, y=events.lane_bottom(lane) - 6)
    drawn = {
        "width": WIDTH,
        "height": events.height,
        "data": {"values": events.points},
        "layer": [*([spans.layer(waits, axis)] if waits else []), *events.layers()],
    }
    upper = bands.bands(
        frame,
        axis,
        until=until,
        incidents={
            incident["reference"]: datetime.fromisoformat(frame.attrs["as_of"]) if incident["open"] else None
            for incident in incidents
        },
    )
    drawn_series, series_notes = panels(series or {}, axis)
    views = [
        *([upper] if upper else []),
        drawn,
        *drawn_series,
        *([events.overview()] if axis.is_cut else []),
    ]
    subtitle = [*_subtitle(frame, axis, events.grouped), *series_notes, *warnings]
    spec = {
        "title": {"text": title, "subtitle": subtitle},
        "vconcat": views,
        "spacing": 12,
        "resolve": {"scale": {"color": "independent"}, "legend": {"color": "independent", "shape": "independent"}},
        "config": config(),
    }
    return Chart(
        spec,
        "\n".join([f"{title}: {subtitle[0]}", *subtitle[1:], *map(_of_wait, waits)]),
        given,
        marks=len(events.points),
    )


def _lanes(incidents: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the lane of each incident and of its streams, by reference; None for a single incident."""
    if not incidents:
        return None
    own = {str(incident["reference"]): str(incident["reference"]) for incident in incidents}
    streams = {
        stream: str(incident["reference"])
        for incident in incidents
        for stream in incident["streams"]
        if stream not in own
    }
    return own | streams


def _names(incidents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for the name of each of several incidents."""
    return [
        f"{printable(str(incident['reference']))} · {shortened(printable(str(incident['name'])), _LONGEST_NAME)}"
        for incident in incidents
    ]


def _impact(frame: pd.DataFrame) -> tuple[datetime, datetime] | None:
    """Return when the impact began and ended, if the frame says so."""
    impact = frame.attrs.get("impact") or {}
    if not (impact.get("start") and impact.get("end")):
        return None
    return datetime.fromisoformat(impact["start"]), datetime.fromisoformat(impact["end"])


def _subtitle(frame: pd.DataFrame, axis: TimeAxis, grouped: int) -> list[str]:
    first, last = frame["at"].iloc[0].to_pydatetime(), frame["at"].iloc[-1].to_pydatetime()
    number = len(frame)
    lines = [f"{number} event{'s' if number > 1 else ''} from {axis.written(first)} to {axis.written(last)}"]
    lines[0] += f" ({span_text(last - first)})" if last > first else ""
    if axis.is_cut:
        inside = int(frame["at"].between(*axis.window).sum())
        what = "the impact" if _impact(frame) else "the busiest part"
        lines.append(f"Shown: {what}, {inside} of {number} events; the strip below shows all of them")
    if grouped:
        lines.append(f"{grouped} events that lie close together are grouped: --since and --until show a part in full")
    return lines


def _of_wait(wait: Mapping[str, Any]) -> str:
    return f"Paged {wait['tip']['paged']}, acknowledged {wait['tip']['acknowledged']}"
