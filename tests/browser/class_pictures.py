"""The README's pictures of a class, taken from the real thing: `python tests/browser/class_pictures.py`."""

from __future__ import annotations

from laboratory import ARGUMENTS, CHROMIUM, NOTEBOOKS, watched
from playwright.sync_api import sync_playwright

from incidentio_magic import connect
from incidentio_magic.sandbox import Sandbox

PICTURES = NOTEBOOKS / "pictures"
NAMES = ("Checkout refuses every second payment", "Payments time out", "Orders database is out of connections")


def main() -> None:
    """Take the facilitator's page while a class is at work, light and dark."""
    with (
        Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", incidents=40, trainees=5, frozen=True) as sandbox,
        sync_playwright() as driver,
    ):
        for trainee, name in zip(sandbox.roster.trainees, NAMES, strict=False):
            with connect(sandbox.url, trainee.key, training=True) as client:
                client.declare(name, severity="Major")
        sandbox.advance(420)
        sandbox.fault("lose_answer", "POST /v2/*", probability=0.3)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            with watched(browser, viewport={"width": 1100, "height": 640}, color_scheme=scheme) as (page, logged, _):
                page.goto(f"{sandbox.url}/sandbox/class#{sandbox.roster.admin}")
                page.get_by_text("3 of 6 connected").wait_for()
                page.screenshot(path=PICTURES / f"class-{scheme}.png")
                if logged:
                    raise SystemExit(f"the page complained: {logged}")
        browser.close()


if __name__ == "__main__":
    main()
