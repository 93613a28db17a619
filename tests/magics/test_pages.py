"""%incidents pages and alerts: what is said beside the frames."""

from __future__ import annotations


def test_pages_say_what_waits(run, capsys):
    """The default says what it is limited to, and how many pages still wait."""
    run("%incidents page INC-291 --to bob@example.com --quiet")
    frame = run("%incidents pages")
    output = capsys.readouterr().out
    assert "Limited to the last 24 hours and all waiting pages; --since 30d shows more." in output
    assert "1 page is still waiting." in output
    assert frame["waiting"].sum() == 1


def test_pages_of_an_incident(run, capsys):
    """With an incident nothing is left out, so nothing is said; an incident without pages says that."""
    assert run("%incidents pages INC-291")["page"].tolist() == ["INC-291#1"]
    assert "--since" not in capsys.readouterr().out
    assert run("%incidents pages INC-291 --status waiting").empty
    assert "No page matches." in capsys.readouterr().out


def test_alerts(run, capsys):
    """--firing lists what fires now, everywhere."""
    frame = run("%incidents alerts --firing")
    assert set(frame["status"]) == {"firing"}
    assert "shows more" not in capsys.readouterr().out
    run('%incidents alerts --source "Error tracker"')
    assert "Limited to the last 24 hours and all firing alerts" in capsys.readouterr().out


def test_completion(run, shell):
    """Sources complete once they were read; pages complete with references."""
    complete = shell.magics_manager.registry["IncidentMagics"].completion.complete
    run("%incidents alert_sources")
    assert complete("%incidents alerts --source Err")[1] == ["'Error tracker'"]
    run("%incidents")
    assert "INC-299" in complete("%incidents pages INC-29")[1]
