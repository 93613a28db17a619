"""%incidents drill in a notebook."""

from __future__ import annotations

import os

import pandas as pd
import pytest
import requests

from incidentio_magic import connect
from incidentio_magic.drills.practice import Practice
from incidentio_magic.errors import InputError, PermissionDenied, ScenarioError, UnknownName


def test_a_drill_from_start_to_report(run, sandbox, capsys):
    """Start, look, measure, act, stop and report; everything is said, and the report is a frame."""
    assert "false-alarm" in set(run("%incidents drill list")["name"])
    run("%incidents drill start bad-deploy")
    printed = capsys.readouterr().out
    assert "Search has its own on-call" in printed
    assert "[report] Erin Fletcher: Search shows no results" in printed
    assert os.environ["INCIDENTIO_TRAINING"] == "notebook"
    sandbox.advance(360)
    feed = run("%incidents drill")
    assert "running for 6 min, no incident yet" in capsys.readouterr().out
    assert list(feed["kind"]) == ["report", "alert"]
    assert run("%incidents drill metrics")["minute"].max() == 6
    run("%%incident_declare --severity Major\nSearch finds nothing")
    run('%incidents page --path "Search on-call"')
    run("%incidents drill stop")
    capsys.readouterr()
    report = run("%incidents drill report")
    card = capsys.readouterr().out
    assert "of 60 points · Sandbox · ended after 6 min" in card
    assert "To practise:" in card
    assert isinstance(report, pd.DataFrame)
    assert list(report["score"])[:2] == [20, 10]
    run("%incidents drill report --out kept")
    assert capsys.readouterr().out == ""
    assert run("len(kept)") == 5


def test_a_false_alarm_is_cleared(run, sandbox, capsys):
    """Decline and merge are asked of a colleague, since the service offers them in its dashboard only."""
    run("%incidents drill start false-alarm")
    sandbox.advance(300)
    capsys.readouterr()
    run("%incidents drill")
    assert "You are on call for everything tonight" in capsys.readouterr().out  # who did not start it has not read it
    first, second = run("%incidents list --status Triage")["reference"].sort_values().tail(2)
    with pytest.raises(InputError, match="the incident to merge into"):
        run(f"%incidents drill merge {second}")
    run(f"%incidents drill merge {second} --into {first}")
    run(f"%incidents use {first}")
    run("%incidents drill decline")
    printed = capsys.readouterr().out
    assert f"{second} is now Merged into {first}." in printed
    assert f"{first} is now Declined." in printed
    run("%incidents drill stop")
    assert list(run("%incidents drill report")["score"]) == [40, 30]


@pytest.mark.parametrize(
    ("line", "error", "printed"),
    [
        ("drill strat bad-deploy", InputError, "did you mean start?"),
        ("drill start", InputError, "drill list shows them"),
        ("drill start bad-deplay", UnknownName, "did you mean bad-deploy?"),
        ("drill status", InputError, "There is no drill"),
        ("drill report", InputError, "There is no drill"),
        ("drill start bad-deploy --everyone", Exception, "no trainees"),
    ],
)
def test_what_cannot_be_is_told(run, line, error, printed):
    """Typos get the nearest word, and what is missing is named."""
    with pytest.raises(error) as caught:
        run(f"%incidents {line}")
    assert printed in str(caught.value)


def test_listing_makes_no_request(run, sandbox):
    """The list of drills needs no connection."""
    before = len(sandbox.requests)
    run("%incidents drill list")
    assert len(sandbox.requests) == before


def test_a_sandbox_on_a_file(run, tmp_path, capsys):
    """--db keeps a notebook's own sandbox in a file, with the drill that runs on it."""
    line = f"%incidents sandbox --incidents 5 --frozen --db {tmp_path / 'own.sqlite'}"
    run(line)
    run("%incidents drill start bad-deploy")
    run("%incidents sandbox stop")
    run(line)
    run("%incidents drill")
    assert "running for 0 min" in capsys.readouterr().out
    with pytest.raises(InputError, match="cannot start"):
        run(f"%incidents sandbox --db {tmp_path / 'missing' / 'x.sqlite'}")


