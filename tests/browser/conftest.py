"""The browser and the laboratory, one of each for all tests; skipped, saying why, where there is no browser."""

from __future__ import annotations

from contextlib import contextmanager

import nbformat
import pytest
from laboratory import ARGUMENTS, CHROMIUM, Laboratory, run_all, watched
from opened import WIDE, Notebook

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


@pytest.fixture
def notebook(laboratory, browser, tmp_path):
    """Open a notebook of some cells, run it, and insist on a quiet page."""

    @contextmanager
    def notebook(*cells, quiet=True, **options):
        made = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        )
        path = tmp_path / "forms.ipynb"
        nbformat.write(made, path)
        with watched(browser, **{"viewport": WIDE, **options}) as (page, logged, outside):
            page.goto(laboratory.address(laboratory.add(path)))
            outputs = run_all(page)
            page.set_default_timeout(20_000)
            try:
                yield Notebook(page, outputs)
            except Exception:
                print("\n".join(page.locator(STATE).evaluate_all(SEEN)))  # what a reader of a failure needs first
                raise
            if quiet:
                assert not logged
            assert not outside

    return notebook
