"""Cells as people write them: a comment above a cell magic, a pasted space, code where none may be."""

from __future__ import annotations

import pytest

from incidentio_magic.errors import InputError


def messages(sandbox):
    """Return the messages that were shared."""
    return [
        request["body"].get("message")
        for request in sandbox.requests
        if request["method"] == "POST" and request["path"] == "/v2/incident_updates"
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "# tell the others\n%%incident_update INC-291\nIt goes on.",
        "\n\n# one\n\n  # two\n%%incident_update INC-291\nIt goes on.",
        "%%incident_update\u00a0INC-291\nIt goes on.",
        "%%incident_update INC-291  # tell the others\nIt goes on.",
    ],
)
def test_a_comment_above_is_no_obstacle(run, sandbox, cell):
    """Comments and empty lines above a cell magic, and a pasted space behind its name, change nothing."""
    run(cell)
    assert messages(sandbox) == ["It goes on."]


@pytest.mark.parametrize(
    "cell", ["%%incident_update INC-291 --status Fixing", "# a\n%%incident_update --status Fixing"]
)
def test_a_cell_without_a_text(run, write, cell):
    """A new status needs no text below it."""
    run("%incidents use INC-291")
    assert write(cell).status == "Fixing"


@pytest.mark.parametrize("cell", ["x = 1\n%%incident_update INC-291\nIt goes on.", "\n%incidents\n%%incident_event\na"])
def test_code_above_is_refused(shell, sandbox, capsys, cell):
    """Code above a cell magic is an error that says where the magic belongs; nothing of the cell is run."""
    result = shell.run_cell(cell)
    assert isinstance(result.error_before_exec, InputError)
    shown = capsys.readouterr().out
    assert "must come first in its cell; nothing was run." in shown
    assert "move it to a cell of its own, as the first line" in shown
    assert "Traceback" not in shown
    assert not messages(sandbox)
    assert "x" not in shell.user_ns


@pytest.mark.parametrize(
    "cell",
    [
        'text = """\n%%incident_update INC-291\n"""\nlen(text)',
        "%%writefile {folder}/a.py\n%%incident_update INC-291\ntext",
        "1 + 1",
    ],
)
def test_other_cells_stay_as_they_are(run, sandbox, tmp_path, cell):
    """A text that holds the name of a magic is only text."""
    run(cell.replace("{folder}", str(tmp_path)))
    assert not messages(sandbox)
