"""Names that are nearly those of the magics are errors that show the line to type, and that line works."""

from __future__ import annotations

import re

import pytest

from incidentio_magic.errors import InputError

KEY = "inc_development_abcdefghijklmnop0123456789"
CELLS = {
    "%incident list --limit 2": "%incidents list --limit 2",
    "%incidentio": "%incidents",
    "%incident_update INC-291": "%%incident_update INC-291",
    "%%incidents list\nx": "%incidents list",
    "%%incidents_update INC-291\nIt goes on.": "%%incident_update INC-291",
}


@pytest.mark.parametrize(("cell", "instead"), CELLS.items(), ids=CELLS)
def test_a_near_miss_shows_what_to_type(run, cell, instead):
    """The hint holds the whole line, and typed with the cell's text it runs."""
    with pytest.raises(InputError, match="There is no magic") as caught:
        run(cell)
    assert re.search(rf"did you mean {re.escape(instead)}[?,]", caught.value.hint)
    assert run(instead + ("\nIt goes on." if instead.startswith("%%") else "")) is not None


@pytest.mark.parametrize(
    "cell",
    [
        f"%incidents connect {KEY}",
        f"%incidents {KEY}",
        f"%incidents login {KEY}",
        f"%incidents connect --key-variable {KEY}",
        f"%incidents connect --key {KEY}",
        f"%incidents connect --key={KEY}",
        f"%incident connect {KEY}",
        f"%incidents connect --url {KEY}",
        f"%incidents whoami {KEY}",
    ],
)
def test_a_key_that_was_typed_is_not_repeated(shell, capsys, cell):
    """An API key typed as an argument is in no error, hint or output."""
    result = shell.run_cell(cell)
    assert isinstance(result.error_in_exec, Exception)
    assert KEY not in str(result.error_in_exec) + capsys.readouterr().out
