"""A chart as a value that shows itself."""

from __future__ import annotations

import base64
import io
import json

import pandas as pd
import pytest
from eventful import events, inside
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from incidentio_magic import errors
from incidentio_magic.plots import VEGA_LITE, Chart, chart, timeline_chart
from incidentio_magic.plots.looks import ACTORS, GREY, INK, ON_COLOUR, PAPER, config, note, on_paper

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


def contrast(first, second):
    """Return the contrast of two colours."""
    dark, light = sorted(luminance(colour) + 0.05 for colour in (first, second))
    return light / dark


@pytest.mark.parametrize("page", ["#ffffff", "#333333"])  # what JupyterLab's themes give to a chart
@pytest.mark.parametrize("colour", [GREY, *ACTORS.values()])
def test_marks_stand_out_on_light_and_on_dark_pages(colour, page):
    """Marks keep their colour in every theme, so they stand out from each of its pages."""
    assert contrast(colour, page) >= 3


def test_text_and_page_are_left_to_the_theme():
    """A specification gives page and text no colour, so that a dark theme turns both; a picture has its own."""
    spec = timeline_chart(events((0, {}), (9, {"kind": "page", "curated": True}))).spec
    assert not {"background", "style"} & set(spec["config"])
    assert not {key for key in ("labelColor", "titleColor", "subtitleColor") if list(inside(spec, key))}
    texts = [mark for mark in inside(spec, "mark") if mark["type"] == "text"]
    themed = [mark for mark in texts if mark.get("color") != ON_COLOUR]
    assert len(themed) == len(texts) - 1  # of the words on bands, whose colours no theme changes
    assert all("color" not in mark and mark["style"] == "guide-label" for mark in themed)
    drawn = on_paper(SPEC)["config"]
    assert drawn["background"] == PAPER
    assert drawn["style"]["guide-label"] == {"fill": INK}
    assert contrast(INK, PAPER) >= 4.5
    picture = Image.open(io.BytesIO(Chart(SPEC, "", pd.DataFrame()).png())).convert("RGB")
    assert min(picture.getpixel((1, 1))) >= 250
    darkest = min((colour for _count, colour in picture.getcolors(100_000)), key=sum)
    assert max(abs(part - 61) for part in darkest) < 12


def test_a_missing_extra_is_named(monkeypatch):
    """Without the package that draws, the error says what to install."""
    monkeypatch.setattr(chart, "find_spec", lambda _name: None)
    with pytest.raises(errors.SettingsError) as caught:
        Chart(SPEC, "", pd.DataFrame())
    assert caught.value.hint == 'pip install "incidentio-magic[plot]"'
