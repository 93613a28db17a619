"""The state, in SQLite: one connection, one lock, every write in one transaction."""

from __future__ import annotations

import errno
import gc
import json
import os
import sqlite3
from collections import defaultdict
from contextlib import contextmanager, suppress
from functools import cache
from operator import itemgetter
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, overload

import msgspec
from filelock import FileLock, Timeout

from incidentio_magic.sandbox.incidentio._schema import ACTIVITY, SCHEMA, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from incidentio_magic.sandbox.attached_records import Alert, Escalation, Task
    from incidentio_magic.sandbox.records import Incident

    Row = Mapping[str, object]  # a row's values by column; a document stands last

OWNER_ONLY = 0o600
LARGEST_BATCH = 500  # rows; more no longer fit into a processor's cache
PAGE_SIZE = 16_384  # bytes: most documents fit into a page
CACHE = 65_536  # kilobytes, of which a small sandbox uses little
LOCKED_WAIT = 1.0  # seconds that another program may keep the file locked

FAST_ENCODER = msgspec.json.Encoder()
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def compact(value: object) -> bytes:
    """Write JSON in UTF-8, without spaces or unnecessary escapes.

    Raises:
        UnicodeEncodeError: a text has a lone surrogate.
    """
    try:
        return FAST_ENCODER.encode(value)
    except OverflowError:  # JSON allows numbers of any size
        return ENCODER.encode(value).encode()


@cache
def _insertion(table: str, names: tuple[str, ...]) -> str:
    """Return the statement that inserts a row, or replaces the one with the same key."""
    return f"INSERT OR REPLACE INTO {table} ({','.join(names)}) VALUES ({','.join('?' * len(names))})"  # noqa: S608  ours


def _values(row: Row) -> list[object]:
    """Return a row's values; the last may be a document, or several, and is then written as JSON."""
    values = list(row.values())
    if isinstance(values[-1], (dict, list)):
        values[-1] = compact(values[-1]).decode()
    return values


