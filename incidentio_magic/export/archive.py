"""Reads an export as the original records, so that the same code computes every figure."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic.api import models
from incidentio_magic.api.filters import Choice
from incidentio_magic.errors import InputError
from incidentio_magic.export.columns import TEXT, TIME, Column
from incidentio_magic.export.folder import Folder
from incidentio_magic.export.incident_rows import IncidentMaker, actor_named
from incidentio_magic.export.parts import PARTS
from incidentio_magic.export.reader import ExportReader, quoted
from incidentio_magic.export.state import Memory
from incidentio_magic.export.timelines import EVENT_COLUMNS, TIMELINES, events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from incidentio_magic.api.filters import IncidentFilter, Window
    from incidentio_magic.export.state import Gaps
    from incidentio_magic.timeline import Event

_ROLE: Final = "role."
_LEFT_OUT: Final = ("field.", "values.", "role.", "summary", "channel", "postmortem_url", "external_issue", "workload")
_ANY: Final = Choice()
_KINDS: Final = {
    "severities": models.Severity,
    "statuses": models.IncidentStatus,
    "types": models.IncidentType,
    "roles": models.IncidentRole,
    "timestamps": models.IncidentTimestamp,
    "fields": models.CustomField,
}


class Archive:
    """The records of an export.

    Args:
        path: The export's folder.

    Raises:
        InputError: If the folder holds no complete export.
        ExportFailed: If it cannot be read.
        SettingsError: If DuckDB is not installed.
    """

    def __init__(self, path: str | Path) -> None:
        self._reader = ExportReader(path)
        self.path = self._reader.path
        self.state = self._reader.state
        self.as_of = datetime.fromisoformat(self.state.complete_to)
        self.vocabulary: dict[str, list[Any]] = {
            name: msgspec.convert(self.state.vocabulary.get(name, []), list[kind], strict=False)  # type: ignore[valid-type]
            for name, kind in _KINDS.items()
        }
        self._columns = {column.name: column for column in self.state.columns["incidents"]}
        self._ranks = {severity.id: severity.rank for severity in self.vocabulary["severities"]}
        self._by_name = {
            name: {record.name: record for record in self.vocabulary[name]}
            for name in ("severities", "statuses", "types")
        }

    def incidents(
        self, which: IncidentFilter, masked: set[str] | None = None, *, whole: bool = True
    ) -> Iterator[list[models.Incident]]:
        """Yield the incidents that match a filter, in batches, in its order.

        Args:
            which: The filter, with IDs from the vocabulary; people and options use their names as IDs.
            masked: Receives the IDs of private incidents that cannot be compared because their values are masked.
            whole: Whether custom fields, roles and texts are needed; these take most of the time.
        """
        columns = list(self._columns.values())
        if not (whole or which.roles or which.fields):
            columns = [column for column in columns if not column.name.startswith(_LEFT_OUT)]
        conditions, values = _within(which)
        direction = "ASC" if which.oldest_first else "DESC"
        order = f"created_at {direction}, id {direction}"
        made = IncidentMaker(columns, self.vocabulary, self._by_name)
        for rows in self._reader.rows("incidents", columns, where=conditions, values=values, order=order):
            incidents = list(map(made.incident, rows))
            if which.fields and masked is not None and not self.state.plan.show_private:
                masked |= {incident.id for incident in incidents if incident.is_private}
                incidents = [incident for incident in incidents if not incident.is_private]
            yield [incident for incident in incidents if self._fits(which, incident)]

    def incident(self, identity: str) -> models.Incident | None:
        """Return one incident, by its full ID or the number of its reference; None if the export does not hold it."""
        columns = list(self._columns.values())
        made = IncidentMaker(columns, self.vocabulary, self._by_name)
        where = f"{quoted('id')} = ? OR {quoted('reference')} = ? OR {quoted('reference')} LIKE '%-' || ?"
        found = self._reader.rows("incidents", columns, where=where, values=[identity, identity, identity])
        return next(map(made.incident, chain.from_iterable(found)), None)

    def people(self) -> list[models.User]:
        """Return the people who hold a role in any incident; a person's name is the ID."""
        columns = [column for name, column in self._columns.items() if name.startswith(_ROLE)]
        rows = chain.from_iterable(self._reader.rows("incidents", columns))
        return [models.User(name, name) for name in sorted({name for row in rows for name in row if name})]

    def updates(self, incident_id: str = "") -> Iterator[models.IncidentUpdate]:
        """Yield the updates of an incident, or of all incidents."""
        names = ("id", "incident_id", "status", "status_category", "severity", "message", "updater", "updater_kind",
                 "merged_into_incident_id")  # fmt: skip
        rows = self._of_incident("incident_updates", [Column(name, TEXT) for name in names] + [_CREATED], incident_id)
        for identity, incident, status, category, severity, message, updater, kind, into, created in rows:
            known = self._by_name["statuses"].get(status)
            yield models.IncidentUpdate(
                id=identity,
                incident_id=incident,
                created_at=created,
                new_incident_status=known or models.IncidentStatus(status or "", status or "", category or "", 0),
                updater=actor_named(updater, kind),
                message=message,
                new_severity=self._severity(severity),
                merged_into_incident_id=into,
            )

    def escalations(self, incident_ids: Iterable[str] = ()) -> Iterator[models.Escalation]:
        """Yield the pages of some incidents, or of all incidents."""
        wanted = set(incident_ids)
        names = ("incident_id", "page_id", "title", "status")
        columns = [Column(name, TEXT) for name in names]
        columns += [Column(name, TIME) for name in ("created_at", "paged_at", "acknowledged_at")]
        pages: dict[str, tuple[Any, ...]] = {}
        related: dict[str, list[str]] = defaultdict(list)
        for row in self._of_incident("pages", columns):
            pages[row[1]] = row
            related[row[1]].append(row[0])
        for identity, (_incident, _page, title, status, created, paged, acknowledged) in pages.items():
            if wanted and not wanted.intersection(related[identity]):
                continue
            events = [
                models.EscalationEvent(f"{identity}/{event}", event, at)
                for event, at in (("triggered", paged), ("acked", acknowledged))
                if at is not None
            ]
            yield models.Escalation(
                id=identity,
                title=title or "",
                status=status or "",
                created_at=created,
                events=events,
                related_incidents=[
                    models.IncidentSlim(id=incident, name="", reference=incident) for incident in related[identity]
                ],
            )

    def alerts(self, incident_id: str = "") -> Iterator[models.IncidentAlert]:
        """Yield the alerts that are attached to an incident, or to any incident."""
        columns = [Column(name, TEXT) for name in ("id", "incident_id", "alert_id", "title", "status", "source_url")]
        columns += [_CREATED, Column("resolved_at", TIME)]
        for identity, incident, alert, title, status, url, created, resolved in self._of_incident(
            "alerts", columns, incident_id
        ):
            yield models.IncidentAlert(
                identity,
                models.Alert(
                    alert, title or "", status or "", created_at=created, resolved_at=resolved, source_url=url
                ),
                _slim(incident),
            )

    def actions(self, incident_id: str = "") -> Iterator[models.Action]:
        """Yield the actions of an incident, or of all."""
        for row in self._tasks("actions", incident_id):
            yield models.Action(**row)

    def follow_ups(self, incident_id: str = "") -> Iterator[models.FollowUp]:
        """Yield the follow-ups of an incident, or of all."""
        for row in self._tasks("follow_ups", incident_id, "title", "priority", "assignee_team"):
            priority, team = (
                models.Named(name, name) if name else None for name in (row["priority"], row["assignee_team"])
            )
            yield models.FollowUp(**row | {"title": row["title"] or "", "priority": priority, "assignee_team": team})

    def _tasks(self, dataset: str, incident_id: str, *more: str) -> Iterator[dict[str, Any]]:
        """Yield rows of tasks as the arguments of their records; a person's name is the ID."""
        texts = ("id", "incident_id", "description", "status", "creator", "creator_kind", "assignee", *more)
        columns = [Column(name, TEXT) for name in texts]
        columns += [Column(name, TIME) for name in ("created_at", "updated_at", "completed_at")]
        for values in self._of_incident(dataset, columns, incident_id):
            row = dict(zip((column.name for column in columns), values, strict=True))
            creator, assignee = actor_named(row["creator"], row.pop("creator_kind")), row["assignee"]
            yield row | {
                "description": row["description"] or "",
                "status": row["status"] or "",
                "creator": creator,
                "assignee": models.User(assignee, assignee) if assignee else None,
            }

    def has(self, dataset: str) -> bool:
        """Return whether the export holds a complete dataset."""
        return self._reader.has(dataset)

    def events(self, incident_id: str) -> list[Event]:
        """Return what happened in an incident, in order."""
        return events_of(self._of_incident(TIMELINES, list(EVENT_COLUMNS), incident_id))

    @cached_property
    def gaps(self) -> dict[str, Gaps]:
        """How each source ended that is missing from a timeline, by the incident's ID."""
        return Memory(Folder(self.path, "")).gaps()

    def _of_incident(self, dataset: str, columns: list[Column], incident_id: str = "") -> Iterator[tuple[Any, ...]]:
        if not self._reader.has(dataset):
            part = {dataset} & {*(part.name for part in PARTS), TIMELINES}
            plan = self._reader.state.plan
            if not part:
                raise InputError(
                    f"The export in {str(self.path)!r} holds no {dataset.replace('_', ' ')}.",
                    hint="export into a new folder, without --no-updates",
                )
            raise InputError(
                f"The export in {str(self.path)!r} holds no {dataset.replace('_', ' ')}.",
                hint=f"{plan.command(self.path, parts=part)} adds them",
            )
        where, values = (f"{quoted('incident_id')} = ?", [incident_id]) if incident_id else ("TRUE", [])
        return chain.from_iterable(self._reader.rows(dataset, columns, where=where, values=values))

    def _severity(self, name: str | None) -> models.Severity | None:
        if name is None:
            return None
        return self._by_name["severities"].get(name) or models.Severity(name, name, 0)

    def _fits(self, which: IncidentFilter, incident: models.Incident) -> bool:
        """Return whether the service would list an incident for a filter."""
        category = incident.incident_status.category
        if not which.modes and incident.mode in {"test", "tutorial"}:
            return False
        everything = which.category.one_of or which.category.not_in or which.status.one_of
        if not everything and category in {"declined", "canceled", "merged"}:
            return False
        rank = incident.severity.rank if incident.severity else None
        bounds = which.severity
        return (
            _chosen(which.status, [incident.incident_status.id])
            and _chosen(which.category, [category])
            and _chosen(which.type, [incident.incident_type.id] if incident.incident_type else [])
            and _chosen(bounds, [incident.severity.id] if incident.severity else [])
            and (not bounds.at_least or (rank is not None and rank >= self._ranks[bounds.at_least]))
            and (not bounds.at_most or (rank is not None and rank <= self._ranks[bounds.at_most]))
            and (not which.modes or incident.mode in which.modes)
            and (not which.roles or _has_people(which, incident))
            and (not which.fields or _has_values(which, incident))
        )


