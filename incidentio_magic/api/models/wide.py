"""Incidents with only the parts of custom fields that a wide table shows; these fields are most of an incident."""

from __future__ import annotations

from incidentio_magic.api.models.incident import CustomFieldEntry, CustomFieldValue, Incident
from incidentio_magic.api.models.organisation import MentionedField
from incidentio_magic.api.models.record import Present, Record


class WideOption(Record, frozen=True):
    """An option of a select field."""

    value: Present


class WideCatalogEntry(Record, frozen=True):
    """An entry of a catalog."""

    name: Present


class WideValue(CustomFieldValue, frozen=True):
    """One value of a custom field."""

    value_catalog_entry: WideCatalogEntry | None = None  # type: ignore[assignment]
    value_option: WideOption | None = None  # type: ignore[assignment]


class WideEntry(CustomFieldEntry, frozen=True):
    """A custom field of an incident with its values."""

    custom_field: MentionedField  # type: ignore[assignment]
    values: list[WideValue]  # type: ignore[assignment]


class WideIncident(Incident, frozen=True, kw_only=True):
    """An incident with the columns of a wide table. Source: `GET /v2/incidents`."""

    custom_field_entries: list[WideEntry] | None = None  # type: ignore[assignment]
