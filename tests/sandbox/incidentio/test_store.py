"""The file of a sandbox: for its owner only, without a key in it, and for one server at a time."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
import requests

from incidentio_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incidentio_magic.sandbox.incidentio.store import Store

EPOCH = "2026-06-01T12:00:00Z"


def served(database: Path, **more: object) -> Sandbox:
    """Make a small sandbox on a file."""
    return Sandbox(database=str(database), epoch=EPOCH, incidents=2, **more)  # type: ignore[arg-type]


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    """Database, WAL, keys and lock are the owner's, also where a database was readable before."""
    database = tmp_path / "class.sqlite"
    database.touch(0o666)
    with served(database, trainees=2) as sandbox:
        sandbox.advance(5)
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"class.sqlite", "class.sqlite-wal", "class.sqlite.keys", "class.sqlite.lock"} <= set(found)
    assert set(found.values()) == {0o600}


def test_it_holds_no_key(tmp_path: Path) -> None:
    """Neither the database nor its WAL holds a key or the token; the key file does, so that a class goes on."""
    database = tmp_path / "class.sqlite"
    with served(database, trainees=3) as sandbox:
        roster = sandbox.roster
        written = b"".join(path.read_bytes() for path in tmp_path.glob("class.sqlite*") if path.suffix != ".keys")
    secrets = [roster.full, roster.admin, *(trainee.key for trainee in roster.trainees)]
    assert len(set(secrets)) == 5
    assert not [secret for secret in secrets if secret.encode() in written]
    with served(database) as sandbox:
        assert sandbox.roster == roster


def test_without_its_key_file(tmp_path: Path) -> None:
    """Trainees' keys still work, the facilitator gets a new key and the old one ends."""
    database = tmp_path / "class.sqlite"
    with served(database, trainees=2) as sandbox:
        before = sandbox.roster
    (tmp_path / "class.sqlite.keys").unlink()
    with served(database) as sandbox:
        assert sandbox.service
        assert sandbox.key != before.full
        assert sandbox.service.key(before.full) is None
        found = sandbox.service.key(before.trainees[1].key)
        assert found
        assert found.id == before.trainees[1].key_id
        assert [trainee.key for trainee in sandbox.roster.trainees] == ["", ""]
    with served(database, new_keys=True) as sandbox:
        assert sandbox.service
        assert sandbox.service.key(before.trainees[1].key) is None
        new = sandbox.service.key(sandbox.new_trainees[1].key)
        assert new
        assert new.id == before.trainees[1].key_id
        sandbox.reset()
        assert sandbox.service.key(before.trainees[1].key) is None


def test_a_key_file_of_somebody_else(tmp_path: Path) -> None:
    """A file that holds no keys is neither believed nor overwritten."""
    (tmp_path / "class.sqlite.keys").write_text("my notes")
    with pytest.raises(ValueError, match="holds no keys"):
        served(tmp_path / "class.sqlite").start()
    assert (tmp_path / "class.sqlite.keys").read_text() == "my notes"


def test_one_server_at_a_time(tmp_path: Path) -> None:
    """A second server on the file is refused, by whatever name it comes to it; after the first has ended it may."""
    database = tmp_path / "class.sqlite"
    (tmp_path / "link.sqlite").symlink_to(database)
    with served(database):
        for other in (database, tmp_path / "link.sqlite"):
            with pytest.raises(OSError, match="another sandbox serves"):
                served(other).start()
    with served(tmp_path / "link.sqlite") as sandbox:
        assert sandbox.is_running


@pytest.mark.slow
def test_a_locked_database_says_so(tmp_path: Path) -> None:
    """Another program that holds the file is named as the reason."""
    database = tmp_path / "class.sqlite"
    with served(database):
        pass
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(OSError, match="another program has locked"):
        served(database).start()
    other.execute("ROLLBACK")
    other.close()
    with served(database) as sandbox:
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        clock = f"{sandbox.url}/sandbox/clock"
        answers = [requests.post(clock, json={"advance": 1}, headers=headers, timeout=9)]
        other.execute("ROLLBACK")
        other.close()
        answers.append(requests.post(clock, json={"advance": 1}, headers=headers, timeout=9))
    assert [answer.status_code for answer in answers] == [503, 200]
    assert "another program has locked" in answers[0].json()["errors"][0]["message"]


