"""Arranges the facts about an incident for a postmortem; every text is safe in Markdown."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.frames import MASK, lead
from incidentio_magic.names.declaration import declared_at, declared_timestamp
from incidentio_magic.postmortem._clock import DocumentClock
from incidentio_magic.postmortem.durations import durations, impact
from incidentio_magic.postmortem.events import at_moment, by_day, events
from incidentio_magic.postmortem.markdown import inline, link, quoted
from incidentio_magic.postmortem.records import alerts, history, pages, unread
from incidentio_magic.postmortem.sections import by_section

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.timeline import Records

Row = dict[str, str]
_DONE: Final = frozenset({"completed", "not_doing", "deleted"})
_MOST_EVENTS: Final = 300  # rows of the appendix; nobody reads thousands of rows
_MOST_KEY_EVENTS: Final = 60


@dataclass(frozen=True)
class Facts:
    """The variables of a template: texts that are safe in Markdown, and rows of such texts by name.

    Args:
        incident: reference, name, status, severity, type, mode, visibility, declared_at, declared_by, lead.
        summary: The incident's summary as a quotation; empty if there is none.
        zone: The time zone of all times.
        as_of: When the records were read.
        is_open: Whether people are still working on it.
        is_masked: Whether private texts are masked.
        impact: start, end, lasted, how; the end is empty while the impact continues.
        people: role, name.
        took_part: Names of others who did something.
        fields: name, value: every filled custom field.
        sections: The custom fields about a section (trigger, detection, causes, resolution, impact, lessons, other):
            name, value.
        durations: name, lasted, how.
        events: day, time, at, elapsed, kind, title, detail (one line), message (the detail as a quotation), actor,
            change, source, curated, key, recorded_at (if recorded long after it happened; otherwise empty).
        key_events: The key events by day: day, events.
        ending: The key events at the moment when the impact ended.
        appendix: The events by day, at most 300 of them, key events first: day, events.
        left_out: How many events each list leaves out: key_events, appendix.
        statuses: at, value, lasted.
        severities: at, value, lasted.
        alerts: title (a link if there is one), fired_at, resolved_at, lasted.
        pages: title, at, to, acknowledged_at, by, waited.
        follow_ups: title (a link if there is one), status, assignee, priority; outstanding follow-ups first.
        actions: title, status, assignee; outstanding actions first.
        links: Links in Markdown.
        unread: source, why.
        chart: The file name of the picture of the timeline; empty if there is none.
    """

    incident: Row
    summary: str
    zone: str
    as_of: str
    is_open: bool
    is_masked: bool
    impact: Row
    people: list[Row]
    took_part: list[str]
    fields: list[Row]
    sections: dict[str, list[Row]]
    durations: list[Row]
    events: list[Row]
    key_events: list[dict[str, object]]
    ending: list[Row]
    appendix: list[dict[str, object]]
    left_out: dict[str, int]
    statuses: list[Row]
    severities: list[Row]
    alerts: list[Row]
    pages: list[Row]
    follow_ups: list[Row]
    actions: list[Row]
    links: list[str]
    unread: list[Row]
    chart: str = ""

    def variables(self) -> dict[str, Any]:
        """Return the facts by name, as a template's variables."""
        return asdict(self)


