"""The forms as a responder meets them: in JupyterLab, in a browser, with a sandbox behind them."""

from __future__ import annotations

import ast
import socket

import pytest
from laboratory import run_all
from opened import BUSY, REQUIRED, START

from incidentio_magic.sandbox import Sandbox

pytestmark = pytest.mark.browser


def test_declare(notebook):
    """Typed, chosen and clicked with every kind of control: the incident is in the sandbox as it was meant."""
    with notebook(START, f"%incidents declare --all-fields {REQUIRED}") as book:
        book.fill("name", "Checkout answers with errors")
        book.fill("summary", "Since **the deploy**, {{ rate }} %")
        book.find("preview").get_by_text("the deploy").wait_for()
        book.pick("severity", "Major")
        regions = book.find("field-affected-regions")
        for region in ("eu-west", "us-east"):
            book.fill("field-affected-regions", region)
            regions.locator(".incidentio-chips button", has_text=region).wait_for()
        book.fill("role-incident-lead", "alice@example.com")
        book.submit()
        assert "INC-301 declared" in book.ends("sent")
        body = book.value('sent("/v2/incidents")')
        assert "Since **the deploy**, 3.25 %" in body
        assert book.value("session.current") == "'INC-301'"
        assert book.value("session.client.incident('INC-301').severity.name") == "'Major'"
        chosen = (
            "[v.value_option.value for e in session.client.incident('INC-301').custom_field_entries"
            " for v in e.values if v.value_option]"
        )
        assert "'eu-west', 'us-east'" in book.value(chosen)
        lead = "[a.assignee.name for a in session.client.incident('INC-301').incident_role_assignments if a.assignee]"
        assert "Alice Archer" in book.value(lead)


def test_enter_sends_nothing_and_a_double_click_sends_once(notebook):
    """Enter in a line sends nothing; the second click of two finds the form done: one write in all.

    Both clicks are queued before the kernel handles the first; the form is done by the time it handles the second. On a
    machine so busy that an answer is lost, the one write may take two requests, with one key: the ledger tells the two
    apart.
    """
    with notebook(START, f"%incidents declare --severity Major {REQUIRED}") as book:
        name = book.find("name").locator("input")
        name.fill("Once")
        name.press("Enter")
        name.press("Enter")
        assert book.bodies("/v2/incidents") == []
        book.find("submit").dblclick()
        book.ends("sent")
        assert book.value("list(session.client.log()['verb'])") == "['declare']"
        assert len({body["idempotency_key"] for body in book.bodies("/v2/incidents")}) == 1
        assert book.value("list(session.client.incidents(since='1h')['name']).count('Once')") == "1"
        assert book.find("submit").is_disabled()


def test_the_cell_again_finds_it_declared(notebook):
    """The cell is run again, and the same text typed into its new form: found declared, still one incident."""
    with notebook(START, f"%incidents declare --severity Major {REQUIRED}") as book:
        for ending in ("sent", "already"):
            book.fill("name", "Once")
            book.submit()
            assert "INC-301" in book.ends(ending)
            assert book.find("form").count() == 1
            if ending == "sent":
                book.run(1)
        assert book.value("list(session.client.incidents(since='1h')['name']).count('Once')") == "1"


def test_restart_and_run_all(notebook, laboratory, tmp_path):
    """The kernel is restarted and everything run again, against a service that lives on: exactly one incident."""
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z") as sandbox:
        connect = (
            "import os\n"
            f"os.environ.update(INCIDENTIO_API_KEY={sandbox.key!r}, INCIDENTIO_LEDGER={str(tmp_path / 'ledger')!r})\n"
            "%load_ext incidentio_magic\n"
            f"%config IncidentMagics.base_url = {sandbox.url!r}"
        )
        with notebook(connect, f"%incidents declare --severity Major --name Once {REQUIRED}") as book:
            for ending in ("sent", "already"):
                book.submit()
                assert "INC-301" in book.ends(ending)
                if ending == "sent":
                    book.restart()
                    assert not [
                        entry for cell in run_all(book.page) for entry in cell if entry["output_type"] == "error"
                    ]
                    book.page.wait_for_function("() => !document.querySelector('.incidentio-outcome')")
        accepted = [
            request for request in sandbox.requests if (request["method"], request["path"]) == ("POST", "/v2/incidents")
        ]
        assert len({entry["body"]["idempotency_key"] for entry in accepted}) == 1


