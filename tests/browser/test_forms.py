"""The forms as a responder meets them: in JupyterLab, in a browser, with a sandbox behind them."""

from __future__ import annotations

from contextlib import contextmanager

import nbformat
import pytest
from laboratory import run_all, watched

START = (
    "%load_ext incidentio_magic\n"
    "%config IncidentMagics.max_wait = 2\n"
    "%incidents sandbox --seed 1 --epoch 2026-01-15T14:00:00Z\n"
    'session = get_ipython().magics_manager.registry["IncidentMagics"].session\n'
    "def sent(path):\n"
    '    return [r["body"] for r in session.sandbox.requests if (r["method"], r["path"]) == ("POST", path)]\n'
    "rate = 3.25"
)
EVALUATE = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code: 'pass', user_expressions: {value: code}, store_history: false});
  const reply = await future.done;
  const value = reply.content.user_expressions.value;
  return value.status === 'ok' ? value.data['text/plain'] : 'error: ' + value.evalue; }"""
WIDE = {"width": 1280, "height": 3000}


class Notebook:
    """A page with a notebook that has been run."""

    def __init__(self, page, outputs):
        self.page = page
        self.outputs = outputs

    def value(self, code):
        """Return what an expression comes to in the kernel, after everything that was clicked before."""
        return self.page.evaluate(EVALUATE, code)

    def find(self, name):
        """Return the part of the form with a class."""
        return self.page.locator(f".incidentio-{name}")

    def fill(self, name, text):
        """Type into a field and leave it."""
        control = self.find(name).locator("input, textarea").first
        control.fill(text)
        control.press("Tab")

    def pick(self, name, label):
        """Choose a radio button by its beginning."""
        self.find(name).locator("label", has_text=label).locator("input").check()

    def submit(self):
        """Click the button."""
        self.find("submit").click()

    def ends(self, kind):
        """Wait until the form says how it ended."""
        self.page.locator(f".incidentio-outcome.{kind}").first.wait_for()
        return self.find("outcomes").inner_text()


@pytest.fixture
def notebook(laboratory, browser, tmp_path):
    """Open a notebook of some cells, run it, and insist on a quiet page."""

    @contextmanager
    def notebook(*cells, quiet=True, **options):
        made = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        )
        path = tmp_path / "forms.ipynb"
        nbformat.write(made, path)
        with watched(browser, **{"viewport": WIDE, **options}) as (page, logged, outside):
            page.goto(laboratory.address(laboratory.add(path)))
            outputs = run_all(page)
            page.set_default_timeout(20_000)
            yield Notebook(page, outputs)
            if quiet:
                assert not logged
            assert not outside

    return notebook


def test_declare(notebook):
    """Typed, chosen and clicked with every kind of control: the incident is in the sandbox as it was meant."""
    with notebook(START, "%incidents declare") as book:
        book.fill("name", "Checkout answers with errors")
        book.fill("summary", "Since **the deploy**, {{ rate }} %")
        book.find("preview").get_by_text("the deploy").wait_for()
        book.pick("severity", "Major")
        book.page.get_by_role("button", name="Custom fields").click()
        book.fill("field-affected-regions", "eu-west")
        book.find("chips").get_by_text("eu-west").wait_for()
        book.fill("field-affected-regions", "us-east")
        book.find("chips").get_by_text("us-east").wait_for()
        book.page.get_by_role("button", name="Roles").click()
        book.fill("role-incident-lead", "alice@example.com")
        book.find("effect").get_by_text("Alice Archer").wait_for()
        book.submit()
        assert "INC-301 declared" in book.ends("sent")
        body = book.value('sent("/v2/incidents")')
        assert "Since **the deploy**, 3.25 %" in body
        assert book.value("session.current") == "'INC-301'"
        assert book.value("session.client.incident('INC-301').severity.name") == "'Major'"
        regions = (
            "[v.value_option.value for e in session.client.incident('INC-301').custom_field_entries for v in e.values]"
        )
        assert book.value(regions) == "['eu-west', 'us-east']"


def test_double_click_enter_and_the_cell_again(notebook):
    """Enter sends nothing, a double click sends once, and the same text in the cell's new form is found declared."""
    with notebook(START, "form = %incidents declare --severity Major\nform") as book:
        name = book.find("name").locator("input")
        name.fill("Once")
        name.press("Enter")
        name.press("Enter")
        assert book.value('len(sent("/v2/incidents"))') == "0"
        book.find("submit").dblclick()
        book.ends("sent")
        assert book.value('len({one["idempotency_key"] for one in sent("/v2/incidents")})') == "1"
        assert book.value("list(session.client.incidents(since='1h')['name']).count('Once')") == "1"
        book.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        book.page.wait_for_function("() => !document.querySelector('.incidentio-outcome')")


