"""Writes everything known about one incident as one text for a colleague or a language model. No model is called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.models import MASK
from incidentio_magic.briefs.brief import Brief
from incidentio_magic.briefs.context import DEFAULT, Section, bounded
from incidentio_magic.client.parallel import gather
from incidentio_magic.client.reading import ReadMixin
from incidentio_magic.client.timeline import TimelineMixin
from incidentio_magic.moments import between, local
from incidentio_magic.on_call.pages import PageStory
from incidentio_magic.postmortem.markdown import cell, inline
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.client.parallel import Source
    from incidentio_magic.timeline import Records

_NOT_FACTS: Final = frozenset({"summary", "name", "id", "mode", "visibility"})
_UPDATES: Final = 5


class ContextMixin(ReadMixin, TimelineMixin):
    """The methods of a connection that return an incident as text."""

    def context(self, reference: str, *, size: int = DEFAULT, show_private: bool | None = None) -> Brief:
        """Return everything known about an incident as one Markdown text of bounded size.

        Args:
            reference: The incident.
            size: The maximum number of characters, at least 2,000. The text names what was left out to fit.
            show_private: Whether to include the text of a private incident; the connection's setting if None.

        Returns:
            The text: facts, summary, last updates, open tasks, pages, alerts, timeline and links; then the sources,
            including those that could not be read. Source: as for `timeline`, and `GET /v1/incident_attachments`, `GET
            /v1/incident_relationships`, `GET /v2/incident_participants`.

        Raises:
            UnknownName: If there is no such incident.
            InputError: If the size is too small.
        """
        incident = self.incident(reference)
        shown = self.settings.show_private if show_private is None else show_private
        frame, records = self._timeline(incident, show_private=shown)
        more = gather(
            {
                "attachments": partial(self.api.incident_attachments, incident.id),
                "relationships": partial(self.api.incident_relationships, incident.id),
                "participants": partial(_participants, self.api.participants, incident.id),
            }
        )
        text = _Text(incident, self.transport.now(), self.settings.zone, hidden=incident.is_private and not shown)
        properties = self._frames(shown).show([incident], **self._columns())
        sections = [
            Section("Facts", [*text.facts(properties), *text.people(more["participants"])], first=12),
            Section("Summary", text.paragraphs(incident.summary)),
            Section("Last updates", text.updates(records)),
            Section("Left to do", text.tasks(records)),
            Section("Pages", text.pages(records)),
            Section("Alerts", text.alerts(records)),
            Section("Timeline", text.events(frame)),
            Section("Links", text.links(more)),
        ]
        closing = Section("Sources", text.sources(frame.attrs["sources"], more))
        title = f"{incident.reference}: {inline(incident.shown_name(show_private=shown))}"
        markdown = bounded(f"{title} (as of {text.moment(text.now)} {self.settings.timezone})", sections, closing, size)
        return Brief(markdown, frame)


class _Text:
    """Writes the lines of the sections; private text is masked."""

    def __init__(self, incident: models.Incident, now: datetime, zone: Any, *, hidden: bool) -> None:
        self._incident = incident
        self._zone = zone
        self._hidden = hidden
        self.now = now

    def moment(self, at: datetime | None) -> str:
        """Format a moment to the minute; some events have none."""
        here = local(at, self._zone)
        return f"{here:%Y-%m-%d %H:%M}" if here else "(no time)"

    def facts(self, properties: pd.DataFrame) -> list[str]:
        """Return the incident's own properties: severity, status, roles, fields, timestamps and durations."""
        column = properties.iloc[:, 0] if properties.shape[1] else properties
        rows = [(str(name), str(value)) for name, value in column.items() if str(name) not in _NOT_FACTS]
        mode = [] if self._incident.mode == "standard" else [f"- mode: {inline(self._incident.mode)}"]
        private = ["- visibility: private"] if self._incident.is_private else []
        return [*mode, *private, *(f"- {inline(name.replace('_', ' '))}: {cell(value)}" for name, value in rows)]

    def people(self, source: Source) -> list[str]:
        """Return who took part."""
        names = [inline(participant.user.name) for participant in source.records]
        return [f"- took part: {', '.join(dict.fromkeys(names))}"] if names else []

    def paragraphs(self, text: str | None) -> list[str]:
        """Return a text of several lines."""
        if text and self._hidden:
            return [MASK]
        return [cell(line) for line in (text or "").splitlines() if line.strip()]

    def updates(self, records: Records) -> list[str]:
        """Return the last updates, oldest first."""
        shared = sorted((update for update in records.updates if update.message), key=lambda update: update.created_at)
        lines = []
        for update in shared[-_UPDATES:]:
            status = inline(update.new_incident_status.name)
            lines.append(f"- {self.moment(update.created_at)} {status}: {self._words(update.message)}")
        return lines

    def tasks(self, records: Records) -> list[str]:
        """Return the actions and follow-ups, the outstanding ones first."""
        rows = [("action", action, action.description) for action in records.actions]
        rows += [("follow-up", task, task.title) for task in records.follow_ups]  # type: ignore[misc]
        rows.sort(key=lambda row: (row[1].status != "outstanding", row[1].created_at))
        lines = []
        for kind, task, text in rows:
            owner = inline(task.assignee.name) if task.assignee else "nobody"
            if task.status != "deleted":
                lines.append(f"- {kind}, {inline(task.status.replace('_', ' '))}, {owner}: {self._words(text)}")
        return lines

    def pages(self, records: Records) -> list[str]:
        """Return the pages, who acknowledged them, and how long that took."""
        found = []
        for escalation in sorted(records.escalations, key=lambda page: page.created_at):
            page = PageStory(escalation, escalation.id)
            answer = inline(escalation.status)
            if page.acknowledged_at:
                by = f" by {inline(page.acknowledged_by)}" if page.acknowledged_by else ""
                span = between(page.paged_at, page.acknowledged_at)
                answer = f"acknowledged{by}{'' if span is None else f' after {span_text(span)}'}"
            found.append(
                f"- {self.moment(page.paged_at)} {self._words(escalation.title)}:"
                f" paged {inline(page.paged) or 'nobody yet'}; {answer}"
            )
        return found

    def alerts(self, records: Records) -> list[str]:
        """Return the alerts."""
        alerts = {link.alert.id: link.alert for link in records.alerts}.values()
        return [
            f"- {self.moment(alert.created_at)} {inline(alert.status)}: {self._words(alert.title)}"
            for alert in sorted(alerts, key=lambda alert: (alert.created_at, alert.id))
        ]

    def events(self, frame: pd.DataFrame) -> list[str]:
        """Return the timeline, whose texts are already masked."""
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        lines = []
        for row in rows:
            title = f"{row['kind'].replace('_', ' ')}, {MASK}" if row["title"] == MASK else inline(row["title"])
            actor = f" ({inline(row['actor'])})" if row["actor"] and row["actor"] != MASK else ""
            is_repeated = not row["detail"] or row["detail"] == MASK or row["detail"] in row["title"]
            detail = "" if is_repeated else f": {cell(row['detail'])}"
            lines.append(f"- {self.moment(row['at'])} {title}{actor}{detail}")
        return lines

    def links(self, more: Mapping[str, Source]) -> list[str]:
        """Return what is attached and related."""
        lines = []
        for attachment in more["attachments"].records:
            resource = attachment.resource
            address = f" {inline(resource.permalink)}" if resource.permalink and not self._hidden else ""
            lines.append(f"- {self._words(resource.title or resource.resource_type)}{address}")
        prefix = self._incident.reference.rpartition("-")[0]
        return lines + [
            f"- related: {prefix}-{relation.incident.external_id} {self._words(relation.incident.name)}"
            for relation in more["relationships"].records
        ]

    def sources(self, read: Mapping[str, Mapping[str, Any]], more: Mapping[str, Source]) -> list[str]:
        """Return the sources: first those that could not be read, then those that were."""
        states = {name: (source["state"], source["records"], source["why"]) for name, source in read.items()}
        states |= {name: (source.state, len(source.records), source.why) for name, source in more.items()}
        gaps = [f"- not read: {name.replace('_', ' ')}: {inline(why)}" for name, (_s, _n, why) in states.items() if why]
        good = [f"{name.replace('_', ' ')} ({count})" for name, (_s, count, why) in states.items() if count and not why]
        empty = [name.replace("_", " ") for name, (state, _n, _w) in states.items() if state == "empty"]
        lines = [*gaps, f"- read: {', '.join(good) or 'nothing'}"]
        lines += [f"- empty: {', '.join(empty)}"] if empty else []
        masked = [f"- The text of this private incident is hidden ({MASK})."] if self._hidden else []
        return [*masked, *lines]

    def _words(self, text: str | None) -> str:
        return MASK if text and self._hidden else cell(text)


def _participants(read: Callable[[str], models.Participants], incident_id: str) -> Iterable[models.Participant]:
    found = read(incident_id)
    return [*found.active, *found.passive]