def test_update_refused_then_mended(notebook):
    """A 422 is shown at its field; what was typed is still there, and goes out when the field is mended."""
    with notebook(START, "%incidents update INC-295") as book:
        book.value("session.client.update('INC-295', status='Documenting')")
        book.fill("message", "Rate {{ rate }}")
        book.find("status").locator("select").select_option(label="Monitoring (active)")
        book.submit()
        book.ends("failed")
        assert "Cannot move" in book.find("status").locator(".incidentio-problem").inner_text()
        assert book.find("message").locator("textarea").input_value() == "Rate {{ rate }}"
        book.fill("message", "Now {{ rate }}")
        book.find("preview").get_by_text("Now 3.25").wait_for()
        assert "Cannot move" in book.find("status").locator(".incidentio-problem").inner_text()
        book.find("status").locator("select").select_option(index=0)
        book.find("status").locator(".incidentio-problem").wait_for(state="detached")
        book.submit()
        book.ends("sent")
        assert "'Now 3.25'" in book.value('sent("/v2/incident_updates")[-1]["message"]')


def test_a_lost_answer_is_one_incident(notebook):
    """The answer is always lost after the commit: unknown; then it comes back: still exactly one incident."""
    cells = (START, '%incidents sandbox fault lose_answer --endpoint "POST /v2/incidents"')
    with notebook(*cells, f"%incidents declare --severity Major --name Lost {REQUIRED}") as book:
        book.submit()
        assert "It is not known whether the incident was declared" in book.ends("unknown")
        assert book.find("name").locator("input").input_value() == "Lost"
        book.value("session.sandbox.clear_faults()")
        book.submit()
        book.page.locator(".incidentio-new").wait_for()
        count = "len([name for name in session.client.incidents(since='1h')['name'] if name == 'Lost'])"
        assert book.value(count) == "1"


def test_escalate_with_paging(notebook):
    """Raised and paged: two outcomes; nobody is paged before the box is ticked."""
    with notebook(START, "%incidents escalate INC-295") as book:
        book.pick("severity", "Critical")
        book.pick("page", "An escalation path")
        book.find("path").locator("select").select_option(index=1)
        book.find("confirm").get_by_text("Carol Carver, Dan Draper").wait_for()
        book.submit()
        book.find("confirm").locator(".incidentio-problem").wait_for()
        assert book.value('len(sent("/v2/escalations"))') == "0"
        book.find("confirm").locator("input").check()
        book.submit()
        book.page.locator(".incidentio-outcome.sent").nth(1).wait_for()
        printed = book.find("outcomes").inner_text()
        assert "Moderate → Critical" in printed
        assert "paged" in printed
        assert book.value('(len(sent("/v2/incident_updates")), len(sent("/v2/escalations")))') == "(1, 1)"


def test_close(notebook):
    """Skipping is explained, the end is chosen, the incident is closed."""
    with notebook(START, "%incidents close INC-299") as book:
        book.find("left").get_by_text("follow-ups").wait_for()
        book.pick("status", "Reviewing")
        book.pick("status", "Closed without review")
        book.find("effect").get_by_text("Closed without review").wait_for()
        assert book.find("status").locator("input:checked").count() == 1
        book.find("skipping").get_by_text("skips the post-incident flow").wait_for()
        book.fill("at-impact-started-at", "13:30")
        book.fill("field-root-cause", "A certificate expired")
        book.fill("message", "Rolled back")
        book.submit()
        book.page.locator(".incidentio-outcome.sent").nth(1).wait_for()  # what was edited, then how it ended
        assert "Investigating → Closed without review" in book.find("outcomes").inner_text()
        assert book.value("session.client.incident('INC-299').incident_status.category") == "'closed'"


