"""The board as a responder meets it: in JupyterLab, in a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from incidentio_magic.sandbox import Sandbox

pytestmark = pytest.mark.browser

NAME = '<script>window.harmed = 1</script><img src="x" onerror="window.harmed = 1"> ' + "long " * 20 + "مرحبا 🔥"
SETUP = ["%load_ext incidentio_magic", "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen"]
THREADS = "import threading; [thread.name for thread in threading.enumerate() if thread.name == 'incidentio-board']"
RUN_IN_PLACE = """async number => {
  const panel = window.jupyterapp.shell.currentWidget; panel.content.activeCellIndex = number;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
SHOW = """async number => {
  const panel = window.jupyterapp.shell.currentWidget; panel.content.activeCellIndex = number;
  await panel.content.scrollToItem(number);
}"""
OUT_OF_SIGHT = """() => {
  const box = document.querySelector('.incidents-board')?.getBoundingClientRect();
  return !box || !box.height || box.bottom < 0 || box.top > window.innerHeight;
}"""
CLEAR = """async number => {
  const panel = window.jupyterapp.shell.currentWidget; panel.content.activeCellIndex = number;
  panel.content.deselectAll();
  await window.jupyterapp.commands.execute('notebook:clear-cell-output');
}"""
REPLACE = """([number, text]) => window.jupyterapp.shell.currentWidget.content.model.cells.get(number)
  .sharedModel.setSource(text)"""
SHUT_DOWN = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
OUTPUT = """number => JSON.stringify(
  window.jupyterapp.shell.currentWidget.content.model.cells.get(number).outputs.toJSON())"""


def soon(page, happens):
    """Wait until something happens outside of the page; return whether it did."""
    return any(happens() or page.wait_for_timeout(100) for _try in range(200))


def run(page, number, source):
    """Give a cell another text, run it, and return its outputs as text once it has any."""
    page.evaluate(REPLACE, [number, source])
    page.evaluate(RUN_IN_PLACE, number)
    return page.evaluate(OUTPUT, number)


def test_the_board_in_jupyterlab(notebook):
    """A declared incident appears after a refresh, marked new and harmless; a row opens its form; stop stops."""
    with notebook(*SETUP, "1", "%incidents board", "1", viewport={"width": 1280, "height": 1200}) as book:
        page, outputs = book.page, book.outputs
        assert not [output for cell in outputs for output in cell if output["output_type"] == "error"]
        page.get_by_text("Open incidents: 10").wait_for()
        assert page.locator(".incidents-board .ib-row.ib-0").inner_text().startswith("Critical")
        assert page.locator(".incidents-board .ib-late").count() > 0

        assert "INC-301" in run(page, 4, f"%%incident_declare --severity Major --raw\n{NAME}")
        page.get_by_role("button", name="Refresh now").click()
        page.get_by_text("Open incidents: 11").wait_for()
        new = page.locator(".incidents-board .ib-row", has_text="INC-301")
        assert "NEW" in new.inner_text()
        assert "<script>window.harmed = 1</script>" in new.inner_text()
        assert page.evaluate("window.harmed") is None

        page.get_by_role("button", name="Update INC-301").click()
        forms = page.locator(".incidentio-form")
        message = forms.locator(".incidentio-message textarea")
        message.fill("Shared from the board")
        message.press("Tab")
        page.get_by_role("button", name="Escalate INC-299").click()
        forms.filter(has_text="Leave it at Critical").wait_for()
        assert forms.count() == 1
        page.get_by_role("button", name="Update INC-301").click()
        page.wait_for_function("() => document.querySelector('.ib-panel textarea')?.value === 'Shared from the board'")
        forms.locator(".incidentio-status select").select_option(label="Fixing (active)")
        forms.locator("button.mod-primary, .incidentio-submit").first.click()
        page.get_by_text("INC-301 updated at").first.wait_for()
        page.mouse.move(0, 0)
        new.get_by_text("was Investigating").wait_for()
        assert "Shared from the board" in run(page, 4, "%incidents updates INC-301")
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped. This is as of").wait_for()
        assert page.get_by_role("button", name="Refresh now").is_disabled()
        assert "'incidentio-board'" not in run(page, 4, THREADS)


def test_an_empty_board(notebook):
    """Without a row a board still says as of when, and has its buttons."""
    with notebook(
        *SETUP, "%incidents board --severity Minor --status Monitoring", viewport={"width": 1280, "height": 800}
    ) as book:
        page = book.page
        page.get_by_text("No open incidents match these filters.").wait_for()
        page.get_by_text("As of 14:00:").wait_for()
        page.get_by_role("button", name="Refresh now").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped. This is as of").wait_for()


def test_it_goes_on_while_its_cell_is_out_of_sight(notebook):
    """Scrolled away in a long notebook, where JupyterLab takes cells out of the page, a board goes on."""
    with notebook(
        *SETUP, "%incidents board", *['print("\\n" * 60)'] * 60, "1", viewport={"width": 1280, "height": 800}
    ) as book:
        page = book.page
        page.evaluate(SHOW, 2)
        page.get_by_text("Open incidents: 10").wait_for()
        page.evaluate(SHOW, 63)
        page.wait_for_function(OUT_OF_SIGHT)
        page.wait_for_timeout(1000)
        assert "'incidentio-board'" in run(page, 63, THREADS)
        page.evaluate(SHOW, 2)
        page.get_by_role("button", name="Refresh now").click()
        page.get_by_text("As of 14:00:").wait_for()


def test_it_stops_with_its_kernel(notebook):
    """The kernel is shut down while a board is shown: its process ends, and nothing is asked any more."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z") as sandbox:
        connect = f"import os\nos.environ['INCIDENTIO_API_KEY'] = {sandbox.key!r}\nos.getpid()"
        address = f"%config IncidentMagics.base_url = {sandbox.url!r}"
        cells = (SETUP[0], address, connect, "%incidents board")
        with notebook(*cells, viewport={"width": 1280, "height": 1200}) as book:
            page, outputs = book.page, book.outputs
            process = Path("/proc") / outputs[2][0]["data"]["text/plain"]
            page.get_by_text("Open incidents: 10").wait_for()
            assert process.exists()
            page.evaluate(SHUT_DOWN)
            assert soon(page, lambda: not process.exists())
            asked = len(sandbox.requests)
            page.wait_for_timeout(500)
            assert len(sandbox.requests) == asked


def test_it_stops_with_its_cell(notebook):
    """Run again, the cell has one board and one thread; cleared, it has none."""
    with notebook(*SETUP, "%incidents board", "1", viewport={"width": 1280, "height": 1200}) as book:
        page = book.page
        page.get_by_text("Open incidents: 10").wait_for()
        page.evaluate(RUN_IN_PLACE, 2)
        page.get_by_text("Open incidents: 10").wait_for()
        assert page.locator(".incidents-board").count() == 1
        assert run(page, 3, THREADS).count("'incidentio-board'") == 1
        page.evaluate(CLEAR, 2)
        page.locator(".incidents-board").wait_for(state="detached")
        page.wait_for_timeout(1000)
        assert "'incidentio-board'" not in run(page, 3, THREADS)


ROWS = """() => [...document.querySelectorAll('.incidents-board-line .ib-reference')].map(cell => cell.innerText)"""
FOCUSED = """() => { const box = document.activeElement.getBoundingClientRect();
  return { inPanel: Boolean(document.activeElement.closest('.ib-panel')), name: document.activeElement.title,
    inSight: box.top >= 0 && box.bottom <= window.innerHeight }; }"""
CUT = """buttons => buttons.filter(button => button.scrollWidth > button.clientWidth ||
  getComputedStyle(button, '::before').content !== 'none').map(button => button.title)"""
ROLES = """() => { const table = document.querySelector('.ib-table');
  const rows = [...table.querySelectorAll('[role=row]')];
  return { table: table.getAttribute('role'), rows: rows.length,
    headers: table.querySelectorAll('[role=columnheader]').length,
    cells: rows.slice(1).map(row => row.querySelectorAll('[role=cell]').length),
    names: [...table.querySelectorAll('.ib-actions button:not([disabled])')].map(
      button => button.getAttribute('aria-label')) }; }"""


@pytest.mark.parametrize("width", [1366, 640])
def test_a_row_s_form_opens_in_sight(notebook, width):
    """The form of the last row is focused and in sight under its row; Escape hides it and returns the focus."""
    with notebook(*SETUP, "%incidents board", viewport={"width": width, "height": 768}) as book:
        page = book.page
        page.get_by_text("Open incidents: 10").wait_for()
        assert page.locator(".ib-actions button:not([disabled])").evaluate_all(CUT) == []
        page.get_by_role("button", name="Update INC-300").click()
        page.locator(".ib-panel textarea").first.wait_for()
        page.wait_for_function("() => document.activeElement.closest('.ib-panel')")
        focused = page.evaluate(FOCUSED)
        assert focused["inPanel"]
        assert focused["inSight"]
        if folder := os.environ.get("BOARD_PICTURES"):
            page.screenshot(path=f"{folder}/form-{width}.png")
        page.keyboard.press("Escape")
        page.locator(".ib-panel").wait_for(state="detached")
        assert page.evaluate(FOCUSED)["name"] == "Update INC-300"


def test_the_board_is_a_table_and_keeps_its_order(notebook):
    """Rows, cells and headings have their roles, buttons name their incident; rows stay while the pointer is there."""
    with notebook(*SETUP, "%incidents board", "1", viewport={"width": 1366, "height": 1100}) as book:
        page = book.page
        page.get_by_text("Open incidents: 10").wait_for()
        page.locator(".ib-note", has_text="On call: ").wait_for()  # the last that is read; then roles are given
        page.wait_for_function(f"() => ({ROLES})().cells.every(count => count === 8)")
        found = page.evaluate(ROLES)
        assert (found["table"], found["rows"], found["headers"]) == ("table", 11, 8)
        assert "Close INC-291" in found["names"]
        if folder := os.environ.get("BOARD_PICTURES"):
            page.screenshot(path=f"{folder}/board.png")
        before = page.evaluate(ROWS)
        run(page, 3, "%%incident_update INC-300 --severity Critical\nWorse than it looked.")
        page.locator(".incidents-board-line", has_text="INC-291").hover()
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Refresh now").evaluate("button => button.click()")
        page.locator(".incidents-board-line", has_text="INC-300").get_by_text("was no severity").wait_for()
        assert page.evaluate(ROWS) == before
        page.mouse.move(0, 0)
        page.wait_for_function("before => JSON.stringify(before) !== JSON.stringify((" + ROWS + ")())", arg=before)
