"""%incidents declare, update, escalate, close and page: forms where there are widgets, text to copy where not.

Serves `magics/forms.py`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from ipywidgets.widgets import widget as widgets

from incidentio_magic.errors import AmbiguousName, InputError, UnknownName
from incidentio_magic.widgets import form as form_module
from incidentio_magic.widgets.close import CloseForm
from incidentio_magic.widgets.declare import DeclareForm
from incidentio_magic.widgets.escalate import EscalateForm
from incidentio_magic.widgets.update import UpdateForm


@pytest.fixture
def shell(sandbox, bare_shell, tmp_path, monkeypatch):
    """A shell with the extension, connected to the sandbox, in a plain terminal."""
    for name in ("INCIDENTIO_TRAINING", "INCIDENT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INCIDENTIO_BASE_URL", sandbox.url)
    monkeypatch.setenv("INCIDENTIO_API_KEY", sandbox.key)
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "magics.jsonl"))
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    return bare_shell


@pytest.fixture
def notebook(shell, monkeypatch):
    """The same shell as in a notebook, whose present cell has an id."""
    monkeypatch.setattr(type(shell), "kernel", object(), raising=False)
    monkeypatch.setattr(type(shell), "get_parent", lambda _shell: {"metadata": {"cellId": "one"}}, raising=False)
    return shell


def run(shell, line):
    """Run a line of %incidents and return its value."""
    result = shell.run_cell(f"%incidents {line}")
    result.raise_error()
    return result.result


def test_each_subcommand_is_its_form(notebook):
    """The forms open with what was typed; a text that looks like a template is not computed twice."""
    notebook.user_ns["rate"] = "{{ nothing }}"
    form = run(notebook, 'declare --name "Checkout" --severity Major --role "lead=alice@example.com" --private')
    assert isinstance(form, DeclareForm)
    assert form.fields["visibility"].read() == "private"
    assert "{{ variables }}" in form.fields["summary"].control.placeholder
    form = run(notebook, 'update INC-295 --message "{{ rate }}" --status Monitoring')
    assert isinstance(form, UpdateForm)
    assert form.fields["message"].seen == "{{ nothing }}"
    assert form.fields["status"].read().name == "Monitoring"
    form = run(notebook, 'escalate INC-295 --severity Critical --to bob@example.com "Carol Carver"')
    assert isinstance(form, EscalateForm)
    assert len(form.fields["people"].chosen) == 2
    assert isinstance(run(notebook, "close INC-295 --status Closed"), CloseForm)


def test_the_incident_in_use_is_meant(notebook):
    """Declared in a form, the incident is in use; the next form is about it, with the notebook's variables."""
    form = run(notebook, "declare --name Checkout --severity Major")
    form.submit()
    reference = form.outcomes["declare"].reference
    notebook.user_ns["rate"] = 3
    form = run(notebook, "update")
    assert form.incident.reference == reference
    form.fields["message"].control.value = "{{ rate }} %"
    assert form.fields["message"].seen == "3 %"


def test_a_cell_that_runs_again_leaves_no_widget(notebook):
    """The form that the same cell showed before is closed."""
    run(notebook, "update")
    before = len(widgets._instances)
    for _round in range(3):
        run(notebook, "update")
    assert len(widgets._instances) == before


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("declare --severity Major --name 'It is down'", ["%%incident_declare --severity Major\nIt is down\n"]),
        ("declare --private --role 'lead=bob@example.com'", ["--private --role lead=bob@example.com\nWhat is wrong"]),
        ("update INC-1 --status Fixing", ["%%incident_update INC-1 --status Fixing\nWhat is new"]),
        ("close", ["%%incident_update REF --status Closed\n"]),
        (
            "escalate INC-1 --severity Critical",
            ["%%incident_update INC-1 --severity Critical", "page INC-1 --path NAME"],
        ),
        ("escalate INC-1 --to bob", ["%incidents page INC-1 --to bob"]),
    ],
)
def test_a_terminal_gets_a_cell_to_copy(shell, capsys, line, shown):
    """Without widgets the equivalent cell is printed, and nothing is sent or shown."""
    assert run(shell, line) is None
    printed = capsys.readouterr().out
    for entry in ["Forms need a notebook that shows widgets.", *shown]:
        assert entry in printed


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("declare --severity Major --name Down", "%%incident_declare --severity Major\nDown\n"),
        ("update INC-295 --status Fixing", "%%incident_update INC-295 --status Fixing\nWhat is new"),
        ("escalate INC-295 --severity Critical", "%incidents page INC-295 --path NAME"),
        ("close INC-295", "%%incident_update INC-295 --status Closed\n"),
    ],
)
def test_a_front_end_without_widgets_gets_a_cell_to_copy(notebook, line, shown):
    """What is displayed holds, beside the widget, the equivalent cell as whole text."""
    bundle = run(notebook, line)._repr_mimebundle_()
    assert shown in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_form_is_shown_before_its_lists_are_read(notebook, monkeypatch):
    """Shown once, first; only then the lists are read; one that is only assigned reads them when it is used."""
    reported = []
    monkeypatch.setattr(form_module.Display, "show", lambda _display, _bundle: reported.append("shown"))
    monkeypatch.setattr(UpdateForm, "_open", lambda _form: reported.append("read"))
    run(notebook, "update INC-295")
    assert reported == ["shown", "read"]
    notebook.run_cell("form = %incidents update INC-295").raise_error()
    assert reported == ["shown", "read"]
    notebook.user_ns["form"].submit()
    assert reported == ["shown", "read", "read"]


def test_page(shell, sent, client):
    """A path or people are paged once; a dry run pages nobody; a typo gets its close match."""
    dry = run(shell, 'page INC-295 --path "Payments on-call" --dry-run')
    assert "Payments on-call" in dry["value"].tolist()
    assert not sent("/v2/escalations")
    page = 'page INC-295 --path "Payments on-call" --title "Please come"'
    endings = [run(shell, f"{page}{option}")["outcome"].item() for option in ("", "", " --again")]
    assert endings == ["sent", "not sent", "sent"]
    run(shell, 'page INC-295 --path "Payments on-call" --title "Please come" --description "eu-west only"')
    assert sent("/v2/escalations")[-1]["description"] == "eu-west only"
    run(shell, "use INC-291")
    run(shell, 'page --to bob@example.com "Carol Carver"')
    assert len(sent("/v2/escalations")[-1]["user_ids"]) == 2
    with pytest.raises(UnknownName, match="on-call"):
        run(shell, 'page INC-295 --path "Payment on-call"')
    with pytest.raises((UnknownName, AmbiguousName)):
        run(shell, "page INC-295 --to Nobody")
    with pytest.raises(InputError):
        run(shell, "page INC-295")


def test_typing_a_form_imports_ipywidgets_late():
    """A terminal session that never shows a form never imports ipywidgets."""
    program = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'incidentio_magic')\n"
        "shell.run_line_magic('incidents', 'declare')\n"
        "shell.run_line_magic('incidents', 'update --help')\n"
        "assert 'ipywidgets' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
