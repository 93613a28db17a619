"""Incidents as rows, or side by side."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd

from incidentio_magic.frames.table import FLAG, LASTED, NUMBER, TEXT, Column, Table, actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidentio_magic.api import models


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
        columns: list[Column] = [
            ("reference", TEXT, lambda one: one.reference),
            ("name", TEXT, lambda one: self.open_text(one, one.name)),
            ("severity", "severity", lambda one: one.severity.name if one.severity else None),
            ("status", "status", lambda one: one.incident_status.name),
            ("type", TEXT, lambda one: one.incident_type.name if one.incident_type else None),
            ("mode", TEXT, lambda one: one.mode),
            ("lead", TEXT, lead),
            ("created_at", self.time, lambda one: one.created_at),
            ("updated_at", self.time, lambda one: one.updated_at),
            ("permalink", TEXT, lambda one: one.permalink),
        ]
        if wide:
            columns += self._wide(records, roles, fields, timestamps)
        return self.frame(columns, records)

    def show(self, records: Sequence[models.Incident], **names: Sequence[str]) -> pd.DataFrame:
        """Return one column an incident and one row a property, side by side.

        Args:
            records: The incidents.
            names: As in `incidents`.

        Returns:
            An object frame indexed by property; a property nobody has set is left out.
        """
        wide = self.incidents(records, wide=True, **names)
        shown = wide.astype(object).where(wide.notna(), "")
        shown.index = pd.Index(wide["reference"].astype(object), name=None)
        turned = shown.drop(columns="reference").T
        turned.index.name = "property"
        self.ours(turned)
        return turned.loc[(turned != "").any(axis=1)] if len(records) else turned

    def _wide(
        self,
        records: Sequence[models.Incident],
        roles: Sequence[str],
        fields: Sequence[str],
        timestamps: Sequence[str],
    ) -> list[Column]:
        columns: list[Column] = [
            ("id", TEXT, lambda one: one.id),
            ("category", "category", lambda one: one.incident_status.category),
            ("visibility", TEXT, lambda one: one.visibility),
            ("summary", TEXT, lambda one: self.open_text(one, one.summary)),
            ("creator", TEXT, self._creator),
            ("last_activity_at", self.time, lambda one: one.last_activity_at),
            ("call_url", TEXT, lambda one: one.call_url),
            ("channel", TEXT, lambda one: self.open_text(one, one.slack_channel_name)),
            ("postmortem_url", TEXT, lambda one: self.open_text(one, one.postmortem_document_url)),
            ("external_issue", TEXT, self._issue),  # both addresses usually spell the title out
            ("has_debrief", FLAG, lambda one: one.has_debrief),
            *(
                (f"workload_{part}", NUMBER, attrgetter(f"workload_minutes_{part}"))
                for part in ("total", "working", "late", "sleeping")
            ),
        ]
        assigned = _names(roles, (entry.role.name for one in records for entry in one.incident_role_assignments or ()))
        columns += [(f"role.{name}", TEXT, partial(_holder, role=name)) for name in assigned]
        kinds = dict(name.rpartition(":")[::2] if name.endswith(":numeric") else (name, "") for name in fields)
        for one in records:
            for entry in one.custom_field_entries or ():
                kind = "numeric" if entry.custom_field.field_type == "numeric" else ""
                kinds.setdefault(entry.custom_field.name, kind)
        for name, kind in kinds.items():
            if kind:
                columns.append((f"field.{name}", NUMBER, partial(_number, name=name)))
            else:
                columns.append((f"field.{name}", TEXT, partial(self._field, name=name)))
        stamps = _names(
            timestamps,
            (entry.incident_timestamp.name for one in records for entry in one.incident_timestamp_values or ()),
        )
        columns += [(f"at.{name}", self.time, partial(_stamp, name=name)) for name in stamps]
        metrics = _names((), (entry.duration_metric.name for one in records for entry in one.duration_metrics or ()))
        return columns + [(f"lasted.{name}", LASTED, partial(_lasted, name=name)) for name in metrics]

    def _field(self, incident: models.Incident, name: str) -> str | None:
        return self.open_text(incident, _field(incident, name))

    def _issue(self, incident: models.Incident) -> str | None:
        issue = incident.external_issue_reference
        return self.open_text(incident, issue.issue_permalink if issue else None)

    def _creator(self, incident: models.Incident) -> str | None:
        name, kind = actor(incident.creator)
        return self.open_text(incident, name) if kind == "alert" else name  # an alert's title tells the story


def lead(incident: models.Incident) -> str | None:
    """Return the name of the person who leads the incident."""
    for entry in incident.incident_role_assignments or ():
        if entry.role.role_type == "lead" and entry.assignee:
            return entry.assignee.name
    return None


def _names(first: Iterable[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *more]))


def _holder(incident: models.Incident, role: str) -> str | None:
    names = [
        entry.assignee.name
        for entry in incident.incident_role_assignments or ()
        if entry.role.name == role and entry.assignee
    ]
    return ", ".join(names) or None


def _field(incident: models.Incident, name: str) -> str | None:
    texts: list[str] = []
    for entry in incident.custom_field_entries or ():
        if entry.custom_field.name == name:
            for one in entry.values:  # noqa: PD011  a record's field, not a frame's
                named_value = one.value_catalog_entry.name if one.value_catalog_entry else None
                option = one.value_option.value if one.value_option else None
                text = named_value or option or one.value_text or one.value_link or one.value_numeric
                if text:
                    texts.append(text)
    return ", ".join(texts) or None


def _number(incident: models.Incident, name: str) -> float | None:
    text = _field(incident, name)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _stamp(incident: models.Incident, name: str) -> datetime | None:
    for entry in incident.incident_timestamp_values or ():
        if entry.incident_timestamp.name == name:
            return entry.value.value if entry.value else None
    return None


def _lasted(incident: models.Incident, name: str) -> int | None:
    for entry in incident.duration_metrics or ():
        if entry.duration_metric.name == name:
            return entry.value_seconds if entry.status == "success" else None
    return None
