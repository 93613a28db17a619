"""Prepares an incident's events for a document: all of them by day, and the key events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.postmortem.markdown import cell, inline, quoted
from incidentio_magic.spans import span_text
from incidentio_magic.timeline.values import value_text

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable

    from incidentio_magic.postmortem._clock import DocumentClock

Row = dict[str, str]

KEY_KINDS: Final = ("declaration", "update", "status", "severity", "merge", "page", "acknowledgement", "alert")
"""The kinds of events that count as key events, in addition to the curated timeline."""


def events(
    frame: pd.DataFrame, clock: DocumentClock, *, kinds: Collection[str] = (), curated: bool = False
) -> list[Row]:
    """Return the timeline's events in order.

    Args:
        frame: The timeline.
        clock: Formats moments.
        kinds: The kinds of the key events; `KEY_KINDS` and the curated timeline if empty.
        curated: Whether only events of the curated timeline count as key events.
    """
    late = set(frame.attrs["backdated"])
    return [
        _event(event, clock, late=event["entry_id"] in late, key=_is_key(event, kinds, curated=curated))
        for event in frame.to_dict("records")
    ]


def by_day(rows: Iterable[Row]) -> list[dict[str, object]]:
    """Return events grouped by their day, in order: `day` and its `events`."""
    days: dict[str, list[Row]] = {}
    for row in rows:
        days.setdefault(row["day"], []).append(row)
    return [{"day": day, "events": of_day} for day, of_day in days.items()]


def at_moment(rows: Iterable[Row], moment: str) -> list[Row]:
    """Return the key events at a formatted moment, such as those at the end of the impact."""
    return [row for row in rows if moment and row["at"] == moment and row["key"]]


def _is_key(event: dict[Hashable, Any], kinds: Collection[str], *, curated: bool) -> bool:
    if curated:
        return event["curated"] is True
    return event["kind"] in (kinds or KEY_KINDS) or (event["curated"] is True and not kinds)


def _event(event: dict[Hashable, Any], clock: DocumentClock, *, late: bool, key: bool) -> Row:
    at = event["at"].to_pydatetime()
    moment = clock.moment(at)
    text = {str(name): "" if pd.isna(value) else str(value) for name, value in event.items()}
    title, detail = _once(text["title"], text["detail"])
    return {
        "at": moment,
        "day": clock.day(at),
        "time": clock.time(at),
        "elapsed": "" if pd.isna(event["elapsed"]) else span_text(event["elapsed"]),
        "kind": inline(text["kind"].replace("_", "-")),
        "title": inline(title),
        "detail": cell(detail),
        "message": quoted(detail),
        "actor": inline(text["actor"]),
        "change": inline(_change(text, title, moment, clock)),
        "source": inline(text["source"]),
        "curated": "yes" if event["curated"] is True else "",
        "key": "yes" if key else "",
        "recorded_at": clock.moment(event["recorded_at"].to_pydatetime()) if late else "",
    }


def _once(title: str, detail: str) -> tuple[str, str]:
    """Return title and detail without repetition: `Fixing: Found it.` becomes `Fixing` if the message follows."""
    if detail in title:
        return title, ""
    label, colon, beginning = title.partition(": ")
    if colon and beginning and detail.startswith(beginning.rstrip(" .…")):
        return label, detail
    return title, detail


def _change(text: dict[str, str], title: str, at: str, clock: DocumentClock) -> str:
    """Return the values before and after, unless the event's title or moment already says them."""
    before, after = (value_text(text["kind"], text[name], clock.moment) for name in ("from", "to"))
    if text["kind"] == "declaration":
        after = ", ".join(value for value in after.split(", ") if value not in title)
    if text["source"] == "alerts" or text["kind"] == "merge" or (not before and (after == at or after in title)):
        return ""
    if before:
        return f"{before} → {after or '(none)'}"
    return after if text["kind"] == "declaration" else f"to {after or '(none)'}"
