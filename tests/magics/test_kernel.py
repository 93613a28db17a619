"""The magics in a real kernel: errors that stop a run, cells that may be run twice, and interrupts."""

from __future__ import annotations

import json
import os
import re

import pytest

PRELUDE = "%load_ext incidentio_magic"
STORY = [
    "%incidents --out open_now",
    "%incidents severities",
    "%%incident_declare --severity Minor --mode test\nKernel test\nWith a summary.",
    "error_rate = 7.345",
    "%%incident_update --status Fixing\nAt {{ error_rate | round(1) }} %",
    "%%incident_update --severity Major",
    "%%incident_event --at 13:40\nDeploy",
    '%incidents edit --field "Customers affected=42"',
    "%incidents updates",
    "%incidents show",
]


@pytest.fixture
def execute(sandbox):
    """Run cells in a fresh kernel, connected to the sandbox, and return the notebook."""
    import nbformat
    from nbclient import NotebookClient

    def execute(cells, **options):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in [PRELUDE, *cells]])
        NotebookClient(notebook, timeout=60, kernel_name="python3", **options).execute(env=dict(os.environ))
        return notebook

    return execute


def state(sandbox):
    """Return the writes that the sandbox carried out: one entry for each key and each edit."""
    writes = [
        request for request in sandbox.requests if request["method"] == "POST" and request["path"].startswith("/v")
    ]
    keys = {request["body"].get("idempotency_key") for request in writes} - {None}
    return len(keys), sum("actions/edit" in request["path"] for request in writes)


@pytest.mark.slow
def test_story(execute, sandbox):
    """The story of an incident runs from top to bottom; frames are tables, outcomes are lines."""
    notebook = execute(STORY)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    html = "".join(
        str(output.data.get("text/html", ""))
        for output in outputs
        if output.output_type in {"execute_result", "display_data"}
    )
    assert "<table>" in html
    assert "At 7.3 %" in html
    assert "INC-301 declared" in html
    assert state(sandbox) == (4, 1)


@pytest.mark.slow
def test_every_cell_twice_changes_nothing(execute, sandbox):
    """Each cell run twice in a row leaves what running it once leaves."""
    execute([cell for cell in STORY for _time in range(2)])
    assert state(sandbox) == (4, 1)


@pytest.mark.slow
def test_the_notebook_run_twice_changes_nothing(execute, sandbox):
    """The notebook run again from the top in a new kernel, as after a restart, declares and shares nothing new."""
    execute(STORY)
    execute(STORY)
    assert state(sandbox) == (4, 1)


@pytest.mark.slow
def test_an_error_stops_run_all(execute, sandbox):
    """A mistake is a real error output of two lines, and the cells after it are not run."""
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError) as stopped:
        execute(["%incidents list --severity Majr", "%%incident_update INC-299\nnever"])
    assert stopped.value.ename == "UnknownName"
    assert state(sandbox) == (0, 0)


@pytest.mark.slow
def test_error_output_is_short(execute):
    """The saved error has one or two lines, no traceback and no key."""
    notebook = execute(["%incidents show INC-99999"], allow_errors=True)
    (error,) = notebook.cells[-1].outputs
    assert error.output_type == "error"
    assert len(error.traceback) == 2


@pytest.mark.slow
def test_the_key_is_in_no_saved_notebook(execute, sandbox):
    """Whatever is printed, configured or fails: the saved notebook does not hold the key."""
    notebook = execute(
        [
            *STORY,
            "%config IncidentMagics",
            "from incidentio_magic import connect; io = connect(); io",
            "io.settings",
            "vars(io)",
            "%xmode Verbose",
            "io.settings.base_url.nothing",
            "%incidents whoami",
            "%incidents doctor",
            "io.api._record(None, 1, 2)",
        ],
        allow_errors=True,
    )
    assert sandbox.key not in json.dumps(notebook, ensure_ascii=False)


@pytest.fixture
def kernel(sandbox):
    """A running kernel and its client."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env=dict(os.environ))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def asked(client, code):
    """Run a cell and return its reply."""
    return client.execute_interactive(code, timeout=60, output_hook=lambda _message: None)["content"]


@pytest.mark.slow
def test_a_wait_is_told_and_taken_away(kernel, sandbox):
    """A long wait shows why and until when, and the line is gone when it is over."""
    asked(kernel, PRELUDE)
    sandbox.fault(kind="rate_limited", endpoint="GET /v1/severities", times=1, retry_after=1)
    shown = []

    def hear(message):
        if message["msg_type"] in {"display_data", "update_display_data"}:
            shown.append(message["content"]["data"]["text/plain"])

    kernel.execute_interactive("%incidents severities", timeout=60, output_hook=hear)
    assert re.fullmatch(
        r"incident\.io: waiting 1 s, until \d\d:\d\d:\d\d UTC, before GET /v1/severities: 429 Too Many Requests;"
        " interrupt to stop",
        shown[0],
    )
    assert shown[1:] == [""]


def completed(client, code):
    """Return the lines that a kernel offers for the end of a line."""
    client.complete(code, len(code))
    while True:
        reply = client.get_shell_msg(timeout=60)
        if reply["msg_type"] == "complete_reply":
            content = reply["content"]
            return sorted(code[: content["cursor_start"]] + match for match in content["matches"])


@pytest.mark.slow
def test_completion_in_a_kernel(kernel):
    """A notebook's Tab completes subcommands, options and the names at hand, also after an assignment."""
    asked(kernel, PRELUDE)
    assert completed(kernel, "%incidents sev") == ["%incidents severities"]
    assert completed(kernel, "df = %incidents list --sev") == ["df = %incidents list --severity"]
    asked(kernel, "%incidents --out now")
    assert completed(kernel, "%%incident_update --severity Cri") == ["%%incident_update --severity Critical"]
    assert completed(kernel, "%incidents show INC-299") == ["%incidents show INC-299"]


@pytest.mark.slow
def test_coming_and_going_in_a_kernel(kernel):
    """Loaded, reloaded, used and unloaded, the extension leaves no magic, matcher, formatter or thread behind."""
    count = (
        "import threading, gc; gc.collect(); s = get_ipython(); f = s.display_formatter.formatters; "
        "(sum('incident' in n for k in s.magics_manager.magics.values() for n in k), len(s.Completer.custom_matchers), "
        "len(s.input_transformers_cleanup), sum(len(f[k].deferred_printers) for k in f), "
        "sum(len(f[k].type_printers) for k in f), sum('waitress' in t.name for t in threading.enumerate()))"
    )
    assert asked(kernel, count.replace("; (", "; before = ("))["status"] == "ok"
    for _round in range(2):
        for cell in (PRELUDE, "%reload_ext incidentio_magic", "%incidents sandbox", "%incidents --out now"):
            assert asked(kernel, cell)["status"] == "ok"
        assert asked(kernel, "%unload_ext incidentio_magic")["status"] == "ok"
    assert asked(kernel, count.replace("; (", "; after = ("))["status"] == "ok"
    compared = asked(kernel, "assert after == before, (before, after)")
    assert compared["status"] == "ok", compared
