"""The state of an export between runs: its content, its progress, and up to when it is complete."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic.errors import ExportFailed, InputError
from incidentio_magic.export.columns import Column  # noqa: TC001  msgspec reads it when the program runs
from incidentio_magic.export.folder import CHANGED, GAPS, STATE, file_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from incidentio_magic.export.folder import Folder

VERSION = 1
_PAIRS: Final = {"role", "field", "not_field"}
FAILED: Final = "failed"
"""The states of a source whose next reading may succeed."""


class Plan(msgspec.Struct, frozen=True):
    """The content of an export; a different plan needs a different folder.

    Args:
        organisation: The dashboard's address.
        format: The file format.
        filters: The filters that are set, as they were typed.
        updates: Whether updates are exported too.
        show_private: Whether private names and messages are exported.
        training: Whether only test incidents are exported.
        parts: The further parts that are exported: pages, alerts, actions, follow_ups.
        everyone: Whether a class's facilitator exports the trainees' incidents too.
    """

    organisation: str
    format: str
    filters: dict[str, Any]
    updates: bool
    show_private: bool
    training: bool = False
    parts: tuple[str, ...] = ()
    everyone: bool = False

    def command(self, folder: Path, *, parts: Iterable[str] = ()) -> str:
        """Return the command that continues this export.

        Args:
            folder: The export's folder.
            parts: Further parts to add.
        """
        words = ["%incidents export", _quoted(str(folder))]
        for name, typed in self.filters.items():
            option = f"--{name.replace('_', '-')}"
            values = typed.split("; ") if name in _PAIRS else [typed]
            words += [option] if name == "any" else [f"{option} {_quoted(value)}" for value in values]
        words += [f"--format {self.format}"] * (self.format != "parquet")
        words += ["--no-updates"] * (not self.updates) + ["--show-private"] * self.show_private
        words += ["--everyone"] * self.everyone
        words += [f"--with {','.join(sorted(parts))}"] * bool(parts)
        return " ".join(words)


def _quoted(word: str) -> str:
    if re.fullmatch(r"[\w./:,+-]+", word):
        return word
    return f"'{word}'" if '"' in word else f'"{word}"'


class Run(msgspec.Struct):
    """A run that has begun.

    Args:
        started: When it started, by the service's clock, as RFC 3339.
        since: Only incidents that changed since then are read; empty for all.
        step: The current step.
        cursor: The cursor from which the step continues; empty at its beginning.
        done: How many records the step has read.
        unread: The parts that could not be read.
    """

    started: str
    since: str = ""
    step: int = 0
    cursor: str = ""
    done: int = 0
    unread: tuple[str, ...] = ()


class State(msgspec.Struct):
    """The state that is kept in the folder.

    Args:
        version: The version of this format.
        plan: What is exported.
        first: When the first run started; relative times such as "7d" count from it.
        columns: The columns of each dataset.
        complete_to: When the last complete run started; empty before the first.
        updates_after: The cursor of the last page of updates; empty before they were read.
        run: The run that has begun but not ended.
        vocabulary: The organisation's severities, statuses, types, roles, timestamps and fields, as records.
        parts: Which parts of the plan the last complete run has read to their end.
    """

    version: int
    plan: Plan
    first: str
    columns: dict[str, list[Column]] = {}
    complete_to: str = ""
    updates_after: str = ""
    run: Run | None = None
    vocabulary: dict[str, list[dict[str, Any]]] = {}
    parts: tuple[str, ...] = ()


Gaps = dict[str, tuple[str, str]]
"""How each source ended that was not read completely, and why."""

_gap: Final = msgspec.json.Decoder(tuple[str, Gaps])
_state: Final = msgspec.json.Decoder(State)  # built at import, before a second thread can use it


class Memory:
    """The state's file, the incidents that this run has changed, and what is missing from timelines.

    Args:
        folder: The export's folder.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._state = folder.hidden / STATE
        self._changed = folder.hidden / CHANGED
        self._gaps = folder.hidden / GAPS

    def load(self, plan: Plan, now: str) -> State:
        """Return the saved state, or a new one.

        Args:
            plan: What to export.
            now: The current time.

        Raises:
            InputError: If the folder holds another export.
            ExportFailed: If the saved state cannot be read.
        """
        state = read_state(self._folder)
        if state is None:
            return State(VERSION, plan, now)
        for name, what in _DIFFERENCES.items():
            held, requested = getattr(state.plan, name), getattr(plan, name)
            if held != requested:
                raise InputError(
                    f"This folder holds an export with {what} {_described(held)}, "
                    f"and {_described(requested)} was requested.",
                    hint=f"{state.plan.command(self._folder.path)} continues it; or name another folder",
                )
        # Existing parts of a folder are updated, and newly requested parts are added.
        wanted = {*state.plan.parts, *plan.parts}
        if wanted != set(state.plan.parts):
            state.plan = msgspec.structs.replace(state.plan, parts=tuple(sorted(wanted)))
        return state

    def save(self, state: State) -> None:
        """Save the state."""
        content = msgspec.json.format(msgspec.json.encode(state), indent=1)
        self._folder.write(self._state, lambda stream: _write(stream, content))

    def forget_changed(self) -> None:
        """Begin a run: forget the incidents of the last one."""
        self._folder.write(self._changed, lambda stream: _write(stream, b""))

    def note_changed(self, identities: Iterable[str]) -> None:
        """Record incidents that this run has read."""
        with file_errors(self._changed), self._changed.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{identity}\n" for identity in identities)

    def changed(self) -> list[str]:
        """Return the incidents that this run has read, each once."""
        with file_errors(self._changed):
            text = self._changed.read_text("utf-8", errors="replace") if self._changed.is_file() else ""
        return list(dict.fromkeys(text.split()))

    def note_gaps(self, gaps: Mapping[str, Gaps]) -> None:
        """Record what is missing from timelines.

        Args:
            gaps: The incompletely read sources of each incident, by ID; empty if all were read.
        """
        with file_errors(self._gaps), self._gaps.open("ab") as stream:
            stream.truncate(len(self._noted()))  # a process that was killed may leave half a line
            stream.writelines(msgspec.json.encode(entry) + b"\n" for entry in gaps.items())

    def gaps(self) -> dict[str, Gaps]:
        """Return what is missing from timelines, by the incident's ID.

        Raises:
            ExportFailed: If that cannot be read.
        """
        with file_errors(self._gaps):
            lines = self._noted().splitlines()
        try:
            noted = dict(map(_gap.decode, lines))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ExportFailed(f"{self._gaps} is damaged.", hint="export into a new folder") from None
        return {identity: missing for identity, missing in noted.items() if missing}

    def _noted(self) -> bytes:
        """Return the complete lines of the file of gaps."""
        content = self._gaps.read_bytes() if self._gaps.is_file() else b""
        return content[: content.rfind(b"\n") + 1]

    def failed(self) -> list[str]:
        """Return the incidents whose timeline could not be read completely, for a temporary reason."""
        found = self.gaps().items()
        return sorted(identity for identity, gaps in found if any(state == FAILED for state, _why in gaps.values()))


def read_state(folder: Folder) -> State | None:
    """Return the saved state of an export; None if there is none.

    Args:
        folder: The export's folder.

    Raises:
        ExportFailed: If it cannot be read.
    """
    path = folder.hidden / STATE
    with file_errors(path):
        special = path.exists() and not path.is_file()  # reading from a pipe would never end
        content = path.read_bytes() if path.is_file() else b""
    if not content and not special:
        return None
    try:
        state = _state.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        state = None
    if state is None or state.version != VERSION:
        raise ExportFailed(f"{path} is damaged, or was written by another version.", hint="export into a new folder")
    return state


_DIFFERENCES = {
    "organisation": "the organisation",
    "format": "the format",
    "filters": "the filters",
    "updates": "updates",
    "show_private": "private texts",
    "training": "training mode",
    "everyone": "everyone's incidents",
}


def _write(stream: Any, content: bytes) -> None:
    stream.write(content)


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}" for name, text in sorted(value.items())) or "none"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
