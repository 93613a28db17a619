"""The README's moving picture, taken from the real thing: `python tests/browser/tour.py`.

In JupyterLab a form declares an incident, a cell posts an update with a computed value, and the board shows it.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from laboratory import ARGUMENTS, CHROMIUM, DONE, READY, Laboratory, watched
from pictures import PICTURES, THEMES, written
from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CELLS: Final = [
    "%load_ext incidentio_magic\n%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "%incidents declare --mode test --severity Major",
    "failed, requests = 733, 10_000\nerror_rate = 100 * failed / requests",
    "%%incident_update --status Fixing\nThe error rate is **{{ error_rate | round(1) }} %**. We are rolling back.",
    '%incidents board --severity ">=Major" --mode standard,test',
]
NAME: Final = "Checkout answers with errors"
MOST: Final = 1_500_000
RUN: Final = """async number => {
  const panel = window.jupyterapp.shell.currentWidget; panel.content.activeCellIndex = number;
  panel.content.deselectAll();
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


class Film:
    """Frames of a page, each with the time it is shown.

    Args:
        page: What is filmed.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    def shoot(self, milliseconds: int) -> None:
        """Take a frame and show it so long."""
        cells = self._page.locator(".jp-WindowedPanel-outer").bounding_box()
        picture = self._page.screenshot(animations="disabled", caret="hide", clip=cells)
        frame = Image.open(io.BytesIO(picture)).convert("RGB")
        if self._frames and frame.tobytes() == self._frames[-1].tobytes():
            self._milliseconds[-1] += milliseconds
            return
        self._frames.append(frame)
        self._milliseconds.append(milliseconds)

    def save(self, path: Path) -> None:
        """Write the film, which begins again at its end."""
        first, *others = self._frames
        first.save(
            path, save_all=True, append_images=others, duration=self._milliseconds, loop=0, lossless=True, method=6
        )
        print(f"{path.name}: {len(self._frames)} frames, {path.stat().st_size:,} bytes")
        if path.stat().st_size > MOST:
            raise SystemExit(f"{path.name} is larger than {MOST:,} bytes")


def scrolled(page: Page, number: int) -> None:
    """Let a cell stand at the top."""
    page.locator(".jp-Cell").nth(number).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(400)


def played(page: Page, film: Film) -> None:
    """Play the story and film it."""
    page.evaluate(RUN, 0)
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.model.cells.get(0).executionCount !== null"
    )
    page.evaluate(RUN, 1)
    form = page.locator(".incidentio-form")
    form.locator(".incidentio-submit").wait_for()
    page.wait_for_timeout(1500)
    scrolled(page, 1)
    film.shoot(1200)
    name = form.locator(".incidentio-name input")
    name.click()
    for end in range(3, len(NAME) + 3, 3):
        name.fill(NAME[:end])
        film.shoot(110)
    film.shoot(600)
    form.locator("select", has=page.locator("option", has_text="Checkout")).select_option(label="Checkout")
    page.wait_for_timeout(800)
    film.shoot(1300)
    form.locator(".incidentio-submit").hover()
    film.shoot(500)
    form.locator(".incidentio-submit").click()
    page.locator(".incidentio-outcome.sent").first.wait_for()
    page.wait_for_timeout(1200)
    scrolled(page, 1)
    film.shoot(2200)
    for number in (2, 3):
        page.evaluate(RUN, number)
        page.wait_for_timeout(1500)
        film.shoot(900)
    film.shoot(2200)
    page.evaluate(RUN, 4)
    page.locator(".incidents-board .ib-row").first.wait_for()
    page.wait_for_timeout(2500)
    scrolled(page, 2)
    film.shoot(4500)
    page.wait_for_function(DONE)


def taken(browser: Browser, folder: Path, scheme: str) -> None:
    """Film the story in a theme."""
    laboratory = Laboratory(folder, THEMES[scheme])
    try:
        with watched(browser, viewport={"width": 1120, "height": 740}) as (page, logged, outside):
            page.goto(laboratory.address(laboratory.add(written(CELLS, folder, "tour"))))
            page.set_default_timeout(60_000)
            page.wait_for_function(READY)
            page.wait_for_function(
                "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
            )
            film = Film(page)
            played(page, film)
            film.save(PICTURES / f"tour-{scheme}.webp")
            if logged or outside:
                raise SystemExit(f"the page complained: {logged}, {outside}")
    finally:
        laboratory.stop()


def main() -> None:
    """Make the film, light and dark."""
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in THEMES:
            taken(browser, Path(folder) / scheme, scheme)
        browser.close()


if __name__ == "__main__":
    main()
