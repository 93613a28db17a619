"""`--everyone` in a notebook: a class's facilitator sees their own by default, and everyone's on request.

Serves `client/connection.py`.
"""

from __future__ import annotations

import pytest
import requests
import responses

from incidentio_magic import connect
from incidentio_magic.drills.library import Library
from incidentio_magic.errors import InputError, PermissionDenied
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.widgets.board_reader import Reader

LEFT_OUT = "The trainees' records are left out; --everyone shows them."
LISTS = (
    "",
    "list --mode test",
    "pages",
    "alerts",
    "actions --mode test",
    "follow_ups --mode test",
    "list --all",
    "handover",
)
# Everything that takes the option, as a trainee or a user of the real service might type it.
COMMANDS = (*LISTS, "board", "metrics", "load", "export folder", "update", "escalate", "close")


@pytest.fixture(scope="module")
def school():
    """A class of two, one of whom plays a drill, has an incident and shares it with nobody."""
    people = [("Ada", ""), ("Bob", "")]
    with Sandbox(
        seed=1, epoch="2026-01-15T14:00:00Z", incidents=20, people=people, library=Library(), frozen=True
    ) as sandbox:
        alarm = {"after": 0, "kind": "alert", "who": "", "title": "Disk full", "text": "", "opens": True}
        ada = {"Authorization": f"Bearer {sandbox.roster.trainees[0].key}"}
        body = {"name": "x", "acts": [alarm]}
        assert requests.post(f"{sandbox.url}/sandbox/drills", json=body, headers=ada, timeout=9).ok
        with connect(sandbox.url, sandbox.roster.trainees[0].key, training=True, ledger="/dev/null") as io:
            outcome = io.declare("Of Ada", severity="Minor", mode="test")
            io.update(outcome.reference, "Looking", status="Investigating")
            io.page(outcome.reference, path="Search on-call")
            io.add_action(outcome.reference, "Look at the disk")
            io.add_follow_up(outcome.reference, "Buy a disk")
        yield sandbox


@pytest.fixture
def facilitator(school, monkeypatch, tmp_path, bare_shell):
    """A notebook of the facilitator, in training mode, that has no state of its own yet."""
    return _notebook(school.url, school.key, monkeypatch, tmp_path, bare_shell)


def _notebook(url, key, monkeypatch, tmp_path, shell):
    monkeypatch.setenv("INCIDENTIO_BASE_URL", url)
    monkeypatch.setenv("INCIDENTIO_API_KEY", key)
    monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "ledger.jsonl"))
    monkeypatch.setenv("INCIDENTIO_TRAINING", "notebook")
    monkeypatch.chdir(tmp_path)
    shell.run_line_magic("load_ext", "incidentio_magic")

    def run(cell):
        result = shell.run_cell(cell, store_history=True)
        result.raise_error()
        return result.result

    return run


@pytest.mark.parametrize("command", LISTS)
def test_your_own_by_default_and_everyones_on_request(facilitator, capsys, command):
    """A list leaves the trainees' out and says so; with the option it has them, and says nothing."""
    own = facilitator(f"%incidents {command}")
    assert LEFT_OUT in capsys.readouterr().out
    everyone = facilitator(f"%incidents {command} --everyone")
    assert LEFT_OUT not in capsys.readouterr().out
    assert len(everyone) > len(own)
    if "left_out" in own.attrs:
        assert own.attrs["left_out"].endswith("others' in the class")
        assert "class" not in everyone.attrs["left_out"]
    again = facilitator(f"%incidents {command}")
    assert len(again) == len(own)


@pytest.mark.parametrize(
    ("command", "column"),
    [
        ("metrics --counts --mode test", "incidents"),
        ("load --mode test", "incidents"),
        ("export {} --mode test", "rows"),
    ],
)
def test_figures_count_everyones_on_request(facilitator, command, column):
    """What is counted or exported has the trainees' incidents only on request."""
    own = facilitator(f"%incidents {command.format('own')}")
    everyone = facilitator(f"%incidents {command.format('everyones')} --everyone")
    assert everyone[column].sum() > own[column].sum()


def test_an_export_of_your_own_is_not_one_of_everyones(facilitator):
    """An export continues as it was begun; with the other choice it is refused, and the hint continues it."""
    for begun, other, state in (("", "--everyone", "off"), ("--everyone", "", "on")):
        folder = f"folder{begun}"
        facilitator(f"%incidents export {folder} --mode test {begun}")
        with pytest.raises(InputError, match=f"holds an export with everyone's incidents {state}") as refused:
            facilitator(f"%incidents export {folder} --mode test {other}")
        assert refused.value.hint == (
            f"%incidents export {folder} --mode test {begun}".rstrip() + " continues it; or name another folder"
        )


