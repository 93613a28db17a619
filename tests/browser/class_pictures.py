"""The README's pictures of a class, taken from the real thing: `python tests/browser/class_pictures.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from laboratory import ARGUMENTS, CHROMIUM, NOTEBOOKS, watched
from pictures import THEMES, taken, written
from playwright.sync_api import sync_playwright

from incidentio_magic import connect
from incidentio_magic.drills.library import Library
from incidentio_magic.drills.practice import Practice
from incidentio_magic.sandbox import Sandbox

PICTURES = NOTEBOOKS / "pictures"
DRILL = [
    "%load_ext incidentio_magic\n%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z --frozen",
    "%incidents drill start database-pool",
    "%incidents sandbox advance 4",
    "%%incident_declare --severity Moderate\nCheckout refuses every second payment",
    "%incidents sandbox advance 9",
    '%incidents page --path "Checkout on-call"',
    "%%incident_update --status Fixing\nThe pool of the orders database is exhausted.",
    "%incidents sandbox advance 19",
    "%%incident_update --severity Critical\nAll regions.",
    "%incidents sandbox advance 15",
    "%%incident_update --status Closed\nThe reporting job is gone, orders are normal.",
    "%incidents drill stop",
    "%incidents drill report",
]
PEOPLE = [("Ada", "Blue"), ("Bob", "Blue"), ("Cleo", "Red"), ("Dmitri", "Red"), ("Eun-ji", "Red")]
NAMES = ("Checkout refuses every second payment", "Payments time out", "Orders database is out of connections")


def main() -> None:
    """Take the facilitator's page while a class is at work, and a drill's report, light and dark."""
    with (
        Sandbox(
            seed=1, epoch="2026-01-15T14:00:00Z", incidents=40, people=PEOPLE, frozen=True, library=Library()
        ) as sandbox,
        sync_playwright() as driver,
    ):
        with connect(sandbox.url, sandbox.key) as facilitator:
            Practice(facilitator).start("database-pool", everyone=True)
        for trainee, name in zip(sandbox.roster.trainees, NAMES, strict=False):
            with connect(sandbox.url, trainee.key, training=True) as client:
                client.declare(name, severity="Major")
        sandbox.advance(420)
        sandbox.fault("lose_answer", "POST /v2/*", probability=0.3)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            with watched(browser, viewport={"width": 1100, "height": 860}, color_scheme=scheme) as (page, logged, _):
                page.goto(f"{sandbox.url}/sandbox/class#{sandbox.roster.admin}")
                page.get_by_text("4 of 6 connected").wait_for()
                page.screenshot(path=PICTURES / f"class-{scheme}.png")
                if logged:
                    raise SystemExit(f"the page complained: {logged}")
        with tempfile.TemporaryDirectory() as folder:
            drill = written(DRILL, Path(folder), "drill")
            for theme in THEMES:
                last = len(DRILL) - 1
                taken(browser, Path(folder) / theme, drill, {"drill": (last, last)}, theme)
        browser.close()


if __name__ == "__main__":
    main()
