"""Incidents as rows, or as columns side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.frames.table import FLAG, LASTED, NUMBER, TEXT, Table, Values, actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from incidentio_magic.api import models


NARROW: Final = (
    "reference", "name", "severity", "status", "type", "mode", "lead", "created_at", "updated_at", "permalink",
)  # fmt: skip
"""The columns of a frame that is not wide."""


class IncidentFrames(Table):
    """The frames whose rows or columns are incidents."""

    def incidents(
        self,
        records: Sequence[models.Incident],
        *,
        wide: bool = False,
        roles: Sequence[str] = (),
        fields: Sequence[str] = (),
        timestamps: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Return incidents as rows.

        Args:
            records: The incidents.
            wide: Whether to add id, category (ordered category), visibility, summary, creator, channel, workload, and
                one column for each role (`role.*`, string), custom field (`field.*`, string, or Float64 for numeric
                ones), timestamp (`at.*`, time) and duration (`lasted.*`, timedelta, NaT unless the service calls it a
                success).
            roles: Names of the organisation's roles, so that the columns are there even when empty.
            fields: Names of its custom fields; numeric ones end in `:numeric`.
            timestamps: Names of its timestamps.

        Returns:
            reference, name, type, mode, lead, permalink (string); severity, status (ordered category); created_at,
            updated_at (time).
        """
        columns: list[Values] = [
            ("reference", TEXT, [record.reference for record in records]),
            ("name", TEXT, [self.open_text(record, record.name) for record in records]),
            ("severity", "severity", [record.severity.name if record.severity else None for record in records]),
            ("status", "status", [record.incident_status.name for record in records]),
            ("type", TEXT, [record.incident_type.name if record.incident_type else None for record in records]),
            ("mode", TEXT, [record.mode for record in records]),
            ("lead", TEXT, list(map(lead, records))),
            ("created_at", self.time, [record.created_at for record in records]),
            ("updated_at", self.time, [record.updated_at for record in records]),
            ("permalink", TEXT, [record.permalink for record in records]),
        ]
        if wide:
            columns += self._wide(records)
            columns += self._entries(records, roles, fields, timestamps)
        return self.built(columns)

    def show(self, records: Sequence[models.Incident], **names: Sequence[str]) -> pd.DataFrame:
        """Return incidents side by side: one column per incident, one row per property.

        Args:
            records: The incidents.
            names: As in `incidents`.

        Returns:
            An object frame indexed by property; properties without a value are left out.
        """
        wide = self.incidents(records, wide=True, **names)
        shown = wide.astype(object).where(wide.notna(), "")
        shown.index = pd.Index(wide["reference"].astype(object), name=None)
        transposed = shown.drop(columns="reference").T
        transposed.index.name = "property"
        self.ours(transposed)
        return transposed.loc[(transposed != "").any(axis=1)] if len(records) else transposed

    def _wide(self, records: Sequence[models.Incident]) -> list[Values]:
        return [
            ("id", TEXT, [record.id for record in records]),
            ("category", "category", [record.incident_status.category for record in records]),
            ("visibility", TEXT, [record.visibility for record in records]),
            ("summary", TEXT, [self.open_text(record, record.summary) for record in records]),
            ("creator", TEXT, list(map(self._creator, records))),
            ("last_activity_at", self.time, [record.last_activity_at for record in records]),
            ("call_url", TEXT, [record.call_url for record in records]),
            ("channel", TEXT, [self.open_text(record, record.slack_channel_name) for record in records]),
            ("postmortem_url", TEXT, [self.open_text(record, record.postmortem_document_url) for record in records]),
            ("external_issue", TEXT, list(map(self._issue, records))),  # both addresses usually contain the title
            ("has_debrief", FLAG, [record.has_debrief for record in records]),
            ("workload_total", NUMBER, [record.workload_minutes_total for record in records]),
            ("workload_working", NUMBER, [record.workload_minutes_working for record in records]),
            ("workload_late", NUMBER, [record.workload_minutes_late for record in records]),
            ("workload_sleeping", NUMBER, [record.workload_minutes_sleeping for record in records]),
        ]

    def _entries(
        self,
        records: Sequence[models.Incident],
        roles: Sequence[str],
        fields: Sequence[str],
        timestamps: Sequence[str],
    ) -> list[Values]:
        """Return a column for each role, custom field, timestamp and duration."""
        kinds = {name.removesuffix(":numeric"): name.endswith(":numeric") for name in fields}
        for record in records:
            for entry in record.custom_field_entries or ():
                kinds.setdefault(entry.custom_field.name, entry.custom_field.field_type == "numeric")
        held = _spread(records, roles, _holders)
        filled = _spread(records, kinds, _fields)
        moments = _spread(records, timestamps, _moments)
        lasted = _spread(records, (), _durations)
        return [
            *((f"role.{name}", TEXT, values) for name, values in held.items()),
            *(
                (f"field.{name}", NUMBER, list(map(_number, values)))
                if kinds[name]
                else (f"field.{name}", TEXT, list(map(self.open_text, records, values)))
                for name, values in filled.items()
            ),
            *((f"at.{name}", self.time, values) for name, values in moments.items()),
            *((f"lasted.{name}", LASTED, values) for name, values in lasted.items()),
        ]

    def _issue(self, incident: models.Incident) -> str | None:
        issue = incident.external_issue_reference
        return self.open_text(incident, issue.issue_permalink if issue else None)

    def _creator(self, incident: models.Incident) -> str | None:
        name, kind = actor(incident.creator)
        return (
            self.open_text(incident, name) if kind == "alert" else name
        )  # the title of an alert describes the incident


