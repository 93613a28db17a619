"""Inter-process lock that serialises identical writes from several kernels on one machine."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BETWEEN_TRIES: Final = 0.02


@contextmanager
def process_lock(
    folder: Path,
    name: str,
    *,
    patience: float,
    waiting: Callable[[bool], None] = lambda _begins: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bool]:
    """Wait until no other thread or process on this machine holds the lock called `name`, then hold it.

    Yields whether the lock was acquired. It is not acquired if the folder cannot be used, the file system has no locks,
    or the other process holds the lock for too long. That is safe: the lock only lets a kernel report what another
    kernel wrote, and writes are correct without it. A process that dies releases its locks.

    Args:
        folder: The folder of the lock files; created when first needed. A few names share each file.
        name: Text and digits; its last two characters choose the file.
        patience: Seconds to wait at most.
        waiting: Called with True when a wait begins, and with False when it is over.
        sleep: Waits for a number of seconds.
    """
    lock = FileLock(folder / name[-2:], mode=0o600, thread_local=False)
    try:
        yield _acquired(lock, folder, patience, waiting, sleep)
    finally:
        lock.release()


def _acquired(
    lock: FileLock, folder: Path, patience: float, waiting: Callable[[bool], None], sleep: Callable[[float], None]
) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _try(lock):
            return True
        waiting(True)
        try:
            # Polls with our own `sleep`, which shows the wait and can be interrupted; the library's wait cannot.
            while patience > 0:
                sleep(_BETWEEN_TRIES)
                patience -= _BETWEEN_TRIES
                if _try(lock):
                    return True
        finally:
            waiting(False)
    except (OSError, NotImplementedError):  # a folder that cannot be used; a file system without locks
        return False
    return False


def _try(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True
