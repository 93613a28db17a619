"""The main flows in Notebook 7: declare, update by keyboard, close, and the board with a form under its row."""

from __future__ import annotations

import pytest
from laboratory import Laboratory, run_all, watched
from opened import REQUIRED, START, WIDE, Notebook

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def classic(browser, tmp_path_factory):
    """A running Notebook 7."""
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    laboratory = Laboratory(tmp_path_factory.mktemp("classic"), front_end="notebook")
    yield laboratory
    laboratory.stop()


def opened(laboratory, page, folder, *cells):
    """Open a notebook of some cells, run it, and return the outputs of each."""
    import nbformat

    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, folder / "flows.ipynb")
    page.goto(laboratory.address(laboratory.add(folder / "flows.ipynb")))
    return run_all(page)


def test_the_main_flows(classic, browser, tmp_path):
    """An incident is declared, updated by keyboard and closed from the board, and the page stays quiet."""
    cells = (START, f"%incidents declare --severity Major {REQUIRED}", "%incidents update", "%incidents board")
    with watched(browser, viewport=WIDE) as (page, own_errors, _outside):
        opened(classic, page, tmp_path, "1")
    with watched(browser, viewport=WIDE) as (page, logged, outside):
        outputs = opened(classic, page, tmp_path, *cells)
        assert not [output for cell in outputs for output in cell if output["output_type"] == "error"]
        page.set_default_timeout(20_000)
        book = Notebook(page, outputs)
        declare, update, board = (page.locator(".jp-CodeCell").nth(number) for number in (1, 2, 3))
        declare.locator(".incidentio-name input").fill("Checkout answers with errors")
        declare.locator(".incidentio-name input").press("Control+Enter")
        declare.locator(".incidentio-outcome.sent").wait_for()
        box = update.locator(".incidentio-incident input")
        box.press_sequentially("payments")
        for key in ("ArrowDown", "Enter"):
            box.press(key)
        update.locator("textarea").first.fill("Found by keyboard")
        update.locator("textarea").first.press("Control+Enter")
        update.locator(".incidentio-outcome.sent").wait_for()
        (body,) = book.bodies("/v2/incident_updates")
        assert body["message"] == "Found by keyboard"
        assert book.value(f"session.client.incident({body['incident_id']!r}).reference") == "'INC-295'"
        board.locator(".ib-row:not(.ib-head)").first.wait_for()
        board.get_by_role("button", name="Close INC-298").click()
        panel = board.locator(".ib-panel")
        panel.locator("label", has_text="Reviewing").locator("input").check()
        panel.locator(".incidentio-at-impact-started-at input").fill("13:30")
        panel.locator("textarea").first.fill("Done")
        panel.locator(".incidentio-submit").click()
        panel.locator(".incidentio-outcome.sent").first.wait_for()
        assert book.value("session.client.incident('INC-298').incident_status.name") == "'Reviewing'"
        assert book.value("session.client.incident('INC-301').name") == "'Checkout answers with errors'"
        assert set(logged) <= set(own_errors)  # Notebook logs one of its own
        assert not outside
