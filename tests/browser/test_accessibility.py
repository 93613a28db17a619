"""Forms and boards in every state, light and dark, wide, narrow and enlarged: axe-core finds nothing to mend."""

from __future__ import annotations

import socket

import pytest
from accessibility import axe, findings
from laboratory import change_theme
from opened import START

pytestmark = pytest.mark.browser

CELLS = (
    "%incidents board",
    "%incidents declare",
    "%incidents declare --all-fields",
    "%incidents update",
    "%incidents update INC-299",
    "%incidents escalate INC-295",
    "%incidents close INC-299",
)
WIDTHS = {"wide": 1366, "narrow": 640, "enlarged": 683}  # enlarged is 1366 pixels at 200 %
HEIGHT = 6000
AT_REST = "() => document.getAnimations().every(motion => motion.playState !== 'running')"


@pytest.fixture
def stage(notebook):
    """A notebook with a board and every form."""
    axe()  # skips before anything is started, where it cannot be had
    with notebook(START, *CELLS, viewport={"width": WIDTHS["wide"], "height": HEIGHT}) as book:
        book.find("form").nth(len(CELLS) - 2).locator(".incidentio-submit").wait_for()
        book.page.locator(".ib-row:not(.ib-head)").nth(9).wait_for()
        yield book


def examined(book, widths=tuple(WIDTHS)):
    """Return what is wrong with the page, in every width and either theme."""
    found = set()
    for theme in ("Dark", "Light"):  # it ends with the light one, with which other tests begin
        change_theme(book.page, theme)
        for width in reversed(widths):  # and with the wide one
            book.page.set_viewport_size({"width": WIDTHS[width], "height": HEIGHT})
            book.page.wait_for_function(
                "() => document.getAnimations().every(motion => motion.playState !== 'running')"
            )
            found |= {f"{theme}, {width}: {finding}" for finding in findings(book.page)}
    return sorted(found)


def form_of(book, number):
    """Return the form of a cell."""
    return book.page.locator(".jp-CodeCell").nth(number).locator(".incidentio-form").first


def test_every_state(stage):
    """As they open, with problems, with a form under a row, with receipts and next steps, and with suggestions."""
    assert examined(stage) == []
    for number in range(2, 8):
        form_of(stage, number).locator(".incidentio-submit").click()
        form_of(stage, number).locator(".incidentio-outcome.failed").wait_for()
    stage.page.locator(".ib-actions button.ib-update").nth(2).click()
    stage.page.locator(".ib-panel .incidentio-submit").wait_for()
    assert examined(stage) == []
    declare, update, escalate = (form_of(stage, number) for number in (2, 5, 6))
    declare.locator(".incidentio-name input").fill("Checkout")
    declare.locator(".incidentio-field-affected-service select").select_option(index=1)
    update.locator("textarea").first.fill("Now **this**")
    for form in (declare, update):
        form.locator(".incidentio-submit").click()
        form.locator(".incidentio-outcome.sent").wait_for()
    declare.locator(".incidentio-next button").first.click()
    declare.locator(".incidentio-next .incidentio-submit").wait_for()
    escalate.locator(".incidentio-page label", has_text="People").locator("input").check()
    escalate.locator(".incidentio-people input").press_sequentially("a")
    escalate.locator(".incidentio-people option").first.wait_for(state="attached")
    assert examined(stage) == []


def test_failures(notebook):
    """A service that is not there, a lost answer and a kernel that is gone can be read, too."""
    axe()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lose = '%incidents sandbox fault lose_answer --endpoint "POST /v2/incident_updates"'
    away = f'%config IncidentMagics.base_url = "http://127.0.0.1:{port}"'
    cells = (START, "%incidents update INC-295 --message First", "%incidents board --since 1m", lose)
    with notebook(*cells, quiet=False) as book:
        book.submit()
        book.ends("unknown")
        book.fill("message", "Second")
        book.find("unresolved").get_by_text("would be sent in addition").wait_for()
        book.page.locator(".ib-empty").wait_for()
        assert examined(book, ("wide",)) == []
        book.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
        book.find("gone").first.wait_for()
        assert examined(book, ("wide",)) == []
    with notebook("%load_ext incidentio_magic", away, "%incidents declare") as book:
        book.find("failure").get_by_text("There is no API key").wait_for()
        assert examined(book, ("wide",)) == []
