"""The browser and the laboratory, one of each for all tests; skipped, saying why, where there is no browser."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from laboratory import ARGUMENTS, CHROMIUM, Laboratory
from opened import SharedPage

STATE = ".incidentio-form, .incidents-board"
SEEN = """parts => parts.map(part => [part.className, part.innerText,
  ...[...part.querySelectorAll('.incidentio-field')].map(field => [field.className,
    field.querySelector('[data-incidentio-state]')?.dataset.incidentioState,
    ...[...field.querySelectorAll('input, textarea')].map(control => control.value)].join(' | '))].join('\\n'))"""


@pytest.fixture(scope="session")
def browser():
    """A running browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def laboratory(browser, tmp_path_factory):
    """A running JupyterLab."""
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    laboratory = Laboratory(tmp_path_factory.mktemp("laboratory"))
    yield laboratory
    laboratory.stop()


@pytest.fixture(scope="session")
def shared_page(browser, laboratory, tmp_path_factory):
    """A page that tests use one after another."""
    shared = SharedPage(browser, laboratory, tmp_path_factory.mktemp("shared"))
    yield shared
    shared.close()


@pytest.fixture
def notebook(shared_page):
    """Show a notebook of some cells, run it, and insist on a quiet page."""

    @contextmanager
    def notebook(*cells, quiet=True, viewport=None):
        with shared_page.opened(cells, viewport) as book:
            try:
                yield book
            except Exception:
                print("\n".join(book.page.locator(STATE).evaluate_all(SEEN)))  # what a reader of a failure needs first
                raise
            if quiet:
                assert not shared_page.logged
            assert not shared_page.outside

    return notebook
