"""The facilitator's page as a facilitator meets it: in a browser, wide and narrow, with hostile names."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from laboratory import ARGUMENTS, CHROMIUM, watched

from incidentio_magic.drills.library import Library
from incidentio_magic.sandbox import Sandbox

pytestmark = pytest.mark.browser

EPOCH = "2026-01-15T14:00:00Z"
NAME = '<script>window.harmed = 1</script><img src="x" onerror="window.harmed = 1"> مرحبا 🔥'


@pytest.fixture(scope="module")
def school():
    """A class of three."""
    with Sandbox(epoch=EPOCH, incidents=20, trainees=3, frozen=True) as sandbox:
        yield sandbox


NAMES = [
    "Ada Lovelace",
    "Grace Hopper",
    "Мария Склодовская",
    "张衡",
    "عمر الخيام",
    "Zoë Müller-Ångström",
    "Nnamdi Okonkwo-Adeyemi",
    "<b>Bobby</b> Tables",
]


@pytest.fixture(scope="module")
def large(browser):
    """A class of thirty with names of every kind, in two teams, with scenarios to start."""
    people = [(f"{NAMES[number % len(NAMES)]} {number + 1}", ("Blue", "Red")[number % 2]) for number in range(30)]
    with Sandbox(epoch=EPOCH, incidents=20, people=people, frozen=True, library=Library()) as sandbox:
        yield sandbox


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_class_of_thirty(large, browser, scheme, tmp_path):
    """Drills are started, paused and stopped for all or for some; scores and silence are shown by name."""
    large.reset()
    with watched(browser, viewport={"width": 1280, "height": 1400}, color_scheme=scheme) as (page, logged, outside):
        page.set_default_timeout(20_000)
        page.goto(f"{large.url}/sandbox/class#{large.roster.admin}")
        page.get_by_text("for all 30").wait_for()
        page.get_by_label("Scenario").select_option("bad-deploy")
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_text("bad-deploy · 0 s").first.wait_for()
        rows = page.locator("#people tr")
        assert rows.count() == 31
        assert sum("bad-deploy" in text for text in rows.all_inner_texts()) == 30
        declare(large, 0, "Search finds nothing for names with a space")
        large.advance(16 * 60)
        first = page.locator("#people tr", has_text="Ada Lovelace 1 ·")
        first.get_by_text("declared an incident").wait_for()
        assert "of 60" in first.inner_text()
        assert page.locator("#people .long").count() >= 29
        first.get_by_role("checkbox").check()
        page.get_by_text("for the 1 selected").wait_for()
        page.get_by_role("button", name="Pause").click()
        first.get_by_text("paused").wait_for()
        assert first.get_by_role("checkbox").is_checked()  # rows stay while they are shown anew
        page.screenshot(path=tmp_path / f"class-{scheme}.png", full_page=True)
        page.get_by_role("button", name="Stop…").click()
        page.get_by_role("button", name="Stop now").click()
        first.get_by_text("ended").wait_for()
        assert sum("ended" in text for text in rows.all_inner_texts()) == 1
        page.get_by_label("Select everyone").check()
        page.get_by_text("for the 30 selected").wait_for()
        page.get_by_role("button", name="Stop…").click()
        page.get_by_role("button", name="Cancel").first.click()
        page.get_by_role("button", name="Resume").click()
        page.wait_for_timeout(100)
        assert sum("ended" in text for text in rows.all_inner_texts()) == 1
        assert page.evaluate("document.documentElement.scrollWidth") == 1280
        assert not logged
        assert not outside


def declare(school, number, name):
    """Let a trainee declare a test incident."""
    headers = {"Authorization": f"Bearer {school.roster.trainees[number].key}"}
    severities = requests.get(f"{school.url}/v1/severities", headers=headers, timeout=9).json()["severities"]
    sent = {"idempotency_key": name, "visibility": "public", "mode": "test", "name": name}
    sent["severity_id"] = severities[-1]["id"]
    requests.post(f"{school.url}/v2/incidents", json=sent, headers=headers, timeout=9).raise_for_status()


def test_the_facilitator_runs_a_class(school, browser):
    """Who is there and what is open is shown harmlessly; clock, faults and reset do what they say."""
    address = f"{school.url}/sandbox/class#{school.roster.admin}"
    with watched(browser, viewport={"width": 1200, "height": 900}) as (page, logged, outside):
        page.set_default_timeout(20_000)
        page.goto(address)
        page.get_by_text("0 of 4 connected").wait_for()
        declare(school, 1, NAME)
        page.get_by_text("1 of 4 connected").wait_for()
        row = page.locator("#incidents tr", has_text="INC-21")
        assert "<script>window.harmed = 1</script>" in row.inner_text()
        assert "Trainee 02" in row.inner_text()
        assert "🔒 private" in page.locator("#incidents").inner_text()
        assert page.evaluate("window.harmed") is None

        page.get_by_role("button", name="15 minutes").click()
        page.get_by_text("2026-01-15 14:15").wait_for()
        page.get_by_role("button", name="30 times as fast").click()
        page.get_by_text("30 times real time").wait_for()
        assert school.service.clock.speed == 30
        page.get_by_role("button", name="Stop the clock").click()
        page.get_by_text("stopped").wait_for()

        lost = page.get_by_role("button", name="Lose 30 % of the responses to writes")
        lost.click()
        page.locator("button[aria-pressed=true]", has_text="Lose 30 % of the responses").wait_for()
        assert [entry.kind for entry in school.service.faults.waiting()] == ["lose_answer"]
        lost.click()
        page.locator("button[aria-pressed=false]", has_text="Lose 30 % of the responses").wait_for()
        assert not school.service.faults.waiting()

        page.get_by_role("button", name="Reset everything…").click()
        page.get_by_role("button", name="Cancel").click()
        assert page.locator("#incidents tr", has_text="INC-21").count() == 1
        page.get_by_role("button", name="Reset everything…").click()
        page.get_by_role("button", name="Reset now").click()
        page.get_by_text("0 of 4 connected").wait_for()
        assert page.locator("#incidents tr", has_text="INC-21").count() == 0
        assert not logged
        assert not outside


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window(school, browser, scheme):
    """On a telephone nothing sticks out sideways; the page has the colours of the system's theme."""
    school.reset()
    declare(school, 0, "long" * 60)
    with watched(browser, viewport={"width": 380, "height": 800}, color_scheme=scheme) as (page, logged, _outside):
        page.goto(f"{school.url}/sandbox/class#{school.roster.admin}")
        page.get_by_text("INC-21").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 380
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (dark == "rgb(20, 23, 27)") is (scheme == "dark")
        assert not logged


