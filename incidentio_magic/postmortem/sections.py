"""Assigns the organisation's custom fields to sections of a postmortem, by the fields' names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, str]

# The first matching section takes a field, so that nothing appears twice in the document.
_CALLED: Final = {
    "trigger": re.compile(r"\b(trigger\w*|caused by|change that)\b", re.IGNORECASE),
    "detection": re.compile(r"\b(detect\w*|reported by|discover\w*|notic\w*)\b", re.IGNORECASE),
    "causes": re.compile(r"\b(root causes?|causes?|contribut\w*|why)\b", re.IGNORECASE),
    "resolution": re.compile(r"\b(resol\w*|fix\w*|mitigat\w*|remed\w*|workaround)\b", re.IGNORECASE),
    "impact": re.compile(r"\b(impact\w*|affected|customers?|users?|revenue|slas?|slos?|regions?)\b", re.IGNORECASE),
    "lessons": re.compile(r"\b(lessons?|learn\w*|went (well|badly|wrong))\b", re.IGNORECASE),
}
SECTIONS: Final = tuple(_CALLED)


def by_section(fields: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the filled fields of each section; `other` holds fields whose names match no section.

    Args:
        fields: name and value.
    """
    found: dict[str, list[Row]] = {name: [] for name in (*SECTIONS, "other")}
    for field in fields:
        section = next((name for name, called in _CALLED.items() if called.search(field["name"])), "other")
        found[section].append(field)
    return found
