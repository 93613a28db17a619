"""What belongs to one process: a child that was forked gets connections and locks of its own."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any, Final, Protocol


class PerProcess(Protocol):
    """Something that holds sockets or locks."""

    def after_fork(self) -> None:
        """Replace them: the parent uses the old ones, or held them while it forked."""


_locks: Final[weakref.WeakSet[Any]] = weakref.WeakSet()
_registered: Final[weakref.WeakSet[PerProcess]] = weakref.WeakSet()


def renew_after_fork(holder: PerProcess) -> None:
    """Let a holder of sockets or locks replace them in each child that is forked from this process."""
    _registered.add(holder)


def fork_safe_lock() -> Any:
    """Return a lock between the threads of one process; in a forked child it is free, even if the parent held it.

    It is the interpreter's own lock, since an interrupt may strike between two lines of one written here, and leave it
    held for ever.
    """
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def _renew_all() -> None:
    for lock in list(_locks):
        lock._at_fork_reinit()  # noqa: SLF001  what the standard library does with its own locks
    for holder in list(_registered):
        holder.after_fork()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_renew_all)
