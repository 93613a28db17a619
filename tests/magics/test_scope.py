"""A template sees the names of the place its magic is called from, as Python does, by every route."""

from __future__ import annotations

import sys
import textwrap
import types

import pytest

from incidentio_magic.errors import InputError, TemplateError

LINE = "%incidents edit {{ ref }} --severity Minor"
ROUTES = {
    "line magic": f"def act(ref):\n    {LINE}\nact('INC-291')",
    "assigned": f"def act(ref):\n    done = {LINE}\n    return done\nact('INC-291')",
    "run_line_magic": (
        "def act(ref):\n    get_ipython().run_line_magic('incidents', 'edit {{ ref }} --name x')\nact('INC-291')"
    ),
    "run_cell_magic": (
        "def act(ref):\n    get_ipython().run_cell_magic('incident_update', 'INC-{{ ref }}', 'To {{ ref }}')\nact(291)"
    ),
    "option of a cell magic": (
        "def act(ref):\n    get_ipython().run_cell_magic('incident_update', '{{ ref }}', 'text')\nact('INC-291')"
    ),
    "comprehension": (
        "[get_ipython().run_line_magic('incidents', 'edit {{ ref }} --severity Minor') for ref in ['INC-291']]"
    ),
    "comprehension in a function": (
        "def act(ref):\n"
        "    return [get_ipython().run_line_magic('incidents', 'edit {{ ref }} --name {{ n }}') for n in ['N']]\n"
        "act('INC-291')"
    ),
    "generator": (
        "def act(refs):\n"
        "    run = get_ipython().run_line_magic\n"
        "    return list(run('incidents', 'edit {{ ref }} --severity Minor') for ref in refs)\n"
        "act(['INC-291'])"
    ),
    "lambda": "act = lambda ref: get_ipython().run_line_magic('incidents', 'edit {{ ref }} --name x')\nact('INC-291')",
    "loop": f"def act(refs):\n    for ref in refs:\n        {LINE}\nact(['INC-291'])",
    "nested function": f"def outer():\n    ref = 'INC-291'\n    def inner():\n        {LINE}\n    inner()\nouter()",
    "closure that uses it": (
        f"def outer():\n    ref = 'INC-291'\n    def inner():\n        ref\n        {LINE}\n    return inner\nouter()()"
    ),
    "method": f"class A:\n    def act(self, ref):\n        {LINE}\nA().act('INC-291')",
    "class body": f"class A:\n    ref = 'INC-291'\n    {LINE}",
    "async function": f"async def act(ref):\n    {LINE}\nawait act('INC-291')",
    "async task": (
        f"import asyncio\nasync def act(ref):\n    await asyncio.sleep(0)\n    {LINE}\n"
        "await asyncio.gather(act('INC-291'))"
    ),
    "thread": (
        f"import threading\ndef act(ref):\n    {LINE}\n"
        "thread = threading.Thread(target=act, args=('INC-291',))\nthread.start()\nthread.join()"
    ),
    "try": f"def act(ref):\n    try:\n        {LINE}\n    finally:\n        pass\nact('INC-291')",
    "time": (
        "def act(ref):\n    %time get_ipython().run_line_magic('incidents', 'edit {{ ref }} --name x')\nact('INC-291')"
    ),
    "exec": (
        "names = {**globals(), 'ref': 'INC-291'}\n"
        "exec(\"get_ipython().run_line_magic('incidents', 'edit {{ ref }} --name x')\", names)"
    ),
}


def written_to(sandbox):
    """Return the references of the incidents that were written to."""
    rows = sandbox.service.store.rows("SELECT id, number FROM incidents")
    references = {row["id"]: f"INC-{row['number']}" for row in rows}
    found = set()
    for request in sandbox.requests:
        if request["method"] == "POST" and request["path"].startswith("/v2"):
            parts = request["path"].split("/")
            found.add(references[(request["body"] or {}).get("incident_id") or parts[3]])
    return found


@pytest.mark.parametrize("cell", ROUTES.values(), ids=ROUTES)
def test_a_local_name_comes_before_a_global(run, sandbox, cell):
    """By every route the function's own name is meant, not the notebook's of the same name."""
    run("ref = 'INC-293'")
    run(cell)
    assert written_to(sandbox) == {"INC-291"}


