"""The organisation's vocabulary as rows: severities, statuses, types, roles, fields, timestamps, people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from incidentio_magic.frames.table import COUNT, FLAG, TEXT, Column, Table
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.api import models


class VocabularyFrames(Table):
    """The frames of an organisation's settings."""

    def severities(self, records: Sequence[models.Severity]) -> pd.DataFrame:
        """Return severities as rows, most severe first: name (ordered category), rank, description, id."""
        columns: list[Column] = [
            ("name", "severity", lambda record: record.name),
            ("rank", COUNT, lambda record: record.rank),
            ("description", TEXT, lambda record: record.description),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, sorted(records, key=lambda record: -record.rank))

    def statuses(self, records: Sequence[models.IncidentStatus]) -> pd.DataFrame:
        """Return statuses as rows: name, category (ordered categories), rank, description, id."""
        columns: list[Column] = [
            ("name", "status", lambda record: record.name),
            ("category", "category", lambda record: record.category),
            ("rank", COUNT, lambda record: record.rank),
            ("description", TEXT, lambda record: record.description),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, records)

    def types(self, records: Sequence[models.IncidentType]) -> pd.DataFrame:
        """Return incident types as rows: name, default, private_only, triage, description, id."""
        columns: list[Column] = [
            ("name", TEXT, lambda record: record.name),
            ("default", FLAG, lambda record: record.is_default),
            ("private_only", FLAG, lambda record: record.private_incidents_only),
            ("triage", TEXT, lambda record: record.create_in_triage),
            ("description", TEXT, lambda record: record.description),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, records)

    def roles(self, records: Sequence[models.IncidentRole]) -> pd.DataFrame:
        """Return roles as rows: name, kind, short form, description, id."""
        columns: list[Column] = [
            ("name", TEXT, lambda record: record.name),
            ("kind", TEXT, lambda record: record.role_type),
            ("shortform", TEXT, lambda record: record.shortform),
            ("description", TEXT, lambda record: record.description),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, records)

    def fields(
        self, records: Sequence[models.CustomField], options: Mapping[str, Sequence[models.Named]]
    ) -> pd.DataFrame:
        """Return custom fields as rows: name, kind, options, description, id.

        Args:
            records: The fields.
            options: The values each offers, by field ID.
        """
        columns: list[Column] = [
            ("name", TEXT, lambda record: record.name),
            (
                "kind",
                TEXT,
                lambda record: f"{record.field_type} (catalog)" if record.catalog_type_id else record.field_type,
            ),
            (
                "options",
                TEXT,
                lambda record: ", ".join(option.name for option in options.get(record.id, ())) or None,
            ),
            ("description", TEXT, lambda record: record.description),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, records)

    def timestamps(self, records: Sequence[models.IncidentTimestamp]) -> pd.DataFrame:
        """Return the timestamps' definitions as rows: name, rank, id."""
        columns: list[Column] = [
            ("name", TEXT, lambda record: record.name),
            ("rank", COUNT, lambda record: record.rank),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, records)

    def users(self, records: Sequence[models.User]) -> pd.DataFrame:
        """Return people as rows: name, email, active, role, slack_user_id, id."""
        columns: list[Column] = [
            ("name", TEXT, lambda record: record.name),
            ("email", TEXT, lambda record: record.email),
            ("active", FLAG, lambda record: record.is_active),
            ("role", TEXT, lambda record: record.base_role.name if record.base_role else None),
            ("slack_user_id", TEXT, lambda record: record.slack_user_id),
            ("id", TEXT, lambda record: record.id),
        ]
        return self.frame(columns, sorted(records, key=lambda record: (record.name.casefold(), record.id)))

    def identity(self, record: models.Identity) -> pd.DataFrame:
        """Return who the API key is: one row per property, column `value`."""
        rows = {
            "key": record.name,
            "organisation": record.dashboard_url,
            "may": ", ".join(record.roles),
            "teams": ", ".join(team.name for team in record.teams or ()),
        }
        index = pd.Index(list(rows), name="property", dtype=TEXT)
        frame = pd.DataFrame({"value": pd.array([printable(text) for text in rows.values()], dtype=TEXT)}, index=index)
        return self.ours(frame)
