"""The events themselves: a lane for each kind, a colour for each source, all of it on hovering."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.plots.looks import CHARACTER, INK, SOURCES, WIDTH, colours, shortened
from incidentio_magic.plots.words import lasted, rows, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.plots.axis import TimeAxis

SHOWN: Final = "shown"
"""The name of the selection by which the legend filters."""

_LANE: Final = 30
_POINT: Final = 9  # pixels across
_SHIFTS: Final = (0.0, 0.4, -0.4, 0.8, -0.8)
_GAP: Final = 9  # pixels between a point and its label
_LONGEST: Final = 60
_SHORTEST: Final = 12
_CURATED: Final = {"on the curated timeline": "diamond", "not on it": "circle"}
_SPELT: Final = "replace(datum.label, '_', '-')"
_TIP: Final = ("actor", "actor_kind", "from", "to", "status", "severity", "source", "also_in", "incident")


def lanes(frame: pd.DataFrame) -> list[str]:
    """Return the kinds that occur, in the order in which they first do."""
    return list(dict.fromkeys(frame["kind"]))


def points(frame: pd.DataFrame, axis: TimeAxis, *, own: str = "") -> list[dict[str, Any]]:
    """Return one row an event: where it is drawn, its label if there is room for one, and all that is told of it.

    Args:
        frame: The events in order.
        axis: The time axis.
        own: The incident's reference; events of others, its streams, say where they are from.
    """
    crowds: dict[tuple[str, int], int] = {}
    found = []
    late = set(frame.attrs.get("backdated", ()))
    for event in frame.to_dict("records"):
        at, kind = event["at"].to_pydatetime(), event["kind"]
        pixel = axis.pixels(at)
        crowd = (kind, round(pixel / _POINT))
        number = crowds.get(crowd, 0)
        crowds[crowd] = number + 1
        found.append(
            {
                "at": axis.place(at),
                "kind": kind,
                "source": event["source"],
                "curated": next(iter(_CURATED)) if event["curated"] is True else list(_CURATED)[1],
                "shift": _SHIFTS[number % len(_SHIFTS)],
                "label": "",
                "side": 1,
                "tip": _tip(event, axis, own, late),
                "pixel": pixel,
            }
        )
    _label(found, [_in_lane(*one) for one in zip(frame["kind"], frame["title"].fillna(""), strict=True)])
    for one in found:
        del one["pixel"]
    return found


def _label(found: list[dict[str, Any]], titles: list[str]) -> None:
    """Give those events a label that have room for one beside them in their lane."""
    by_lane: dict[str, list[int]] = {}
    for place, one in enumerate(found):
        if 0 <= one["pixel"] <= WIDTH:
            by_lane.setdefault(one["kind"], []).append(place)
    for places in by_lane.values():
        free = 0.0  # to the left of this the lane is taken
        for place, following in zip_longest(places, places[1:]):
            one, title = found[place], titles[place]
            pixel = one["pixel"]
            end = WIDTH + _GAP if following is None else found[following]["pixel"]
            one["label"] = _fitting(title, end - pixel - 2 * _GAP)
            free_before, free = free, pixel + _GAP + len(one["label"]) * CHARACTER
            if following is None and len(one["label"]) < len(title):
                before = _fitting(title, pixel - free_before - 2 * _GAP)
                if len(before) > len(one["label"]):
                    one["label"], one["side"] = before, -1


def _in_lane(kind: str, title: str) -> str:
    """Return a title such as `Action created: …` without the name of its lane, so that the room is for what differs."""
    told = re.match(rf"{re.escape(kind.replace('_', '-'))} (?=[\w ]+: )", title, re.IGNORECASE)
    rest = title[told.end() :] if told else title
    return rest[:1].upper() + rest[1:]


def _fitting(title: str, pixels: float) -> str:
    room = int(pixels / CHARACTER)
    return shortened(title, min(room, _LONGEST)) if room >= min(_SHORTEST, len(title)) else ""


def _tip(event: dict[Any, Any], axis: TimeAxis, own: str, late: set[str]) -> dict[str, str]:
    told = {name: "" if pd.isna(event[name]) else str(event[name]) for name in _TIP}
    tip = {"at": axis.written(event["at"].to_pydatetime())}
    if not pd.isna(event["elapsed"]):
        tip["since declared"] = lasted(event["elapsed"])
    tip |= rows("what", "" if pd.isna(event["title"]) else str(event["title"]))
    if told["actor"]:
        kind = told["actor_kind"].replace("_", " ")
        tip["who"] = told["actor"] + (f" ({kind})" if kind not in {"", "user"} else "")
    if told["from"] or told["to"]:
        before, after = (value_of(event["kind"], told[name], axis.written) or "(none)" for name in ("from", "to"))
        tip |= rows("change", f"{before} → {after}")
    tip["then"] = " · ".join(one for one in (told["status"], told["severity"]) if one)
    tip["source"] = told["source"] + (f", also in {told['also_in']}" if told["also_in"] else "")
    if told["incident"] not in {own, ""}:
        tip["stream"] = told["incident"]
    if event["entry_id"] in late:
        tip["written down"] = axis.written(event["recorded_at"].to_pydatetime())
    if not pd.isna(event["detail"]):
        tip |= rows("message", str(event["detail"]))
    return {name: text for name, text in tip.items() if text}


def y_of(kinds: list[str]) -> dict[str, Any]:
    """Return the y encoding of the lanes."""
    return {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "sort": None,
        "scale": {"domain": kinds},
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": True,
            "tickBand": "extent",
            "labelColor": INK,
            "labelExpr": _SPELT,
        },
    }


def layers(found: list[dict[str, Any]], axis: TimeAxis, kinds: list[str]) -> list[dict[str, Any]]:
    """Return the layers of points and of their labels.

    Args:
        found: What `points` returns.
        axis: The time axis.
        kinds: The lanes.
    """
    sources = _used(SOURCES, (one["source"] for one in found))
    shapes = _used(_CURATED, (one["curated"] for one in found))
    place = {
        "x": axis.encoding("at", axis=axis.ticks(axis.title)),
        "y": y_of(kinds),
        "yOffset": {"field": "shift", "type": "quantitative", "scale": {"domain": [-1, 1]}},
    }
    shape: dict[str, Any] = {"field": "curated", "type": "nominal", "scale": colours(shapes), "legend": None}
    if len(shapes) > 1:
        shape["legend"] = {"title": "Shape", "symbolFillColor": INK, "symbolStrokeColor": INK, "orient": "bottom"}
    return [
        {
            "params": [{"name": SHOWN, "select": {"type": "point", "fields": ["source"]}, "bind": "legend"}],
            "transform": [{"filter": {"param": SHOWN}}],
            "mark": {
                "type": "point",
                "filled": True,
                "clip": True,
                "size": 62,
                "opacity": 0.9,
                "tooltip": {"expr": "datum.tip"},
            },
            "encoding": {
                **place,
                "shape": shape,
                "color": {
                    "field": "source",
                    "type": "nominal",
                    "scale": colours(sources),
                    "legend": {
                        "title": "Source: click shows one, shift-click more, elsewhere all",
                        "orient": "bottom",
                        "columns": 6,
                        "symbolOpacity": 1,
                        "labelExpr": _SPELT,
                    },
                },
            },
        },
        {
            "transform": [{"filter": {"param": SHOWN}}, {"filter": "datum.label != ''"}],
            "mark": {
                "type": "text",
                "clip": True,
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "baseline": "middle",
                "dx": {"expr": f"datum.side * {_GAP - 1}"},
                "fontSize": 11,
                "color": INK,
                "tooltip": {"expr": "datum.tip"},
            },
            "encoding": {**place, "text": {"field": "label", "type": "nominal"}},
        },
    ]


def height(kinds: list[str]) -> int:
    """Return the pixels that the lanes take."""
    return _LANE * len(kinds)


def overview(found: list[dict[str, Any]], axis: TimeAxis) -> dict[str, Any]:
    """Return the strip of all events in which a reader moves the window.

    Args:
        found: What `points` returns.
        axis: The time axis.
    """
    return {
        "width": WIDTH,
        "height": 24,
        "data": {"values": [{"at": one["at"], "source": one["source"]} for one in found]},
        "params": [axis.selection()],
        "mark": {"type": "tick", "height": 14, "opacity": 0.7, "tooltip": None},
        "encoding": {
            "x": axis.encoding("at", whole=True, axis=axis.ticks("all events: drag the grey window") | {"grid": False}),
            "color": {
                "field": "source",
                "type": "nominal",
                "scale": colours(_used(SOURCES, (one["source"] for one in found))),
                "legend": None,
            },
        },
    }


def _used(known: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return what is known of the names that occur, in its order; unknown names come last, grey."""
    seen = dict.fromkeys(names)
    return {name: value for name, value in known.items() if name in seen} | {
        name: INK for name in seen if name not in known
    }
