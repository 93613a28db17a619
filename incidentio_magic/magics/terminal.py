"""Frames in a plain terminal: whole columns, as many as fit, and a line that names the rest."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

MADE_BY: Final = "incidentio_magic"
_WIDEST: Final = 48
_FRAME: Final = ("pandas", "DataFrame")


def register(shell: InteractiveShell) -> None:
    """Show this project's frames whole in a terminal; other frames stay as they are."""
    _formatter(shell).for_type(".".join(_FRAME), _pretty)


def unregister(shell: InteractiveShell) -> None:
    """Undo `register`."""
    formatter = _formatter(shell)
    for key, function in list(formatter.deferred_printers.items()):
        if function is _pretty:
            del formatter.deferred_printers[key]
    for kind, function in list(formatter.type_printers.items()):
        if function is _pretty:
            del formatter.type_printers[kind]


def _formatter(shell: InteractiveShell) -> Any:
    display: Any = shell.display_formatter
    return display.formatters["text/plain"]


def _pretty(frame: pd.DataFrame, printer: Any, _cycle: bool) -> None:
    printer.text(fitted(frame, shutil.get_terminal_size((100, 24)).columns) if frame.attrs.get("made_by") == MADE_BY else repr(frame))


def fitted(frame: pd.DataFrame, width: int) -> str:
    """Return `frame` as text of at most `width` characters a line.

    Args:
        frame: A frame of incidents.
        width: The terminal's width in characters.
    """
    shown = frame.copy()
    for name in shown.columns:
        kind = str(shown[name].dtype)
        if kind.startswith("datetime64"):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d %H:%M")
        shown[name] = shown[name].astype(object).where(frame[name].notna(), "")
        shown[name] = [_cut(str(value)) for value in shown[name]]
    kept: list[str] = []
    used = 0
    for name in shown.columns:
        needs = 2 + max([len(str(name)), *(len(value) for value in shown[name])])
        if kept and used + needs > width:
            break
        used += needs
        kept.append(name)
    lines = [shown[kept].to_string(index=False, justify="left", max_colwidth=None)] if len(frame) else ["(no rows)"]
    if left := [str(name) for name in frame.columns if name not in kept]:
        lines.append(f"(+ {', '.join(left)})")
    return "\n".join(lines)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
