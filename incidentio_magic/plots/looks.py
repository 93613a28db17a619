"""The look of charts: sizes, and colours that are readable on light and dark pages.

JupyterLab draws a chart with the page's theme, which sets the colours of background and text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

WIDTH: Final = 760
"""Pixels from the left to the right end of a time axis."""

CHARACTER: Final = 6.2
"""Pixels that a character of a label takes, about."""

TEXT: Final = {"style": "guide-label", "filled": False, "stroke": None}
"""Of marks that are text: without a fill of their own they have that of the labels of axes, which the theme chooses."""

GREY: Final = "#808080"
"""Of neutral marks: 3:1 or more on light and on dark pages."""

RULE: Final = "rgba(128,128,128,.35)"
"""Of the lines between lanes and of the grid."""

PAPER: Final = "#ffffff"
INK: Final = "#3d3d3d"
"""Page and text of a picture, which cannot follow a theme; 10.7:1."""

ON_COLOUR: Final = "#161616"
"""Of text on the colours of bands, which are light."""

ACTORS: Final = {"people": "#4c8cc9", "automation": "#b08a4a", "alerts": "#e0553b", "customers": "#3a9c67"}
"""The colour of who acts in an event: 3:1 or more on light and on dark pages."""

_LINES: Final = ("#4c8cc9", "#f58518", "#2fa889", "#e45756", "#b279d6", "#d8a800", "#e377b4", "#6fae45")
_CALM_TO_SEVERE: Final = ("#9cc4dd", "#f0cf5a", "#f0a05a", "#ea706a")
_STRONG: Final = ("#4c8cc9", "#d8a800", "#f58518", "#e45756")
_STATUSES: Final = (
    "#c9c3bf", "#f2b8b5", "#f6d27a", "#a9d7a0", "#a8cfe8", "#c9b8e4", "#d9c2a5", "#b5d9d3", "#e3bcd3", "#cfd38a",
)  # fmt: skip


def ranked(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for each name, from calm to severe.

    Args:
        names: Severities, least severe first.
    """
    return _spread(names, _CALM_TO_SEVERE)


def severe(names: Sequence[str]) -> dict[str, str]:
    """Return a strong colour for each name, from calm to severe, for points and lines."""
    return _spread(names, _STRONG)


def distinct(names: Sequence[str]) -> dict[str, str]:
    """Return a light colour for each name, such as statuses in their order; after ten they repeat."""
    return {name: _STATUSES[place % len(_STATUSES)] for place, name in enumerate(names)}


def lines(names: Sequence[str]) -> dict[str, str]:
    """Return a strong colour for each name; after eight they repeat."""
    return {name: _LINES[place % len(_LINES)] for place, name in enumerate(names)}


def _spread(names: Sequence[str], found: tuple[str, ...]) -> dict[str, str]:
    steps = max(len(names) - 1, 1)
    return {name: found[round(place * (len(found) - 1) / steps)] for place, name in enumerate(names)}


def colours(found: dict[str, str]) -> dict[str, Any]:
    """Return a colour scale with a colour for each name."""
    return {"domain": list(found), "range": list(found.values())}


def config() -> dict[str, Any]:
    """Return the common configuration of all charts. Background and text have no colour, so they follow the theme."""
    text = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "padding": 10,
        "font": "Arial, sans-serif",
        "view": {"stroke": None, "fill": None},
        "axis": {**text, "gridColor": RULE, "labelLimit": 180},
        "legend": {**text, "symbolType": "circle", "labelLimit": 220, "titleLimit": 400},
        "title": {
            "anchor": "start",
            "fontSize": 16,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "frame": "group",
        },
    }


def on_paper(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification for a picture: dark text on a light background."""
    own = spec["config"]
    lines = {"domainColor": INK, "tickColor": INK}
    text = {"guide-label": {"fill": INK}, "guide-title": {"fill": INK}}
    return {
        **spec,
        "config": {
            **own,
            "background": PAPER,
            "axis": {**own["axis"], **lines},
            "title": {**own["title"], "color": INK, "subtitleColor": INK},
            "style": text,
        },
    }


def note(text: str) -> dict[str, Any]:
    """Return a chart that consists of a message, if there is nothing to draw."""
    return {
        "width": WIDTH,
        "height": 40,
        "data": {"values": [{"text": text}]},
        "mark": {"type": "text", **TEXT, "fontSize": 12, "align": "left", "x": 0, "baseline": "middle"},
        "encoding": {"text": {"field": "text", "type": "nominal"}},
    }


def to_know(frame: pd.DataFrame) -> list[str]:
    """Return warnings for a chart's reader: that the frame is from training mode, or incomplete."""
    why = frame.attrs.get("why_incomplete")
    return [printable(str(line)) for line in (frame.attrs.get("banner"), f"Incomplete: {why}." if why else "") if line]


def shortened(text: str, longest: int) -> str:
    """Return `text` as one line of limited length."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
