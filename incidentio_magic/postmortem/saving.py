"""Saves a draft atomically, and never over an edited file."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from incidentio_magic.errors import InputError

_PROMISE: Final = "while this line fits the text, the file may be replaced"
_MARK: Final = re.compile(rf"\n<!-- draft ([0-9a-f]{{64}}): {_PROMISE} -->\n\Z")


def save(path: Path, markdown: str, *, overwrite: bool) -> Path:
    """Write a draft to a file; its last line shows later whether the file was edited.

    Args:
        path: The file.
        markdown: The draft.
        overwrite: Whether to replace a file that was edited, or that is not a draft.

    Raises:
        InputError: If there is such a file, or it cannot be written.
    """
    try:
        if not overwrite and _is_somebodys(path):
            raise InputError(
                f"{path} is not an untouched draft, so it was not overwritten.",
                hint="save to another file, or add --overwrite",
            )
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    return replace_file(path, f"{markdown}\n<!-- draft {_digest(markdown)}: {_PROMISE} -->\n".encode())


def replace_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; its permissions stay.

    Args:
        path: The file.
        content: Its new content.

    Raises:
        InputError: If it cannot be written.
    """
    try:
        _replace(path, content)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    return path


def _unwritable(path: Path, error: Exception) -> InputError:
    why = getattr(error, "strerror", None) or error
    return InputError(f"{str(path)!r} cannot be written: {why}.", hint="name a file in a folder that exists")


def without_mark(text: str) -> str:
    """Return a saved draft's text without its last line."""
    return _MARK.sub("", text)


def _is_somebodys(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return True
    found = _MARK.search(text)
    return found is None or found[1] != _digest(without_mark(text))


def _digest(markdown: str) -> str:
    return hashlib.sha256(markdown.encode()).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    """Write a temporary file beside the file and replace it atomically; its permissions stay."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    present = os.umask(0o077)
    os.umask(present)
    return present
