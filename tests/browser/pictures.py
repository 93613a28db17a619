"""The README's pictures, taken from the real thing: `python tests/browser/pictures.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from laboratory import ARGUMENTS, CHROMIUM, NOTEBOOKS, Laboratory, run_all, watched
from playwright.sync_api import sync_playwright

PICTURES = NOTEBOOKS / "pictures"
# The first and the last code cell of a picture, counted from 0, and its theme.
WANTED = {
    "quickstart": ("JupyterLab Light", 1, 2),
    "update": ("JupyterLab Dark", 5, 11),
}


def main() -> None:
    """Run the quickstart in each theme and cut the pictures out."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (theme, first, last) in WANTED.items():
            laboratory = Laboratory(Path(folder) / name, theme)
            try:
                with watched(browser, viewport={"width": 1180, "height": 6000}) as (page, _logged, _outside):
                    page.goto(laboratory.address(laboratory.add(NOTEBOOKS / "01-quickstart.ipynb")))
                    run_all(page)
                    cells = page.locator(".jp-CodeCell")
                    cells.nth(last).locator(".jp-OutputArea-child").first.wait_for()
                    page.wait_for_function("document.fonts.ready")
                    top, bottom = cells.nth(first).bounding_box(), cells.nth(last).bounding_box()
                    box = {**top, "height": bottom["y"] + bottom["height"] - top["y"]}
                    page.screenshot(path=PICTURES / f"{name}.png", clip=box)
            finally:
                laboratory.stop()
        browser.close()


if __name__ == "__main__":
    main()
