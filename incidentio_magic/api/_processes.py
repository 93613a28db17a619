"""What belongs to one process: a child that was forked gets connections and locks of its own."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol


class PerProcess(Protocol):
    """Something that holds sockets or locks."""

    def after_fork(self) -> None:
        """Replace them: the parent uses the old ones, or held them while it forked."""


_registered: Final[weakref.WeakSet[PerProcess]] = weakref.WeakSet()


def renew_after_fork(holder: PerProcess) -> None:
    """Let a holder of sockets or locks replace them in each child that is forked from this process."""
    _registered.add(holder)


class ProcessLock:
    """A lock between the threads of one process; in a forked child it is free, whoever held it in the parent."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Take a new lock."""
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_exception: object) -> None:
        self._lock.release()


def _renew_all() -> None:
    for holder in list(_registered):
        holder.after_fork()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_renew_all)
