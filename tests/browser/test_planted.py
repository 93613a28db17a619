"""Hostile words and private ones in a real page: nothing of them runs, and what is private is nowhere, nor is the key.

One notebook lists, shows, draws and opens forms and boards over an organisation with planted words; the tests search
the whole page, what its fields hold, what the tooltips hold, and the saved notebook.
"""

from __future__ import annotations

import json
import unicodedata

import pytest
from laboratory import run_all, watched

from incidentio_magic.frames import MASK
from incidentio_magic.sandbox import Sandbox
from tests.faults.planted import ADDRESS, KEY, MARK, SECRET, plant

pytestmark = pytest.mark.browser

CELLS = [
    # The key comes from a file, since the page shows the text of its cells.
    "import json, os, pathlib; os.environ |= json.loads(pathlib.Path({settings!r}).read_text())",
    "%load_ext incidentio_magic",
    "%incidents",
    "%incidents list --all --wide --limit 20",
    "%incidents show {hostile} {private}",
    "%incidents updates {hostile}",
    "%incidents updates {private}",
    "%incidents timeline {hostile}",
    "%incidents timeline {private}",
    "%incidents timeline {hostile} --plot",
    "%incidents timeline {private} --plot",
    "%incidents metrics --since 365d --by severity --plot",
    "%incidents postmortem {hostile}",
    "%incidents postmortem {private}",
    "print(_)",
    "%incidents whoami",
    "%incidents doctor",
    "from incidentio_magic import connect; io = connect(); [io, io.settings, io.incident('{private}')]",
    "%incidents fields",
    "%incidents declare",
    "%incidents update {hostile}",
    "%incidents update {private}",
    "%incidents escalate {hostile}",
    "%incidents close {hostile}",
    "%incidents close {private}",
    "%incidents board",
]
SHOW_ALL = {"windowingMode": "none"}  # cells outside the view are otherwise taken out of the page
# All that a page holds: its elements, those of shadow roots and frames, and what was put into fields.
WHOLE = """() => { const parts = [];
  const walk = root => { parts.push(root.documentElement ? root.documentElement.outerHTML : root.innerHTML);
    for (const one of root.querySelectorAll('*')) {
      if (typeof one.value === 'string') parts.push(one.value);
      if (one.shadowRoot) walk(one.shadowRoot);
      if (one.contentDocument) walk(one.contentDocument); } };
  walk(document); return parts.join('\\n'); }"""
ADDRESSES = """() => [...document.querySelectorAll('*')].flatMap(one =>
  [...one.attributes]
    .filter(each => ['href', 'src', 'action', 'xlink:href', 'formaction', 'srcdoc'].includes(each.name))
    .map(each => each.value.trim().toLowerCase()))"""
ALIVE = """() => [...document.querySelectorAll('.jp-OutputArea *')].filter(one =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED'].includes(one.tagName) ||
  [...one.attributes].some(each => each.name.startsWith('on'))).map(one => one.outerHTML.slice(0, 200))"""
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"
READ = "() => [...document.querySelectorAll('.jp-OutputArea')].map(one => one.innerText).join('\\n')"


@pytest.fixture(scope="module")
def planted(laboratory, browser, tmp_path_factory):
    """The page of a notebook that has been run, what hovering showed, the dialogs it opened, and where it is saved."""
    import nbformat

    folder = tmp_path_factory.mktemp("planted")
    notebooks = laboratory.folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    notebooks.parent.mkdir(exist_ok=True)
    notebooks.write_text(json.dumps(SHOW_ALL))
    limits = {"rate": 10**7, "list_rate": 10**7}
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", incidents=40, key=KEY, **limits) as sandbox:
        hostile, private, _large = plant(sandbox)
        (folder / "settings.json").write_text(
            json.dumps({"INCIDENTIO_BASE_URL": sandbox.url, "INCIDENTIO_API_KEY": KEY})
        )
        names = {"hostile": hostile, "private": private, "settings": str(folder / "settings.json")}
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.format(**names)) for cell in CELLS])
        made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, folder / "planted.ipynb")
        name = laboratory.add(folder / "planted.ipynb")
        with watched(browser, viewport={"width": 1280, "height": 3000}) as (page, logged, outside):
            dialogs = []
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            page.goto(laboratory.address(name))
            outputs = run_all(page)
            assert not [entry for cell in outputs for entry in cell if entry["output_type"] == "error"]
            page.set_default_timeout(20_000)
            page.locator(".jp-RenderedVegaLite svg.marks").nth(2).wait_for()
            page.locator(".incidents-board .ib-row").first.wait_for()
            page.locator(".incidentio-form").nth(5).wait_for()
            hovered = "\n".join(tooltips(outputs))
            page.evaluate(SAVE)
            yield page, hovered, dialogs, laboratory.work / name
            assert not logged
            assert not outside
    notebooks.unlink()


def tooltips(outputs):
    """Yield what the tooltip of each mark of the timelines holds; test_charts.py hovers over them."""
    for cell in (
        CELLS.index("%incidents timeline {hostile} --plot"),
        CELLS.index("%incidents timeline {private} --plot"),
    ):
        for output in outputs[cell]:
            chart = output.get("data", {}).get("application/vnd.vegalite.v5+json", {})
            for view in chart.get("vconcat", ()):
                yield from (
                    json.dumps(row["tip"], ensure_ascii=False) for row in view["data"]["values"] if "tip" in row
                )


def test_everything_is_on_the_page(planted):
    """The page that is searched holds every cell, with the planted words as plain text and masks for private ones."""
    page, hovered, _dialogs, _path = planted
    assert page.locator(".jp-CodeCell").count() == len(CELLS)
    printed = page.evaluate(READ)
    assert printed.count(f"<script>window.{MARK}=1") > 5
    assert printed.count(MASK) > 3
    assert ADDRESS in printed
    assert f"<script>window.{MARK}=1" in hovered


def test_the_key_is_not_on_the_page(planted):
    """Neither the page, nor what the tooltips hold, nor the saved notebook has the API key in it."""
    page, hovered, _dialogs, path = planted
    for text in (page.content(), page.evaluate(WHOLE), hovered, path.read_text("utf-8")):
        assert len(text) > 1000
        assert KEY not in text


def test_private_words_are_not_on_the_page(planted):
    """Neither the page, nor what the tooltips hold, nor the saved notebook has a private incident's words in it."""
    page, hovered, _dialogs, path = planted
    for text in (page.content(), page.evaluate(WHOLE), hovered, path.read_text("utf-8")):
        assert SECRET not in text
        assert "CONFIDENTIAL" not in text


def test_no_planted_word_is_alive(planted):
    """No script ran, no dialog opened, no output has a handler, a frame or an address that runs something."""
    page, _hovered, dialogs, _path = planted
    assert page.evaluate(f"window.{MARK}") is None
    assert dialogs == []
    assert page.evaluate(ALIVE) == []
    # A heading of a document can be linked to: that address begins with a # and leads nowhere else.
    addresses = [entry for entry in page.evaluate(ADDRESSES) if not entry.startswith("#")]
    assert addresses
    assert [
        address
        for address in addresses
        if address.startswith(("javascript:", "vbscript:", "data:text")) or MARK in address
    ] == []


def test_no_control_characters_on_the_page(planted):
    """No output shows escapes, and none turns the direction of the text after it."""
    page, hovered, _dialogs, _path = planted
    for text in (page.evaluate(READ), hovered):
        bad = {
            entry
            for entry in text
            if entry not in "\n\t" and (unicodedata.category(entry) == "Cc" or entry in "\u202a\u202e")
        }
        assert bad == set()
