"""What can go wrong with a folder: each is an error that says what to do, and loses nothing."""

from __future__ import annotations

import builtins
import errno
import os
import subprocess
import sys

import pandas as pd
import pytest

from incidentio_magic import errors
from incidentio_magic.export import Folder
from incidentio_magic.export.folder import GAPS, STATE
from incidentio_magic.export.formats import Parquet
from incidentio_magic.export.state import Memory


def test_a_file_is_no_folder(client, tmp_path):
    """A path with a file is refused."""
    (tmp_path / "x").write_text("mine")
    with pytest.raises(errors.InputError, match="is a file"):
        client.export(tmp_path / "x", progress=False)
    assert (tmp_path / "x").read_text() == "mine"


def test_somebody_elses_folder(client, tmp_path):
    """A folder with something else in it is refused, and nothing is put into it."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(errors.InputError, match="something other"):
        client.export(tmp_path, progress=False)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_an_empty_folder_is_taken(client, tmp_path):
    """An empty folder that is there already serves."""
    (tmp_path / "x").mkdir()
    assert client.export(tmp_path / "x", progress=False).loc[0, "rows"] == 300


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_full_disk(client, tmp_path, monkeypatch, kind):
    """A full disk is an error with what to do; after that the export goes on, and is whole."""
    replace = type(tmp_path).replace
    left = [6]

    def full(self, target):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "replace", full)
        with pytest.raises(errors.ExportFailed, match="No space left") as failed:
            client.export(tmp_path / "x", format=kind, progress=False)
    assert "free some space" in failed.value.hint
    assert not list((tmp_path / "x").rglob("*.new"))
    reported = client.export(tmp_path / "x", format=kind, progress=False)
    assert reported.loc[0, "rows"] == 300


def test_a_place_that_cannot_be_written(client, tmp_path, monkeypatch):
    """Where nothing may be written, the error names the place."""

    def refuse(self, *_args, **_options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(type(tmp_path), "mkdir", refuse)
    with pytest.raises(errors.ExportFailed, match=r"/x cannot be written: Permission denied") as failed:
        client.export(tmp_path / "x", progress=False)
    assert "with write permission" in failed.value.hint


def test_a_missing_extra(client, tmp_path, monkeypatch):
    """Without pyarrow the error names the command that installs it; CSV needs none."""
    load = builtins.__import__

    def missing(name, *args, **options):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
        return load(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(errors.SettingsError, match="pyarrow") as failed:
        client.export(tmp_path / "x", progress=False)
    assert 'pip install "incidentio-magic[parquet]"' in failed.value.hint
    assert not (tmp_path / "x").exists()


def test_an_unknown_format(client, tmp_path):
    """A format that does not exist is an error that names those that do."""
    with pytest.raises(errors.InputError, match="xlsx") as failed:
        client.export(tmp_path / "x", format="xlsx", progress=False)
    assert "parquet, csv" in failed.value.hint


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"version": 99}'])
def test_a_damaged_state(client, tmp_path, content):
    """A state that cannot be read is an error, never a fresh start over files that are there."""
    client.export(tmp_path / "x", since="2026-01-14", progress=False)
    (tmp_path / "x" / "_export" / STATE).write_bytes(content)
    with pytest.raises(errors.ExportFailed, match="damaged"):
        client.export(tmp_path / "x", since="2026-01-14", progress=False)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_damaged_part(client, tmp_path, kind):
    """A part that is not what was written is an error that names it."""
    client.export(tmp_path / "x", since="2026-01-14", format=kind, progress=False)
    (part,) = (tmp_path / "x" / "incidents").rglob("part-*")
    part.write_bytes(b"\x00\x01 nonsense")
    with pytest.raises(errors.ExportFailed, match="part-000001"):
        client.export(tmp_path / "x", since="2026-01-14", format=kind, progress=False)


@pytest.mark.slow
def test_two_at_once(client, tmp_path):
    """While one process exports into a folder, another is refused."""
    program = (
        "import sys; from pathlib import Path; from incidentio_magic.export import Folder\n"
        "with Folder(Path(sys.argv[1]), '.csv').opened():\n  print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "x")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline().strip() == b"in"
        with pytest.raises(errors.ExportFailed, match="Another export is running"):
            client.export(tmp_path / "x", progress=False)
        other.stdin.close()
    assert client.export(tmp_path / "x", progress=False).loc[0, "rows"] == 300


def test_a_file_is_whole_or_not_there(tmp_path):
    """A file that cannot be finished leaves the old one, and nothing else."""
    folder = Folder(tmp_path, ".csv")
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "file"
    folder.write(path, lambda stream: stream.write(b"old") and None)

    def fail(stream):
        stream.write(b"new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.write(path, fail)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.slow
def test_a_renamed_and_a_new_field(client, sandbox, tmp_path):
    """A field that is renamed keeps its column's values under the new name; a new one is missing in older rows."""
    client.export(tmp_path / "x", progress=False)
    before = pd.read_parquet(tmp_path / "x" / "incidents").set_index("reference")
    fields = sandbox.service.organisation["custom_fields"]
    (service,) = (field for field in fields.values() if field["name"] == "Affected service")
    service["name"] = "Service concerned"
    added = {**service, "id": "01NEW", "name": "Mood", "field_type": "text"}
    fields[added["id"]] = added
    sandbox.service._ready()
    try:
        client.export(tmp_path / "x", progress=False)
        after = pd.read_parquet(tmp_path / "x" / "incidents").set_index("reference")
        moved = after["field.Service concerned"].reindex(before.index)
        pd.testing.assert_series_equal(moved, before["field.Affected service"], check_names=False)
        assert "field.Affected service" not in after
        assert after["field.Mood"].isna().all()
        schemas = {str(Parquet().header(entry)) for entry in (tmp_path / "x" / "incidents").rglob("*.parquet")}
        assert len(schemas) == 1
    finally:
        fields.pop("01NEW")
        service["name"] = "Affected service"
        sandbox.service._ready()


