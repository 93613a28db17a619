"""%incidents handover: the draft is shown, the rows are returned, and a file is saved."""

from __future__ import annotations

import pytest

from incidentio_magic import errors


def test_the_draft_and_the_rows(run, capsys, tmp_path):
    """The text is shown and saved; the value is a frame, which is not shown as well."""
    file = tmp_path / "handover.md"
    frame = run(f"%incidents handover --since 6h --due 30d --save {file}")
    shown = capsys.readouterr().out
    assert f"Saved to {file}." in shown
    assert "# Handover: 2026-01-15 08:00 to 2026-01-15 14:00 (UTC)" in shown
    assert "INC-299" in file.read_text("utf-8")
    assert {"open", "opened", "overdue"} <= set(frame["section"])
    assert "(no rows)" not in shown


def test_out(run, shell, capsys):
    """With --out the frame is assigned and nothing is shown."""
    run("%incidents handover --out shift")
    assert "# Handover" not in capsys.readouterr().out
    assert "section" in shell.user_ns["shift"].columns


def test_the_rule_of_boards_holds(run):
    """What was configured for boards says which incidents need an update."""
    run("%config IncidentMagics.overdue = {'Major': 'never', 'Critical': 'never', 'Moderate': 'never'}")
    frame = run("%incidents handover")
    assert not frame["needs_update"].any()


def test_an_edited_file_stays(run, tmp_path):
    """A file that somebody edited is replaced only on request."""
    file = tmp_path / "handover.md"
    file.write_text("mine", "utf-8")
    with pytest.raises(errors.InputError, match="not overwritten"):
        run(f"%incidents handover --save {file}")
    run(f"%incidents handover --save {file} --overwrite")
    assert "# Handover" in file.read_text("utf-8")
