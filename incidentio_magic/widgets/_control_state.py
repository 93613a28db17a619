"""The state of a control, computed in the same way as in the page.

A front end sends one change of a control at a time, so a click may overtake the last change. The kernel marks each
field with the state it has received; `forms.js` delays the click until the mark matches what the user sees.
"""

from __future__ import annotations

from typing import Any, Final

_START: Final = 2166136261
_PRIME: Final = 16777619


def state_of(control: Any) -> str:
    """Return the state of a control: the chosen entry, whether it is ticked, or a fingerprint of its text."""
    if hasattr(control, "index"):
        return str(-1 if control.index is None else control.index)
    value = getattr(control, "value", "")
    return str(int(value)) if isinstance(value, bool) else fingerprint(str(value))


def fingerprint(text: str) -> str:
    """Return a short fingerprint of a text: FNV-1a over its UTF-16 code units.

    Line breaks are ignored, because a page changes them, and drops them in one-line boxes.
    """
    units = memoryview(text.replace("\r", "").replace("\n", "").encode("utf-16-le", "surrogatepass")).cast("H")
    found = _START
    for unit in units:
        found = (found ^ unit) * _PRIME & 0xFFFFFFFF
    return f"{found:x}"
