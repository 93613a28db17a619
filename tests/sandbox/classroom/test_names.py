"""The file with a class's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from incidentio_magic.sandbox import Sandbox
from incidentio_magic.sandbox.classroom.names import people
from incidentio_magic.sandbox.classroom.roster import Roster
from incidentio_magic.sandbox.command import main

if TYPE_CHECKING:
    from pathlib import Path


def test_names_and_teams(tmp_path: Path) -> None:
    """A line is a trainee, with a team behind a comma; quotes keep a comma; comments and empty lines do not count."""
    file = tmp_path / "names.txt"
    file.write_text('\ufeff# class 7\nAda Lovelace, Blue\n\n"Hopper, Grace", Red\n  Мария  \n', encoding="utf-8")
    assert people(str(file)) == (("Ada Lovelace", "Blue"), ("Hopper, Grace", "Red"), ("Мария", ""))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", "names nobody"),
        ("# only this\n", "names nobody"),
        ("Ada\nBob\nAda\n", "line 3: 'Ada' is there twice"),
        ("Ada\n, Blue\n", "line 2: no name"),
        ("Hopper, Grace, Red\n", "line 1: more than a name and a team"),
        ("x" * 81, "line 1: longer than 80"),
        ("A\x1b[31mda\n", "line 1: a character"),
        ("Ada\nAda\n, x\n", "line 2: 'Ada' is there twice; line 3: no name"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, printed: str) -> None:
    """Every mistake of the file is named with its line."""
    file = tmp_path / "names.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"names\.txt: ") as caught:
        people(str(file))
    assert printed in str(caught.value)


def test_a_file_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read ends the start with one line."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    for name in ("missing", "binary"):
        assert main(["--incidents", "0", "--names", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith("sandbox: cannot start: ")


def test_a_key_stays_with_its_name() -> None:
    """A later file in another order, with somebody new at its top, gives nobody another trainee's key."""
    roster = Roster("full", "admin").grown(0, [("Ada", "Blue"), ("Bob", "")])
    keys = {entry.name: entry.key for entry in roster.trainees}
    later = roster.grown(4, [("Zoe", "Red"), ("Bob", "Red"), ("Ada", "Blue")])
    assert [(entry.name, entry.team) for entry in later.trainees] == [
        ("Ada", "Blue"),
        ("Bob", "Red"),
        ("Zoe", "Red"),
        ("Trainee 04", ""),
    ]
    assert {entry.name: entry.key for entry in later.trainees[:2]} == keys
    assert later.grown(0) == later


def test_a_class_by_name(tmp_path: Path) -> None:
    """Keys carry the names; more trainees than names are numbered; a later file renames and keeps the keys."""
    database = str(tmp_path / "class.sqlite")
    choices = {"database": database, "epoch": "2026-06-01T12:00:00Z", "incidents": 0}
    with Sandbox(people=[("Ada", "Blue"), ("Bob", "")], trainees=3, **choices) as sandbox:  # type: ignore[arg-type]
        before = sandbox.roster.trainees
        assert [(entry.name, entry.team) for entry in before] == [("Ada", "Blue"), ("Bob", ""), ("Trainee 03", "")]
    with Sandbox(people=[("Ada L.", "Blue"), ("Bob", "Blue")], **choices) as sandbox:  # type: ignore[arg-type]
        after = sandbox.roster.trainees
        assert [(entry.name, entry.team) for entry in after] == [
            ("Ada L.", "Blue"),
            ("Bob", "Blue"),
            ("Trainee 03", ""),
        ]
        assert [entry.key for entry in after] == [item.key for item in before]
        assert sandbox.service
        found = sandbox.service.key(before[0].key)
        assert found
        assert found.name == "Ada L."
