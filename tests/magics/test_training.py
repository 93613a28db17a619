"""%incidents training: how it is switched, and that every route of the notebook is held to it."""

from __future__ import annotations

import builtins
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from incidentio_magic import connect
from incidentio_magic.errors import InputError, SettingsError, TrainingRefused
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.writes.guard import BANNER

REAL = "INC-299"
CELLS = {
    "update": f"%%incident_update {REAL}\nno",
    "status alone": f"%%incident_update {REAL} --status Fixing\n",
    "event": f"%%incident_event {REAL}\nno",
    "declare": "%%incident_declare --severity Minor --mode standard\nno",
    "edit": f"%incidents edit {REAL} --name no",
    "page": f"%incidents page {REAL} --to alice@example.com",
    "import": f"%incidents postmortem {REAL} --import",
    "the incident in use": f"%incidents use {REAL}\n%incidents edit --name no",
    "again": f"%%incident_update {REAL} --again\nno",
    "raw": f"%%incident_update {REAL} --raw\nno",
    "connect": f"import incidentio_magic\nincidentio_magic.connect().update('{REAL}', 'no')",
}


def writes(sandbox):
    """Return the writes that reached the service."""
    return [request for request in sandbox.requests if request["method"] != "GET"]


@pytest.fixture
def answer(monkeypatch):
    """Let a person answer the question."""

    def answer(text):
        asked = []
        monkeypatch.setattr(builtins, "input", lambda prompt="": asked.append(prompt) or text)
        return asked

    return answer


@pytest.mark.parametrize("route", CELLS)
def test_every_cell_refuses(run, sandbox, route):
    """Each cell that writes refuses a real incident before any write leaves."""
    run("%incidents training on")
    with pytest.raises(TrainingRefused):
        run(CELLS[route])
    assert not writes(sandbox)


def test_no_cell_merges_a_test_incident(run, sandbox):
    """A test incident is not merged, and not written to once it is: what it was merged into may be real."""
    run("%incidents drill start false-alarm")
    sandbox.advance(300)
    first, second = run("%incidents list --status Triage")["reference"].sort_values().tail(2)
    run(f"%incidents drill merge {second} --into {first}")
    before = len(writes(sandbox))
    for cell in (f"%%incident_update {first} --status Merged\n", f"%incidents edit {first} --status Merged"):
        with pytest.raises(TrainingRefused, match="merges no incident"):
            run(cell)
    for cell in (
        f"%%incident_update {second}\nno",
        f"%%incident_update {second} --status Closed\n",
        f"%%incident_event {second}\nno",
        f"%incidents edit {second} --name no",
        f"%incidents page {second} --to alice@example.com",
        f"%incidents postmortem {second} --import",
    ):
        with pytest.raises(TrainingRefused, match="was merged"):
            run(cell)
    assert len(writes(sandbox)) == before


def test_another_connection_stays_in_training(run, sandbox, monkeypatch):
    """Whoever connects elsewhere, or with another key, is in training there too."""
    with Sandbox(seed=2, epoch="2026-01-15T14:00:00Z", frozen=True, incidents=40) as elsewhere:
        monkeypatch.setenv("OTHER_KEY", elsewhere.key)
        run("%incidents training on")
        run(f"%incidents connect --url {elsewhere.url} --key-variable OTHER_KEY")
        assert set(run("%incidents list --all")["mode"]) == {"test"}
        with pytest.raises(TrainingRefused):
            run("%%incident_update INC-40\nno")
        with pytest.raises(TrainingRefused):
            run("%%incident_declare --severity Minor --mode standard\nno")
        assert not writes(elsewhere)
    assert not writes(sandbox)


def test_the_end_of_a_sandbox_is_not_the_end_of_training(run, sandbox):
    """A drill on a notebook's own sandbox leaves training mode on when the notebook is connected as before again."""
    run("%incidents sandbox --incidents 5 --frozen")
    run("%incidents drill start bad-deploy")
    run("%incidents drill stop")
    run("%incidents sandbox stop")
    with pytest.raises(TrainingRefused):
        run(CELLS["update"])
    assert not writes(sandbox)


def test_a_postmortem_and_a_report_carry_the_banner(run, write, capsys):
    """What is shown as a document or a card says that this is training."""
    run("%incidents drill start bad-deploy")
    reference = write("%%incident_declare --severity Minor\nPractice").reference
    capsys.readouterr()
    draft = run(f"%incidents postmortem {reference}")
    assert capsys.readouterr().out.startswith(f"{BANNER}\n")
    assert BANNER not in draft.markdown
    run("%incidents drill report")
    assert capsys.readouterr().out.startswith(BANNER)
    run("%incidents training off --yes")
    capsys.readouterr()
    run("%incidents drill report")
    run(f"%incidents postmortem {reference}")
    assert BANNER not in capsys.readouterr().out


def test_loading_anew_stays_in_training(run, shell, sandbox):
    """Unloading and loading the extension is no way out of training mode."""
    run("%incidents training on")
    run("%reload_ext incidentio_magic")
    with pytest.raises(TrainingRefused):
        run(CELLS["update"])
    assert not writes(sandbox)
    assert connect().settings.training


def test_off_asks_and_says_what_changes(run, answer, capsys):
    """Switching it off says what will be real again and goes by the answer."""
    run("%incidents training on")
    asked = answer("yes")
    with pytest.raises(InputError, match="stays on"):
        run("%incidents training off")
    assert len(asked) == 1
    printed = capsys.readouterr().out
    assert "declarations are real" in printed
    assert "pages reach the people on call" in printed
    run("%incidents training")
    assert "Training mode is on" in capsys.readouterr().out
    answer(" OFF ")
    run("%incidents training off")
    assert "Training mode is off" in capsys.readouterr().out
    assert "INCIDENTIO_TRAINING" not in os.environ
    asked = answer("")
    run("%incidents training off")
    assert not asked