_CREATED: Final = Column("created_at", TIME)


def _has_people(which: IncidentFilter, incident: models.Incident) -> bool:
    roles = {
        assignment.role.id: [assignment.assignee.id]
        for assignment in incident.incident_role_assignments or ()
        if assignment.assignee
    }
    return all(_chosen(choice, roles.get(identity, [])) for identity, choice in which.roles.items())


def _has_values(which: IncidentFilter, incident: models.Incident) -> bool:
    fields = {entry.custom_field.id: entry.texts for entry in incident.custom_field_entries or ()}
    return all(_chosen(choice, fields.get(identity, [])) for identity, choice in which.fields.items())


def _slim(identity: str) -> models.IncidentSlim:
    return models.IncidentSlim(id=identity, name="", reference=identity)


def _chosen(choice: Choice, held: Iterable[str]) -> bool:
    if choice == _ANY:
        return True
    held = set(held)
    if choice.blank:
        return not held
    return (not choice.one_of or bool(held & set(choice.one_of))) and not held & set(choice.not_in)


def _within(which: IncidentFilter) -> tuple[str, list[Any]]:
    """Return the time bounds as an SQL condition with its values; like the service, by whole days."""
    conditions, values = ["TRUE"], list[Any]()
    for name, window in (("created_at", which.created), ("updated_at", which.updated)):
        for sign, moment in _bounds(window):
            conditions.append(f"CAST({quoted(name)} AS DATE) {sign} CAST(? AS DATE)")
            values.append(moment.date().isoformat())
    return " AND ".join(conditions), values


def _bounds(window: Window) -> list[tuple[str, datetime]]:
    return [(sign, moment) for sign, moment in ((">=", window.since), ("<=", window.until)) if moment is not None]
