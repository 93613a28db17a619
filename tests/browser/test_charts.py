"""Charts as a reader meets them: drawn in JupyterLab without any network, with everything on hovering."""

from __future__ import annotations

import base64
import json
import re

import pytest
from laboratory import change_theme, run_all, watched

pytestmark = pytest.mark.browser

MESSAGE = "We know the cause: the disk of the primary was full. " * 12
HOSTILE = "<img src=x onerror='window.harmed = 1'><script>window.harmed = 1</script>"
SERIES = """import pandas as pd
rate = pd.Series(range(60), index=pd.date_range("2026-01-15T14:00Z", periods=60, freq="s"), name="errors")
latency = pd.DataFrame({"p50": rate, "p99": rate * 2})"""
CELLS = [
    "%load_ext incidentio_magic",
    "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "%%incident_declare --severity Major --mode test\nSearch lost its replica",
    f"%%incident_update --status Fixing --raw\n{MESSAGE}{HOSTILE}",
    SERIES,
    "%incidents timeline --plot --with rate --with latency",
    "%incidents metrics --since 365d --by month,severity --plot",
    "%incidents postmortem",
]
TIMELINE, METRICS, POSTMORTEM = 5, 6, 7
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"


@pytest.fixture(scope="module")
def charts(laboratory, browser, tmp_path_factory):
    """The page of a notebook with charts that has been run, where nothing outside this machine can be reached."""
    import nbformat

    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path_factory.mktemp("charts") / "charts.ipynb"
    nbformat.write(made, path)
    name = laboratory.add(path)
    with watched(browser, viewport={"width": 1280, "height": 4000}) as (page, logged, outside):
        page.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
        page.goto(laboratory.address(name))
        outputs = run_all(page)
        page.set_default_timeout(20_000)
        page.locator(".jp-RenderedVegaLite svg.marks").nth(1).wait_for()
        yield page, outputs, laboratory.work / name
        assert page.evaluate("window.harmed") is None
        assert not logged
        assert not outside


def chart(page, number):
    """Return the drawing of one cell."""
    return page.locator(".jp-CodeCell").nth(number).locator(".jp-RenderedVegaLite svg.marks").first


def points(page):
    """Return the events of the timeline; the user's own values come after them."""
    return chart(page, TIMELINE).locator("g.mark-symbol.role-mark").first.locator("> path")


def test_charts_are_drawn(charts):
    """Both charts are drawn, in one output each that also holds the picture and the text."""
    page, outputs, _path = charts
    for number, title in ((TIMELINE, "INC-301 · Search lost its replica"), (METRICS, "How long incidents take")):
        (bundle,) = [output["data"] for output in outputs[number] if output["output_type"] == "execute_result"]
        assert {"application/vnd.vegalite.v5+json", "image/png", "text/plain"} <= set(bundle)
        assert chart(page, number).get_by_text(title, exact=True).is_visible()
    assert chart(page, TIMELINE).locator(".mark-line.role-mark path").count() == 3  # a Series, two columns of a frame


def test_hovering_shows_the_whole_message(charts):
    """The tooltip of an event has its time, its title, who it was, and every word of its message, as text."""
    page, _outputs, _path = charts
    spec = next(chart["data"] for chart in charts[1][TIMELINE] if chart["output_type"] == "execute_result")
    values = [
        value
        for view in spec["application/vnd.vegalite.v5+json"]["vconcat"]
        for value in view["data"]["values"]
        if "who" in value
    ]
    place = next(number for number, value in enumerate(values) if "disk of the primary" in json.dumps(value))
    symbols = points(page)
    symbols.nth(place).hover(force=True)
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    words = " ".join(" ".join(tooltip.locator("td.value").all_inner_texts()).split())
    assert " ".join((MESSAGE + HOSTILE).split()) in words
    assert "2026-01-15 14:00:" in words
    assert "Sandbox (api key)" in words
    clipped = "cells => cells.some(one => one.scrollHeight > one.clientHeight + 1)"
    assert not tooltip.locator("td.value").evaluate_all(clipped)
    page.mouse.move(0, 0)


def test_the_legend_of_the_metrics_filters_all_panels(charts):
    """A click on a severity leaves it alone in every panel, and a click beside everything brings all back."""
    page, _outputs, _path = charts
    drawing = chart(page, METRICS)
    dots = "drawing => [...drawing.querySelectorAll('g.mark-symbol.role-mark')].map(one => one.children.length)"
    before = drawing.evaluate(dots)
    drawing.locator("g.role-legend-label text", has_text="Major").first.click(force=True)
    compared = [drawing.element_handle(), before]
    page.wait_for_function(f"([one, all]) => ({dots})(one).every((left, place) => left < all[place])", arg=compared)
    assert all(drawing.evaluate(dots))
    drawing.click(position={"x": 4, "y": 4}, force=True)
    page.wait_for_function(f"([one, all]) => String(({dots})(one)) === String(all)", arg=compared)


def test_the_draft_is_a_document(charts):
    """The draft is shown with headings and tables, and nothing of a message is markup of the page."""
    page, _outputs, _path = charts
    document = page.locator(".jp-CodeCell").nth(POSTMORTEM).locator(".jp-RenderedMarkdown")
    assert document.locator("h2", has_text="Key events").count() == 1
    assert document.locator("table").count() >= 4
    assert document.locator("img, script").count() == 0
    assert HOSTILE[:20] in document.inner_text()


def test_the_saved_notebook_holds_the_picture(charts):
    """Saved, the notebook has the pictures for wherever Vega-Lite is not known: as a page of HTML it shows them."""
    import nbformat

    page, _outputs, path = charts
    page.evaluate(SAVE)
    saved = nbformat.read(path, as_version=4)
    for number in (TIMELINE, METRICS):
        (data,) = [output.data for output in saved.cells[number].outputs if "image/png" in output.get("data", {})]
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    html, _resources = pytest.importorskip("nbconvert").HTMLExporter().from_notebook_node(saved)
    assert len(re.findall(r'<img [^>]*src="data:image/png;base64,', html)) == 2


def test_a_dark_theme_turns_page_and_text(charts):
    """In JupyterLab's dark theme the page of a chart is dark and every text on it is light, labels of events too."""
    page, _outputs, _path = charts
    change_theme(page, "Dark")
    page.locator(".jp-CodeCell").nth(TIMELINE).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    drawing = chart(page, TIMELINE)
    dark = """place => {
      const drawing = document.querySelectorAll('.jp-CodeCell')[place].querySelector('.jp-RenderedVegaLite svg.marks');
      return drawing && getComputedStyle(drawing).backgroundColor === 'rgb(51, 51, 51)'; }"""
    page.wait_for_function(dark, arg=TIMELINE)
    texts = drawing.locator("g.mark-text.role-mark text")
    found = texts.evaluate_all("texts => texts.map(text => text.getAttribute('fill'))")
    assert set(found) == {"#fff", "#161616"}  # the latter stands on the light colours of bands
