"""The user's own metrics below the events, on the same time axis."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
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
        drawn = thinned(inside, _MOST // len(columns))
        for moment, number in zip(pd.DatetimeIndex(drawn.index).to_pydatetime(), drawn.tolist(), strict=True):
            shown = number if math.isfinite(number) else None
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
    stretches = max(most // 2, 1)
    bounds = [len(series) * number // stretches for number in range(stretches + 1)]
    values = series.to_numpy()
    kept: set[int] = set()
    for first, last in pairwise(bounds):
        part = values[first:last]
        known = np.flatnonzero(~np.isnan(part))
        # A stretch without any value stays as a gap.
        kept |= {first + int(known[of(part[known])]) for of in (np.argmin, np.argmax)} if len(known) else {first}
    return series.iloc[sorted(kept)]
