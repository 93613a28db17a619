"""The organisation's own vocabulary: severities, statuses, types, roles, fields, catalog and forms."""

from __future__ import annotations

from typing import Final

from msgspec import field

from incidentio_magic.api.models.record import Moment, Named, Present, Record


class Identity(Record, frozen=True):
    """The API key's identity. Source: `GET /v1/identity`."""

    name: str = ""
    dashboard_url: str = ""
    roles: list[str] = field(default_factory=list)
    team_roles: list[str] | None = None
    teams: list[Named] | None = None


class Severity(Named, frozen=True):
    """A severity; a lower rank is less severe. Source: `GET /v1/severities`."""

    rank: int = 0
    description: str | None = None


class IncidentStatus(Named, frozen=True):
    """A status and its category. Source: `GET /v1/incident_statuses`."""

    category: str = ""
    rank: int = 0
    description: str | None = None


NO_STATUS: Final = IncidentStatus("", "")
"""Replaces an incident's status if that is absent or cannot be read."""


class IncidentType(Named, frozen=True):
    """An incident type. Source: `GET /v1/incident_types`."""

    is_default: bool = False
    private_incidents_only: bool = False
    create_in_triage: str | None = None
    description: str | None = None


class IncidentRole(Named, frozen=True):
    """A role that people take in an incident: lead, reporter or custom. Source: `GET /v2/incident_roles`."""

    role_type: str | None = None
    shortform: str | None = None
    description: str | None = None
    instructions: str | None = None


class IncidentTimestamp(Named, frozen=True):
    """A moment that the organisation records for incidents. Source: `GET /v2/incident_timestamps`."""

    rank: int = 0


class MentionedField(Named, frozen=True):
    """A custom field as an incident mentions it."""

    field_type: str = ""
    catalog_type_id: str | None = None

    @property
    def has_options(self) -> bool:
        """Whether its values come from a list: its own options, or the entries of a catalog type."""
        return bool(self.catalog_type_id) or self.field_type in {"single_select", "multi_select"}

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.field_type == "numeric"


class CustomField(MentionedField, frozen=True):
    """A custom field's definition. Source: `GET /v2/custom_fields`."""

    description: str | None = None


class CustomFieldOption(Record, frozen=True):
    """One option of a select field. Source: `GET /v1/custom_field_options`."""

    id: Present
    value: Present
    custom_field_id: str | None = None
    sort_key: int | None = None


class CatalogEntry(Named, frozen=True):
    """An entry of the catalog. Source: `GET /v3/catalog_entries`."""

    catalog_type_id: str | None = None
    aliases: list[str] | None = None
    external_id: str | None = None
    rank: int | None = None
    archived_at: Moment | None = None


class ParameterValue(Record, frozen=True):
    """A value in a condition or a default: a literal, or a reference to another value."""

    label: str | None = None
    literal: str | None = None
    reference: str | None = None


class ParameterBinding(Record, frozen=True):
    """The values that a condition compares with, or that a form starts with: a single value or a list."""

    value: ParameterValue | None = None
    array_value: list[ParameterValue] | None = None

    @property
    def literals(self) -> list[str]:
        """The literals, in whichever form they were sent."""
        return [value.literal for value in self._values if value.literal]

    @property
    def labels(self) -> list[str]:
        """The label of each value."""
        return [shown for value in self._values if (shown := value.label or value.literal)]

    @property
    def _values(self) -> list[ParameterValue]:
        return [*([self.value] if self.value else []), *(self.array_value or [])]


class ConditionSubject(Record, frozen=True):
    """The subject of a condition, such as `incident.severity`."""

    reference: Present
    label: str | None = None


class ConditionOperation(Record, frozen=True):
    """The operator of a condition, such as `one_of`."""

    value: Present
    label: str | None = None


class Condition(Record, frozen=True):
    """One comparison."""

    subject: ConditionSubject
    operation: ConditionOperation
    param_bindings: list[ParameterBinding] | None = None


class ConditionGroup(Record, frozen=True):
    """Conditions that must all hold; if there are several groups, one of them must hold."""

    conditions: list[Condition] | None = None


class FormElement(Record, frozen=True):
    """One element of a form, in the order of display."""

    element_type: Present
    id: str | None = None
    custom_field_id: str | None = None
    incident_role_id: str | None = None
    incident_timestamp_id: str | None = None
    description: str | None = None
    placeholder: str | None = None
    default_value: ParameterBinding | None = None
    can_select_no_value: bool | None = None
    required_if: str | None = None
    required_if_condition_groups: list[ConditionGroup] | None = None
    show_if_condition_groups: list[ConditionGroup] | None = None


class IncidentForm(Record, frozen=True):
    """One of the organisation's own forms; without a type it is the default. Source: `GET /v3/incident_forms`."""

    id: Present
    form_type: Present
    incident_type_id: str | None = None
    lifecycle_elements: list[FormElement] | None = None
