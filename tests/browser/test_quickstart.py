"""The quickstart as a reader meets it: in JupyterLab, in a browser."""

from __future__ import annotations

import pytest
from laboratory import NOTEBOOKS, run_all, watched

pytestmark = pytest.mark.browser


def test_quickstart_runs_in_jupyterlab(laboratory, browser):
    """Every cell runs, the frames are tables, the two deliberate errors are short, and the page stays quiet."""
    name = laboratory.add(NOTEBOOKS / "01-quickstart.ipynb")
    with watched(browser, viewport={"width": 1280, "height": 1000}) as (page, logged, outside):
        page.goto(laboratory.address(name))
        outputs = run_all(page)
        errors = [entry for cell in outputs for entry in cell if entry["output_type"] == "error"]
        assert [error["ename"] for error in errors] == ["UnknownName", "TemplateError"]
        assert all(len(error["traceback"]) <= 2 for error in errors)
        shown = [entry["data"] for cell in outputs for entry in cell if entry["output_type"] == "execute_result"]
        assert sum("<table" in "".join(data.get("text/html", "")) for data in shown) >= 5
        page.locator(".jp-OutputArea-output table").first.wait_for()
        assert not logged
        assert not outside
