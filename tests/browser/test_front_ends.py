"""What must work in every front end and version: tables, charts, a form that sends once, no error of ours on the page.

`.ci/matrix` runs this in JupyterLab 4.2, the newest JupyterLab and Notebook 7: `FRONT_END=notebook` opens the latter.
"""

from __future__ import annotations

import pytest
from laboratory import run_all, watched

pytestmark = pytest.mark.browser

START = (
    "%load_ext incidentio_magic\n"
    "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen\n"
    'session = get_ipython().magics_manager.registry["IncidentMagics"].session\n'
)
SENT = 'print([r["path"] for r in session.sandbox.requests if r["method"] == "POST"].count("/v2/incident_updates"))'
COUNT = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code, store_history: false});
  let text = '';
  future.onIOPub = message => { text += message.content.text || ''; };
  await future.done;
  return text; }"""


def opened(laboratory, page, folder, *cells):
    """Open a notebook of some cells, run it, and return the outputs of each."""
    import nbformat

    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
    )
    nbformat.write(made, folder / "any.ipynb")
    page.goto(laboratory.address(laboratory.add(folder / "any.ipynb")))
    outputs = run_all(page)
    page.set_default_timeout(20_000)
    return outputs


def test_a_table_a_chart_and_a_form(laboratory, browser, tmp_path):
    """They are shown, the form sends its update once, and the page logs nothing that it does not log without us."""
    view = {"width": 1280, "height": 3000}
    with watched(browser, viewport=view) as (page, own_errors, _):
        opened(laboratory, page, tmp_path, "1")
    with watched(browser, viewport=view) as (page, logged, outside):
        cells = (START, "%incidents list --limit 5", "%incidents timeline INC-291 --plot", "%incidents update INC-295")
        outputs = opened(laboratory, page, tmp_path, *cells)
        assert not [output for cell in outputs for output in cell if output["output_type"] == "error"]
        page.locator(".jp-RenderedHTMLCommon table").first.wait_for()
        page.locator(".jp-RenderedVegaLite svg.marks").first.wait_for()
        page.locator(".incidentio-message textarea").first.fill("From a form.")
        page.locator(".incidentio-submit").first.click()
        page.locator(".incidentio-outcome.sent").first.wait_for()
        assert page.evaluate(COUNT, SENT).strip() == "1"
        assert set(logged) <= set(own_errors)
        assert not outside
