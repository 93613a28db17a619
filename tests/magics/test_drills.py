"""%incidents drill in a notebook."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from incidentio_magic.errors import InputError, UnknownName


def test_a_drill_from_start_to_report(run, sandbox, capsys):
    """Start, look, measure, act, stop and report; everything is said, and the report is a frame."""
    assert "false-alarm" in set(run("%incidents drill list")["name"])
    run("%incidents drill start bad-deploy")
    said = capsys.readouterr().out
    assert "Search has its own on-call" in said
    assert "[report] Erin Fletcher: Search shows no results" in said
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
    said = capsys.readouterr().out
    assert f"{second} is now Merged into {first}." in said
    assert f"{first} is now Declined." in said
    run("%incidents drill stop")
    assert list(run("%incidents drill report")["score"]) == [40, 30]


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("drill strat bad-deploy", InputError, "did you mean start?"),
        ("drill start", InputError, "drill list shows them"),
        ("drill start bad-deplay", UnknownName, "did you mean bad-deploy?"),
        ("drill status", InputError, "There is no drill"),
        ("drill report", InputError, "There is no drill"),
        ("drill start bad-deploy --everyone", Exception, "no trainees"),
    ],
)
def test_what_cannot_be_is_told(run, line, error, said):
    """Typos get the nearest word, and what is missing is named."""
    with pytest.raises(error) as caught:
        run(f"%incidents {line}")
    assert said in str(caught.value)


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
