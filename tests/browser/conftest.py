"""The browser and the laboratory, one of each for all tests; skipped where there is no browser."""

from __future__ import annotations

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")

from laboratory import ARGUMENTS, CHROMIUM, Laboratory  # noqa: E402  after the skips


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory):
    """A running JupyterLab."""
    laboratory = Laboratory(tmp_path_factory.mktemp("laboratory"))
    yield laboratory
    laboratory.stop()


@pytest.fixture(scope="session")
def browser():
    """A running browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
