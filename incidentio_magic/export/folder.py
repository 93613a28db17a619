"""The folder of an export: files that only their owner can read, written atomically."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from incidentio_magic.errors import ExportFailed, InputError
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Readers of datasets skip names that begin with an underscore or a dot.
HIDDEN: Final = "_export"
STATE: Final = "state.json"
CHANGED: Final = "changed.txt"
GAPS: Final = "gaps.jsonl"
LOCK: Final = "lock"
_MONTH: Final = "month="
_PART: Final = "part-"


def folder_path(text: str | Path) -> Path:
    """Return the path that `text` names, with `~` resolved.

    Raises:
        InputError: If no file system can have such a path.
    """
    try:
        path = Path(text).expanduser()
        possible = bool(os.fspath(text)) and b"\0" not in os.fsencode(path)
    except (ValueError, RuntimeError):  # a character that no path can have, or an unknown home directory
        possible = False
    if not possible:
        raise InputError(
            f"{printable(str(text))!a} is not the path of a folder.", hint='name a folder, like "exports/all"'
        )
    return path


class Folder:
    """The folder of an export.

    Args:
        path: The folder; it is created when the export is opened.
        suffix: The suffix of part files, such as `.parquet`.
    """

    def __init__(self, path: Path, suffix: str) -> None:
        self.path = path
        self.hidden = path / HIDDEN
        self.suffix = suffix

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Create the folder, and lock it against other exports.

        Raises:
            InputError: If the folder holds something else.
            ExportFailed: If it cannot be written, or another export is running in it.
        """
        with file_errors(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise InputError(f"{self.path} is a file.", hint="name a folder, or one that does not exist yet")
            if self.path.is_dir() and not self.hidden.is_dir() and any(self.path.iterdir()):
                raise InputError(
                    f"{self.path} holds something other than an export.", hint="name a new or an empty folder"
                )
            self.hidden.mkdir(parents=True, exist_ok=True, mode=0o700)
            for each in (self.path, self.hidden):
                each.chmod(0o700)
        lock = FileLock(self.hidden / LOCK, mode=0o600, thread_local=False)
        with file_errors(self.path):
            try:
                lock.acquire(blocking=False)
            except Timeout:
                raise ExportFailed(
                    f"Another export is running in {self.path}.", hint="wait for it, or name another folder"
                ) from None
        try:
            yield
        finally:
            lock.release()

    def write(self, path: Path, fill: Callable[[IO[bytes]], None]) -> None:
        """Write a file, or leave the old one unchanged if that fails.

        Args:
            path: The file, somewhere in the folder.
            fill: Writes its content.

        Raises:
            ExportFailed: If it cannot be written.
        """
        temporary = path.with_name(f".{path.name}.new")
        with file_errors(path):
            for folder in (path.parent.parent, path.parent):  # one at a time, because `parents` would ignore the mode
                folder.mkdir(exist_ok=True, mode=0o700)
            try:
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "wb") as stream:
                    fill(stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise

    def remove(self, path: Path) -> None:
        """Remove a file."""
        with file_errors(path):
            path.unlink(missing_ok=True)

    def months(self, dataset: str) -> list[str]:
        """Return the months a dataset has, in order."""
        with file_errors(self.path):
            folders = sorted((self.path / dataset).glob(f"{_MONTH}*"))
        return [folder.name.removeprefix(_MONTH) for folder in folders]

    def parts(self, dataset: str, month: str) -> list[Path]:
        """Return the files of a month, in order."""
        with file_errors(self.path):
            return sorted((self.path / dataset / f"{_MONTH}{month}").glob(f"{_PART}*{self.suffix}"))

    def new_part(self, dataset: str, month: str) -> Path:
        """Return the path of a month's next file."""
        parts = self.parts(dataset, month)
        number = int(parts[-1].name.removeprefix(_PART).removesuffix(self.suffix)) + 1 if parts else 1
        return self.path / dataset / f"{_MONTH}{month}" / f"{_PART}{number:06}{self.suffix}"


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Raise a failure of the file system as `ExportFailed`."""
    try:
        yield
    except (PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise ExportFailed(
            f"{path} cannot be written: {error.strerror or error}.", hint="name a folder with write permission"
        ) from None
    except OSError as error:
        raise ExportFailed(
            f"{path} cannot be written or read: {error.strerror or error}.",
            hint="nothing written so far is lost: free some space, then run the export again; it resumes from there",
            retryable=True,
        ) from None