def test_hostile_names_are_text(notebook):
    """No script of a name runs, nothing breaks the layout, and the page logs nothing."""
    names = [
        "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>",
        "x" * 200,
        "تعطل الدفع في المتجر",
        "🔥" * 60,
    ]
    declare = f"for name in {names!r}:\n    session.client.declare(name, name, severity='Critical', mode='standard')"
    forms = ("%incidents update INC-301", "%incidents escalate INC-302", "%incidents close INC-303")
    with notebook(START, declare, *forms) as book:
        assert not [entry for cell in book.outputs for entry in cell if entry["output_type"] == "error"]
        book.page.locator(".incidentio-form").nth(2).wait_for()
        first = book.page.locator(".incidentio-form").first
        assert "<script>" in first.locator(".incidentio-incident input").first.input_value()
        message = first.locator("textarea")
        message.fill(names[0])
        message.press("Tab")
        first.locator(".incidentio-preview").get_by_text("window.hacked = 1").wait_for()
        first.locator(".incidentio-submit").click()
        first.locator(".incidentio-outcome").wait_for()
        assert book.page.evaluate("() => window.hacked === undefined")
        overflows = (
            "() => [...document.querySelectorAll('.incidentio-form')].some(f => f.scrollWidth > f.clientWidth + 1)"
        )
        assert not book.page.evaluate(overflows)


def test_keyboard_only(notebook):
    """Tab goes through the fields as they are seen, each focus is visible, and the space bar sends."""
    with notebook(START, "%incidents update INC-295") as book:
        book.find("incident").locator("input").focus()
        seen = []
        for _step in range(10):
            seen.append(
                book.page.evaluate(
                    "() => { const e = document.activeElement; const box = e.getBoundingClientRect();"
                    " return [e.tagName, box.top, box.left, getComputedStyle(e).outlineStyle]; }"
                )
            )
            if book.page.evaluate("() => document.activeElement.classList.contains('incidentio-submit')"):
                break
            book.page.keyboard.press("Tab")
        tags = [tag for tag, *_place in seen]
        assert tags[0] == "INPUT"
        assert tags[-1] == "BUTTON"
        assert {"TEXTAREA", "SELECT"} <= set(tags)
        assert all(outline == "solid" for _tag, _top, _left, outline in seen[1:])
        rows = [round(top / 20) for _tag, top, _left, _outline in seen]
        assert rows == sorted(rows)
        book.find("message").locator("textarea").focus()
        book.page.keyboard.type("By hand")
        for _step in range(10):
            book.page.keyboard.press("Tab")
            if book.page.evaluate("() => document.activeElement.classList.contains('incidentio-submit')"):
                break
        book.page.keyboard.press("Space")
        book.ends("sent")
        assert "By hand" in book.value('sent("/v2/incident_updates")')


def test_an_incident_is_found_by_keyboard(notebook):
    """A part of a name, an arrow and Enter, as fast as they can be typed: they choose from what fits that part."""
    with notebook(START, "%incidents update") as book:
        box = book.find("incident").locator("input")
        box.focus()
        book.page.keyboard.type("payments")
        book.page.keyboard.press("ArrowDown")
        book.page.keyboard.press("ArrowDown")
        book.page.keyboard.press("ArrowUp")
        book.page.keyboard.press("Enter")
        wait_for_text(book.page, box, "INC-295 ·")
        book.page.evaluate(BUSY, "import time; time.sleep(1)")  # what is typed while the kernel is busy stays
        book.find("incident").locator(".incidentio-remove").click()
        box.press_sequentially("payments shows")
        box.press("Enter")
        wait_for_text(book.page, box, "INC-300 ·")


