"""The README's pictures, taken from the real thing: `python tests/browser/pictures.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from laboratory import ARGUMENTS, CHROMIUM, NOTEBOOKS, Laboratory, run_all, watched
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = NOTEBOOKS / "pictures"
QUICKSTART = NOTEBOOKS / "01-quickstart.ipynb"
CLICKED = [
    "%load_ext incidentio_magic\n%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "%incidents board",
    '%incidents declare --severity Major --name "Checkout answers with errors"',
    '%incidents update INC-299 --status Fixing --message "The new certificate is being rolled out."',
    '%incidents escalate INC-298 --severity Major --path "Payments on-call"',
    "%incidents close INC-291",
]
SPELL = """import pandas as pd
minutes = pd.date_range("2026-01-14T17:50Z", "2026-01-14T19:20Z", freq="min")
error_rate = pd.Series(0.4, index=minutes, name="errors (%)")
error_rate["2026-01-14T17:56Z":"2026-01-14T18:43Z"] = 7.3
error_rate["2026-01-14T18:44Z":"2026-01-14T19:10Z"] = 2.1"""
CHARTED = [
    "%load_ext incidentio_magic\n%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    SPELL,
    "%incidents timeline INC-291 --plot --with error_rate",
    '%incidents metrics --since 365d --field "Affected service=Payments,Search" --plot',
]
CHARTS = {"timeline": (2, 2), "metrics": (3, 3)}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# Each picture of a notebook: its first and its last code cell, counted from 0.
READ = {"quickstart": (1, 2), "writing": (5, 11)}
CLICKS = {"board": (1, 1), "declare": (2, 2), "update": (3, 3), "escalate": (4, 4), "close": (5, 5)}


def written(cells: list[str], folder: Path, name: str) -> Path:
    """Return a notebook with these cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def taken(browser: Browser, folder: Path, notebook: Path, wanted: dict[str, tuple[int, int]], theme: str) -> None:
    """Run a notebook in a theme and cut its pictures out."""
    laboratory = Laboratory(folder, THEMES[theme])
    try:
        with watched(browser, viewport={"width": 1180, "height": 6000}) as (page, logged, outside):
            page.goto(laboratory.address(laboratory.add(notebook)))
            run_all(page)
            cells = page.locator(".jp-CodeCell")
            page.wait_for_function("document.fonts.ready")
            page.wait_for_timeout(4000)  # a picture is worth waiting for what is drawn after the cells have ended
            for name, (first, last) in wanted.items():
                top, bottom = cells.nth(first).bounding_box(), cells.nth(last).bounding_box()
                box = {**top, "height": bottom["y"] + bottom["height"] - top["y"]}
                page.screenshot(path=PICTURES / f"{name}-{theme}.png", clip=box)
            if logged or outside:
                raise SystemExit(f"the page complained: {logged}, {outside}")
    finally:
        laboratory.stop()


def main() -> None:
    """Take all pictures, light and dark."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        clicked = written(CLICKED, Path(folder), "clicked")
        charted = written(CHARTED, Path(folder), "charted")
        for theme in THEMES:
            taken(browser, Path(folder) / f"read-{theme}", QUICKSTART, READ, theme)
            taken(browser, Path(folder) / f"clicks-{theme}", clicked, CLICKS, theme)
            taken(browser, Path(folder) / f"charts-{theme}", charted, CHARTS, theme)
        browser.close()


if __name__ == "__main__":
    main()