def facts(
    records: Records,
    frame: pd.DataFrame,
    timestamps: Sequence[models.IncidentTimestamp],
    *,
    zone: ZoneInfo,
    show_private: bool,
    kinds: Collection[str] = (),
    curated: bool = False,
    chart: str = "",
) -> Facts:
    """Return the facts about an incident.

    Args:
        records: What was read about it.
        frame: Its timeline, as `timeline` returns it, already masked.
        timestamps: The organisation's timestamps, which say what fixed and closed mean.
        zone: The time zone of all times.
        show_private: Whether to include the text of a private incident.
        kinds: The kinds of key events; if empty, `KEY_KINDS` and the curated timeline.
        curated: Whether only events of the curated timeline count as key events.
        chart: The file name of the picture of the timeline; empty if there is none.
    """
    incident = records.incident
    masked = incident.is_private and not show_private

    def shown(text: str | None, incident_id: str = incident.id) -> str | None:
        return MASK if text and records.is_private(incident_id) and not show_private else text

    now = datetime.fromisoformat(frame.attrs["as_of"])
    clock = DocumentClock(zone)
    assigned = [
        (assignment.role.name, assignment.assignee.name)
        for assignment in incident.incident_role_assignments or ()
        if assignment.assignee
    ]
    acting = frame.loc[frame["actor_kind"] == "user", "actor"].dropna()
    all_events = events(frame, clock, kinds=kinds, curated=curated)
    key_events = [event for event in all_events if event["key"]]
    fields = _fields(incident, shown)
    impacted = impact(incident, timestamps, clock.moment)
    until = now if incident.is_open else None
    return Facts(
        incident={
            "reference": inline(incident.reference),
            "name": inline(shown(incident.name)),
            "status": inline(incident.incident_status.name),
            "severity": inline(incident.severity.name if incident.severity else "none"),
            "type": inline(incident.incident_type.name if incident.incident_type else ""),
            "mode": inline(incident.mode),
            "visibility": inline(incident.visibility),
            "declared_at": clock.moment(declared_at(incident, declared_timestamp(timestamps))),
            "declared_by": inline(_declared_by(incident, shown)),
            "lead": inline(lead(incident)),
        },
        summary=quoted(shown(incident.summary)),
        zone=zone.key,
        as_of=clock.moment(now),
        is_open=incident.is_open,
        is_masked=masked,
        impact=impacted,
        people=[{"role": inline(role), "name": inline(name)} for role, name in assigned],
        took_part=[
            inline(actor) for actor in dict.fromkeys(map(str, acting)) if actor not in {name for _, name in assigned}
        ],
        fields=fields,
        sections=by_section(fields),
        durations=durations(incident, timestamps),
        events=all_events,
        key_events=by_day(key_events[:_MOST_KEY_EVENTS]),
        ending=at_moment(all_events, impacted["end"]),
        appendix=by_day(_chosen(all_events)),
        left_out={
            "key_events": max(0, len(key_events) - _MOST_KEY_EVENTS),
            "appendix": max(0, len(all_events) - _MOST_EVENTS),
        },
        statuses=history(frame, "status", until, clock),
        severities=history(frame, "severity", until, clock),
        alerts=alerts(records.alerts, shown, clock),
        pages=pages(frame, records.escalations, clock),
        follow_ups=[_follow_up(follow_up, shown) for follow_up in _open_first(records.follow_ups)],
        actions=[
            {
                "title": inline(shown(action.description, action.incident_id)),
                "status": inline(action.status.replace("_", " ")),
                "assignee": inline(action.assignee.name if action.assignee else "nobody"),
            }
            for action in _open_first(records.actions)
        ],
        links=_links(records, show_private=show_private),
        unread=unread(frame),
        chart=chart,
    )


def _chosen(rows: list[Row]) -> list[Row]:
    """Return the events of the appendix in order; if there are too many, key events are kept first."""
    if len(rows) <= _MOST_EVENTS:
        return rows
    ranked = sorted(range(len(rows)), key=lambda place: (not rows[place]["key"], place))
    return [rows[place] for place in sorted(ranked[:_MOST_EVENTS])]


def _declared_by(incident: models.Incident, shown: Any) -> str:
    creator = incident.creator
    if creator is None:
        return ""
    named = creator.user or creator.api_key or creator.workflow
    if named:
        return named.name
    return f"the alert {shown(creator.alert.title)}" if creator.alert else ""


def _fields(incident: models.Incident, shown: Any) -> list[Row]:
    found = []
    for entry in incident.custom_field_entries or ():
        texts = []
        for value in entry.values:  # noqa: PD011  a record's field, not a frame's
            if text := value.text:
                seen = shown(text)
                texts.append(link(text, text) if value.value_link and seen == text else inline(seen))
        if texts:
            found.append({"name": inline(entry.custom_field.name), "value": ", ".join(dict.fromkeys(texts))})
    return found


def _open_first(tasks: Sequence[Any]) -> list[Any]:
    return sorted(tasks, key=lambda task: (task.status in _DONE, task.created_at, task.id))


def _follow_up(follow_up: models.FollowUp, shown: Any) -> Row:
    issue = follow_up.external_issue_reference
    title = shown(follow_up.title, follow_up.incident_id)
    return {
        "title": link(title, issue.issue_permalink if issue and title == follow_up.title else None),
        "status": inline(follow_up.status.replace("_", " ")),
        "assignee": inline(follow_up.assignee.name if follow_up.assignee else "nobody"),
        "priority": inline(follow_up.priority.name if follow_up.priority else ""),
    }


def _links(records: Records, *, show_private: bool) -> list[str]:
    incident = records.incident
    issue = incident.external_issue_reference
    # Addresses of channels, documents and issues usually contain the title.
    more = [] if incident.is_private and not show_private else [
        ("The channel in Slack", incident.slack_channel_url),
        ("The channel in Microsoft Teams", incident.ms_teams_channel_url),
        (issue.issue_name if issue else "", issue.issue_permalink if issue else None),
        ("The postmortem", incident.postmortem_document_url),
        *(
            (document.title, document.document_url)
            for document in records.postmortems
            if show_private or not records.is_private(document.incident_id)
        ),
    ]  # fmt: skip
    given = [("The incident", incident.permalink), ("The call", incident.call_url), *more]
    return [link(text, address) for text, address in given if address]