def test_off_where_nobody_can_be_asked(run, monkeypatch, capsys):
    """A kernel without a person keeps training mode, unless --yes says so."""

    def nobody(_prompt=""):
        raise EOFError

    monkeypatch.setattr(builtins, "input", nobody)
    run("%incidents training on")
    with pytest.raises(InputError, match="cannot ask you to confirm"):
        run("%incidents training off")
    run("%incidents training")
    assert "Training mode is on" in capsys.readouterr().out
    run("%incidents training off --yes")
    assert "Training mode is off" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["1", "on", "class"])
def test_a_class_cannot_leave(bare_shell, sandbox, monkeypatch, value):
    """What the environment says for a whole class holds against the magic, the option and connect()."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", value)
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    for line in ("%incidents training off", "%incidents training off --yes"):
        with pytest.raises(SettingsError, match="for all of this environment"):
            bare_shell.run_cell(line).raise_error()
    bare_shell.run_cell("%config IncidentMagics.training = False")
    with pytest.raises(TrainingRefused):
        bare_shell.run_cell(CELLS["update"]).raise_error()
    assert not writes(sandbox)


FORGET = "import sys; [sys.modules.pop(name) for name in list(sys.modules) if name.startswith('incidentio_magic')]"
ESCAPES = {
    "changed": (["%load_ext incidentio_magic", "%env INCIDENTIO_TRAINING=0"], 2),
    "deleted": (["%load_ext incidentio_magic", "import os; del os.environ['INCIDENTIO_TRAINING']"], 2),
    "deleted before it is imported": (["import os; del os.environ['INCIDENTIO_TRAINING']"], 1),
    "deleted and imported anew": (
        ["%load_ext incidentio_magic", "import os; os.environ.clear(); os.environ.update(kept)", FORGET],
        3,
    ),
}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no record of the start environment")
@pytest.mark.slow
@pytest.mark.parametrize(
    "escape",
    ["changed", "deleted", "deleted before it is imported", "deleted and imported anew"],
)
def test_a_cell_does_not_end_a_class(sandbox, tmp_path, escape):
    """However a cell takes the class's variable or the module away, training mode stays on."""
    begin, quiet = ESCAPES[escape]
    lines = [
        *begin,
        "%reload_ext incidentio_magic",
        "%incidents training off --yes",
        "%incidents training",
        CELLS["edit"],
        CELLS["connect"],
    ]
    code = """
import os
from IPython.testing.globalipapp import start_ipython
shell = start_ipython()
shell.user_ns["kept"] = {{name: value for name, value in os.environ.items() if name != "INCIDENTIO_TRAINING"}}
for line in {lines!r}:
    print("ended:", type(shell.run_cell(line).error_in_exec).__name__)
"""
    environment = {
        **os.environ,
        "INCIDENTIO_TRAINING": "1",
        "INCIDENTIO_BASE_URL": sandbox.url,
        "INCIDENTIO_API_KEY": sandbox.key,
        "INCIDENTIO_LEDGER": str(tmp_path / "ledger.jsonl"),
        "IPYTHONDIR": str(tmp_path),
    }
    reported = subprocess.run(
        [sys.executable, "-c", code.format(lines=lines)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ended = re.findall(r"ended: (\w+)$", reported.stdout, re.MULTILINE)
    assert ended[: quiet + 1] == ["NoneType"] * (quiet + 1), reported
    assert ended[quiet + 1 :] == ["SettingsError", "NoneType", "TrainingRefused", "TrainingRefused"], reported
    assert "Training mode is on" in reported.stdout
    assert not writes(sandbox)


def test_the_option_switches_on_but_not_off(run, shell, sandbox):
    """%config switches training mode on; off it only asks for the question."""
    run("%config IncidentMagics.training = True")
    run("%config IncidentMagics.training = False")
    with pytest.raises(TrainingRefused):
        run(CELLS["update"])
    assert not writes(sandbox)


def test_a_configuration_file_does_not_undo_a_class(bare_shell, sandbox, monkeypatch):
    """A file that says False does not keep the extension from loading in training mode."""
    monkeypatch.setenv("INCIDENTIO_TRAINING", "1")
    bare_shell.config.IncidentMagics.training = False
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    with pytest.raises(TrainingRefused):
        bare_shell.run_cell(CELLS["update"]).raise_error()


def test_a_configuration_file_may_ask_for_it(bare_shell, sandbox):
    """A file that says True puts the notebook into training, connect() with it."""
    bare_shell.config.IncidentMagics.training = True
    bare_shell.run_line_magic("load_ext", "incidentio_magic")
    assert set(bare_shell.run_cell("%incidents list").result["mode"]) == {"test"}
    assert connect().settings.training


def test_lists_and_outcomes_show_a_banner(run, shell, capsys):
    """What is shown says that this is training, in text and in HTML."""
    run("%incidents training on")
    frame = run("%incidents")
    shown, _metadata = shell.display_formatter.format(frame)
    assert shown["text/plain"].startswith(BANNER)
    assert BANNER in shown["text/html"]
    capsys.readouterr()
    run("%%incident_declare --severity Minor\nPractice")
    assert f"{BANNER}\nINC-" in capsys.readouterr().out
    run("%incidents training off --yes")
    shown, _metadata = shell.display_formatter.format(run("%incidents"))
    assert BANNER not in shown["text/plain"]
