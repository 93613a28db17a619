"""One at a time: what two kernels of this machine want to write alike is written by one after the other."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, Final

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BETWEEN_TRIES: Final = 0.02


@contextmanager
def turn(
    folder: Path,
    name: str,
    *,
    patience: float,
    waiting: Callable[[bool], None] = lambda _begins: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bool]:
    """Wait until nobody else on this machine has the turn called `name`, and keep it.

    Yields whether the turn was got. It is not where the system has no file locks, the folder cannot be used, or the
    other one keeps it for too long: a turn makes the telling of a write better, the write never depends on it. A
    process that dies gives its turn back.

    Args:
        folder: Where the files that stand for the turns are; made when first needed. Few names share a file.
        name: Text and digits; its last two characters choose the file.
        patience: Seconds to wait at most.
        waiting: Called with True if it has to wait, and then with False when the wait is over.
        sleep: Waits for so many seconds.
    """
    file = _opened(folder, name)
    try:
        yield file is not None and _locked(file, patience, waiting, sleep)
    finally:
        if file is not None:
            file.close()


def _opened(folder: Path, name: str) -> FileIO | None:
    """Return the file of a turn; an object, so that no interrupt, wherever it strikes, leaves it open."""
    if sys.platform == "win32":
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileIO(folder / name[-2:], "a", opener=lambda path, flags: os.open(path, flags, 0o600))
    except OSError:
        return None


def _locked(file: FileIO, patience: float, waiting: Callable[[bool], None], sleep: Callable[[float], None]) -> bool:
    got = _try(file)
    if got is not None:
        return got
    waiting(True)
    try:
        while got is None and patience > 0:
            sleep(_BETWEEN_TRIES)
            patience -= _BETWEEN_TRIES
            got = _try(file)
    finally:
        waiting(False)
    return bool(got)


def _try(file: FileIO) -> bool | None:
    """Return whether the lock was got; None if somebody has it, False if this file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:
        return False
    return True
