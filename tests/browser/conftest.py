"""The browser and the laboratory, one of each for all tests; skipped, saying why, where there is no browser."""

from __future__ import annotations

import pytest
from laboratory import ARGUMENTS, CHROMIUM, Laboratory


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
