"""A chart as a value that shows itself."""

from __future__ import annotations

import base64
import json

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from incidentio_magic import errors
from incidentio_magic.plots import VEGA_LITE, Chart, chart
from incidentio_magic.plots.looks import config, said

SPEC = {**said("Nothing"), "config": config()}


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
    one = Chart(SPEC, "Nothing.", pd.DataFrame())
    assert one.png() is one.png()


def test_drawing_reaches_no_network():
    """Data at an address are refused: all of it must be inside."""
    elsewhere = {**SPEC, "data": {"url": "http://127.0.0.1:9/rows.json"}}
    with pytest.raises(ValueError, match=r"(?i)not allowed"):
        Chart(elsewhere, "", pd.DataFrame()).png()


def test_no_background_of_its_own():
    """The chart is transparent, so that it fits light and dark pages."""
    assert config()["background"] == "transparent"


def test_a_missing_extra_is_named(monkeypatch):
    """Without the package that draws, the error says what to install."""
    monkeypatch.setattr(chart, "find_spec", lambda _name: None)
    with pytest.raises(errors.SettingsError) as caught:
        Chart(SPEC, "", pd.DataFrame())
    assert caught.value.hint == 'pip install "incidentio-magic[plot]"'
