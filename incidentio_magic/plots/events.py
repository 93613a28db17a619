"""Draws the events: a lane for related kinds, a colour for the actor, and tooltips with the details."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.plots import _lanes as lanes
from incidentio_magic.plots import _tooltips as tooltips
from incidentio_magic.plots.looks import ACTORS, GREY, RULE, TEXT, WIDTH, colours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from incidentio_magic.plots.axis import TimeAxis

_GAP: Final = 9  # pixels between a mark and its label
_MESSAGES: Final = 16_000  # characters of all messages together: a saved notebook carries them along
_SIZE: Final = {"expr": "datum.events ? min(62 + 12 * datum.events, 260) : 62"}
_CURATED: Final = {"on the curated timeline": "diamond", "not on it": "circle"}
_ACTOR_OF_KIND: Final = {"status_page": "customers", "alert": "alerts"}
_ACTOR_OF_ACTOR: Final = {"user": "people", "alert": "alerts"}


class Events:
    """The events of a timeline, laid out.

    Args:
        frame: The events in order.
        axis: The time axis.
        own: The incident's reference; events of its streams name their stream.
        by_incident: The lane of each incident and stream, by reference, if several incidents share the chart; else
            related kinds of events share a lane.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        axis: TimeAxis,
        *,
        own: str = "",
        by_incident: Mapping[str, str] | None = None,
    ) -> None:
        self._axis = axis
        rows = frame.to_dict("records")
        pixels = [axis.pixels(row["at"].to_pydatetime()) for row in rows]
        titles = [_label(row["kind"], title) for row, title in zip(rows, frame["title"].fillna(""), strict=True)]
        order = list(dict.fromkeys(by_incident.values())) if by_incident else list(lanes.LANES)
        names = [
            by_incident.get(row["incident"], order[0]) if by_incident else lanes.lane_of(row["kind"]) for row in rows
        ]
        marks = lanes.arranged(names, pixels, titles, order)
        self.lanes = lanes.heights(marks, order)
        self.height = sum(height for _top, height in self.lanes.values())
        late = set(frame.attrs.get("backdated", ()))
        self._longest = max(80, _MESSAGES // max(1, len(marks)))
        self.points = [self._point(mark, [rows[place] for place in mark.events], own, late) for mark in marks]
        self.grouped = sum(len(mark.events) for mark in marks if len(mark.events) > 1)
        self._pixels = sorted({round(axis.whole_pixels(row["at"].to_pydatetime()) / 2): row for row in rows}.items())

    def _point(self, mark: lanes.Mark, events: list[dict[Any, Any]], own: str, late: set[str]) -> dict[str, Any]:
        first = events[0]
        curated = any(event["curated"] is True for event in events)
        several = len(events) > 1
        point = {
            "at": self._axis.place(first["at"].to_pydatetime()),
            "y": round(self.lanes[mark.lane][0] + lanes.ROW * (mark.row + 0.8)),
            "who": actor_of(first),
            "curated": next(iter(_CURATED)) if curated else list(_CURATED)[1],
            "label": mark.label,
        }
        if mark.side < 0:
            point["side"] = mark.side
        if several:
            point |= {"events": len(events), "tip": tooltips.of_group(events, self._axis)}
        else:
            point["tip"] = tooltips.of_event(first, self._axis, own, late, longest=self._longest)
        return point

    def lane_bottom(self, lane: str) -> int:
        """Return where a lane ends, in pixels from the top."""
        top, height = self.lanes[lane]
        return top + height

    def layers(self) -> list[dict[str, Any]]:
        """Return the layers of lanes, marks and labels."""
        axis = self._axis
        actors = _used(ACTORS, (point["who"] for point in self.points))
        shapes = _used(_CURATED, (point["curated"] for point in self.points))
        place = {
            "x": axis.encoding("at", axis=axis.ticks(axis.title)),
            "y": {"field": "y", "type": "quantitative", "scale": None, "axis": None},
        }
        shape: dict[str, Any] = {"field": "curated", "type": "nominal", "scale": colours(shapes), "legend": None}
        if len(shapes) > 1:
            shape["legend"] = {"title": None, "symbolFillColor": GREY, "symbolStrokeColor": GREY, "orient": "bottom"}
        return [
            *self._lane_layers(),
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "clip": True,
                    "opacity": 1,
                    "size": _SIZE,
                    "tooltip": tooltips.TOOLTIP,
                },
                "encoding": {
                    **place,
                    "shape": shape,
                    "color": {
                        "field": "who",
                        "type": "nominal",
                        "scale": colours(actors),
                        "legend": {"title": None, "orient": "bottom", "columns": 6},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.label != ''"}],
                "mark": {
                    "type": "text",
                    "clip": True,
                    "align": {"expr": "datum.side < 0 ? 'right' : 'left'"},
                    "baseline": "middle",
                    "dx": {"expr": f"datum.side < 0 ? -{_GAP} : {_GAP}"},
                    **TEXT,
                    "fontSize": 12,
                    "tooltip": tooltips.TOOLTIP,
                },
                "encoding": {**place, "text": {"field": "label", "type": "nominal"}},
            },
        ]

    def _lane_layers(self) -> list[dict[str, Any]]:
        """Return the lanes' names on the left, and lines between lanes."""
        values = [{"lane": lane, "y": top, "middle": top + height / 2} for lane, (top, height) in self.lanes.items()]

        def y(name: str) -> dict[str, Any]:
            return {"field": name, "type": "quantitative", "scale": None, "axis": None}

        return [
            {
                "data": {"values": values[1:]},
                "mark": {"type": "rule", "color": RULE, "tooltip": None},
                "encoding": {"y": y("y"), "x": {"value": 0}, "x2": {"value": WIDTH}},
            },
            {
                "data": {"values": values},
                "mark": {
                    "type": "text",
                    "clip": False,  # it is outside the plot, where a moving window would cut it off
                    "align": "right",
                    "baseline": "middle",
                    **TEXT,
                    "fontSize": 12,
                    "tooltip": None,
                },
                "encoding": {"y": y("middle"), "x": {"value": -2}, "text": {"field": "lane", "type": "nominal"}},
            },
        ]

    def overview(self) -> dict[str, Any]:
        """Return the strip of all events, in which a reader moves the window."""
        axis = self._axis
        title = "all events: drag the grey window"
        return {
            "width": WIDTH,
            "height": 24,
            "data": {"values": [{"at": axis.place(row["at"].to_pydatetime())} for _pixel, row in self._pixels]},
            "params": [axis.selection()],
            "mark": {"type": "tick", "height": 14, "color": GREY, "tooltip": None},
            "encoding": {"x": axis.encoding("at", whole=True, axis=axis.ticks(title) | {"grid": False})},
        }


def actor_of(event: dict[Any, Any]) -> str:
    """Return the kind of actor of an event: people, automation, alerts, or the status page."""
    if found := _ACTOR_OF_KIND.get(event["kind"]):
        return found
    kind = event["actor_kind"]
    return _ACTOR_OF_ACTOR.get(kind, "automation") if isinstance(kind, str) else "automation"


def _label(kind: str, title: str) -> str:
    """Return a title such as `Action created: …` without its kind's name, which leaves room for the rest."""
    named = re.match(rf"{re.escape(kind.replace('_', '-'))} (?=[\w ]+: )", title, re.IGNORECASE)
    rest = title[named.end() :] if named else title
    return rest[:1].upper() + rest[1:]


def _used(known: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the known names that occur, in their order."""
    seen = set(names)
    return {name: value for name, value in known.items() if name in seen}
