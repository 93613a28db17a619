"""%incidents status-page: what it says beside the frame, and how a page completes."""

from __future__ import annotations


def test_status_page(run, shell, capsys):
    """It says what it is limited to; the name of a page completes without an option."""
    frame = run("%incidents status-page")
    assert "Limited to the last 30 days and everything unresolved; --since 365d shows more." in capsys.readouterr().out
    assert not frame.empty
    assert run("%incidents status-page --since 1s").empty
    assert "No published incident matches." in capsys.readouterr().out
    complete = shell.magics_manager.registry["IncidentMagics"].completion.complete
    assert complete("%incidents status-page Sand")[1] == ["'Sandbox status'"]
