"""A write shows how it ended where it happens, once, and its value is an ordinary frame."""

from __future__ import annotations

import pandas as pd
import pytest

EDIT = "%incidents edit {} --severity Minor"
EDITS_IN_A_FUNCTION = f"""def lower():
    {EDIT.format("INC-291")}
    {EDIT.format("INC-293")}
lower()"""


@pytest.fixture
def shown(shell):
    """Run a cell and return all that it shows: what it prints, displays and returns."""

    def shown(cell):
        shell.user_ns["cell"] = cell
        with pytest.MonkeyPatch.context() as patch:
            lines = []
            patch.setattr("builtins.print", lambda *words, **_options: lines.append(" ".join(map(str, words))))
            result = shell.run_cell(cell, store_history=True)
        result.raise_error()
        return "\n".join(lines)

    return shown


@pytest.mark.parametrize(
    "cell",
    [
        "for ref in ['INC-291', 'INC-293']:\n    %incidents edit {{ ref }} --severity Minor",
        "%incidents edit INC-291 --severity Minor\n%incidents edit INC-293 --severity Minor",
        "a = %incidents edit INC-291 --severity Minor\nb = %incidents edit INC-293 --severity Minor",
        "%incidents edit INC-291 --severity Minor --out a\n%incidents edit INC-293 --severity Minor --out b",
        "try:\n    %incidents edit INC-291 --severity Minor\nfinally:\n    %incidents edit INC-293 --severity Minor",
        EDITS_IN_A_FUNCTION,
        "if True:\n    %incidents edit INC-291 --severity Minor\n    %incidents edit INC-293 --severity Minor",
    ],
    ids=["loop", "two lines", "assigned", "out", "try", "function", "if"],
)
def test_each_write_is_shown_once(shown, capsys, cell):
    """Wherever a write stands, its outcome is shown, once."""
    output = shown(cell)
    assert output.count("INC-291 edited: severity.") == 1
    assert output.count("INC-293 edited: severity.") == 1


def test_the_last_value_is_not_shown_twice(shown, shell):
    """The sentence stands above, so the cell's value is not shown once more; a later cell shows the sentence."""
    assert shown("receipt = %incidents edit INC-291 --severity Minor\nreceipt").count("INC-291 edited") == 1
    assert shown("receipt").count("INC-291 edited") == 1
    assert type(shell.user_ns["receipt"]) is pd.DataFrame


@pytest.mark.parametrize("option", ["--quiet", "--quiet --out kept"])
def test_quiet(shown, option):
    """--quiet shows nothing; the receipt says how it ended."""
    assert "edited" not in shown(EDIT.format("INC-291") + f" {option}")


def test_capture(shown, shell):
    """%%capture keeps what a write shows."""
    assert "edited" not in shown("%%capture seen\n" + EDIT.format("INC-291"))
    assert "INC-291 edited" in "".join(str(output.data) for output in shell.user_ns["seen"].outputs)


def test_a_receipt_is_an_ordinary_frame(run, shell, capsys):
    """What is made of receipts, and a receipt that was changed, is shown as the frame that it is."""
    run("a = %incidents edit INC-291 --severity Minor\nb = %incidents edit INC-293 --severity Minor")
    capsys.readouterr()
    run("import pandas as pd\npd.concat([a, b])[['reference', 'verb']]")
    text = capsys.readouterr().out
    assert "INC-291" in text
    assert "INC-293" in text
    assert "edited" not in text
    run("a['note'] = 'mine'\na")
    assert "note" in capsys.readouterr().out
    run("b.copy()")
    assert "request_id" in capsys.readouterr().out


def test_a_dry_run_is_shown_once_and_returned_as_rows(run, capsys):
    """A dry run shows what would be sent, and returns it as rows."""
    preview = run("%%incident_update INC-299 --severity Critical --dry-run\nworse")
    assert capsys.readouterr().out.count("Dry run, nothing sent.") == 1
    assert list(preview.columns) == ["property", "value", "id"]


def test_out_assigns_the_receipt(run, shell):
    """--out assigns the receipt and leaves the cell without a value."""
    assert run("%incidents edit INC-291 --severity Minor --out kept") is None
    assert shell.user_ns["kept"]["verb"].item() == "edit"
