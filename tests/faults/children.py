"""Children that share what is imported, so that a client can be started, stopped and killed in milliseconds."""

from __future__ import annotations

import json
import os
import signal
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def end_of(code: int) -> str:
    """Return how a client process ended that should have ended well; nothing if it did.

    Args:
        code: Its exit code; negative for the signal that ended it, as `subprocess` has it.
    """
    if code >= 0:
        return f"a client process ended with the exit code {code}" if code else ""
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"a client process was ended by {name}"


class Child:
    """A process that runs one function and reports what it returned; started from a process without threads.

    Args:
        act: What it does; its result is reported as JSON.
        variables: The environment it has.
    """

    def __init__(self, act: Callable[[], Any], variables: Mapping[str, str]) -> None:
        self._killed_by = 0
        self._read, write = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._read)
            _run(act, variables, write)
        os.close(write)

    def result(self) -> Any:
        """Wait for its end and return what it reported; None if `kill` ended it before.

        Raises:
            RuntimeError: If it failed, or a signal ended it that nobody sent.
        """
        with os.fdopen(self._read, "rb") as pipe:
            report = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if code and code != -self._killed_by:
            raise RuntimeError(end_of(code))
        if not report or code:
            return None
        kind, value = json.loads(report)
        if kind == "error":
            raise RuntimeError(value)
        return value

    def kill(self, how: int) -> None:
        """Send it a signal."""
        self._killed_by = how
        os.kill(self.pid, how)


def _run(act: Callable[[], Any], variables: Mapping[str, str], write: int) -> None:
    try:
        os.environ.clear()
        os.environ.update(variables)
        report = ["result", act()]
    except BaseException:  # noqa: BLE001  whatever it is, the parent must hear of it
        report = ["error", traceback.format_exc()]
    with os.fdopen(write, "wb") as pipe:
        pipe.write(json.dumps(report).encode())
    os._exit(0)