def test_a_click_in_an_earlier_list_chooses_what_was_clicked(notebook):
    """The box is changed and the old list clicked before the kernel has answered: never the row that took its place."""
    with notebook(START, "%incidents update") as book:
        box = book.find("incident").locator("input")
        click = """([box, label]) => {
          const list = box.closest('.incidentio-search').querySelector('.incidentio-matches select');
          box.value = 'pay'; box.dispatchEvent(new Event('input', {bubbles: true}));
          list.selectedIndex = [...list.options].findIndex(option => option.text.includes(label));
          list.dispatchEvent(new Event('change', {bubbles: true})); }"""
        book.page.evaluate(click, [box.element_handle(), "INC-300"])
        wait_for_text(book.page, box, "INC-300 ·")


def test_what_is_seen_is_sent_while_the_kernel_is_busy(notebook):
    """The kernel is busy, and the text changes twice before the click: what the box shows last is sent."""
    with notebook(START, "%incidents update INC-295") as book:
        box = book.find("message").locator("textarea")
        box.wait_for()
        book.page.evaluate(BUSY, "import time; time.sleep(2)")
        box.press_sequentially("First")
        book.page.wait_for_timeout(400)  # the page has sent this text, and the next one has to wait
        box.press_sequentially(" and second")
        book.find("severity").locator("select").select_option(index=2)
        book.find("severity").locator("select").select_option(index=1)
        box.press("Control+Enter")
        book.ends("sent")
        (body,) = book.bodies("/v2/incident_updates")
        assert body["message"] == "First and second"
        chosen = book.find("severity").locator("select").evaluate("list => list.selectedOptions[0].text")
        severity = book.value(f"session.client.vocabulary.severity({chosen.split()[0]!r}).id")
        assert body["to_severity_id"] == ast.literal_eval(severity)


def test_people_and_options_are_found_by_keyboard(notebook):
    """An arrow and Enter add a person to page, and Enter takes the only option that fits; the next is typed at once."""
    with notebook(START, "%incidents escalate INC-295") as book:
        book.pick("page", "People")
        box = book.find("people").locator("input")
        chips = book.find("people").locator(".incidentio-chips button")
        box.wait_for()  # a key that comes before the box is shown goes elsewhere
        box.press_sequentially("a")
        for key in ("ArrowDown", "Enter"):
            box.press(key)
        for place, name in enumerate(("bob", "carol")):
            chips.nth(place).wait_for()
            box.press_sequentially(f"{name}@")
            box.press("Enter")
            chips.nth(place + 1).wait_for()
            assert name in chips.nth(place + 1).inner_text().lower()


def test_what_is_typed_stays_whatever_the_kernel_writes_meanwhile(notebook):
    """An answer between two keys does not take away the letters before it."""
    with notebook(START, "%incidents update INC-295") as book:
        box = book.find("message").locator("textarea")
        box.press_sequentially("Errors at ")
        box.evaluate("box => { box.value = ''; }")  # as a late answer does
        box.press_sequentially("3 %")
        book.page.wait_for_timeout(400)
        assert box.input_value() == "Errors at 3 %"


def test_what_was_sent_does_not_come_back(notebook):
    """The kernel takes what was typed and empties the box before the keys have rested: the box stays as it is."""
    with notebook(START, "%incidents declare") as book:
        box = book.find("field-affected-regions").locator("input")
        sent = """box => { box.value = 'eu-west';
          for (const kind of ['input', 'change']) { box.dispatchEvent(new Event(kind, {bubbles: true})); }
          box.value = ''; }"""  # as an early answer does
        box.evaluate(sent)
        box.press_sequentially("us-east")
        box.press("Tab")
        chips = book.find("field-affected-regions").locator(".incidentio-chips button")
        chips.nth(1).wait_for()
        assert [text.split()[0] for text in chips.all_inner_texts()] == ["eu-west", "us-east"]


def wait_for_text(page, box, text):
    """Wait until a box holds a text."""
    wanted = "([box, text]) => box.value.includes(text)"
    page.wait_for_function(wanted, arg=[box.element_handle(), text])


