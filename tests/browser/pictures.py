"""The README's pictures, taken from the real thing: `python tests/browser/pictures.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from laboratory import ARGUMENTS, CHROMIUM, NOTEBOOKS, Laboratory, run_all, watched
from playwright.sync_api import sync_playwright

PICTURES = NOTEBOOKS / "pictures"
QUICKSTART = NOTEBOOKS / "01-quickstart.ipynb"
BOARD = [
    "%load_ext incidentio_magic\n%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "%incidents board",
]
# Each picture: its notebook or cells, its theme, and the first and the last code cell shown, counted from 0.
WANTED = {
    "quickstart": (QUICKSTART, "JupyterLab Light", 1, 2),
    "update": (QUICKSTART, "JupyterLab Dark", 5, 11),
    "board": (BOARD, "JupyterLab Dark", 1, 1),
}


def written(cells: list[str], folder: Path) -> Path:
    """Return a notebook with these cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "cells.ipynb"
    nbformat.write(notebook, path)
    return path


def main() -> None:
    """Run each notebook in its theme and cut the picture out."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (source, theme, first, last) in WANTED.items():
            laboratory = Laboratory(Path(folder) / name, theme)
            notebook = source if isinstance(source, Path) else written(source, Path(folder))
            try:
                with watched(browser, viewport={"width": 1180, "height": 6000}) as (page, _logged, _outside):
                    page.goto(laboratory.address(laboratory.add(notebook)))
                    run_all(page)
                    cells = page.locator(".jp-CodeCell")
                    cells.nth(last).locator(".jp-OutputArea-child").first.wait_for()
                    page.wait_for_function("document.fonts.ready")
                    page.wait_for_timeout(1000)  # widgets are drawn after their cell has ended
                    top, bottom = cells.nth(first).bounding_box(), cells.nth(last).bounding_box()
                    box = {**top, "height": bottom["y"] + bottom["height"] - top["y"]}
                    page.screenshot(path=PICTURES / f"{name}.png", clip=box)
            finally:
                laboratory.stop()
        browser.close()


if __name__ == "__main__":
    main()