REFUSED = {
    "closure that does not use it": (
        f"def outer():\n    ref = 'INC-291'\n    def inner():\n        {LINE}\n    return inner\nouter()()",
        r"'ref', a variable of outer\(\) that has no value here",
    ),
    "not yet assigned": (
        f"def act():\n    {LINE}\n    ref = 'INC-291'\nact()",
        r"'ref', a variable of act\(\) that has no value here",
    ),
    "deleted": (
        f"def act():\n    ref = 'INC-291'\n    del ref\n    {LINE}\nact()",
        r"'ref', a variable of act\(\) that has no value here",
    ),
}


@pytest.mark.parametrize(("cell", "message"), REFUSED.values(), ids=REFUSED)
def test_a_function_s_name_without_a_value_is_no_global(run, sandbox, cell, message):
    """Where Python would find no value, neither does a template: the notebook's name is another thing."""
    run("ref = 'INC-293'")
    with pytest.raises(TemplateError, match=message):
        run(cell)
    assert not written_to(sandbox)


def test_globals_and_builtins_follow(run, sandbox):
    """In a function the notebook's names and Python's builtins are there, too."""
    run("rate = 7.331\ndef act(rows):\n    get_ipython().run_cell_magic('incident_update', 'INC-291',"
        " '{{ len(rows) }} rows, {{ round(rate, 1) }} %')\nact([1, 2])")  # fmt: skip
    assert sandbox.requests[-1]["body"]["message"] == "2 rows, 7.3 %"


def test_a_module_s_function_sees_its_module(run, sandbox, tmp_path, monkeypatch):
    """A function of a module sees its own module's names before the notebook's."""
    (tmp_path / "runbook_for_scope.py").write_text(
        textwrap.dedent(
            """
            from IPython import get_ipython
            ref = "INC-291"
            def act():
                get_ipython().run_line_magic("incidents", "edit {{ ref }} --name {{ title }}")
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    run("ref, title = 'INC-293', 'A title'\nimport runbook_for_scope\nrunbook_for_scope.act()")
    assert written_to(sandbox) == {"INC-291"}
    sys.modules.pop("runbook_for_scope")


def test_a_form_sees_the_notebook(shell):
    """What is typed into a form is computed from the notebook's names, whoever calls."""
    shell.user_ns["rate"] = 7
    session = shell.magics_manager.registry["IncidentMagics"].session
    rate = 8  # noqa: F841  of this function, which is none of the form's
    assert session.render("{{ rate }}") == "7"
    assert session.render_here("{{ rate }}") == "8"


@pytest.mark.slow
def test_a_series_of_a_function(run):
    """--with takes a variable of the function it stands in."""
    chart = run(
        "import pandas as pd\n"
        "def draw():\n"
        "    errors = pd.Series([1.0, 2.0], index=pd.to_datetime(['2026-01-15T13:00Z', '2026-01-15T13:30Z']))\n"
        "    chart = %incidents timeline INC-291 --plot --with errors\n"
        "    return chart\n"
        "draw()"
    )
    assert not isinstance(chart, types.NoneType)


@pytest.mark.parametrize("cell", ["%%incident_update INC-291\n{}", "%%incident_update INC-291 --raw\n{}"])
def test_the_api_key_is_not_sent(run, sandbox, cell):
    """A text with the API key in it is not sent, and the error does not repeat it."""
    run(f"key = '{sandbox.key}'")
    for text in (sandbox.key, *(["{{ key }}"] if "--raw" not in cell else [])):
        with pytest.raises(InputError, match="contains the API key; nothing was sent") as caught:
            run(cell.format(f"Use {text} to log in"))
        assert sandbox.key not in str(caught.value)
    assert not written_to(sandbox)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%incident_update INC-291\n{# a note #} text", "{# a note #} text"),
        ("%%incident_update INC-291\n    code\n\ntext", "    code\n\ntext"),
        ("%%incident_update INC-291\n\n\n    code {{ 1 }}\n", "    code 1"),
        ("%%incident_update INC-291\n\tcode", "\tcode"),
    ],
)
def test_no_text_vanishes(run, sandbox, cell, message):
    """What looks like a comment is text, and the first line's indent stays: in Markdown it makes code."""
    run(cell)
    assert sandbox.requests[-1]["body"]["message"] == message


def test_the_hint_to_raw_stands_where_raw_works(run):
    """Only a cell's text can be sent raw; an option's value, and a line magic, cannot."""
    with pytest.raises(TemplateError, match="--raw sends the text as it is"):
        run("%%incident_update INC-291\n{{ nothing_here }}")
    for cell in ("%incidents edit {{ nothing_here }} --name x", "%%incident_update {{ nothing_here }}\ntext"):
        with pytest.raises(TemplateError) as caught:
            run(cell)
        assert "--raw" not in str(caught.value)