def lead(incident: models.Incident) -> str | None:
    """Return the name of the person who leads the incident."""
    for entry in incident.incident_role_assignments or ():
        if entry.role.role_type == "lead" and entry.assignee:
            return entry.assignee.name
    return None


def _spread(
    records: Sequence[models.Incident],
    names: Iterable[str],
    entries: Callable[[models.Incident], Iterable[tuple[str, Any]]],
) -> dict[str, list[Any]]:
    """Return a list of values for each name, filled in one walk over the records.

    Args:
        records: The incidents, a value each.
        names: Names that have a list in any case, in order; others follow as they come.
        entries: Returns an incident's names and values; of several texts under one name all are kept.
    """
    columns: dict[str, list[Any]] = {name: [None] * len(records) for name in names}
    for row, record in enumerate(records):
        for name, value in entries(record):
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * len(records)
            if column[row] is None:
                column[row] = value
            elif isinstance(value, str):
                column[row] += f", {value}"
    return columns


def _holders(incident: models.Incident) -> Iterable[tuple[str, str | None]]:
    for one in incident.incident_role_assignments or ():
        yield one.role.name, (one.assignee and one.assignee.name) or None


def _fields(incident: models.Incident) -> Iterable[tuple[str, str | None]]:
    for entry in incident.custom_field_entries or ():
        texts = [text for one in entry.values if (text := _text(one))]  # noqa: PD011  a record's field
        yield entry.custom_field.name, ", ".join(texts) if texts else None


def _text(value: models.CustomFieldValue) -> str | None:
    named = value.value_catalog_entry.name if value.value_catalog_entry else None
    option = value.value_option.value if value.value_option else None
    return named or option or value.value_text or value.value_link or value.value_numeric


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _moments(incident: models.Incident) -> Iterable[tuple[str, datetime | None]]:
    for one in incident.incident_timestamp_values or ():
        yield one.incident_timestamp.name, one.value.value if one.value else None


def _durations(incident: models.Incident) -> Iterable[tuple[str, int | None]]:
    for one in incident.duration_metrics or ():
        yield one.duration_metric.name, one.value_seconds if one.status == "success" else None
