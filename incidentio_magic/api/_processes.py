"""Gives a forked child process its own connections and locks."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any, Final, Protocol


class PerProcess(Protocol):
    """An object that holds sockets or locks."""

    def after_fork(self) -> None:
        """Replace the sockets and locks, because the parent still uses the old ones or held them during the fork."""


_locks: Final[weakref.WeakSet[Any]] = weakref.WeakSet()
_registered: Final[weakref.WeakSet[PerProcess]] = weakref.WeakSet()


def renew_after_fork(holder: PerProcess) -> None:
    """Make an object replace its sockets or locks in every child forked from this process."""
    _registered.add(holder)


def fork_safe_lock() -> Any:
    """Return a lock for the threads of a process; in a forked child it is free, even if the parent held it.

    It is the interpreter's own lock: an interrupt between two lines of a lock written in Python could leave it held for
    ever.
    """
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def _renew_all() -> None:
    for lock in list(_locks):
        lock._at_fork_reinit()  # noqa: SLF001  what the standard library does with its own locks
    for holder in list(_registered):
        holder.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)