def test_a_drill_of_your_own(run, tmp_path, capsys):
    """`new` writes one that can be played, `check` says so or names every mistake, and `start` plays it."""
    path = tmp_path / "mine.toml"
    run(f"%incidents drill new {path}")
    assert f"%incidents drill check {path}" in capsys.readouterr().out
    run(f"%incidents drill check {path}")
    assert "no mistakes: 3 events in 30 min, 5 expectations; every name in it exists here" in capsys.readouterr().out
    text = path.read_text().replace("Carol Carver", "Carol Carvr").replace("Metrics monitors", "Metric monitor")
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        run(f"%incidents drill check {path}")
    lines = "\n".join(caught.value.lines())
    assert "mine.toml has 3 mistakes" in lines
    for printed in ("line 14: [[event]] 1: by", "Metrics monitors", "line 22: [[event]] 2: by", "Carol Carver"):
        assert printed in lines
    with pytest.raises(ScenarioError):
        run(f"%incidents drill start {path}")
    path.write_text(path.read_text().replace('kind = "updated"', 'kind = "updatd"'))
    with pytest.raises(ScenarioError) as caught:
        run(f"%incidents drill check {path}")
    assert "mine.toml has 4 mistakes" in caught.value.message  # in the form and in the names at once
    for action in ("new", "check"):
        with pytest.raises(InputError, match="name was given"):
            run(f"%incidents drill {action}")


def test_without_a_connection_only_the_form_is_checked(run, monkeypatch, tmp_path, capsys):
    """Where there is no organisation, the file's form is checked and the names are said not to be."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    run("%incidents drill check bad-deploy")
    assert "its names were not checked" in capsys.readouterr().out


def test_a_pause(run, sandbox, capsys):
    """A paused drill stands still: nothing happens, and its time does not count."""
    run("%incidents drill start bad-deploy")
    run("%incidents drill pause")
    sandbox.advance(3600)
    capsys.readouterr()
    feed = run("%incidents drill")
    assert "paused after 0 min" in capsys.readouterr().out
    assert len(feed) == 1
    run("%incidents drill resume")
    sandbox.advance(300)
    assert len(run("%incidents drill")) == 2
    assert "running for 5 min" in capsys.readouterr().out
    run("%incidents drill stop")
    with pytest.raises(InputError, match="No drill is running"):
        run("%incidents drill pause")


@pytest.fixture
def school(run, monkeypatch, tmp_path, request):
    """A class of three with names, to which the notebook is connected as its facilitator."""
    from incidentio_magic.drills.library import Library
    from incidentio_magic.sandbox import Sandbox

    people = [("Ada", "Blue"), ("Bob", "Blue"), ("Cleo", ""), ("Hopper, Grace", "")][: getattr(request, "param", 3)]
    own = {"people": people, "library": Library()}
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", incidents=20, frozen=True, **own) as sandbox:
        monkeypatch.setenv("INCIDENTIO_BASE_URL", sandbox.url)
        monkeypatch.setenv("INCIDENTIO_API_KEY", sandbox.key)
        monkeypatch.setenv("INCIDENTIO_LEDGER", str(tmp_path / "class.jsonl"))
        yield sandbox


def test_the_facilitator_sees_the_class(school, run, capsys, tmp_path):
    """`drill`, `stop` and `report` are about the class, by name, without the facilitator."""
    run("%incidents drill start bad-deploy")  # the facilitator's own try, beforehand
    run("%incidents drill stop")
    school.advance(1)
    run("%incidents drill start bad-deploy --everyone")
    assert "started for 3 trainees" in capsys.readouterr().out
    frame = run("%incidents drill")
    assert "The class: 3 running." in capsys.readouterr().out
    assert list(frame["trainee"]) == ["Ada", "Bob", "Cleo"]
    run("%incidents drill pause")
    assert "paused for 3 trainees" in capsys.readouterr().out
    run("%incidents drill resume")
    scores = tmp_path / "scores.csv"
    run(f"%incidents drill report --to {scores}")
    assert "0 rows added; 3 still running left out" in capsys.readouterr().out
    run("%incidents drill stop")
    assert "ended for 3 trainees; %incidents drill report --everyone" in capsys.readouterr().out
    report = run(f"%incidents drill report --to {scores}")
    assert list(report["trainee"]) == ["Ada", "Bob", "Cleo"]
    assert "Not judged" in report.attrs["not_judged"]
    assert len(pd.read_csv(scores)) == 15


def test_everyone_is_never_the_facilitator(school, run, capsys):
    """`--everyone` leaves the facilitator's own drill alone, also where nobody else plays one."""
    run("%incidents drill start bad-deploy")
    for action in ("status", "stop", "pause", "report"):
        with pytest.raises(InputError, match="Nobody in the class has a drill"):
            run(f"%incidents drill {action} --everyone")
    capsys.readouterr()
    run("%incidents drill")
    assert "running for" in capsys.readouterr().out
    school.advance(1)
    run("%incidents drill start bad-deploy --for Ada")
    assert "started for 1 trainee." in capsys.readouterr().out