def test_a_wrong_address_shows_nothing(school, browser):
    """Without the secret the page explains itself and shows nobody."""
    with watched(browser) as (page, _logged, _outside):
        page.goto(f"{school.url}/sandbox/class#wrong")
        page.get_by_text("This is not the facilitator's address").wait_for()
        assert page.locator("#people").inner_text() == ""


def test_it_says_when_the_sandbox_is_gone(browser):
    """A sandbox that has stopped is reported, not shown as it last was without a word."""
    with watched(browser, viewport={"width": 900, "height": 300}) as (page, _logged, _outside):
        with Sandbox(epoch=EPOCH, incidents=2, trainees=1) as sandbox:
            page.goto(f"{sandbox.url}/sandbox/class#{sandbox.roster.admin}")
            page.get_by_text("0 of 2 connected").wait_for()
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.get_by_text("The sandbox is not responding. Check its terminal.").wait_for()
        assert page.evaluate("window.scrollY") > 0
        assert page.locator("#trouble").bounding_box()["y"] >= 0  # also seen by whoever has scrolled down


ATTACK = """
<!doctype html><title>Harmless</title>
<form id="form" method="post" action="{url}/sandbox/reset" target="frame"></form><iframe name="frame"></iframe>
<script>
const tried = [];
async function attempt(path, options) {{
  try {{ tried.push([path, (await fetch("{url}" + path, options)).status]); }}
  catch (error) {{ tried.push([path, "refused by the browser"]); }}
}}
document.getElementById("form").submit();
(async () => {{
  await attempt("/sandbox/reset", {{method: "POST", mode: "no-cors"}});
  await attempt("/sandbox/state", {{headers: {{"X-Sandbox-Admin": "{token}"}}}});
  await attempt("/sandbox/clock", {{method: "POST", mode: "no-cors", body: '{{"advance": 60}}'}});
  await attempt("/v2/incidents", {{headers: {{"Authorization": "Bearer {key}"}}}});
  window.tried = tried;
}})();
</script>
"""


class Elsewhere(BaseHTTPRequestHandler):
    """A site that serves one page."""

    content = b""

    def do_GET(self):
        """Serve the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def attacker(school):
    """A page of another site that knows the key and the token, and sends what a page can send."""
    Elsewhere.content = ATTACK.format(url=school.url, token=school.roster.admin, key=school.key).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_sites_page_changes_nothing(school, browser, attacker):
    """Forms and requests of another site's page are refused, even with the secrets."""
    school.reset()
    declare(school, 0, "Still there")
    before = school.service.state()
    page = browser.new_page()
    page.goto(attacker)
    page.wait_for_function("window.tried")
    tried = dict(map(tuple, page.evaluate("window.tried")))
    page.close()
    assert tried["/sandbox/state"] == tried["/v2/incidents"] == "refused by the browser"
    assert school.service.state()["counts"] == before["counts"]
    assert school.service.state()["clock"] == before["clock"]


def test_a_name_that_is_pointed_here_gets_nothing(school, browser):
    """A page whose host name has been pointed at this machine is the same origin for the browser: it is refused."""
    port = school.url.rpartition(":")[2]
    rule = "--host-resolver-rules=MAP rebound.example.com 127.0.0.1"
    misled = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rule])
    try:
        page = misled.new_page()
        answer = page.goto(f"http://rebound.example.com:{port}/sandbox/class#{school.roster.admin}")
        assert answer.status == 403
        headers = f"{{headers: {{Authorization: 'Bearer {school.key}'}}}}"
        assert page.evaluate(f"fetch('/v2/incidents', {headers}).then(answer => answer.status)") == 403
    finally:
        misled.close()