def test_declare_by_keyboard_only(notebook):
    """From the name to the button without a mouse: typed, chosen by arrows, sent by the space bar."""
    with notebook(START, "%incidents declare") as book:

        def tab_to(selector):
            for _step in range(20):
                if book.page.evaluate("selector => !!document.activeElement.closest(selector)", selector):
                    return
                book.page.keyboard.press("Tab")
            pytest.fail(f"Tab never reaches {selector}")

        book.find("name").locator("input").focus()
        book.page.keyboard.type("Typed")
        book.page.keyboard.press("Tab")
        tab_to(".incidentio-severity")
        for _step in range(2):
            book.page.keyboard.press("ArrowUp")  # from Minor, the organisation's default
        book.page.keyboard.press("Tab")  # the four severities are one stop
        assert not book.page.evaluate("() => !!document.activeElement.closest('.incidentio-severity')")
        tab_to(".incidentio-field-affected-service")
        book.page.keyboard.type("Payments")
        tab_to(".incidentio-form textarea")
        book.page.keyboard.type("All by hand")
        tab_to(".incidentio-submit")
        book.page.keyboard.press("Space")
        assert "INC-301 declared" in book.ends("sent")
        (body,) = book.bodies("/v2/incidents")
        assert (body["name"], body["summary"]) == ("Typed", "All by hand")
        assert book.value("session.client.incident('INC-301').severity.name") == "'Major'"


def test_narrow(notebook):
    """On a narrow screen the fields stand below one another and nothing is cut off."""
    with notebook(START, "%incidents declare", viewport={"width": 560, "height": 3000}) as book:
        book.find("name").wait_for()
        form = book.find("form").first.bounding_box()
        for field in book.page.locator(".incidentio-form input[type=text], .incidentio-form select").all():
            if field.is_visible():
                box = field.bounding_box()
                assert box["x"] >= form["x"]
                assert box["x"] + box["width"] <= form["x"] + form["width"]


def test_long_names_on_a_narrow_screen(notebook):
    """A name without a blank, right-to-left text and markup are broken into lines: nothing leaves the form."""
    names = ["x" * 200, "تعطل الدفع في المتجر " * 8, "<b>" * 60]
    declare = f"for name in {names!r}:\n    session.client.declare(name, name, severity='Critical', mode='standard')"
    forms = ("%incidents update INC-301", "%incidents escalate INC-302", "%incidents close INC-303")
    with notebook(START, declare, *forms, viewport={"width": 560, "height": 5000}) as book:
        book.page.locator(".incidentio-form").nth(2).locator(".incidentio-submit").wait_for()
        leaving = """() => [...document.querySelectorAll('.incidentio-form')].flatMap(form => {
          const right = form.getBoundingClientRect().right;
          const range = document.createRange();
          return [...form.querySelectorAll('.incidentio-hint, .incidentio-problem, label')].filter(element => {
            range.selectNodeContents(element);
            return range.getBoundingClientRect().right > right; }).map(element => element.innerText);
        })"""
        assert book.page.evaluate(leaving) == []


