"""Frames whose cell has shown them in another way, and which that cell does not show a second time."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell


class CellRuns:
    """Counts the runs of cells, so that a frame knows the run it was made in.

    Args:
        shell: The shell whose runs are counted.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._events = shell.events
        self._run = 0

    def register(self) -> None:
        """Count from now on."""
        self._events.register("pre_run_cell", self._begin)

    def unregister(self) -> None:
        """Stop counting."""
        self._events.unregister("pre_run_cell", self._begin)

    def _begin(self, *_information: object) -> None:
        self._run += 1

    def hide(self, frame: pd.DataFrame, show: Callable[[], None] | None = None) -> pd.DataFrame:
        """Return `frame`, which the cell that runs now does not show as its value.

        It stays a plain DataFrame: what is computed from it or copied is shown as any other.

        Args:
            frame: Any frame.
            show: How a later cell shows it while its columns and rows are as they are now; None for as any frame.
        """
        made_in = self._run
        unchanged = (list(frame.columns), len(frame))
        reference = weakref.ref(frame)

        def display() -> None:
            if self._run == made_in:
                return
            now = reference()
            if show is None or now is None or (list(now.columns), len(now)) != unchanged:
                raise NotImplementedError  # IPython then shows it as any other frame
            show()

        hook: Any = display
        object.__setattr__(frame, "_ipython_display_", hook)  # pandas would take it for a column
        return frame
