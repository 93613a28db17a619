"""The user's own metrics below the events, on the same time axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.errors import InputError
from incidentio_magic.plots.looks import WIDTH, colours, lines
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.plots.axis import TimeAxis

_HEIGHT: Final = 110
_MOST: Final = 1500
_MOST_LINES: Final = 20


def panels(given: Mapping[str, Any], axis: TimeAxis) -> list[dict[str, Any]]:
    """Return one view for each frame or series.

    Args:
        given: By name: a Series of numbers, or a DataFrame whose numeric columns are drawn; the index is the time,
            in UTC where it has no zone.
        axis: The time axis. What lies outside it is left out.

    Raises:
        InputError: If something is not such a frame or series, or has no value while the incident went on.
    """
    return [_panel(name, one, axis) for name, one in given.items()]


def _panel(name: str, given: Any, axis: TimeAxis) -> dict[str, Any]:
    columns = _columns(name, given)
    values = []
    for column, series in columns.items():
        inside = series[(series.index >= axis.start) & (series.index <= axis.end)].sort_index(kind="stable")
        for at, value in thinned(inside, _MOST // len(columns)).items():
            number = float(value)
            shown = number if math.isfinite(number) else None
            moment = at.to_pydatetime()
            values.append(
                {
                    "at": axis.place(moment),
                    "value": shown,
                    "series": column,
                    "tip": {"at": axis.written(moment), column: "" if shown is None else f"{shown:g}"},
                }
            )
    if not any(one["value"] is not None for one in values):
        raise InputError(
            f"{name} has no value between {axis.written(axis.start)} and {axis.written(axis.end)}.",
            hint="its index is taken as UTC unless it has a time zone",
        )
    legend = None if len(columns) == 1 else {"title": None, "orient": "right"}
    x = axis.encoding("at", axis=axis.ticks(None) | {"labels": False, "ticks": False})
    y = {"field": "value", "type": "quantitative", "title": printable(name), "scale": {"zero": False}}
    y["axis"] = {"tickCount": 4, "titleLimit": _HEIGHT, "format": "~s"}
    colour = {"field": "series", "type": "nominal", "scale": colours(lines(list(columns))), "legend": legend}
    return {
        "width": WIDTH,
        "height": _HEIGHT,
        "data": {"values": values},
        "encoding": {"x": x, "y": y, "color": colour},
        "layer": [
            {"mark": {"type": "line", "clip": True, "strokeWidth": 1.6, "invalid": "break-paths-show-domains"}},
            {"mark": {"type": "point", "clip": True, "size": 90, "opacity": 0, "tooltip": {"expr": "datum.tip"}}},
        ],
    }


def _columns(name: str, given: Any) -> dict[str, pd.Series[Any]]:
    if isinstance(given, pd.Series):
        given = given.to_frame(str(given.name) if given.name is not None else name)
    if not isinstance(given, pd.DataFrame):
        raise InputError(f"{name} is no DataFrame and no Series.", hint="give one whose index is the time")
    if not isinstance(given.index, pd.DatetimeIndex):
        raise InputError(f"The index of {name} is not the time.", hint=f"for example {name}.set_index('time')")
    index = given.index.tz_localize("UTC") if given.index.tz is None else given.index.tz_convert("UTC")
    numeric = given.select_dtypes("number")
    if numeric.empty:
        raise InputError(f"{name} has no numbers to draw.", hint="convert its columns, for example with pd.to_numeric")
    if numeric.shape[1] > _MOST_LINES:
        raise InputError(
            f"{name} has {numeric.shape[1]} columns, too many to tell apart.",
            hint=f"choose at most {_MOST_LINES} of them",
        )
    found = {}
    for place in range(numeric.shape[1]):
        series = numeric.iloc[:, place].astype("Float64").astype("float64")
        label = printable(str(numeric.columns[place]))
        found[label if label not in found else f"{label} ({place + 1})"] = series.set_axis(index)
    return found


def thinned(series: pd.Series[float], most: int) -> pd.Series[float]:
    """Return at most about so many values: of each stretch of time its lowest and its highest, so that no peak is lost.

    Args:
        series: Numbers by time, in order.
        most: How many values are wanted at most.
    """
    if len(series) <= most:
        return series
    stretch = pd.RangeIndex(len(series)).to_numpy() * max(most // 2, 1) // len(series)
    positions = pd.Series(range(len(series)))
    values = series.reset_index(drop=True)
    kept: set[int] = set()
    for _number, places in positions.groupby(stretch):
        part = values.iloc[places].dropna()
        kept |= {int(part.idxmin()), int(part.idxmax())} if len(part) else {int(places.iloc[0])}
    return series.iloc[sorted(kept)]
