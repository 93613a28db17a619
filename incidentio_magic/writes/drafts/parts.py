"""Custom fields, roles and timestamps: the parts that several drafts share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from incidentio_magic.api import models
from incidentio_magic.names.comparison import comparable_number
from incidentio_magic.writes.drafts.intents import Row, rfc3339


@dataclass(frozen=True, repr=False)
class FieldEntry:
    """A custom field and its new values: options as records, other values as text; no values unset the field."""

    field: models.CustomField
    values: tuple[models.Named | str, ...]

    def payload(self) -> dict[str, Any]:
        """Return the entry as the API expects it."""
        return {"custom_field_id": self.field.id, "values": [self._value(value) for value in self.values]}

    def _value(self, value: models.Named | str) -> dict[str, str]:
        if isinstance(value, models.Named):
            return {"value_catalog_entry_id" if self.field.catalog_type_id else "value_option_id": value.id}
        return {f"value_{self.field.field_type}": value}

    def problem(self) -> str:
        """Return the problem of the values, or ""."""
        kind = self.field.field_type
        if len(self.values) > 1 and kind != "multi_select":
            return "takes one value only"
        for value in self.values:
            if kind == "link" and not is_link(value):
                return "takes a link that begins with https://"
            if kind == "numeric" and comparable_number(str(value)) is None:
                return "takes a number"
        return ""

    def shown(self) -> str:
        """Return the values as people read them."""
        return ", ".join(value.name if isinstance(value, models.Named) else value for value in self.values) or "(unset)"

    def comparable(self) -> frozenset[str]:
        """Return the values as IDs and strings, to compare with an incident's values."""
        numeric = self.field.is_numeric
        texts = (value.id if isinstance(value, models.Named) else value for value in self.values)
        return frozenset((numeric and comparable_number(text)) or text for text in texts)


def is_link(value: object) -> bool:
    """Return whether a value is an address that a browser can open."""
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"} and bool(parts.netloc) and str(value).isprintable() and " " not in str(value)
    )


def value_of(value: models.CustomFieldValue) -> str:
    """Return a custom field's value as an ID or string, to compare with a draft's value."""
    if value.value_option:
        return value.value_option.id
    if value.value_catalog_entry:
        return value.value_catalog_entry.id
    if value.value_numeric:
        return comparable_number(value.value_numeric) or value.value_numeric
    return value.value_text or value.value_link or ""


def collections(
    fields: tuple[FieldEntry, ...],
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...],
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...],
) -> dict[str, Any]:
    """Return the parts as the API expects them, without empty parts."""
    body: dict[str, Any] = {}
    if fields:
        body["custom_field_entries"] = [entry.payload() for entry in fields]
    if roles:
        body["incident_role_assignments"] = [
            {"incident_role_id": role.id, **({"assignee": {"id": user.id}} if user else {})} for role, user in roles
        ]
    if timestamps:
        body["incident_timestamp_values"] = [
            {"incident_timestamp_id": stamp.id, "value": rfc3339(at)} for stamp, at in timestamps
        ]
    return body


def collection_rows(
    fields: tuple[FieldEntry, ...],
    roles: tuple[tuple[models.IncidentRole, models.User | None], ...],
    timestamps: tuple[tuple[models.IncidentTimestamp, datetime], ...],
) -> list[Row]:
    """Return the preview's rows for the parts."""
    return [
        *((f"field {entry.field.name}", entry.shown(), entry.field.id) for entry in fields),
        *((f"role {role.name}", user.name if user else "(nobody)", user.id if user else "") for role, user in roles),
        *((f"at {stamp.name}", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", stamp.id) for stamp, at in timestamps),
    ]
