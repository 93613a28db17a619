"""What happened in one incident: events, changes of status and severity, alerts, pages; and what could not be read."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd

from incidentio_magic.frames import MASK
from incidentio_magic.plots.bands import changes
from incidentio_magic.plots.words import lasted, value_of
from incidentio_magic.postmortem.markdown import cell, inline, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from incidentio_magic.api import models

    Shown = Callable[[str | None], str | None]
    Written = Callable[[datetime], str]

Row = dict[str, str]


def events(frame: pd.DataFrame, written: Written) -> list[Row]:
    """Return the timeline's events in order.

    Args:
        frame: The timeline.
        written: Writes a moment.
    """
    found = []
    late = set(frame.attrs["backdated"])
    for event in frame.to_dict("records"):
        at = written(event["at"].to_pydatetime())
        text = {str(name): "" if pd.isna(value) else str(value) for name, value in event.items()}
        detail = "" if text["detail"] in text["title"] else text["detail"]
        found.append(
            {
                "at": at,
                "elapsed": "" if pd.isna(event["elapsed"]) else lasted(event["elapsed"]),
                "kind": inline(text["kind"].replace("_", "-")),
                "title": inline(text["title"]),
                "detail": cell(detail),
                "actor": inline(text["actor"]),
                "change": inline(_change(text, at, written)),
                "source": inline(text["source"]),
                "curated": "yes" if event["curated"] is True else "",
                "recorded_at": written(event["recorded_at"].to_pydatetime()) if event["entry_id"] in late else "",
            }
        )
    return found


def _change(text: dict[str, str], at: str, written: Written) -> str:
    """Return what was and what is, as far as the event's title and its moment do not say it."""
    before, after = (value_of(text["kind"], text[name], written) for name in ("from", "to"))
    if text["kind"] == "declaration":
        after = ", ".join(one for one in after.split(", ") if one not in text["title"])
    if text["source"] == "alerts" or (not before and (after == at or after in text["title"])):
        return ""
    return " ".join(one for one in (before, "→", after or "(none)") if one)


def history(frame: pd.DataFrame, name: str, now: datetime | None, written: Written) -> list[Row]:
    """Return when a column of the timeline took which value, and for how long.

    Args:
        frame: The timeline.
        name: status or severity.
        now: The present moment, for an incident that is still open; None if the last value is for good.
        written: Writes a moment.
    """
    if frame.empty:
        return []
    found = changes(frame, name)
    return [
        {
            "at": written(at),
            "value": inline(value),
            "lasted": lasted(following[0] - at) if following else f"{lasted(now - at)} so far" if now else "",
        }
        for (at, value), following in zip_longest(found, found[1:])
    ]


def alerts(links: Iterable[models.IncidentAlert], shown: Shown, written: Written) -> list[Row]:
    """Return the alerts in the order in which they fired.

    Args:
        links: The alerts attached to the incident.
        shown: Masks what is private.
        written: Writes a moment.
    """
    unique = {one.alert.id: one.alert for one in links}
    found = []
    for one in sorted(unique.values(), key=lambda alert: (alert.created_at, alert.id)):
        title = shown(one.title) or ""
        over = one.resolved_at
        found.append(
            {
                "title": link(title, one.source_url if title == one.title else None),
                "fired_at": written(one.created_at),
                "resolved_at": written(over) if over else "",
                "lasted": lasted(over - one.created_at) if over else "",
            }
        )
    return found


def pages(frame: pd.DataFrame, escalations: Iterable[models.Escalation], written: Written) -> list[Row]:
    """Return each page with the time until somebody acknowledged it.

    Args:
        frame: The timeline, masked as it shall be, whose attrs pair pages with their acknowledgements.
        escalations: What is known of the pages.
        written: Writes a moment.
    """
    known = {one.id: one for one in escalations}
    rows = zip(frame["entry_id"], frame["title"], frame["to"].fillna(""), strict=True)
    told = {identity: (title, to) for identity, title, to in rows}
    found = []
    for page in frame.attrs.get("pages", ()):
        escalation = known.get(page["escalation"])
        title, to = told[page["entry_id"]]
        if escalation:
            # The timeline masks a page that is about a private incident, whatever this incident is.
            title, to = title if title == MASK else escalation.title, ", ".join(_notified(escalation))
        acknowledged = page["acknowledged_at"]
        found.append(
            {
                "title": inline(title),
                "at": written(page["paged_at"]),
                "to": inline(to),
                "acknowledged_at": written(acknowledged) if acknowledged else "",
                "by": inline(page["by"]),
                "waited": lasted(acknowledged - page["paged_at"]) if acknowledged else "",
            }
        )
    return found


def _notified(escalation: models.Escalation) -> list[str]:
    people = (one.name for event in escalation.events if event.event == "notified_users" for one in event.users or ())
    return list(dict.fromkeys(people))


def unread(frame: pd.DataFrame) -> list[Row]:
    """Return the sources that could not be read, or not to their end, and why.

    Args:
        frame: The timeline, whose attrs say of each source how its reading ended.
    """
    sources: dict[str, dict[str, Any]] = frame.attrs["sources"]
    return [
        {
            "source": inline(name.replace("_", "-")),
            "why": inline(f"{one['state']}: {one['why']}" if one["why"] else one["state"]),
        }
        for name, one in sources.items()
        if one["state"] not in {"read", "empty"}
    ]
