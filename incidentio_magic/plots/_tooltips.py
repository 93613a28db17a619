"""Builds the tooltips of marks, with their rows in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.plots.looks import shortened
from incidentio_magic.plots.words import rows
from incidentio_magic.spans import span_text
from incidentio_magic.timeline.values import value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.plots.axis import TimeAxis

_LONGEST: Final = 6  # maximum rows of one text; the timeline itself has the rest
_LISTED: Final = 4  # events of a group that are listed
_COLUMNS: Final = ("actor", "actor_kind", "from", "to", "status", "severity", "source", "also_in", "incident")


def _numbered(name: str, most: int) -> list[str]:
    return [name if not number else f"{name} {number + 1}" for number in range(most)]


_ORDER: Final = (
    "at",
    "until",
    "since declared",
    "events",
    *_numbered("what", _LISTED),
    "and",
    "who",
    *_numbered("change", _LONGEST),
    "then",
    "source",
    "stream",
    "recorded",
    *_numbered("message", _LONGEST),
)

TOOLTIP: Final = {"expr": "{" + ", ".join(f"'{name}': datum.tip['{name}']" for name in _ORDER) + "}"}
"""The tooltip of a mark. A saved notebook sorts the names in its data, so the expression holds their order."""


def of_event(event: dict[Any, Any], axis: TimeAxis, own: str, late: set[str], *, longest: int) -> dict[str, str]:
    """Return the tooltip of one event.

    Args:
        event: A row of the timeline.
        axis: The time axis, which formats moments.
        own: The incident's reference; events of its streams name their stream.
        late: The IDs of events that were recorded long after they happened.
        longest: The maximum number of characters of the message.
    """
    text = {name: "" if pd.isna(event[name]) else str(event[name]) for name in _COLUMNS}
    tip = {"at": axis.written(event["at"].to_pydatetime())}
    if not pd.isna(event["elapsed"]):
        tip["since declared"] = span_text(event["elapsed"])
    tip |= _bounded("what", _title(event))
    if text["actor"]:
        kind = text["actor_kind"].replace("_", " ")
        tip["who"] = text["actor"] + (f" ({kind})" if kind not in {"", "user"} else "")
    if text["from"] or text["to"]:
        before, after = (value_text(event["kind"], text[name], axis.written) or "(none)" for name in ("from", "to"))
        tip |= _bounded("change", f"{before} → {after}")
    tip["then"] = " · ".join(state for state in (text["status"], text["severity"]) if state)
    tip["source"] = text["source"] + (f", also in {text['also_in']}" if text["also_in"] else "")
    if text["incident"] not in {own, ""}:
        tip["stream"] = text["incident"]
    if event["entry_id"] in late and not pd.isna(event["recorded_at"]):
        tip["recorded"] = axis.written(event["recorded_at"].to_pydatetime())
    if not pd.isna(event["detail"]):
        tip |= _bounded("message", _shortened(str(event["detail"]), longest))
    return {name: value for name, value in tip.items() if value}


def of_group(events: Sequence[dict[Any, Any]], axis: TimeAxis) -> dict[str, str]:
    """Return the tooltip of several events: their period, their number, and the first of them.

    Args:
        events: Rows of the timeline, in order.
        axis: The time axis, which formats moments.
    """
    tip = {
        "at": axis.written(events[0]["at"].to_pydatetime()),
        "until": axis.written(events[-1]["at"].to_pydatetime()),
        "events": str(len(events)),
    }
    for name, event in zip(_numbered("what", _LISTED), events, strict=False):
        tip[name] = f"{axis.clock(event['at'].to_pydatetime())} {shortened(_title(event), 50)}"
    if len(events) > _LISTED:
        tip["and"] = f"{len(events) - _LISTED} more"
    return tip


def _title(event: dict[Any, Any]) -> str:
    return "" if pd.isna(event["title"]) else str(event["title"])


def _shortened(text: str, longest: int) -> str:
    """Return a text of limited length, with its line breaks."""
    return text if len(text) <= longest else f"{text[: longest - 2].rstrip()} …"


def _bounded(name: str, text: str) -> dict[str, str]:
    """Return a text as rows, cut to what a tooltip can show."""
    found = rows(name, text)
    if len(found) <= _LONGEST:
        return found
    kept = dict(list(found.items())[:_LONGEST])
    final = list(kept)[-1]
    kept[final] = f"{kept[final][:200].rstrip()} …"
    return kept