SCENARIO = {"name": "x", "title": "x", "briefing": "", "minutes": 5, "events": [], "metrics": []}
UNSCORABLE = (
    {},
    {"scenario": 5},
    {"scenario": {"name": "x"}},
    {"scenario": {**SCENARIO, "expectations": [{"kind": "nothing"}]}},
    {"scenario": {**SCENARIO, "expectations": [{"kind": "escalated"}]}},
    {"scenario": {**SCENARIO, "expectations": [{"kind": "updated", "points": "many"}]}},
    {"scenario": {**SCENARIO, "expectations": [{"kind": "cadence", "every": -5}]}},
)


def test_own_practice_is_not_the_class_drill(school, run, capsys, tmp_path):
    """A trainee who plays a scenario again, knowing what comes, changes neither the class's report nor its scores."""
    ada = connect(school.url, school.roster.trainees[0].key, training=True, ledger=str(tmp_path / "ada.jsonl"))
    practice = Practice(ada)
    practice.start("bad-deploy")
    assert list(run("%incidents drill --everyone")["drill"]) == ["bad-deploy (own practice)"]
    practice.stop(practice.present())
    school.advance(1)
    run("%incidents drill start false-alarm --everyone")
    with pytest.raises(PermissionDenied, match="only the facilitator pauses, stops or replaces it"):
        practice.start("bad-deploy")
    run("%incidents drill stop --everyone")
    school.advance(1)
    practice.start("bad-deploy")
    report = run("%incidents drill report --everyone")
    assert set(report["drill"]) == {"false-alarm"}
    assert list(report["trainee"]) == ["Ada", "Bob", "Cleo"]
    ada.close()


@pytest.mark.parametrize("document", UNSCORABLE)
def test_one_strange_drill_does_not_hide_the_class(school, run, capsys, document):
    """A trainee who starts a drill of anything, past this client, gets no score; the report shows all others."""
    run("%incidents drill start bad-deploy --for Bob,Cleo")
    school.advance(1)
    body = {"name": "mine", "document": document, "acts": []}
    for key, method, path in (
        (school.roster.trainees[0].key, "POST", "/sandbox/drills"),
        (school.key, "GET", "/sandbox/class/state"),
    ):
        answer = requests.request(
            method, school.url + path, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=10
        )
        assert answer.ok
    assert [person["drill"] and person["drill"]["score"] is None for person in answer.json()["people"]] == [
        None, True, False, False,
    ]  # fmt: skip
    capsys.readouterr()
    assert list(run("%incidents drill report --everyone")["trainee"]) == ["Bob", "Cleo"]
    assert "The drill of Ada holds no scenario that can be scored. It is left out." in capsys.readouterr().out


@pytest.mark.parametrize("school", [4], indirect=True)
def test_a_name_with_a_comma(school, run):
    """A trainee's name may hold a comma, also among others."""
    run('%incidents drill start bad-deploy --for "Ada, Hopper, Grace"')
    assert list(run("%incidents drill")["trainee"]) == ["Ada", "Hopper, Grace"]


def test_some_and_together(school, run, capsys, tmp_path):
    """A drill is started for some by name; a shared one once for each team; a wrong name offers the right one."""
    run('%incidents drill start bad-deploy --for "Ada, Cleo"')
    assert list(run("%incidents drill")["trainee"]) == ["Ada", "Cleo"]
    with pytest.raises(UnknownName) as caught:
        run("%incidents drill start bad-deploy --for Adda")
    assert "Ada" in caught.value.hint
    path = tmp_path / "together.toml"
    run(f"%incidents drill new {path}")
    path.write_text(path.read_text().replace("# shared = true", "shared = true"))
    capsys.readouterr()
    school.advance(1)
    run(f"%incidents drill start {path} --everyone")
    assert "started for 3 trainees, together in 2 drills" in capsys.readouterr().out
    assert list(run("%incidents drill --everyone")["trainee"])[:1] == ["Blue"]
