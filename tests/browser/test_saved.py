"""Forms and boards without their kernel: a sentence says what to do, the receipt stays, and no button looks alive."""

from __future__ import annotations

import pytest
from opened import START

pytestmark = pytest.mark.browser

CELLS = (START, "%incidents declare", "%incidents update INC-299 --message Now", "%incidents board")
SHUT_DOWN = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"
AGAIN = "Run this cell again to use the form"


def buttons(page):
    """Return the buttons that are seen in outputs."""
    seen = "nodes => nodes.filter(node => node.getClientRects().length).map(node => node.innerText)"
    return page.locator(".jp-OutputArea button, .jp-OutputArea input, .jp-OutputArea select").evaluate_all(seen)


def sentence(page, number):
    """Return the ordinary output of a cell."""
    return page.locator(".jp-Cell").nth(number).locator(".incidentio-saved")


@pytest.fixture
def used(notebook):
    """A notebook with an unused form, one that has shared an update, and a board; saved."""
    with notebook(*CELLS, quiet=False) as book:
        book.page.locator(".ib-row:not(.ib-head)").first.wait_for()
        assert not sentence(book.page, 1).is_visible()
        form = book.page.locator(".jp-CodeCell").nth(2)
        form.locator(".incidentio-submit").click()
        form.locator(".incidentio-outcome.sent").wait_for()
        sentence(book.page, 2).filter(has_text="INC-299 updated").wait_for(state="attached")
        book.page.evaluate(SAVE)
        yield book


def test_the_kernel_is_shut_down_under_the_page(used):
    """Every form and board says so at once, and offers nothing."""
    assert len(buttons(used.page)) > 10
    used.page.evaluate(SHUT_DOWN)
    used.find("gone").first.wait_for()
    assert used.find("gone").count() == 2
    used.page.locator(".ib-lost").wait_for()
    assert buttons(used.page) == []
    assert "INC-299 updated" in sentence(used.page, 2).inner_text()


def test_the_page_is_opened_again_without_the_kernel(used):
    """The sentence and the receipt are ordinary outputs, and nothing can be clicked."""
    used.page.evaluate(SHUT_DOWN)
    used.page.reload()
    sentence(used.page, 1).wait_for()
    assert AGAIN in sentence(used.page, 1).inner_text()
    assert "INC-299 updated" in sentence(used.page, 2).inner_text()
    used.page.locator(".incidents-board-saved").wait_for()
    assert buttons(used.page) == []


def test_as_a_web_page(used, laboratory, browser, tmp_path):
    """Exported to HTML: the sentence, the receipt, the board as text; the saved form is small and names nobody."""
    import nbformat
    from nbconvert import HTMLExporter

    path = laboratory.work / used.page.url.partition("/doc/tree/")[2].partition("?")[0]
    saved = nbformat.read(path, 4)
    for cell in saved.cells[1:3]:
        assert len(str(cell)) < 40_000
        assert "@example.com" not in str(cell)
    html, _resources = HTMLExporter().from_notebook_node(saved)
    (tmp_path / "saved.html").write_text(html, "utf-8")
    page = browser.new_page()
    page.route("https://**", lambda route: route.abort())
    page.goto((tmp_path / "saved.html").as_uri())
    shown = page.inner_text("body")
    page.close()
    assert AGAIN in shown
    assert "INC-299 updated" in shown
    assert "This board is not live" in shown
    assert "Refresh lists" not in shown
