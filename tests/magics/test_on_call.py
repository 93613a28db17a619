"""%incidents oncall: what it says beside its frame, and how it completes."""

from __future__ import annotations

import pytest

from incidentio_magic import errors


def test_gaps_are_said(run, capsys):
    """A time that nobody covers is a sentence, in the zone of the notebook."""
    run("%config IncidentMagics.timezone = 'Europe/Berlin'")
    frame = run('%incidents oncall "Platform office hours" --at 2026-01-16T20:00')
    line = "Nobody is on call in Platform office hours from Fri 2026-01-16 17:00 until Mon 2026-01-19 09:00"
    assert f"{line} (Europe/Berlin)." in capsys.readouterr().out
    assert frame["state"].tolist() == ["nobody", "next"]


def test_somebody_always(run, capsys):
    """Where somebody is always on call, nothing is said."""
    frame = run('%incidents oncall "Payments primary" "Search follow-the-day"')
    assert "Nobody" not in capsys.readouterr().out
    assert frame["schedule"].unique().tolist() == ["Payments primary", "Search follow-the-day"]


def test_mine(run, capsys):
    """--mine needs to know who you are, and lists only that person."""
    with pytest.raises(errors.InputError) as caught:
        run("%incidents oncall --mine")
    line = caught.value.hint.removeprefix("say who: ").partition(",")[0].replace("alice@", "carol@")
    run(line)
    assert set(run("%incidents oncall --mine")["email"]) == {"carol@example.com"}
    assert run("%incidents oncall --person bob@example.com --until +1d").empty
    assert "No shift in this period." in capsys.readouterr().out


def test_who_you_are_from_the_environment(run, monkeypatch):
    """INCIDENTIO_USER says who you are."""
    monkeypatch.setenv("INCIDENTIO_USER", "carol@example.com")
    assert set(run("%incidents oncall --mine")["email"]) == {"carol@example.com"}


def test_schedules_complete(run, shell):
    """Schedules complete once they were read, without a request."""
    run("%incidents schedules")
    complete = shell.magics_manager.registry["IncidentMagics"].completion.complete
    assert complete("%incidents oncall Pay")[1] == ["'Payments primary'"]


def test_a_dry_run_of_a_page(run, capsys):
    """The dry run of a page shows who each level would wake."""
    run('%incidents page INC-291 --path "Payments on-call" --dry-run')
    assert "level 2 after 5 min" in capsys.readouterr().out
