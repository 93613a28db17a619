"""The chart of metrics: median and p90 by group, the number of incidents behind them, and how many are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from incidentio_magic.errors import InputError
from incidentio_magic.plots.chart import Chart
from incidentio_magic.plots.looks import GREY, colours, config, lines, note, severe, shortened, to_know
from incidentio_magic.plots.words import rows
from incidentio_magic.spans import span_text

_WIDTH: Final = 350
_HEIGHT: Final = 130
_COUNTS: Final = 46
_COLUMNS: Final = 2
_BELOW_TITLE: Final = 16
_MOST_PLACES: Final = 60
_MOST_COLOURS: Final = 12
_MOST_PANELS: Final = 6
_FEW: Final = 5  # with fewer durations, a median means little
_NONE: Final = "(none)"
_ALL: Final = "all"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TICKS: Final = (1, 10, _MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 7 * _DAY, 30 * _DAY, 365 * _DAY)
_FINE_TICKS: Final = (
    *(1, 2, 5, 10, 20, 30),
    *(number * _MINUTE for number in (1, 2, 5, 10, 20, 30)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12)),
    *(number * _DAY for number in (1, 2, 4, 7, 14, 30, 60, 120, 365)),
)
_MOST_TICKS: Final = 7
_ROOM: Final = 1.4  # above the longest and below the shortest
_TICK_WORDS: Final = (
    "datum.value <= 1 ? '≤ 1 s' : datum.value < 60 ? datum.value + ' s'"
    " : datum.value < 3600 ? datum.value / 60 + ' min'"
    " : datum.value < 86400 ? datum.value / 3600 + ' h' : datum.value / 86400 + ' d'"
)
_MARKS: Final = {"median": "circle", "p90": "triangle-up"}
_SHOWN: Final = "shown"
_SELECTION: Final = {"name": _SHOWN, "select": {"type": "point", "fields": ["colour"]}, "bind": "legend"}


@dataclass(frozen=True)
class _Groups:
    """The groups: positions along the axis, and colours.

    Args:
        places: The names along the axis, in order.
        colours: The colour of each name; a single colour without a second grouping.
        by_place: The grouping along the axis.
        by_colour: The grouping by colour; empty without a second grouping.
    """

    places: list[str]
    colours: dict[str, str]
    by_place: str
    by_colour: str


def metrics_chart(frame: pd.DataFrame) -> Chart:
    """Return the chart of a frame of metrics: one panel per duration, or a single panel without groupings.

    Args:
        frame: The frame of `metrics`: up to two groupings, then duration (ordered category); n, open, excluded (Int64);
            median, p90, mean (timedelta).

    Raises:
        InputError: If it is grouped by more than can be drawn.
        SettingsError: If the extra `plot` is not installed.
    """
    title = "How long incidents take"
    below = [*_subtitle(frame), *to_know(frame)]
    groups = _groups(frame)
    shown = frame[(frame["n"] > 0) | (frame["open"] > 0)]
    head = {"title": {"text": title, "subtitle": below, "offset": _BELOW_TITLE}, "config": config()}
    if shown.empty:
        nothing = "No incident has any of these durations."
        return Chart({**head, **note(nothing)}, "\n".join([f"{title}: {nothing.lower()}", *below]), frame)
    every = [str(name) for name in shown["duration"].cat.categories if (shown["duration"] == name).any()]
    durations = every if groups.by_place == "duration" else every[:_MOST_PANELS]
    if len(every) > len(durations):
        below.insert(1, f"Not drawn, in .frame: {', '.join(every[len(durations) :])}")
    if groups.by_place == "duration":
        panels = [_panel(shown, groups, "", first=True)]
    else:
        panels = [
            _panel(shown[shown["duration"] == name], groups, name, first=name == durations[0]) for name in durations
        ]
    spec = {**head, "concat": panels, "columns": _COLUMNS, "spacing": 28}
    spec["resolve"] = {"scale": {"x": "independent", "y": "independent"}}
    return Chart(spec, "\n".join([f"{title}: {', '.join(durations)}.", *below]), frame)


def _groups(frame: pd.DataFrame) -> _Groups:
    names = [str(name) for name in frame.columns[: list(frame.columns).index("duration")]]
    if len(names) > 2:  # noqa: PLR2004  side by side, and by colour
        raise InputError(
            f"A chart can show two groupings, not {len(names)} ({', '.join(names)}).", hint="leave one out"
        )
    by_place = "month" if "month" in names else names[0] if names else "duration"
    by_colour = next((name for name in names if name != by_place), "")
    places = _values(frame, by_place)
    places = _months(places) if by_place == "month" else places
    if len(places) > _MOST_PLACES:
        raise InputError(f"{by_place} has {len(places)} values, too many to draw.", hint="choose fewer with a filter")
    values = _values(frame, by_colour) if by_colour else [_ALL]
    if len(values) > _MOST_COLOURS:
        raise InputError(f"{by_colour} has {len(values)} values, too many colours.", hint="choose fewer with a filter")
    named = [value for value in values if value != _NONE]
    palette = severe(named) if by_colour == "severity" else lines(named)
    palette |= dict.fromkeys(set(values) - set(named), GREY)
    return _Groups(places, palette, by_place, by_colour)


def _values(frame: pd.DataFrame, name: str) -> list[str]:
    column = frame[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.dropna())
        known = [str(name) for name in column.cat.categories if name in present]
    else:
        known = sorted({str(name) for name in column.dropna()})
    return known + ([_NONE] if column.isna().any() else [])


def _months(found: list[str]) -> list[str]:
    """Return all months from the first to the last, including months without incidents."""
    known = [month for month in found if month != _NONE]
    if not known:
        return found
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (known[0], known[-1]))
    every = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]
    return every + found[len(known) :]


def _subtitle(frame: pd.DataFrame) -> list[str]:
    timestamps = frame.attrs.get("timestamps") or {}
    meanings = ", ".join(f"{meaning} is {name!r}" for meaning, name in timestamps.items())
    number = frame.attrs.get("incidents")
    counted = f"Of {number} incidents. " if number is not None else ""
    return [
        f"{counted}Dot: median, triangle: p90, faint if n < {_FEW} (log scale); below: incidents, hollow: open",
        *([meanings] if meanings else []),
    ]


def _panel(frame: pd.DataFrame, groups: _Groups, duration: str, *, first: bool) -> dict[str, Any]:
    values = [_row(group, groups) for group in frame.to_dict("records")]
    seconds = [row[name] for row in values for name in _MARKS if row[name]]
    place: dict[str, Any] = {
        "field": "place",
        "type": "nominal",
        "scale": {"domain": groups.places, "paddingInner": 0.15},
        "sort": None,
        "title": None,
    }
    colour: dict[str, Any] = {"field": "colour", "type": "nominal", "scale": colours(groups.colours), "legend": None}
    offset = {"field": "colour", "type": "nominal", "scale": {"domain": list(groups.colours)}}
    if groups.by_colour:
        colour["legend"] = {"title": f"{groups.by_colour}: click shows one", "orient": "bottom", "symbolOpacity": 1}
    shared = {"color": colour, "xOffset": offset}
    wanted = {"filter": {"param": _SHOWN}}
    domain = [min(seconds, default=1) / _ROOM, max(seconds, default=1) * _ROOM]
    fine, coarse = ([tick for tick in ticks if domain[0] <= tick <= domain[1]] for ticks in (_FINE_TICKS, _TICKS))
    y = {"type": "quantitative", "title": None, "scale": {"type": "log", "nice": False, "domain": domain}}
    axis = {"values": fine if len(fine) <= _MOST_TICKS else coarse, "labelExpr": _TICK_WORDS, "labelOverlap": True}
    length = {"width": _WIDTH if duration else _COLUMNS * _WIDTH, "height": _HEIGHT, "transform": [wanted]}
    without = {**place, "axis": {"labels": False, "ticks": False, "domain": False}}
    faint = {"condition": {"test": f"datum.n < {_FEW}", "value": 0.35}, "value": 1}
    drawn = [
        {
            "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.7, "tooltip": {"expr": "datum.tip"}},
            "encoding": {"y": {"field": "median", **y, "axis": axis}, "y2": {"field": "p90"}},
        },
        *(
            {
                "mark": {
                    "type": "point", "filled": True, "size": 34, "shape": shape,
                    "tooltip": {"expr": "datum.tip"},
                },
                "encoding": {"y": {"field": name, **y, "axis": axis}, "opacity": faint},
            }
            for name, shape in _MARKS.items()
        ),
    ]  # fmt: skip
    upper = {
        **length,
        "title": {"text": shortened(duration, 50), "fontSize": 12},
        "transform": [wanted, {"filter": "datum.median !== null"}],
        "encoding": {"x": without, **shared},
        "layer": drawn,
    }
    bar = {"type": "bar", "strokeWidth": 1, "tooltip": {"expr": "datum.tip"}}
    count = {"type": "quantitative", "title": None, "stack": None, "axis": {"tickCount": 2, "tickMinStep": 1}}
    lower = {
        **length,
        "height": _COUNTS,
        "encoding": {"x": {**place, "axis": {"labelAngle": -50, "labelLimit": 150, "labelOverlap": True}}, **shared},
        "layer": [
            {
                "params": [_SELECTION] if first else [],
                "mark": {**bar, "fillOpacity": 0.85},
                "encoding": {"y": {"field": "n", **count}},
            },
            {
                "transform": [{"filter": "datum.open > 0"}],
                "mark": {**bar, "filled": False},
                "encoding": {"y": {"field": "n", **count}, "y2": {"field": "all"}},
            },
        ],
    }
    return {"data": {"values": values}, "vconcat": [upper, lower], "spacing": 4, "bounds": "full"}


def _row(group: dict[Any, Any], groups: _Groups) -> dict[str, Any]:
    def named(name: str) -> str:
        return _NONE if pd.isna(group[name]) else str(group[name])

    tip = {groups.by_place: named(groups.by_place)}
    tip |= {groups.by_colour: named(groups.by_colour)} if groups.by_colour else {}
    tip |= {name: span_text(group[name]) for name in ("median", "p90", "mean") if not pd.isna(group[name])}
    tip |= {name: str(group[name]) for name in ("n", "open", "excluded")}
    row: dict[str, Any] = {
        "place": named(groups.by_place),
        "colour": named(groups.by_colour) if groups.by_colour else _ALL,
        "n": int(group["n"]),
        "open": int(group["open"]),
        "all": int(group["n"]) + int(group["open"]),
        "tip": {name: text for key, value in tip.items() for name, text in rows(key, value).items()},
    }
    for name in _MARKS:
        # Zero has no place on a logarithmic scale.
        row[name] = None if pd.isna(group[name]) else max(group[name].total_seconds(), 1)
    return row
