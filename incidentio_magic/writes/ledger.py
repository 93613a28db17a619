"""The local record of writes: who wrote what, when, and how it ended. No messages and no API keys."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SENDING = "sending"
SENT = "sent"
NOT_SENT = "not sent"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    Args:
        at: The time by this machine's clock, as RFC 3339 in UTC.
        who: The user of this machine.
        organisation: The dashboard address of the organisation written to.
        verb: The kind of write: declare, update, event, edit, page.
        reference: The incident, if it has a reference yet.
        intent: The key of the intent, before any chaining.
        key: The idempotency key sent.
        outcome: sending, sent, not sent or unknown.
        result: The ID of the created record.
        request_id: The service's ID of the request.
        service_at: The time by the service's clock; empty in lines of earlier versions.
    """

    at: str
    who: str
    organisation: str
    verb: str
    reference: str
    intent: str
    key: str
    outcome: str
    result: str = ""
    request_id: str = ""
    service_at: str = ""

    @property
    def moment(self) -> datetime | None:
        """The time by the service's clock if the line has it, else by this machine's; None if it cannot be read."""
        try:
            moment = datetime.fromisoformat(self.service_at or self.at)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_unwritten: dict[Path, list[Entry]] = {}
"""Lines that could not be written to a file, by ledger; this process remembers them."""

_NAMES = frozenset(field.name for field in fields(Entry))


class Ledger:
    """A file of JSON lines that only its owner can read; several processes may append at once.

    Args:
        path: The file; it and its folder are created when first needed.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def append(self, entry: Entry) -> None:
        """Add a line.

        Raises:
            OSError: If the file cannot be written.
        """
        try:
            self._append(entry)
        except OSError:
            _unwritten.setdefault(self.path.absolute(), []).append(entry)
            raise

    def _append(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        descriptor = self._opened()
        try:
            if os.lseek(descriptor, 0, os.SEEK_END) and _last_byte(descriptor) != b"\n":
                line = b"\n" + line  # a crash may have cut the last line short; it must not swallow this line
            if os.write(descriptor, line) < len(line):  # a single write, so lines of several processes never mix
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        finally:
            os.close(descriptor)

    def check(self) -> None:
        """Create the file and its folder, if they do not exist.

        Raises:
            OSError: If the file cannot be written.
        """
        os.close(self._opened())

    def _opened(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        mode = os.fstat(descriptor).st_mode
        if sys.platform != "win32" and stat.S_ISREG(mode) and mode & 0o077:  # another program made the file
            with suppress(OSError):  # it fails if another user owns the file
                os.fchmod(descriptor, 0o600)
        return descriptor

    def entries(self, containing: str = "") -> Iterator[Entry]:
        """Yield all entries, or those that contain a text, oldest first; a line cut short by a crash is skipped."""
        try:
            kept = not (self.path.is_char_device() or self.path.is_fifo())  # a pipe or device may never end
            content = self.path.read_bytes() if kept else b""
        except FileNotFoundError:
            return
        for line in _lines(content, containing.encode()):
            try:
                values = json.loads(line.decode("utf-8", errors="replace"))
                yield Entry(**{name: str(value) for name, value in values.items() if name in _NAMES})
            except (ValueError, TypeError, AttributeError, RecursionError):
                continue

    def outcomes(self, containing: str = "") -> list[Entry]:
        """Return one entry per write, oldest first: its end, or `unknown` if the process ended before it."""
        return _ends(self.entries(containing))

    def of_intent(self, intent: str) -> list[Entry]:
        """Return how the writes of an intent ended, oldest first."""
        return [entry for entry in self.outcomes(intent) if entry.intent == intent]

    def unwritten(self, intent: str) -> list[Entry]:
        """Return the outcomes of an intent's writes that this process made while the file could not be written."""
        lines = _unwritten.get(self.path.absolute(), ())
        return _ends(entry for entry in lines if entry.intent == intent)


def _ends(entries: Iterable[Entry]) -> list[Entry]:
    """Return one entry per write: its end, or `unknown` if it has none."""
    ends: list[Entry] = []
    begun: dict[str, list[int]] = {}
    for entry in entries:
        if entry.outcome == SENDING:
            begun.setdefault(entry.key, []).append(len(ends))
            ends.append(replace(entry, outcome=UNKNOWN))
        elif places := begun.get(entry.key):
            ends[places.pop()] = entry  # the newest, because an older process may have died before it wrote the end
        else:
            ends.append(entry)
    return ends


def _lines(content: bytes, containing: bytes) -> Iterator[bytes]:
    """Yield the lines that contain a text; search lines before parsing them, because a ledger grows for years."""
    start = 0
    while start < len(content) and (found := content.find(containing, start)) >= 0:
        end = content.find(b"\n", found)
        end = len(content) if end < 0 else end
        yield content[content.rfind(b"\n", 0, found) + 1 : end]
        start = end + 1


def _last_byte(descriptor: int) -> bytes:
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1)
