"""What a control holds, in the form in which the page computes it too.

A front end sends one change of a control at a time, so that a click may overtake the last one. The kernel
shows beside each field which state it has taken note of; `forms.js` waits until that is what is seen.
"""

from __future__ import annotations

from typing import Any, Final

_START: Final = 2166136261
_PRIME: Final = 16777619


def state_of(control: Any) -> str:
    """Return the state of a control: the entry that is chosen, whether it is ticked, or a fingerprint of its text."""
    if hasattr(control, "index"):
        return str(-1 if control.index is None else control.index)
    value = getattr(control, "value", "")
    return str(int(value)) if isinstance(value, bool) else fingerprint(str(value))


def fingerprint(text: str) -> str:
    """Return a short fingerprint of a text: FNV-1a over its UTF-16 code units.

    Line breaks are left out: a page changes them, or drops them where a box has one line.
    """
    units = memoryview(text.replace("\r", "").replace("\n", "").encode("utf-16-le", "surrogatepass")).cast("H")
    found = _START
    for unit in units:
        found = (found ^ unit) * _PRIME & 0xFFFFFFFF
    return f"{found:x}"