def _claimed(database: str) -> FileLock:
    """Lock a database's file; the system releases the lock however this process ends.

    Raises:
        OSError: another server holds it, its folder cannot be written, or it has another name.
    """
    folder = Path(database).resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
    if Path(database).exists() and Path(database).stat().st_nlink > 1:
        # A server that opened it by the other name would hold another lock.
        raise OSError(f"{database} has other names (hard links): remove those, or copy it to a new file")
    lock = FileLock(f"{os.path.realpath(database)}.lock", timeout=0, mode=OWNER_ONLY, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise OSError(f"another sandbox serves {database}: stop that one, or name another file") from None
    return lock


def _make_private(database: str) -> None:
    """Make the file readable by its owner only; SQLite's files beside it get the same mode."""
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    for path in (database, f"{database}-wal", f"{database}-shm"):
        with suppress(FileNotFoundError):
            Path(path).chmod(OWNER_ONLY)


class LockedError(OSError):
    """Another program holds the database."""


def _explained(error: sqlite3.Error, database: str) -> Exception:
    """Return SQLite's error, or a clearer one if another program is the reason."""
    if "locked" in str(error):
        return LockedError(f"another program has locked {database}: close it there, then try again")
    return error


class Store:
    """Keeps every row of the sandbox.

    Args:
        database: a file's path, or None to keep everything in memory.
        is_large: whether a database in memory is so large that a temporary file without a name holds it instead.

    Raises:
        OSError: another server uses the file, or it cannot be written.
        sqlite3.Error: it is not a database, or another program has locked it.
    """

    def __init__(self, database: str | None, *, is_large: bool = False) -> None:
        self._lock = RLock()
        unnamed = "" if is_large else ":memory:"
        # The kept state of a database in memory is a second database; in a file it is tables, which outlast a restart.
        self._copy = None if database else sqlite3.connect(unnamed, check_same_thread=False)
        self._is_kept = self._must_copy = False
        # The rows that are held back, by table and identifier, with each table's columns; and documents that make rows.
        self._batching = False
        self._held_documents: defaultdict[str, dict[object, Row]] = defaultdict(dict)
        self._held: defaultdict[str, dict[object, Row]] = defaultdict(dict)
        self._held_names: dict[str, tuple[str, ...]] = {}
        self._held_count = 0
        self._database = database or "the database in memory"
        self._file_lock = _claimed(database) if database else None
        try:
            if database:
                _make_private(database)
            # One connection serves all threads, in the order of the lock.
            self._connection = sqlite3.connect(
                database or unnamed, timeout=LOCKED_WAIT, check_same_thread=False, isolation_level=None
            )
        except BaseException:
            self._unclaim()
            raise
        try:
            self._connection.row_factory = sqlite3.Row
            for connection in (self._connection, *([self._copy] if self._copy else [])):
                connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # of a new database; another keeps its own
            self._connection.execute("PRAGMA secure_delete = ON")
            self._connection.execute(f"PRAGMA cache_size = -{CACHE}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            rows = self._connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'settings'")
            self.empty = not rows.fetchone()[0]
            # A database of an earlier version lacks the tables that came since.
            self._connection.executescript(f"BEGIN;{SCHEMA}COMMIT;{ACTIVITY}")
            self._columns = {table: self._column_names(table) for table in TABLES}
        except sqlite3.Error as error:
            self.close()
            raise _explained(error, self._database) from None

    def close(self) -> None:
        """Close the database, and let others use its file."""
        with self._lock:
            self._connection.close()
            if self._copy:
                self._copy.close()
        self._unclaim()

    def _unclaim(self) -> None:
        if self._file_lock is not None:
            self._file_lock.release()

    def _column_names(self, table: str) -> tuple[str, ...]:
        """Return a table's columns, with the document last."""
        return tuple(row["name"] for row in self._connection.execute(f"PRAGMA table_info({table})"))

    def define(self, name: str, function: Callable[[str, int], str]) -> None:
        """Let queries call a function that depends only on its arguments."""
        self._connection.create_function(name, 2, function, deterministic=True)

    @property
    def changes(self) -> int:
        """How many rows were inserted, changed or deleted since the start; it grows with every write."""
        return self._connection.total_changes

    def keep(self) -> None:
        """Keep the current state for `go_back`; in a file, it outlasts a restart."""
        with self._lock:
            if self._copy:
                self._is_kept = self._must_copy = True
                return
            for table in TABLES:
                self._connection.execute(f"DROP TABLE IF EXISTS kept_{table}")
                self._connection.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608  ours

    def _copy_kept(self) -> None:
        """Copy the kept state before its first change: a sandbox that is only read needs no copy."""
        if self._copy and self._must_copy:
            with self._between_transactions():
                self._connection.backup(self._copy)
            self._must_copy = False

    def go_back(self) -> bool:
        """Restore the kept state inside the caller's transaction, and return whether there was one."""
        with self._lock:
            if self._copy:
                if self._is_kept and not self._must_copy:
                    with self._between_transactions():
                        self._copy.backup(self._connection)
                return self._is_kept
            kept = {row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE name LIKE 'kept_%'")}
            if f"kept_{TABLES[0]}" not in kept:
                return False
            self.clear()
            for table in (table for table in TABLES if f"kept_{table}" in kept):
                self._connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608  ours
            return True

    @contextmanager
    def _between_transactions(self) -> Iterator[None]:
        """End the caller's transaction, if any, and begin another afterwards: SQLite copies between transactions."""
        inside = self._connection.in_transaction
        if inside:
            self._connection.execute("COMMIT")
        try:
            yield
        finally:
            if inside:
                self._connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Block writes by other threads."""
        with self._lock:
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write everything in one transaction, which an exception undoes."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _explained(error, self._database) from None
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return every row that a query finds."""
        with self._lock:
            self._flush()
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        """Return the first row that a query finds, or None."""
        with self._lock:
            self._flush()
            found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
            return found

    def count(self, query: str, values: Sequence[object] = ()) -> int:
        """Return the number in a query's first column."""
        row = self.row(query, values)
        return int(row[0]) if row else 0

    def counts(self) -> dict[str, int]:
        """Return each table's number of rows; each entry of the activity log counts."""
        counts = {table: self.count(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608  tables are ours
        past = self.count("SELECT coalesce(sum(number), 0) FROM past_activity")
        counts["incident_activity_log_entries"] += past
        del counts["past_activity"]
        return counts

    def put(self, table: str, row: Row) -> None:
        """Insert a row, or replace the one with the same key; a document is written as JSON."""
        with self._lock:
            if self._batching and next(iter(row)) == "id":  # its key
                self._hold(table, row)
                return
            self._copy_kept()
            self._connection.execute(_insertion(table, tuple(row)), _values(row))

    def put_document(self, table: str, document: Row) -> None:
        """Insert or replace the row of a document that has the table's other columns as members."""
        with self._lock:
            if self._batching:
                if table in self._held:
                    self._flush()
                self._held_documents[table][document["id"]] = document
                self._count_held()
            else:
                self._copy_kept()
                self._write_documents(table, [document])

    def _write_documents(self, table: str, documents: Iterable[Row]) -> None:
        names = self._columns[table]
        members = itemgetter(*(name for name in names if name != "document"))
        rows = ((*members(document), compact(document).decode()) for document in documents)
        self._connection.executemany(_insertion(table, names), rows)

    def _hold(self, table: str, row: Row) -> None:
        """Hold a row back together with rows of the same columns, which one statement writes."""
        names = tuple(row)
        if table in self._held_documents or self._held_names.setdefault(table, names) != names:
            self._flush()
            self._held_names[table] = names
        self._held[table][row["id"]] = row
        self._count_held()

    def _count_held(self) -> None:
        self._held_count += 1
        if self._held_count >= LARGEST_BATCH:
            self._flush()

    @contextmanager
    def batching(self) -> Iterator[None]:
        """Hold back rows with an `id` until something is read or the block ends; of each, only the last is written.

        A document may be changed until then.
        """
        self._copy_kept()
        self._batching = True
        collecting = gc.isenabled()
        gc.disable()  # rows have no reference cycles, and searching for cycles takes long
        try:
            yield
            self._flush()
        finally:
            self._batching = False
            self._forget()
            if collecting:
                gc.enable()

    def _flush(self) -> None:
        """Write the rows that were held back."""
        if not self._held_count:
            return
        for table, rows in self._held.items():
            self._connection.executemany(_insertion(table, self._held_names[table]), map(_values, rows.values()))
        for table, documents in self._held_documents.items():
            self._write_documents(table, documents.values())
        self._forget()

    def _forget(self) -> None:
        self._held.clear()
        self._held_documents.clear()
        self._held_names.clear()
        self._held_count = 0

    @overload
    def document(self, table: Literal["incidents"], identity: str) -> Incident | None: ...
    @overload
    def document(self, table: Literal["alerts"], identity: str) -> Alert | None: ...
    @overload
    def document(self, table: Literal["escalations"], identity: str) -> Escalation | None: ...
    @overload
    def document(self, table: Literal["actions", "follow_ups"], identity: str) -> Task | None: ...
    def document(self, table: str, identity: str) -> object:
        """Return the document with this identifier, or None."""
        row = self.row(f"SELECT document FROM {table} WHERE id = ?", (identity,))  # noqa: S608  tables are ours
        return json.loads(row["document"]) if row else None

    def setting(self, name: str) -> Any:
        """Return a setting, or None if it was never set."""
        row = self.row("SELECT value FROM settings WHERE name = ?", (name,))
        return json.loads(row["value"]) if row else None

    def set(self, name: str, value: object) -> None:
        """Keep a setting."""
        self.put("settings", {"name": name, "value": json.dumps(value)})

    def remove_key(self, key_id: str) -> None:
        """Take an API key away, inside the caller's transaction."""
        with self._lock:
            self._copy_kept()
            self._connection.execute("DELETE FROM keys WHERE id = ?", (key_id,))

    def clear(self) -> None:
        """Empty every table, inside the caller's transaction."""
        with self._lock:
            self._copy_kept()
            for table in TABLES:
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  tables are ours
