"""Prepares the lists of a document besides the events: statuses, severities, alerts, pages and unread sources."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from incidentio_magic.frames import MASK
from incidentio_magic.frames.timeline import changes
from incidentio_magic.moments import between
from incidentio_magic.postmortem.markdown import inline, link
from incidentio_magic.spans import span_text
from incidentio_magic.timeline import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.postmortem._clock import DocumentClock

    Shown = Callable[[str | None], str | None]

Row = dict[str, str]


def history(frame: pd.DataFrame, name: str, now: datetime | None, clock: DocumentClock) -> list[Row]:
    """Return the values that a column of the timeline had, when each began, and how long it lasted.

    Args:
        frame: The timeline.
        name: status or severity.
        now: The current moment, for an incident that is still open; None if the last value is final.
        clock: Formats moments.
    """
    if frame.empty:
        return []
    found = changes(frame, name)
    return [
        {
            "at": clock.moment(at),
            "value": inline(value),
            "lasted": span_text(following[0] - at) if following else f"{span_text(now - at)} so far" if now else "",
        }
        for (at, value), following in zip_longest(found, found[1:])
    ]


def alerts(links: Iterable[models.IncidentAlert], shown: Shown, clock: DocumentClock) -> list[Row]:
    """Return the alerts in the order in which they fired.

    Args:
        links: The alerts attached to the incident.
        shown: Masks private texts.
        clock: Formats moments.
    """
    unique = {link_of_alert.alert.id: link_of_alert.alert for link_of_alert in links}
    found = []
    for alert in sorted(unique.values(), key=lambda alert: (alert.created_at, alert.id)):
        title = shown(alert.title) or ""
        over = alert.resolved_at
        found.append(
            {
                "title": link(title, alert.source_url if title == alert.title else None),
                "fired_at": clock.moment(alert.created_at),
                "resolved_at": clock.moment(over) if over else "",
                "lasted": "" if (span := between(alert.created_at, over)) is None else span_text(span),
            }
        )
    return found


def pages(frame: pd.DataFrame, escalations: Iterable[models.Escalation], clock: DocumentClock) -> list[Row]:
    """Return each page with the time until somebody acknowledged it.

    Args:
        frame: The timeline, already masked; its attrs pair pages with their acknowledgements.
        escalations: The pages' records.
        clock: Formats moments.
    """
    known = {escalation.id: escalation for escalation in escalations}
    rows = zip(frame["entry_id"], frame["title"], frame["to"].fillna(""), strict=True)
    shown = {identity: (title, to) for identity, title, to in rows}
    found = []
    for page in from_json(frame.attrs.get("pages", ())):
        escalation = known.get(page["escalation"])
        title, to = shown[page["entry_id"]]
        if escalation:
            # The timeline masks a page about a private incident, even if this incident is public.
            title, to = title if title == MASK else escalation.title, ", ".join(_notified(escalation))
        acknowledged = page["acknowledged_at"]
        found.append(
            {
                "title": inline(title),
                "at": clock.moment(page["paged_at"]),
                "to": inline(to),
                "acknowledged_at": clock.moment(acknowledged) if acknowledged else "",
                "by": inline(page["by"]),
                "waited": span_text(acknowledged - page["paged_at"]) if acknowledged else "",
            }
        )
    return found


def _notified(escalation: models.Escalation) -> list[str]:
    people = (user.name for event in escalation.events if event.event == "notified_users" for user in event.users or ())
    return list(dict.fromkeys(people))


def unread(frame: pd.DataFrame) -> list[Row]:
    """Return the sources that could not be read, or not to their end, and why.

    Args:
        frame: The timeline; its attrs say how the reading of each source ended.
    """
    sources: dict[str, dict[str, Any]] = frame.attrs["sources"]
    return [
        {
            "source": inline(name.replace("_", "-")),
            "why": inline(f"{ended['state']}: {ended['why']}" if ended["why"] else ended["state"]),
        }
        for name, ended in sources.items()
        if ended["state"] not in {"read", "empty"}
    ]
