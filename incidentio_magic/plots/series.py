"""Draws the user's own metrics below the events, on the same time axis."""

from __future__ import annotations

import math
import re
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
_LARGEST_RATIO: Final = 20
_UNIT: Final = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")


def panels(given: Mapping[str, Any], axis: TimeAxis) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the views of frames and series, and notes about them.

    Columns of one unit, such as `p50 (ms)` and `p99 (ms)`, share an axis. Columns without a unit share one if their
    values have a similar size; else each has its own.

    Args:
        given: By name: a Series of numbers, or a DataFrame whose numeric columns are drawn; the index is the time. An
            index without a time zone is read in the chart's zone, and a note says so.
        axis: The time axis. Values outside it are left out.

    Raises:
        InputError: If something is not such a frame or series, or has no value while the incident went on.
    """
    views: list[dict[str, Any]] = []
    notes: list[str] = []
    for name, series in given.items():
        columns, is_naive = _columns(name, series, axis)
        inside = {
            label: column[(column.index >= axis.start) & (column.index <= axis.end)].sort_index(kind="stable")
            for label, column in columns.items()
        }
        if not any(np.isfinite(column.to_numpy()).any() for column in inside.values()):
            raise InputError(
                f"{name} has no value between {axis.written(axis.start)} and {axis.written(axis.end)}.",
                hint=f"its index is read as {axis.zone.key} unless it has a time zone",
            )
        views += [_panel(title, group, axis) for title, group in _by_axis(name, inside)]
        if is_naive:
            notes.append(f"{printable(name)} names no time zone: its times are read as {axis.zone.key}")
    return views, notes


def _by_axis(name: str, columns: Mapping[str, pd.Series[Any]]) -> list[tuple[str, dict[str, pd.Series[Any]]]]:
    """Return which columns share an axis, and each axis's title: the column's name, the unit, or the frame's name.

    Args:
        name: The frame's name.
        columns: Its columns by label.
    """
    groups: dict[object, dict[str, pd.Series[Any]]] = {}
    sizes: dict[object, float] = {}
    for label, column in columns.items():
        known = np.abs(column.to_numpy()[np.isfinite(column.to_numpy())])
        size = float(known.max()) if len(known) else 0.0
        unit = _UNIT.search(label)
        key: object = unit[1] if unit else None
        if unit is None:
            alike = (place for place, other in sizes.items() if _alike(size, other))
            key = next(alike, len(sizes))
            sizes.setdefault(key, size)
        groups.setdefault(key, {})[label] = column
    titled = []
    for key, group in groups.items():
        title = next(iter(group)) if len(group) == 1 else str(key) if isinstance(key, str) else name
        titled.append((title, group))
    return titled


def _alike(size: float, other: float) -> bool:
    """Return whether two columns fit on one axis: the larger is at most 20 times the smaller."""
    smaller, larger = sorted((size, other))
    return not smaller or larger / smaller <= _LARGEST_RATIO


def _panel(title: str, columns: Mapping[str, pd.Series[Any]], axis: TimeAxis) -> dict[str, Any]:
    values = []
    for column, series in columns.items():
        drawn = thinned(series, _MOST // len(columns))
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
    legend = None if len(columns) == 1 else {"title": None, "orient": "right"}
    x = axis.encoding("at", axis=axis.ticks(None) | {"labels": False, "ticks": False})
    y = {"field": "value", "type": "quantitative", "title": printable(title), "scale": {"zero": False}}
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


def _columns(name: str, given: Any, axis: TimeAxis) -> tuple[dict[str, pd.Series[Any]], bool]:
    """Return the columns of a frame or series in UTC, and whether their times named no zone."""
    if isinstance(given, pd.Series):
        given = given.to_frame(str(given.name) if given.name is not None else name)
    if not isinstance(given, pd.DataFrame):
        raise InputError(f"{name} is neither a DataFrame nor a Series.", hint="give one whose index is the time")
    if not isinstance(given.index, pd.DatetimeIndex):
        raise InputError(f"The index of {name} is not the time.", hint=f"for example {name}.set_index('time')")
    is_naive = given.index.tz is None
    numeric = given.select_dtypes("number")
    if numeric.empty:
        raise InputError(f"{name} has no numbers to draw.", hint="convert its columns, for example with pd.to_numeric")
    if numeric.shape[1] > _MOST_LINES:
        raise InputError(
            f"{name} has {numeric.shape[1]} columns, too many to tell apart.",
            hint=f"choose at most {_MOST_LINES} of them",
        )
    index = _in_zone(name, given.index, axis) if is_naive else given.index.tz_convert("UTC")
    found = {}
    for place in range(numeric.shape[1]):
        series = numeric.iloc[:, place].astype("Float64").astype("float64")
        label = printable(str(numeric.columns[place]))
        found[label if label not in found else f"{label} ({place + 1})"] = series.set_axis(index)
    return found, is_naive


def _in_zone(name: str, index: pd.DatetimeIndex, axis: TimeAxis) -> pd.DatetimeIndex:
    """Return times without a zone as times in the chart's zone."""
    try:
        return index.tz_localize(axis.zone).tz_convert("UTC")
    except Exception as error:  # noqa: BLE001  an hour that comes twice, or never: before pandas 3 an error of pytz
        raise InputError(
            f"The times of {name} are ambiguous in {axis.zone.key}: {str(error).splitlines()[0]}",
            hint=f'say which zone they are in: {name}.tz_localize("UTC")',
        ) from None


def thinned(series: pd.Series[float], most: int) -> pd.Series[float]:
    """Return a limited number of values: the lowest and highest of each stretch of time, so that no peak is lost.

    Args:
        series: Numbers by time, in order.
        most: The approximate maximum number of values.
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
        # A stretch without values stays a gap.
        kept |= {first + int(known[of(part[known])]) for of in (np.argmin, np.argmax)} if len(known) else {first}
    return series.iloc[sorted(kept)]
