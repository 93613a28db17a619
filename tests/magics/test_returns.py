"""Every magic returns a DataFrame, and one that only states something says it in a line, once."""

from __future__ import annotations

import json

import pandas as pd
import pytest

STATES = {
    "%incidents use INC-291": ("In use: INC-291", "reference", "INC-291"),
    "%incidents use": ("No incident is in use.", "reference", None),
    "%incidents connect": ("Connected to https://app.incident.io/sandbox", "value", "Sandbox"),
    "%incidents training on": ("Training mode is on", "training", True),
    "%incidents training": ("Training mode is off", "training", False),
    "%incidents sandbox --incidents 20": ("Connected to a sandbox on this machine", "sandbox", True),
    "%incidents logout": ("No key for http://127.0.0.1", "removed", False),
}
BESIDES = ["%incidents sandbox status", "%incidents sandbox advance 30", "%incidents sandbox fault slow --times 1"]
BESIDES += ["%incidents sandbox fault none", "%incidents sandbox reset", "%incidents drill start bad-deploy"]
BESIDES += ["%incidents drill", "%incidents drill metrics", "%incidents drill stop", "%incidents drill stop"]
BESIDES += ["%incidents drill report", "%incidents sandbox stop"]


@pytest.mark.parametrize(("cell", "expected"), STATES.items(), ids=STATES)
def test_a_state_is_a_line_and_a_frame(run, capsys, memory, cell, expected):
    """A command without rows of its own prints its sentence, shows no table, and returns the same as a frame."""
    text, column, value = expected
    frame = run(cell)
    shown = capsys.readouterr().out
    assert isinstance(frame, pd.DataFrame)
    assert text in shown
    assert "  " not in shown.replace("  →", "")  # as between the columns of a table
    assert (frame[column].iloc[0] if value is not None else None) == value
    json.dumps(frame.attrs)


def test_the_others_return_frames_too(run):
    """Every action of a sandbox and of a drill returns a frame."""
    run("%incidents sandbox --incidents 20")
    for cell in BESIDES:
        assert isinstance(run(cell), pd.DataFrame), cell


def test_a_state_is_assigned(run, shell):
    """A state is assigned by = and by --out, as any result."""
    run("state = %incidents training")
    assert shell.user_ns["state"]["training"].item() is False or not shell.user_ns["state"]["training"].item()
