"""Whatever path an export is given, it is a folder, or an error of ours that says what to do."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.errors import ExportFailed, IncidentioError, InputError
from incidentio_magic.export.folder import STATE, Folder, folder_path


def fill(stream):
    """Write a little."""
    stream.write(b"rows")


def opened(path):
    """Open a folder, write a file into it, and return what is in it."""
    folder = Folder(folder_path(path), ".csv")
    with folder.opened():
        part = folder.new_part("incidents", "2026-01")
        folder.write(part, fill)
        return part.read_bytes()


@given(st.text(max_size=300) | st.text("./~\0ab", max_size=12))
def test_every_path(text):
    """A path is a folder that can be written, or an error of ours."""
    with TemporaryDirectory() as inside:
        path = text if text.startswith("~") else f"{inside}/{text.replace('..', '')}"
        try:
            path = folder_path(path)
        except InputError:
            return
        if not path.is_relative_to(inside):
            return
        with suppress(IncidentioError):
            assert opened(path) == b"rows"


@pytest.mark.parametrize("path", ["", "a\0b", "\ud800", "~nobody-of-this-name/x"])
def test_no_path(path):
    """What no file system has is refused before anything is read."""
    with pytest.raises(InputError, match="is not the path of a folder"):
        folder_path(path)


@pytest.mark.parametrize("device", ["/dev/full", "/dev/zero", "/dev/null", "pipe", "loop", "long", "below a file"])
def test_what_is_no_folder(tmp_path, device):
    """Devices, pipes, loops of links and names that are too long are errors with a hint, at once."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "file").touch()
    path = {"long": tmp_path / ("x" * 300), "below a file": tmp_path / "file" / "x"}.get(device, tmp_path / device)
    with pytest.raises((InputError, ExportFailed)) as failed:
        opened(Path(device) if device.startswith("/") else path)
    assert failed.value.hint


def test_a_pipe_in_place_of_the_state(client, tmp_path):
    """A pipe where the state is kept is not read for ever."""
    (tmp_path / "x" / "_export").mkdir(parents=True)
    os.mkfifo(tmp_path / "x" / "_export" / STATE)
    with pytest.raises(ExportFailed, match="damaged"):
        client.export(tmp_path / "x", progress=False)