def test_killed_in_the_middle(notebook):
    """The server goes away under an open form: not sent, lists unread, the text still there; it comes back: sent."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"seed": 1, "epoch": "2026-01-15T14:00:00Z", "port": port, "key": "sandbox"}
    connect = (
        "%load_ext incidentio_magic\n"
        "import os\n"
        'os.environ["INCIDENTIO_API_KEY"] = "sandbox"\n'
        "%config IncidentMagics.max_wait = 1\n"
        f'%config IncidentMagics.base_url = "http://127.0.0.1:{port}"'
    )
    with Sandbox(**options) as first, notebook(connect, "%incidents update INC-295") as book:
        book.find("submit").wait_for()
        first.stop()
        book.fill("message", "Typed before it went away")
        book.submit()
        assert "nothing was sent" in book.ends("failed")
        book.find("reload").click()
        book.find("failure").get_by_text("may be out of date").wait_for()
        assert book.find("message").locator("textarea").input_value() == "Typed before it went away"
        with Sandbox(**options) as second:
            book.submit()
            assert "INC-295 updated" in book.ends("sent")
            sent = [request["body"]["message"] for request in second.requests if request["method"] == "POST"]
            assert sent == ["Typed before it went away"]
        assert not book.find("failure").inner_text()


def test_no_key_then_one(notebook):
    """Without a key the form says so; connected in another way, the button opens it."""
    with notebook("%load_ext incidentio_magic", "%incidents declare") as book:
        book.find("failure").get_by_text("There is no API key.").wait_for()
        assert not [entry for cell in book.outputs for entry in cell if entry["output_type"] == "error"]
        assert not book.find("submit").is_visible()
        book.value("get_ipython().run_line_magic('incidents', 'sandbox --incidents 20')")
        book.find("reload").click()
        book.find("name").wait_for()


def test_server_down_then_up(notebook):
    """Nothing listens when the form opens; it says so, and opens by its button when something does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    connect = (
        "%load_ext incidentio_magic\n"
        "import os\n"
        'os.environ["INCIDENTIO_API_KEY"] = "sandbox"\n'
        "%config IncidentMagics.max_wait = 1\n"
        f'%config IncidentMagics.base_url = "http://127.0.0.1:{port}"'
    )
    with notebook(connect, "%incidents update INC-295 --message Back") as book:
        book.find("failure").get_by_text("No connection").wait_for()
        assert not [entry for cell in book.outputs for entry in cell if entry["output_type"] == "error"]
        assert not book.find("submit").is_visible()
        with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", port=port, key="sandbox"):
            book.find("reload").click()
            book.find("submit").click()
            assert "INC-295 updated" in book.ends("sent")


def test_a_form_says_what_it_waits_for_while_it_opens(notebook):
    """A list waits for the rate limit: the form is there already and says what it waits for, then opens."""
    limited = 'session.sandbox.fault("rate_limited", "GET /v1/severities", times=1, retry_after=2)'
    reported = (
        "from incidentio_magic.widgets.status import Status\n"
        "working, printed = Status.working, []\n"
        "Status.working = lambda status, what: (printed.append(what), working(status, what))[1]"
    )
    with notebook(
        START, f"%config IncidentMagics.max_wait = 20\n{reported}\n{limited}", "%incidents update INC-295"
    ) as book:
        book.find("submit").wait_for()
        printed = ast.literal_eval(book.value("printed"))
        assert any("waiting 2 s" in line and "severities" in line for line in printed)
        texts = [output for output in book.outputs[2] if "application/javascript" not in output.get("data", {})]
        assert all("waiting" not in str(output) for output in texts)


def test_a_typo_is_shown_beside_its_field(notebook):
    """The form opens with what is right, the close match stands at the field, and choosing sends."""
    with notebook(START, f"%incidents declare --severity Mayor --name Checkout {REQUIRED}") as book:
        book.find("severity").locator(".incidentio-problem").get_by_text("did you mean Major?").wait_for()
        assert book.find("name").locator("input").input_value() == "Checkout"
        book.pick("severity", "Major")
        book.find("severity").locator(".incidentio-problem").wait_for(state="detached")
        book.submit()
        assert "INC-301 declared" in book.ends("sent")


def test_a_change_after_an_unknown_outcome_is_warned_of(notebook):
    """The answer is lost, the text is changed: the form warns; undone, the warning goes and the same is tried again."""
    fault = '%incidents sandbox fault lose_answer --endpoint "POST /v2/incident_updates"'
    with notebook(START, fault, "%incidents update INC-295 --message First") as book:
        book.submit()
        book.ends("unknown")
        book.fill("message", "Second")
        book.find("unresolved").get_by_text("would be sent in addition").wait_for()
        book.fill("message", "First")
        book.find("unresolved").locator(".incidentio-warning").wait_for(state="detached")
        book.value("session.sandbox.clear_faults()")
        book.submit()
        book.page.locator(".incidentio-new").wait_for()
        assert book.value("list(session.client.updates('INC-295')['message']).count('First')") == "1"
