"""Collects the handover of a shift from everything the service records about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api.filters import EVERY_CATEGORY, Choice, IncidentFilter, Window
from incidentio_magic.api.models import MASK, OPEN_CATEGORIES, TEST, actor_text
from incidentio_magic.briefs.brief import Brief
from incidentio_magic.briefs.handover import CHANGED, CLOSED, OPEN, OPENED, OVERDUE, PAGED, Handover, Item
from incidentio_magic.client.on_call import OnCallMixin
from incidentio_magic.client.parallel import completeness, gather, reason
from incidentio_magic.client.task_lists import TaskListMixin
from incidentio_magic.frames import lead
from incidentio_magic.names.declaration import declared_at, declared_timestamp
from incidentio_magic.names.times import span
from incidentio_magic.on_call.overdue import UpdateRule
from incidentio_magic.on_call.pages import PageStory
from incidentio_magic.on_call.shifts import NEXT, NOBODY, ON_CALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.client.parallel import Source
    from incidentio_magic.on_call.overdue import Spans

_SHIFT: Final = "12h"
_REAL: Final = ("standard", "retrospective")


class HandoverMixin(OnCallMixin, TaskListMixin):
    """The handovers of a connection."""

    def handover(
        self,
        *,
        since: str = "",
        schedule: str = "",
        overdue: Spans | None = None,
        due: Mapping[str, str] | None = None,
        show_private: bool | None = None,
    ) -> Brief:
        """Return what happened in a shift, what is open, and what the next shift must know.

        Args:
            since: When the shift began: `12h`, `08:00`, a date and time; 12 hours ago if empty.
            schedule: Instead of `since`: the schedule whose current shift is handed over.
            overdue: How long an incident may go without an update, by severity name; overrides the defaults.
            due: How long a follow-up may take, by priority name; "" stands for all other priorities. Without it, no
                follow-up is overdue.
            show_private: Whether to include the text of private incidents; the connection's setting if None.

        Returns:
            The handover: `markdown` holds its text, and `frame` the rows behind it. `frame.attrs["missing"]` says which
            sources could not be read, and why. Source: `GET /v2/incidents`, `incident_updates`, `escalations`,
            `alerts`, `schedules`, `schedule_entries`, `GET /v3/follow_ups`.

        Raises:
            InputError: If the time cannot be understood, or nobody is on call in the schedule.
            UnknownName: If there is no such schedule or severity.
        """
        severities = self.vocabulary.severities()
        rule = UpdateRule(severities, overdue or {})
        now = self.transport.now()
        missing: dict[str, str] = {}
        on_call = self._on_call_lines(schedule, missing)
        start = self._shift_start(since, schedule, now)
        collected = _Collected(self, start, now, show_private=show_private)
        incidents, updates = collected.incidents(missing)
        items = [
            *collected.open_items(incidents, updates, rule),
            *collected.happened(incidents, updates),
            *collected.pages(missing),
            *collected.overdue(due, missing),
        ]
        handover = Handover(
            start, now, self.settings.zone, items, on_call, collected.alert_notes(missing), not_read=missing
        )
        frame = self._frames(show_private).handover(items)
        frame.attrs |= completeness(missing)
        frame.attrs |= {"from": start.isoformat(timespec="seconds"), "as_of": now.isoformat(timespec="seconds")}
        return Brief(handover.markdown(), frame)

    def _shift_start(self, since: str, schedule: str, now: datetime) -> datetime:
        if schedule and since:
            raise errors.InputError(
                "Both since and schedule say when the shift began.", hint="give --since or --schedule, not both"
            )
        if not schedule:
            start, _end = span(since or _SHIFT, "", now=now, zone=self.settings.zone)
            return start or now
        frame = self.oncall(schedule)
        current = frame[frame["state"] == ON_CALL]
        if current.empty:
            raise errors.InputError(
                f"Nobody is on call in {schedule!r} now, so there is no shift to hand over.",
                hint="say when the shift began: --since 12h",
            )
        began: datetime = current["starts_at"].max().to_pydatetime()
        return began

    def _on_call_lines(self, schedule: str, missing: dict[str, str]) -> list[str]:
        """Return who is on call and who is next, one line per schedule."""
        try:
            frame = self.oncall(*([schedule] if schedule else []))
        except (errors.UnknownName, errors.InputError):
            raise
        except errors.IncidentioError as error:
            missing["schedules"] = reason(error)
            return []
        missing |= frame.attrs["missing"]
        lines = []
        for name, rows in frame.groupby("schedule", sort=False):
            people = {state: rows[rows["state"] == state] for state in (ON_CALL, NEXT, NOBODY)}
            current = ", ".join(dict.fromkeys(people[ON_CALL]["name"])) or "nobody"
            following = people[NEXT].head(1)
            coming = "".join(
                f", from {row['starts_at']:%Y-%m-%d %H:%M} {row['name']}" for row in following.to_dict("records")
            )
            lines.append(f"On call in {name}: {current}{coming}.")
        return lines


class _Collected:
    """Reads the parts of a handover; a part that cannot be read is named and does not stop the others."""

    def __init__(self, client: HandoverMixin, start: datetime, now: datetime, *, show_private: bool | None) -> None:
        self._client = client
        self._start, self._now = start, now
        self._shown = client.settings.show_private if show_private is None else show_private
        self._modes = (TEST,) if client.training else _REAL

    def incidents(
        self, missing: dict[str, str]
    ) -> tuple[dict[str, models.Incident], dict[str, list[models.IncidentUpdate]]]:
        """Return the incidents that are open or were changed since the start, and their updates, oldest first."""
        api = self._client.api
        found: dict[str, models.Incident] = {}
        for name, which in (
            ("open incidents", IncidentFilter(category=Choice(one_of=OPEN_CATEGORIES), modes=self._modes)),
            (
                "changed incidents",
                IncidentFilter(category=EVERY_CATEGORY, modes=self._modes, updated=Window(since=self._start)),
            ),
        ):
            listing = api.incidents(which)
            found |= {incident.id: incident for incident in listing if which.admits(incident)}
            if listing.incomplete:
                missing[name] = listing.incomplete
        read = gather({identity: partial(api.incident_updates, identity) for identity in found})
        _name_missing(missing, "updates", {found[identity].reference: source for identity, source in read.items()})
        return found, {
            identity: sorted(source.records, key=lambda update: (update.created_at, update.id))
            for identity, source in read.items()
        }

    def open_items(
        self,
        incidents: Mapping[str, models.Incident],
        updates: Mapping[str, Sequence[models.IncidentUpdate]],
        rule: UpdateRule,
    ) -> list[Item]:
        """Return the open incidents, the most severe first, each with the last update that has a message."""
        rows = []
        for incident in incidents.values():
            if not incident.is_open:
                continue
            shared = updates[incident.id]
            last = next((update for update in reversed(shared) if update.message), None)
            rank = incident.severity.rank if incident.severity else -1
            item = self._item(
                OPEN,
                incident,
                last.created_at if last else None,
                last.message if last else None,
                needs_update=rule.is_overdue(incident, shared[-1].created_at if shared else None, self._now),
            )
            rows.append((-rank, incident.created_at, incident.id, item))
        return [item for *_order, item in sorted(rows, key=lambda row: row[:3])]

    def happened(
        self, incidents: Mapping[str, models.Incident], updates: Mapping[str, Sequence[models.IncidentUpdate]]
    ) -> list[Item]:
        """Return the incidents that were opened, changed or closed since the start, in order."""
        declared = declared_timestamp(self._client.vocabulary.timestamps())
        items = []
        for incident in incidents.values():
            opened = declared_at(incident, declared)
            if self._in_shift(opened):
                items.append(self._item(OPENED, incident, opened, incident.summary or incident.name))
            before: models.IncidentUpdate | None = None
            for update in updates[incident.id]:
                if self._in_shift(update.created_at) and (change := _moved(before, update)):
                    ended = _ended(update) and not (before and _ended(before))
                    section = CLOSED if ended else CHANGED
                    items.append(
                        self._item(section, incident, update.created_at, f"{change}{_by(update, self._shown)}")
                    )
                before = update
        order = {OPENED: 0, CHANGED: 1, CLOSED: 2}
        return sorted(items, key=lambda item: (order[item.section], item.at or self._now, item.reference or ""))

    def pages(self, missing: dict[str, str]) -> list[Item]:
        """Return the pages since the start, in order."""
        source = gather({"pages": partial(self._client.api.escalations, created=Window(since=self._start))})["pages"]
        _name_missing(missing, "pages", {"": source})
        items = []
        for escalation in sorted(source.records, key=lambda page: (page.created_at, page.id)):
            if not self._in_shift(escalation.created_at):
                continue
            page = PageStory(escalation, escalation.id)
            title = MASK if page.is_private and not self._shown else escalation.title
            answer = f"acknowledged by {page.acknowledged_by}" if page.acknowledged_at else escalation.status
            what = f"{title} (paged {page.paged or 'nobody yet'}; {answer})"
            related = (escalation.related_incidents or [None])[0]
            reference = related.reference if related else None
            items.append(Item(PAGED, reference, at=page.paged_at, what=what, is_waiting=page.is_waiting))
        return items

    def overdue(self, due: Mapping[str, str] | None, missing: dict[str, str]) -> list[Item]:
        """Return the follow-ups that are overdue by the given rule."""
        if not due:
            return []
        try:
            frame = self._client.follow_ups(due=due, show_private=self._shown)
        except (errors.PermissionDenied, errors.NotFound, errors.ServiceUnavailable) as error:
            missing["follow-ups"] = reason(error)
            return []
        missing |= frame.attrs["missing"]
        late = frame[frame["overdue"].fillna(value=False).astype(bool)].astype(object)
        return [
            Item(
                OVERDUE,
                _present(row["incident"]),
                at=row["due_at"].to_pydatetime(),
                what=f"{row['title']} ({_present(row['owner']) or 'nobody'})",
            )
            for row in late.to_dict("records")
        ]

    def alert_notes(self, missing: dict[str, str]) -> list[str]:
        """Return a line about the alerts that are firing; no line if there are none."""
        source = gather({"alerts": partial(self._client.api.alerts, statuses=["firing"])})["alerts"]
        _name_missing(missing, "alerts", {"": source})
        count = len(source.records)
        return [f"{count} alert{'s are' if count > 1 else ' is'} firing: %incidents alerts --firing"] * bool(count)

    def _in_shift(self, moment: datetime) -> bool:
        return self._start <= moment <= self._now

    def _item(
        self, section: str, incident: models.Incident, at: datetime | None, what: str | None, **more: Any
    ) -> Item:
        hidden = incident.is_private and not self._shown
        return Item(
            section,
            incident.reference,
            MASK if hidden else incident.name,
            incident.severity.name if incident.severity else None,
            incident.incident_status.name,
            lead(incident),
            at,
            MASK if hidden and what else what,
            incident.permalink,
            **more,
        )


def _moved(before: models.IncidentUpdate | None, update: models.IncidentUpdate) -> str:
    """Return what an update changed, as text, and its message."""
    parts = []
    status, severity = update.new_incident_status.name, update.new_severity.name if update.new_severity else ""
    if before is not None and before.new_incident_status.name != status:
        parts.append(f"{before.new_incident_status.name} → {status}")
    earlier = before.new_severity.name if before and before.new_severity else ""
    if before is not None and earlier != severity:
        parts.append(f"{earlier or 'no severity'} → {severity or 'no severity'}")
    return "; ".join(filter(None, (", ".join(parts), update.message)))


def _ended(update: models.IncidentUpdate) -> bool:
    return update.new_incident_status.category not in {*OPEN_CATEGORIES, ""}


def _by(update: models.IncidentUpdate, shown: bool) -> str:
    name, kind = actor_text(update.updater)
    return f" ({name})" if name and (shown or kind != "alert") else ""


def _name_missing(missing: dict[str, str], what: str, read: Mapping[str, Source]) -> None:
    for name, source in read.items():
        if source.why:
            missing[f"{what} of {name}" if name else what] = source.why


def _present(value: Any) -> str | None:
    return value if isinstance(value, str) else None
