"""A chart as a value that shows itself."""

from __future__ import annotations

import base64
import json

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from incidentio_magic import errors
from incidentio_magic.plots import VEGA_LITE, Chart, chart
from incidentio_magic.plots.looks import ACTORS, INK, PAGE, config, note

SPEC = {**note("Nothing"), "config": config()}


def test_one_bundle():
    """Specification, picture and text come in one output, and are what a saved notebook keeps."""
    data, metadata = DisplayFormatter().format(Chart(SPEC, "Nothing.", pd.DataFrame()))
    assert set(data) == {VEGA_LITE, "image/png", "text/plain"}
    assert data["text/plain"] == "Nothing."
    assert json.loads(json.dumps(data[VEGA_LITE])) == SPEC
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata[VEGA_LITE]["embed_options"]["actions"]["editor"] is False
    assert metadata["image/png"]["alt"] == "Nothing."


def test_the_picture_is_drawn_once():
    """Shown twice, the chart is drawn once."""
    drawn = Chart(SPEC, "Nothing.", pd.DataFrame())
    assert drawn.png() is drawn.png()


def test_drawing_reaches_no_network():
    """Data at an address are refused: all of it must be inside."""
    elsewhere = {**SPEC, "data": {"url": "http://127.0.0.1:9/rows.json"}}
    with pytest.raises(ValueError, match=r"(?i)not allowed"):
        Chart(elsewhere, "", pd.DataFrame()).png()


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [INK, *ACTORS.values()])
def test_everything_is_read_on_the_chart_s_own_page(colour):
    """Text and marks stand out from the page, which the chart brings along: dark pages change nothing."""
    assert config()["background"] == PAGE
    assert (luminance(PAGE) + 0.05) / (luminance(colour) + 0.05) >= (4.5 if colour == INK else 3)


def test_a_missing_extra_is_named(monkeypatch):
    """Without the package that draws, the error says what to install."""
    monkeypatch.setattr(chart, "find_spec", lambda _name: None)
    with pytest.raises(errors.SettingsError) as caught:
        Chart(SPEC, "", pd.DataFrame())
    assert caught.value.hint == 'pip install "incidentio-magic[plot]"'
