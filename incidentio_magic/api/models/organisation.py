"""The organisation's own words: severities, statuses, types, roles, fields."""

from __future__ import annotations

from msgspec import field

from incidentio_magic.api.models.record import Moment, Named, Record


class Identity(Record, frozen=True):
    """Who the API key is. Source: `GET /v1/identity`."""

    name: str
    dashboard_url: str
    roles: list[str] = field(default_factory=list)
    team_roles: list[str] | None = None
    teams: list[Named] | None = None


class Severity(Named, frozen=True):
    """A severity; a lower rank is less severe. Source: `GET /v1/severities`."""

    rank: int
    description: str | None = None


class IncidentStatus(Named, frozen=True):
    """A status and its category. Source: `GET /v1/incident_statuses`."""

    category: str
    rank: int
    description: str | None = None


class IncidentType(Named, frozen=True):
    """An incident type. Source: `GET /v1/incident_types`."""

    is_default: bool = False
    private_incidents_only: bool = False
    create_in_triage: str | None = None
    description: str | None = None


class IncidentRole(Named, frozen=True):
    """A role people take in an incident: lead, reporter or custom. Source: `GET /v2/incident_roles`."""

    role_type: str | None = None
    shortform: str | None = None
    description: str | None = None
    instructions: str | None = None


class IncidentTimestamp(Named, frozen=True):
    """A moment the organisation records for incidents. Source: `GET /v2/incident_timestamps`."""

    rank: int = 0


class CustomField(Named, frozen=True):
    """A custom field's definition. Source: `GET /v2/custom_fields`."""

    field_type: str
    description: str | None = None
    catalog_type_id: str | None = None

    @property
    def has_options(self) -> bool:
        """Whether its values come from a list: its own options, or the entries of a catalog type."""
        return bool(self.catalog_type_id) or self.field_type in {"single_select", "multi_select"}


class CustomFieldOption(Record, frozen=True):
    """One option of a select field. Source: `GET /v1/custom_field_options`."""

    id: str
    value: str
    custom_field_id: str | None = None
    sort_key: int | None = None


class CatalogEntry(Named, frozen=True):
    """An entry of the catalog. Source: `GET /v3/catalog_entries`."""

    catalog_type_id: str | None = None
    aliases: list[str] | None = None
    external_id: str | None = None
    rank: int | None = None
    archived_at: Moment | None = None
