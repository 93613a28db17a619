"""What is known of an incident, ordered for a postmortem; every text is safe in Markdown as it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.frames import MASK
from incidentio_magic.postmortem.happened import alerts, events, history, pages, unread
from incidentio_magic.postmortem.lasting import durations, impact
from incidentio_magic.postmortem.markdown import inline, link, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.timeline import Records

Row = dict[str, str]
_DONE: Final = frozenset({"completed", "not_doing", "deleted"})


@dataclass(frozen=True)
class Facts:
    """What a template may use: texts that are safe in Markdown, and rows of such texts by name.

    Args:
        incident: reference, name, status, severity, type, mode, visibility, declared_at.
        summary: The incident's summary as a quotation; empty if there is none.
        zone: The time zone of all times.
        as_of: When it was read.
        is_open: Whether people still work on it.
        is_masked: Whether private texts are masked.
        impact: start, end, lasted, how; the end is empty while it goes on.
        people: role, name.
        took_part: Names of others who did something.
        fields: name, value.
        durations: name, lasted, how.
        events: at, elapsed, kind, title, detail, actor, change, source, curated, recorded_at (of what was written down
            long after it happened; empty for all else).
        statuses: at, value, lasted.
        severities: at, value, lasted.
        alerts: title (a link where there is one), fired_at, resolved_at, lasted.
        pages: title, at, to, acknowledged_at, by, waited.
        follow_ups: title (a link where there is one), status, assignee, priority; the open ones first.
        actions: title, status, assignee; the open ones first.
        links: Links, ready to be written down.
        unread: source, why.
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
    durations: list[Row]
    events: list[Row]
    statuses: list[Row]
    severities: list[Row]
    alerts: list[Row]
    pages: list[Row]
    follow_ups: list[Row]
    actions: list[Row]
    links: list[str]
    unread: list[Row]

    def variables(self) -> dict[str, Any]:
        """Return them by name."""
        return asdict(self)


def facts(
    records: Records,
    frame: pd.DataFrame,
    timestamps: Sequence[models.IncidentTimestamp],
    *,
    zone: ZoneInfo,
    show_private: bool,
) -> Facts:
    """Return what is known of an incident.

    Args:
        records: What was read about it.
        frame: Its timeline, as `timeline` returns it, masked as it shall be.
        timestamps: The organisation's timestamps, which say what fixed and closed mean.
        zone: The time zone of all times.
        show_private: Whether texts of a private incident are written out.
    """
    incident = records.incident
    masked = incident.is_private and not show_private

    def shown(text: str | None, incident_id: str = incident.id) -> str | None:
        return MASK if text and records.is_private(incident_id) and not show_private else text

    now = datetime.fromisoformat(frame.attrs["as_of"])

    def written(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"

    roles = [one for one in incident.incident_role_assignments or () if one.assignee]
    named = {one.assignee.name for one in roles if one.assignee}
    acting = frame.loc[frame["actor_kind"] == "user", "actor"].dropna()
    return Facts(
        incident={
            "reference": inline(incident.reference),
            "name": inline(shown(incident.name)),
            "status": inline(incident.incident_status.name),
            "severity": inline(incident.severity.name if incident.severity else "none"),
            "type": inline(incident.incident_type.name if incident.incident_type else ""),
            "mode": inline(incident.mode),
            "visibility": inline(incident.visibility),
            "declared_at": written(incident.created_at),
        },
        summary=quoted(shown(incident.summary)),
        zone=zone.key,
        as_of=written(now),
        is_open=incident.is_open,
        is_masked=masked,
        impact=impact(incident, timestamps, written),
        people=[{"role": inline(one.role.name), "name": inline(one.assignee.name)} for one in roles if one.assignee],
        took_part=[inline(one) for one in dict.fromkeys(map(str, acting)) if one not in named],
        fields=_fields(incident, shown),
        durations=durations(incident, timestamps),
        events=events(frame, written),
        statuses=history(frame, "status", now if incident.is_open else None, written),
        severities=history(frame, "severity", now if incident.is_open else None, written),
        alerts=alerts(records.alerts, shown, written),
        pages=pages(frame, records.escalations, written),
        follow_ups=[_follow_up(one, shown) for one in _open_first(records.follow_ups)],
        actions=[
            {
                "title": inline(shown(one.description, one.incident_id)),
                "status": inline(one.status.replace("_", " ")),
                "assignee": inline(one.assignee.name if one.assignee else "nobody"),
            }
            for one in _open_first(records.actions)
        ],
        links=_links(records, show_private=show_private),
        unread=unread(frame),
    )


def _fields(incident: models.Incident, shown: Any) -> list[Row]:
    found = []
    for entry in incident.custom_field_entries or ():
        texts = []
        for one in entry.values:  # noqa: PD011  a record's field, not a frame's
            named = one.value_catalog_entry.name if one.value_catalog_entry else None
            option = one.value_option.value if one.value_option else None
            text = named or option or one.value_text or one.value_link or one.value_numeric
            if text:
                seen = shown(text)
                texts.append(link(text, text) if one.value_link and seen == text else inline(seen))
        if texts:
            value = ", ".join(dict.fromkeys(texts))
            found.append({"name": inline(entry.custom_field.name), "value": value})
    return found


def _open_first(tasks: Sequence[Any]) -> list[Any]:
    return sorted(tasks, key=lambda one: (one.status in _DONE, one.created_at, one.id))


def _follow_up(one: models.FollowUp, shown: Any) -> Row:
    issue = one.external_issue_reference
    title = shown(one.title, one.incident_id)
    return {
        "title": link(title, issue.issue_permalink if issue and title == one.title else None),
        "status": inline(one.status.replace("_", " ")),
        "assignee": inline(one.assignee.name if one.assignee else "nobody"),
        "priority": inline(one.priority.name if one.priority else ""),
    }


def _links(records: Records, *, show_private: bool) -> list[str]:
    incident = records.incident
    issue = incident.external_issue_reference
    # Addresses of channels, documents and issues usually spell the title out.
    more = [] if incident.is_private and not show_private else [
        ("The channel in Slack", incident.slack_channel_url),
        ("The channel in Microsoft Teams", incident.ms_teams_channel_url),
        (issue.issue_name if issue else "", issue.issue_permalink if issue else None),
        ("The postmortem", incident.postmortem_document_url),
        *(
            (one.title, one.document_url)
            for one in records.postmortems
            if show_private or not records.is_private(one.incident_id)
        ),
    ]  # fmt: skip
    given = [("The incident", incident.permalink), ("The call", incident.call_url), *more]
    return [link(text, address) for text, address in given if address]
