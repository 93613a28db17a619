"""Hides values that their own cell must not show, because it already showed them or ends in a semicolon."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

Value = TypeVar("Value")
_HOOK: Final = "_ipython_display_"  # IPython prefers this method to every other way to show a value


class CellRuns:
    """Counts the runs of cells, so that a value knows in which run it was made.

    Args:
        shell: The shell whose runs are counted.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._events = shell.events
        self._run = 0

    def register(self) -> None:
        """Start counting."""
        self._events.register("pre_run_cell", self._begin)

    def unregister(self) -> None:
        """Stop counting."""
        self._events.unregister("pre_run_cell", self._begin)

    def _begin(self, *_information: object) -> None:
        self._run += 1

    def hide(self, value: Value, show: Callable[[], None] | None = None) -> Value:
        """Return `value`, hidden from the running cell's output.

        A frame stays a plain DataFrame: anything computed or copied from it is shown as usual.

        Args:
            value: The value that a magic returns.
            show: How a later cell shows it if its columns and rows are unchanged; None for the usual way.
        """
        made_in = self._run
        unchanged = _shape(value)
        reference = weakref.ref(value)

        def display() -> None:
            if self._run == made_in:
                return
            now = reference()
            if show is not None and _shape(now) == unchanged:
                show()
            elif usual := getattr(type(now), _HOOK, None):
                usual(now)
            else:
                raise NotImplementedError  # then IPython shows it as usual

        object.__setattr__(value, _HOOK, display)  # pandas would treat the attribute as a column
        return value


def _shape(value: Any) -> Any:
    return list(getattr(value, "columns", ())), len(getattr(value, "index", ()))
