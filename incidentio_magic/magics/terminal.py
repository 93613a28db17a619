"""Frames in a plain terminal: whole columns, as many as fit, and a line that names the rest."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

MADE_BY: Final = "incidentio_magic"
_WIDTHS: Final = (80, 60, 40, 30, 24)  # of a cell, tried until all columns fit
_READABLE: Final = 40
_GAP: Final = "  "
_KERNEL_WIDTH: Final = 100
_FRAMES: Final = ("pandas.DataFrame", "pandas.core.frame.DataFrame")  # where it says it is, by version


class Terminal:
    """Shows this project's frames whole as plain text; other frames stay as they are.

    Args:
        shell: The shell; in a kernel, which has no width, a line has 100 characters.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        display: Any = shell.display_formatter
        self._formatter = display.formatters["text/plain"]
        self._in_kernel = getattr(shell, "kernel", None) is not None

    def register(self) -> None:
        """Show this project's frames from now on."""
        for name in _FRAMES:
            self._formatter.for_type(name, self._show)

    def unregister(self) -> None:
        """Undo `register`."""
        for shown in (self._formatter.deferred_printers, self._formatter.type_printers):
            for key in [key for key, function in shown.items() if function == self._show]:
                del shown[key]

    def _show(self, frame: pd.DataFrame, printer: Any, _cycle: bool) -> None:
        if frame.attrs.get("made_by") != MADE_BY:
            printer.text(repr(frame))
            return
        width = _KERNEL_WIDTH if self._in_kernel else shutil.get_terminal_size((_KERNEL_WIDTH, 24)).columns
        printer.text(fitted(frame, width))


def fitted(frame: pd.DataFrame, width: int) -> str:
    """Return `frame` as text of at most `width` characters a line.

    Args:
        frame: A frame of incidents.
        width: The terminal's width in characters.
    """
    if frame.empty:
        return "(no rows)"
    shown = frame if frame.index.name is None else frame.reset_index()
    columns = [
        [name, *(_text(value, seconds=name == "at") for value in shown.iloc[:, position])]
        for position, name in enumerate(map(str, shown.columns))
    ]
    for widest in _WIDTHS:
        cut = [[_cut(cell, widest) for cell in cells] for cells in columns]
        if sum(max(map(len, cells)) + len(_GAP) for cells in cut) - len(_GAP) <= width:
            break
    else:
        cut = [[_cut(cell, _READABLE) for cell in cells] for cells in columns]
    kept: list[list[str]] = []
    used = -len(_GAP)
    for cells in cut:
        needed = max(map(len, cells))
        if kept and used + len(_GAP) + needed > width:
            break
        used += len(_GAP) + needed
        kept.append([cell.ljust(needed) for cell in cells])
    lines = [_GAP.join(row).rstrip() for row in zip(*kept, strict=True)]
    left = [cells[0] for cells in columns[len(kept) :]]
    return "\n".join([*lines, f"(+ {', '.join(left)})"] if left else lines)


def _text(value: Any, *, seconds: bool) -> str:
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}" if seconds else f"{value:%Y-%m-%d %H:%M}"
    return " ".join(str(value).split())


def _cut(text: str, widest: int) -> str:
    return text if len(text) <= widest else text[: widest - 1] + "…"