def test_the_cell_again_finds_it_declared(notebook):
    """The cell is run again and the same text sent: still one incident."""
    with notebook(START, "form = %incidents declare --severity Major --name Once\nform") as book:
        book.submit()
        book.ends("sent")
        book.value("get_ipython().run_line_magic('incidents', 'declare --severity Major --name Once').submit()")
        count = "len([one for one in session.client.incidents(since='1h')['name'] if one == 'Once'])"
        assert book.value(count) == "1"


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
        book.find("status").locator("select").select_option(index=0)
        book.submit()
        book.ends("sent")
        assert "'Rate 3.25'" in book.value('sent("/v2/incident_updates")[-1]["message"]')


def test_a_lost_answer_is_one_incident(notebook):
    """The answer is always lost after the commit: unknown; then it comes back: still exactly one incident."""
    cells = (START, '%incidents sandbox fault lose_answer --endpoint "POST /v2/incidents"')
    with notebook(*cells, "%incidents declare --severity Major --name Lost") as book:
        book.submit()
        assert "It is not known whether the incident was declared" in book.ends("unknown")
        assert book.find("name").locator("input").input_value() == "Lost"
        book.value("session.sandbox.clear_faults()")
        book.submit()
        book.page.locator(".incidentio-new").wait_for()
        count = "len([one for one in session.client.incidents(since='1h')['name'] if one == 'Lost'])"
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
        said = book.find("outcomes").inner_text()
        assert "Moderate → Critical" in said
        assert "paged" in said
        assert book.value('(len(sent("/v2/incident_updates")), len(sent("/v2/escalations")))') == "(1, 1)"


def test_close(notebook):
    """Skipping is explained, the end is chosen, the incident is closed."""
    with notebook(START, "%incidents close INC-299") as book:
        book.find("left").get_by_text("follow-ups").wait_for()
        book.pick("status", "Closed: Closed without review")
        book.find("skipping").get_by_text("skips the post-incident flow").wait_for()
        book.fill("message", "Rolled back")
        book.submit()
        assert "Investigating → Closed without review" in book.ends("sent")
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
        assert not [one for cell in book.outputs for one in cell if one["output_type"] == "error"]
        book.page.locator(".incidentio-form").nth(2).wait_for()
        first = book.page.locator(".incidentio-form").first
        assert "<script>" in first.locator(".incidentio-incident select").inner_text()
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
        book.find("incident").locator("select").focus()
        seen = []
        for _step in range(7):
            seen.append(
                book.page.evaluate(
                    "() => { const e = document.activeElement; const box = e.getBoundingClientRect();"
                    " return [e.tagName, box.top, box.left, getComputedStyle(e).outlineStyle]; }"
                )
            )
            book.page.keyboard.press("Tab")
        assert [one[0] for one in seen[:6]] == ["SELECT", "INPUT", "TEXTAREA", "SELECT", "SELECT", "BUTTON"]
        assert all(one[3] == "solid" for one in seen[1:6])
        places = [(round(one[1] / 20), one[2]) for one in seen[:6]]
        assert places == sorted(places)
        book.find("message").locator("textarea").focus()
        book.page.keyboard.type("By hand")
        for _step in range(3):
            book.page.keyboard.press("Tab")
        book.page.keyboard.press("Space")
        book.ends("sent")
        assert "By hand" in book.value('sent("/v2/incident_updates")')


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


def test_no_key_then_one(notebook):
    """Without a key the form says so; connected in another way, the button opens it."""
    with notebook("%load_ext incidentio_magic", "%incidents declare") as book:
        book.find("failure").get_by_text("There is no API key.").wait_for()
        assert not [one for cell in book.outputs for one in cell if one["output_type"] == "error"]
        assert not book.find("submit").is_visible()
        book.value("get_ipython().run_line_magic('incidents', 'sandbox --incidents 20')")
        book.find("reload").click()
        book.find("name").wait_for()


def test_server_down_then_up(notebook):
    """The service is gone when the form opens, and back when it tries again."""
    with notebook(START, "session.sandbox.fault('drop')", "%incidents update INC-295 --message Back") as book:
        book.find("failure").locator(".incidentio-problem").wait_for()
        book.value("session.sandbox.clear_faults()")
        book.find("reload").click()
        book.find("submit").click()
        book.ends("sent")
