"""What seeded incidents choose from and refer to, looked up once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio.organisation import by_name, named

if TYPE_CHECKING:
    from incidentio_magic.sandbox.vocabulary import CustomFieldOption, Organisation


class Cast:
    """What incidents of one organisation choose from, and its vocabulary by name.

    Args:
        organisation: the vocabulary, complete.
    """

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self.statuses = by_name(organisation["incident_statuses"])
        self.severities = by_name(organisation["severities"])
        self.types = by_name(organisation["incident_types"])
        self.roles = by_name(organisation["incident_roles"])
        self.timestamps = by_name(organisation["incident_timestamps"])
        self.fields = by_name(organisation["custom_fields"])
        self.workflows = by_name(organisation["workflows"])
        responders = [user["id"] for user in organisation["users"].values() if user["role"] == "responder"]
        self.responders = responders[:-1]
        self.services = self._options("Affected service")
        self.regions = self._options("Affected regions")
        self.teams = self._entries("Team")
        self.components = self._entries("Component")

    def _options(self, field_name: str) -> list[CustomFieldOption]:
        """Return the options of the custom field with this name."""
        field_id = self.fields[field_name]["id"]
        options = self._organisation["custom_field_options"].values()
        return [option for option in options if option["custom_field_id"] == field_id]

    def _entries(self, type_name: str) -> list[str]:
        """Return the IDs of the entries of the catalog type with this name, without the archived entries."""
        type_id = named(self._organisation["catalog_types"], type_name)["id"]
        entries = self._organisation["catalog_entries"].values()
        return [entry["id"] for entry in entries if entry["catalog_type_id"] == type_id and "archived_at" not in entry]
