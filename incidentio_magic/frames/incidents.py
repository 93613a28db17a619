"""Incidents as rows, or as columns side by side."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic.api.models import MASK, actor_text
from incidentio_magic.frames._spread import ById, numbers
from incidentio_magic.frames.table import FLAG, LASTED, NUMBER, TEXT, Table, Values
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        roles: Sequence[models.Named] = (),
        fields: Sequence[models.CustomField] = (),
        timestamps: Sequence[models.Named] = (),
    ) -> pd.DataFrame:
        """Return incidents as rows.

        Args:
            records: The incidents.
            wide: Whether to add id, category (ordered category), visibility, summary, creator, channel, workload, and
                one column for each role (`role.*`, string), custom field (`field.*`, string, or Float64 for numeric
                ones), timestamp (`at.*`, time) and duration (`lasted.*`, timedelta, NaT unless the service calls it a
                success). Two fields with the same name have a column each, such as `field.Team (select)`. A numeric
                column whose digits a float would change holds `decimal.Decimal` instead.
            roles: The organisation's roles, so that their columns exist even when empty.
            fields: Its custom fields.
            timestamps: Its timestamps.

        Returns:
            reference, name, type, mode, lead, permalink (string); severity, status (ordered category); created_at,
            updated_at (time). `attrs["ids"]` of a wide frame holds the IDs of its roles, fields, timestamps and
            durations, by column.
        """
        columns = self.narrow_columns(records)
        if not wide:
            return self.built(columns)
        entries, identities = self._entries(records, roles, fields, timestamps)
        frame = self.built([*columns, *self._wide(records), *entries])
        frame.attrs["ids"] = identities
        return frame

    def narrow_columns(self, records: Sequence[models.Incident | models.NarrowIncident]) -> list[Values]:
        """Return the columns of a frame that is not wide."""
        names = [record.name for record in records]
        self._mask(records, [names])
        return [
            ("reference", TEXT, [record.reference for record in records]),
            ("name", TEXT, names),
            ("severity", "severity", [record.severity.name if record.severity else None for record in records]),
            ("status", "status", [record.incident_status.name for record in records]),
            ("type", TEXT, [record.incident_type.name if record.incident_type else None for record in records]),
            ("mode", TEXT, [record.mode for record in records]),
            ("lead", TEXT, list(map(lead, records))),
            ("created_at", self.time, [record.created_at for record in records]),
            ("updated_at", self.time, [record.updated_at for record in records]),
            ("permalink", TEXT, [record.permalink for record in records]),
        ]

    def show(self, records: Sequence[models.Incident], **names: Any) -> pd.DataFrame:
        """Return incidents side by side: one column per incident, one row per property.

        Args:
            records: The incidents.
            names: The other arguments of `incidents`.

        Returns:
            A frame of texts indexed by property; properties without a value are left out.
        """
        wide = self.incidents(records, wide=True, **names)
        shown = wide.astype(object).where(wide.notna(), "").map(_text_of)
        shown.index = pd.Index(wide["reference"].astype(object), name=None)
        transposed = shown.drop(columns="reference").T.astype(pd.StringDtype())
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
        roles: Sequence[models.Named],
        fields: Sequence[models.CustomField],
        timestamps: Sequence[models.Named],
    ) -> tuple[list[Values], dict[str, str]]:
        """Return a column for each role, custom field, timestamp and duration, and their IDs by column name."""
        count = len(records)
        held, filled = ById(roles, count), ById(fields, count)
        moments, lasted = ById(timestamps, count), ById((), count)
        for row, record in enumerate(records):
            for assignment in record.incident_role_assignments or ():
                held.add(assignment.role, row, (assignment.assignee and assignment.assignee.name) or None)
            filled.add_entries(record.custom_field_entries or (), row)
            for stamped in record.incident_timestamp_values or ():
                moments.add(stamped.incident_timestamp, row, stamped.value.value if stamped.value else None)
            for measured in record.duration_metrics or ():
                seconds = measured.value_seconds if measured.status == "success" else None
                lasted.add(measured.duration_metric, row, seconds)
        self._mask(
            records,
            (values for field, _label, values in filled.labelled() if field.field_type != "numeric"),  # type: ignore[attr-defined]
        )
        columns: list[Values] = []
        identities: dict[str, str] = {}
        for prefix, kind, spread in (
            ("role", TEXT, held), ("field", TEXT, filled), ("at", self.time, moments), ("lasted", LASTED, lasted),
        ):  # fmt: skip
            for source, label, values in spread.labelled():
                name = f"{prefix}.{label}"
                identities[printable(name)] = source.id
                columns.append(
                    (name, *self._field(records, source, values)) if spread is filled else (name, kind, values)
                )
        return columns, identities

    def _field(self, records: Sequence[models.Incident], field: Any, values: list[Any]) -> tuple[str, list[Any]]:
        """Return the kind and the values of a custom field's column."""
        if field.field_type == "numeric":
            found = numbers(values)  # the texts among them, from when the field was one of texts, may be private
            return NUMBER, [
                self.open_text(record, value) if isinstance(value, str) else value
                for record, value in zip(records, found, strict=True)
            ]
        return TEXT, values

    def _mask(self, records: Sequence[models.Incident | models.NarrowIncident], columns: Iterable[list[Any]]) -> None:
        """Mask the texts of private incidents, unless `show_private`."""
        private = [] if self.show_private else [row for row, record in enumerate(records) if record.is_private]
        for texts in columns if private else ():
            for row in private:
                if texts[row]:
                    texts[row] = MASK

    def _issue(self, incident: models.Incident) -> str | None:
        issue = incident.external_issue_reference
        return self.open_text(incident, issue.issue_permalink if issue else None)

    def _creator(self, incident: models.Incident) -> str | None:
        name, kind = actor_text(incident.creator)
        return (
            self.open_text(incident, name) if kind == "alert" else name
        )  # the title of an alert describes the incident


def _text_of(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S %Z}" if isinstance(value, datetime) else str(value)


def lead(incident: models.Incident | models.NarrowIncident) -> str | None:
    """Return the name of the person who leads the incident."""
    for entry in incident.incident_role_assignments or ():
        if entry.role.role_type == "lead" and entry.assignee:
            return entry.assignee.name
    return None
