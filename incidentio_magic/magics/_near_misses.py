"""Registers misspelt names of magics; each raises an error that shows the line to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import looks_like_a_key

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_LINES: Final = {
    "incident": "%incidents {rest}",
    "incidentio": "%incidents {rest}",
    "incidentio_magic": "%incidents {rest}",
    "incident_update": "%%incident_update {rest}",
    "incident_declare": "%%incident_declare {rest}",
    "incident_event": "%%incident_event {rest}",
    "incident_followup": "%%incident_followup {rest}",
    "incident_action": "%%incident_action {rest}",
}
_CELLS: Final = {
    "incidents": "%incidents {rest}",
    "incident": "%incidents {rest}",
    "incidents_update": "%%incident_update {rest}",
    "incidents_declare": "%%incident_declare {rest}",
    "incidents_event": "%%incident_event {rest}",
    "incidents_followup": "%%incident_followup {rest}",
    "incident_follow_up": "%%incident_followup {rest}",
    "incidents_action": "%%incident_action {rest}",
}
_MARKS: Final = {"line": "%", "cell": "%%"}


def register(shell: InteractiveShell) -> None:
    """Register the misspelt names as errors with a hint."""
    for kind, names in (("line", _LINES), ("cell", _CELLS)):
        for name, instead in names.items():
            if name not in shell.magics_manager.magics[kind]:
                shell.register_magic_function(_hint(name, kind, instead), kind, name)


def unregister(shell: InteractiveShell) -> None:
    """Undo `register`."""
    for kind, names in (("line", _LINES), ("cell", _CELLS)):
        for name in names:
            if getattr(shell.magics_manager.magics[kind].get(name), "is_near_miss", False):
                del shell.magics_manager.magics[kind][name]


def _hint(name: str, kind: str, instead: str) -> Any:
    def near_miss(line: str, _cell: str = "") -> None:
        rest = " ".join("…" if looks_like_a_key(word) else word for word in line.split())
        spelling = instead.format(rest=rest).rstrip()
        below = ", with the text below it, as the first line of its cell" if spelling.startswith("%%") else ""
        raise InputError(f"There is no magic {_MARKS[kind]}{name}.", hint=f"did you mean {spelling}{below}?")

    near_miss.is_near_miss = True  # type: ignore[attr-defined]
    near_miss._ipython_magic_no_var_expand = True  # type: ignore[attr-defined]  # noqa: SLF001  as no_var_expand does
    near_miss.__doc__ = f"Not a magic: see {instead.split(maxsplit=1)[0]}."
    return near_miss
