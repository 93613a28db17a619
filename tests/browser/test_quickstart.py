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
        errors = [one for cell in outputs for one in cell if one["output_type"] == "error"]
        assert [one["ename"] for one in errors] == ["UnknownName", "TemplateError"]
        assert all(len(one["traceback"]) <= 2 for one in errors)
        shown = [one["data"] for cell in outputs for one in cell if one["output_type"] == "execute_result"]
        assert sum("<table" in "".join(data.get("text/html", "")) for data in shown) >= 5
        page.locator(".jp-OutputArea-output table").first.wait_for()
        assert not logged
        assert not outside