@pytest.mark.slow
def test_a_cursor_that_is_forgotten(client, sandbox, tmp_path, monkeypatch):
    """Where the service no longer knows where a stopped export was, it begins anew, and has each row once."""
    send = client.transport.send

    def stop(request):
        if request.path == "/v2/incidents" and any(name == "after" for name, _ in request.query):
            raise KeyboardInterrupt
        return send(request)

    with monkeypatch.context() as patch:
        patch.setattr(client.transport, "send", stop)
        with pytest.raises(errors.Interrupted):
            client.export(tmp_path / "x", progress=False)
    state = tmp_path / "x" / "_export" / STATE
    text = state.read_text()
    cursor = text.split('"cursor": "')[1].split('"')[0]
    assert cursor
    state.write_text(text.replace(cursor, "01GONE"))
    reported = client.export(tmp_path / "x", progress=False)
    assert reported.loc[0, "rows"] == 300
    assert pd.read_parquet(tmp_path / "x" / "incidents")["id"].is_unique


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, errors.ServiceUnavailable),
        ({"kind": "drop"}, errors.AnswerLost),
        ({"kind": "malformed"}, errors.AnswerLost),
    ],
)
def test_a_service_that_fails_says_that_it_goes_on(client, sandbox, tmp_path, fault, error):
    """When the service stops answering, the error says that the export can be run again."""
    sandbox.fault(endpoint="GET /v2/incident_updates", **fault)
    with pytest.raises(error) as failed:
        client.export(tmp_path / "x", progress=False)
    assert "run the export again: it resumes from there" in failed.value.hint
    sandbox.clear_faults()
    reported = client.export(tmp_path / "x", progress=False)
    assert reported.loc[0, "added"] == 0
    assert reported.loc[1, "rows"] > 1000


def test_a_service_that_is_gone(client, tmp_path, monkeypatch):
    """When the service cannot be reached any more, the error says the same; so does an interrupt at the beginning."""
    send = client.transport.send

    def stop(error):
        def stopped(request):
            if request.path == "/v2/incidents":
                raise error
            return send(request)

        return stopped

    with monkeypatch.context() as patch:
        patch.setattr(client.transport, "send", stop(errors.ConnectionFailed("No connection.", hint="look")))
        with pytest.raises(errors.ConnectionFailed) as failed:
            client.export(tmp_path / "x", progress=False)
    assert failed.value.hint == "look; run the export again: it resumes from there"
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "load", stop_now)
        with pytest.raises(errors.Interrupted, match="before it read anything") as stopped:
            client.export(tmp_path / "x", progress=False)
    assert "run it again" in stopped.value.hint


def stop_now(*_arguments):
    """Stand for somebody who presses Ctrl-C."""
    raise KeyboardInterrupt


def test_half_a_line_of_gaps(tmp_path):
    """A process that was killed while it noted what is missing has left half a line, which is written again."""
    folder = Folder(tmp_path, Parquet.suffix)
    folder.hidden.mkdir(parents=True)
    memory = Memory(folder)
    memory.note_gaps({"I1": {"alerts": ("failed", "503")}, "I2": {"calls": ("failed", "503")}})
    file = folder.hidden / GAPS
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:20])
    assert set(memory.gaps()) == {"I1", "I2"}
    memory.note_gaps({"I1": {}, "I3": {"calls": ("failed", "503")}})
    assert set(memory.gaps()) == {"I2", "I3"}
    file.write_bytes(b"{not a line}\n")
    with pytest.raises(errors.ExportFailed, match="is damaged"):
        memory.gaps()