def test_a_database_with_two_names_is_refused(tmp_path: Path) -> None:
    """By a hard link a second server would not see the first one's lock."""
    database, other = tmp_path / "class.sqlite", tmp_path / "other.sqlite"
    with served(database):
        other.hardlink_to(database)
        with pytest.raises(OSError, match="has other names"):
            served(other).start()


def test_an_earlier_version_is_refused(tmp_path: Path) -> None:
    """A database that holds keys in clear is not served."""
    database = tmp_path / "class.sqlite"
    with served(database) as sandbox:
        assert sandbox.service
        sandbox.service.store.set("roster", {"trainees": [], "facilitator": "", "admin": ""})
    with pytest.raises(ValueError, match="an earlier version"):
        served(database).start()


def test_a_large_history_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond some thousand incidents it lies in a file without a name; what it answers and a reset are the same."""
    monkeypatch.setattr("incidentio_magic.sandbox.service.LARGE", 20)
    with Sandbox(epoch=EPOCH, incidents=30) as large:
        assert large.service
        assert not large.service.store.rows("PRAGMA database_list")[0]["file"]
        listed = [tuple(row) for row in large.service.store.rows("SELECT id, document FROM incidents ORDER BY id")]
        with large.service.store.writing():
            large.service.store.put("settings", {"name": "later", "value": "1"})
        large.reset()
        assert large.service.store.setting("later") is None
        assert [
            tuple(row) for row in large.service.store.rows("SELECT id, document FROM incidents ORDER BY id")
        ] == listed
    monkeypatch.undo()
    with Sandbox(epoch=EPOCH, incidents=30) as small:
        assert small.service
        assert [
            tuple(row) for row in small.service.store.rows("SELECT id, document FROM incidents ORDER BY id")
        ] == listed


SESSION = {"id": "A", "incident_id": "I", "started_at": "then"}


def batch(store: Store) -> None:
    """Write a document that is held back first."""
    with store.batching():
        store.put_document("call_sessions", SESSION)


CHANGES: dict[str, Callable[[Store], object]] = {
    "a row": lambda store: store.put("settings", {"name": "later", "value": "1"}),
    "a document": lambda store: store.put_document("call_sessions", SESSION),
    "a key": lambda store: store.remove_key(store.rows("SELECT id FROM keys")[0]["id"]),
    "everything": lambda store: store.clear(),
    "a batch": batch,
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_seeded_state_is_copied_before_its_first_change(change: str) -> None:
    """A sandbox in memory that is only read makes no copy for a reset; whatever changes it first, a reset undoes it."""
    with Sandbox(epoch=EPOCH, incidents=2) as sandbox:
        assert sandbox.service
        store = sandbox.service.store

        def rows() -> list[tuple[object, ...]]:
            tables = ("settings", "call_sessions", "keys", "incidents")
            return [tuple(row) for table in tables for row in store.rows(f"SELECT * FROM {table}")]

        before = rows()
        for _ in range(2):
            with store.writing():
                assert store.go_back()
            assert rows() == before
            assert store._copy
            assert store._copy.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        for _ in range(2):
            with store.writing():
                CHANGES[change](store)
            assert rows() != before
            with store.writing():
                assert store.go_back()
            assert rows() == before


def test_a_batch_writes_the_last_of_each_row(tmp_path: Path) -> None:
    """Rows that are held back are read as they were written last; a number of any size is kept."""
    with served(tmp_path / "class.sqlite") as sandbox:
        assert sandbox.service
        store = sandbox.service.store
        row = {"id": "X", "drill_id": "D", "due_at": "", "done": 0}
        with store.writing(), store.batching():
            document = {"n": 1}
            store.put("acts", {**row, "document": document})
            document["n"] = 10**30
            store.put("acts", {**row, "document": document, "done": 1})
            assert json.loads(store.rows("SELECT document FROM acts")[0]["document"]) == {"n": 10**30}
        assert [tuple(found)[3] for found in store.rows("SELECT * FROM acts")] == [1]


def test_a_batch_keeps_rows_of_different_columns_apart(tmp_path: Path) -> None:
    """Rows of the same table may name other columns, or name them in another order; each value stays in its own."""
    with served(tmp_path / "class.sqlite") as sandbox:
        assert sandbox.service
        store = sandbox.service.store
        row = {"id": "X", "drill_id": "D", "due_at": "soon", "done": 0, "document": {"n": 1}}
        with store.writing(), store.batching():
            store.put("acts", row)
            store.put("acts", {**row, "id": "Y"})
            order = ("id", "due_at", "done", "drill_id", "document")
            store.put("acts", {name: {**row, "id": "Z"}[name] for name in order})
            store.put("call_sessions", {"id": "C", "incident_id": "I", "started_at": "then", "document": {}})
        found = {row["id"]: (row["due_at"], row["drill_id"]) for row in store.rows("SELECT * FROM acts")}
        assert found == dict.fromkeys("XYZ", ("soon", "D"))
        assert store.count("SELECT count(*) FROM call_sessions WHERE started_at = 'then'") == 1


@pytest.mark.parametrize("is_batched", [True, False])
def test_a_document_makes_its_row(tmp_path: Path, *, is_batched: bool) -> None:
    """The columns are members of the document; of a row that is written in both ways, the last write counts."""
    with served(tmp_path / "class.sqlite") as sandbox:
        assert sandbox.service
        store = sandbox.service.store
        first, second = ({"id": name, "incident_id": "I", "started_at": "then"} for name in ("A", "B"))
        with store.writing(), store.batching() if is_batched else nullcontext():
            store.put_document("call_sessions", first)
            store.put("call_sessions", {"id": "A", "incident_id": "J", "started_at": "later", "document": {}})
            store.put("call_sessions", {"id": "B", "incident_id": "J", "started_at": "later", "document": {}})
            store.put_document("call_sessions", second)
        rows = store.rows("SELECT * FROM call_sessions WHERE id IN ('A', 'B') ORDER BY id")
        assert [tuple(row) for row in rows] == [
            ("A", "J", "later", "{}"),
            ("B", "I", "then", '{"id":"B","incident_id":"I","started_at":"then"}'),
        ]
        with pytest.raises(KeyError), store.writing():
            store.put_document("call_sessions", {"id": "C"})


def test_a_batch_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """What was held back when a block ended early is not written by the next one."""
    with served(tmp_path / "class.sqlite") as sandbox:
        assert sandbox.service
        store = sandbox.service.store
        row = {"id": "X", "drill_id": "D", "due_at": "soon", "done": 0, "document": {}}

        def fail() -> None:
            with store.writing(), store.batching():
                store.put("acts", row)
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with store.writing(), store.batching():
            store.put("acts", {**row, "id": "Y"})
        assert [found["id"] for found in store.rows("SELECT id FROM acts")] == ["Y"]


def test_activity_written_by_an_earlier_version_is_read(tmp_path: Path) -> None:
    """Entries that were kept with their identifiers and documents are answered like those of today."""
    database = tmp_path / "class.sqlite"

    def listed(sandbox: Sandbox) -> list[object]:
        incident_id = sandbox.service.store.row("SELECT id FROM incidents")["id"]  # type: ignore[union-attr, index]
        response = requests.get(
            f"{sandbox.url}/v2/incident_activity_log_entries",
            {"incident_id": incident_id},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=9,
        )
        return list(response.json()["incident_activity_log_entries"])

    with served(database) as sandbox:
        before = listed(sandbox)
        assert len(before) > 2
        assert sandbox.service
        store = sandbox.service.store
        with store.writing():
            for past in store.rows("SELECT * FROM past_activity"):
                entries = [
                    [entry["id"], entry["occurred_at"], json.loads(entry["document"])]
                    for entry in store.rows("SELECT * FROM activity WHERE incident_id = ?", (past["incident_id"],))
                ]
                store.put("past_activity", {**dict(past), "entries": entries})
    with served(database) as sandbox:
        assert listed(sandbox) == before