def test_an_incident_that_is_named_is_shown(facilitator, school):
    """What a facilitator names is shown and can be written to, whoever it belongs to."""
    reference = facilitator("%incidents list --mode test --everyone --search 'Of Ada'")["reference"].iloc[0]
    assert facilitator(f"%incidents show {reference}").shape[1] == 1
    assert len(facilitator(f"%incidents updates {reference}")) >= 1
    assert len(facilitator(f"%incidents pages {reference}")) == 1


def test_the_board_in_a_terminal(facilitator, capsys):
    """The board shows the trainees' incidents only on request, and says what it leaves out."""
    facilitator("%incidents board")
    printed = capsys.readouterr().out
    assert "Of Ada" not in printed
    assert LEFT_OUT in printed
    facilitator("%incidents board --everyone")
    printed = capsys.readouterr().out
    assert "Of Ada" in printed
    assert LEFT_OUT not in printed


def test_the_boards_reader(school):
    """One reader serves boards of both kinds; what it reads for one does not change the other."""
    reader = Reader(connect(school.url, school.key, training=True))
    for _round in range(2):
        own, everyone = reader.read({"open": True}), reader.read({"open": True, "everyone": True})
        assert (own.own_only, everyone.own_only) == (True, False)
        names = [{row.incident.name for row in reading.rows} for reading in (own, everyone)]
        assert "Of Ada" in names[1] - names[0]
    reader.close()


def test_a_forms_picker(facilitator, school, monkeypatch):
    """The picker of a form offers the trainees' incidents only on request."""
    monkeypatch.setattr("incidentio_magic.magics.forms._clickable", lambda _session: True)
    monkeypatch.setattr("incidentio_magic.magics.forms._show", lambda _session, form, _instead: form)
    for command in ("update", "escalate", "close"):
        offered = []
        for option in ("", "--everyone"):
            form = facilitator(f"%incidents {command} {option}")
            form.load()
            form.read_the_rest()
            offered.append({incident.name for incident in form.picker.offered})
        assert "Of Ada" in offered[1] - offered[0]


def test_drills_and_scores(facilitator, school, capsys):
    """Your own drill is shown by default if it is the newest; with the option, the class's."""
    school.advance(1)
    facilitator("%incidents drill start bad-deploy")
    capsys.readouterr()
    facilitator("%incidents drill")
    assert "A deploy breaks search" in capsys.readouterr().out
    facilitator("%incidents drill stop")
    facilitator("%incidents drill start bad-deploy --for Bob")
    assert "Bob" in set(facilitator("%incidents drill --everyone")["trainee"])
    assert list(facilitator("%incidents drill report --everyone")["trainee"]) == ["Bob"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_trainee_is_refused(school, monkeypatch, tmp_path, bare_shell, command):
    """The server refuses, by the key; the error says what to do."""
    run = _notebook(school.url, school.roster.trainees[1].key, monkeypatch, tmp_path, bare_shell)
    monkeypatch.setattr("incidentio_magic.magics.forms._clickable", lambda _session: True)
    with pytest.raises(PermissionDenied, match="Only the facilitator sees everyone's incidents") as refused:
        run(f"%incidents {command} --everyone")
    assert refused.value.hint == "leave --everyone out: your own incidents are shown"
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_real_service_is_not_asked(monkeypatch, tmp_path, bare_shell, command):
    """Elsewhere than in a class's sandbox the option is an error; no request carries the wish."""
    run = _notebook("https://api.incident.io", "real", monkeypatch, tmp_path, bare_shell)
    monkeypatch.setattr("incidentio_magic.magics.forms._clickable", lambda _session: True)
    with responses.RequestsMock() as service:
        service.add(responses.GET, "https://api.incident.io/sandbox/about", status=404, json={})
        with pytest.raises(InputError, match=r"Only a class's sandbox .* api.incident.io is not one") as refused:
            run(f"%incidents {command} --everyone")
        assert all("X-Sandbox-Everyone" not in call.request.headers for call in service.calls)
    assert "leave --everyone out" in refused.value.hint


def test_a_sandbox_without_a_class(run):
    """A sandbox that is no class's says what starts one."""
    with pytest.raises(InputError, match="This sandbox is not a class") as refused:
        run("%incidents list --everyone")
    assert "--keys" in refused.value.message
    assert "left_out" in run("%incidents").attrs


def test_an_export_is_what_it_is(run):
    """With `--from` the option is refused before anything is read."""
    with pytest.raises(InputError, match="--everyone has no effect on an export") as refused:
        run("%incidents list --from anywhere --everyone")
    assert refused.value.hint == "leave out --everyone"
