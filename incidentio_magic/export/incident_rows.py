"""Turns rows of exported incidents back into records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from incidentio_magic.api import models
from incidentio_magic.export.details import FIELD, SECONDS, STALE, STATUS, VALUES

if TYPE_CHECKING:
    from incidentio_magic.export.columns import Column

_ROLE: Final = "role."
_AT: Final = "at."
_EXACT: Final = " (exact)"
_PLAIN: Final = (
    "id", "reference", "name", "severity", "status", "category", "type", "mode", "visibility", "lead", "created_at",
    "updated_at", "permalink", "summary", "creator", "last_activity_at", "call_url", "channel", "postmortem_url",
    "external_issue", "has_debrief", "workload_total", "workload_working", "workload_late", "workload_sleeping",
)  # fmt: skip


class _Spread(NamedTuple):
    """A column of a role, field, timestamp or duration.

    Args:
        place: Its place in a row.
        source: Its role, field, timestamp or duration.
    """

    place: int
    source: Any


class IncidentMaker:
    """Turns rows into incidents.

    Args:
        columns: The columns of a row.
        vocabulary: The organisation's words.
        by_name: Severities, statuses and types by name.
    """

    def __init__(
        self, columns: list[Column], vocabulary: dict[str, list[Any]], by_name: dict[str, dict[str, Any]]
    ) -> None:
        self._by_name = by_name
        self._plain = [
            next((place for place, column in enumerate(columns) if column.name == name), -1) for name in _PLAIN
        ]
        places = {column.name: place for place, column in enumerate(columns)}
        known = {record.id: record for name in ("roles", "timestamps", "fields") for record in vocabulary[name]}

        def spread(prefix: str, make: Any) -> list[_Spread]:
            return [
                _Spread(
                    place, known.get(columns[place].source) or make(columns[place].source, name.removeprefix(prefix))
                )
                for name, place in places.items()
                if name.startswith(prefix) and columns[place].source and not name.endswith(_EXACT)
            ]

        self._roles = spread(_ROLE, models.IncidentRole)
        self._stamps = spread(_AT, models.IncidentTimestamp)
        self._metrics = [
            (places.get(f"{STATUS}{columns[held.place].name.removeprefix(SECONDS)}", -1), held)
            for held in spread(SECONDS, models.Named)
        ]
        self._fields = [
            (
                places.get(f"{VALUES}{columns[held.place].name.removeprefix(FIELD)}", -1),
                places.get(f"{columns[held.place].name}{_EXACT}", -1),
                held,
            )
            for held in spread(FIELD, lambda identity, name: models.CustomField(identity, name, "text"))
        ]

    def incident(self, row: tuple[Any, ...]) -> models.Incident:
        """Return the incident of a row."""
        plain: list[Any] = [row[place] if place >= 0 else None for place in self._plain]
        identity, reference, name, severity, status, category, kind = plain[:7]
        mode, visibility, lead, created, updated, permalink = plain[7:13]
        summary, creator, active, call, channel, postmortem, issue, debrief, *workload = plain[13:]
        known = self._by_name["statuses"].get(status)
        if known is None or known.category != category:
            known = models.IncidentStatus(status or "", status or "", category or "", 0)
        assignments = [
            models.RoleAssignment(role, models.User(row[place], row[place]))
            for place, role in self._roles
            if row[place]
        ]
        if lead and not any(held.role.role_type == "lead" for held in assignments):
            assignments.append(
                models.RoleAssignment(models.IncidentRole("", "", role_type="lead"), models.User(lead, lead))
            )
        return models.Incident(
            id=identity,
            reference=reference,
            name=name or "",
            mode=mode or "",
            visibility=visibility or models.PRIVATE,
            incident_status=known,
            created_at=created,
            updated_at=updated,
            creator=actor_named(creator, "user"),
            severity=self._named("severities", severity, lambda text: models.Severity(text, text, 0)),
            incident_type=self._named("types", kind, lambda text: models.IncidentType(text, text)),
            summary=summary,
            last_activity_at=active,
            incident_role_assignments=assignments,
            custom_field_entries=[entry for found in self._fields if (entry := self._entry(row, *found))],
            incident_timestamp_values=[
                models.IncidentTimestampValue(stamp, models.TimestampValue(row[place]) if row[place] else None)
                for place, stamp in self._stamps
            ],
            duration_metrics=[_metric(row, *found) for found in self._metrics if _has_metric(row, found[0])],
            permalink=permalink,
            call_url=call,
            slack_channel_name=channel,
            postmortem_document_url=postmortem,
            external_issue_reference=models.ExternalIssue(issue, issue) if issue else None,
            has_debrief=debrief,
            workload_minutes_total=workload[0],
            workload_minutes_working=workload[1],
            workload_minutes_late=workload[2],
            workload_minutes_sleeping=workload[3],
        )

    def _named(self, name: str, text: str | None, make: Any) -> Any:
        if text is None:
            return None
        return self._by_name[name].get(text) or make(text)

    def _entry(self, row: tuple[Any, ...], several: int, exact: int, held: _Spread) -> models.CustomFieldEntry | None:
        """Return the values of a custom field; None if it is empty."""
        field, value = held.source, row[held.place]
        if several >= 0 and row[several]:
            texts = json.loads(row[several])
        elif exact >= 0 and row[exact]:
            texts = [row[exact]]
        elif value is None:
            return None
        else:
            texts = [f"{value:.15g}" if isinstance(value, float) else str(value)]
        return models.CustomFieldEntry(field, [_value(field, text) for text in texts])


def _value(field: models.CustomField, text: str) -> models.CustomFieldValue:
    if field.catalog_type_id:
        return models.CustomFieldValue(value_catalog_entry=models.Named(text, text))
    if field.has_options:
        return models.CustomFieldValue(value_option=models.CustomFieldOption(text, text))
    if field.field_type == "numeric":
        return models.CustomFieldValue(value_numeric=text)
    return (
        models.CustomFieldValue(value_link=text)
        if field.field_type == "link"
        else models.CustomFieldValue(value_text=text)
    )


def _has_metric(row: tuple[Any, ...], status_place: int) -> bool:
    return status_place >= 0 and row[status_place] is not None


def _metric(row: tuple[Any, ...], status_place: int, held: _Spread) -> models.DurationMetric:
    status: str = row[status_place]
    stale = status.endswith(STALE)
    # An invalid value counts only as present.
    return models.DurationMetric(held.source, status.removesuffix(STALE), 0 if stale else row[held.place])


def actor_named(name: str | None, kind: str | None) -> models.Actor | None:
    """Return an actor by name and kind; the name is also the ID."""
    if name is None:
        return None
    if kind == "alert":
        return models.Actor(alert=models.AlertActor(name, name))
    if kind == "user":
        return models.Actor(user=models.User(name, name))
    if kind == "api_key":
        return models.Actor(api_key=models.Named(name, name))
    return models.Actor(workflow=models.Named(name, name)) if kind == "workflow" else None
