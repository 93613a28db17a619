"""Saving a draft: whole or not at all, and never over somebody's work.

Serves `client/postmortems.py`.
"""

from __future__ import annotations

import stat

import pytest

from incidentio_magic import errors
from incidentio_magic.postmortem import saving

save = saving.save


def test_a_new_file(tmp_path):
    """The text is there, with a last line that says what the file is."""
    path = save(tmp_path / "draft.md", "# Über\n", overwrite=False)
    text = path.read_text("utf-8")
    assert text.startswith("# Über\n")
    assert saving.without_mark(text) == "# Über\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft.md"]


def test_an_untouched_draft_is_replaced(tmp_path):
    """What nobody has worked on may be drafted anew, and keeps its permissions."""
    path = save(tmp_path / "draft.md", "one\n", overwrite=False)
    path.chmod(0o640)
    save(path, "two\n", overwrite=False)
    assert path.read_text("utf-8").startswith("two\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("one", "one, and more"),
        lambda text: text.replace("<!-- draft", "<!-- my"),
        lambda text: text + "\nmore",
        lambda _text: "",
        lambda _text: "my own notes\n",
    ],
)
def test_an_edited_file_stays(tmp_path, change):
    """Any change is somebody's work: nothing is written, unless it is asked for."""
    path = save(tmp_path / "draft.md", "one\n", overwrite=False)
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    before = path.read_bytes()
    with pytest.raises(errors.InputError) as caught:
        save(path, "two\n", overwrite=False)
    assert "--overwrite" in caught.value.hint
    assert path.read_bytes() == before
    save(path, "two\n", overwrite=True)
    assert path.read_text("utf-8").startswith("two\n")


def test_a_file_that_is_no_text_stays(tmp_path):
    """Bytes that are no text are not a draft."""
    path = tmp_path / "draft.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(errors.InputError):
        save(path, "two\n", overwrite=False)


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch):
    """If writing fails, the old draft is whole and nothing else is left lying about."""
    path = save(tmp_path / "draft.md", "one\n", overwrite=False)

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "fsync", fail)
    with pytest.raises(errors.InputError, match="No space left"):
        save(path, "two\n", overwrite=False)
    assert path.read_text("utf-8").startswith("one\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft.md"]


def test_a_folder_that_is_not_there(tmp_path):
    """The error names the file and what to do."""
    with pytest.raises(errors.InputError, match=r"no/draft\.md' cannot be written"):
        save(tmp_path / "no" / "draft.md", "one\n", overwrite=False)
