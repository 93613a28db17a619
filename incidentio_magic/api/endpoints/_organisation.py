"""The endpoints of an organisation's vocabulary that take arguments: options, catalog, people and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.endpoints._base import LARGEST_PAGE, Endpoints, given
from incidentio_magic.api.wire import Request

if TYPE_CHECKING:
    from incidentio_magic.api.pagination import Listing


class OrganisationEndpoints(Endpoints):
    """An organisation's options, catalog, people and forms."""

    def identity(self) -> models.Identity:
        """Return the API key's identity."""
        return self._record(Request("GET", "/v1/identity"), "identity", models.Identity)

    def is_sandbox(self) -> bool:
        """Return whether this is the sandbox: only the sandbox answers `GET /sandbox/about`."""
        try:
            return self._record(Request("GET", "/sandbox/about"), "sandbox", bool)
        except (errors.NotFound, errors.PermissionDenied, errors.UnexpectedAnswer):
            return False

    def incident_forms(self) -> Listing[models.IncidentForm]:
        """List the organisation's own forms: the elements each shows, and when an element is required."""
        return self._list("/v3/incident_forms", "incident_forms", models.IncidentForm)

    def custom_field_options(self, custom_field_id: str) -> Listing[models.CustomFieldOption]:
        """List the options of a select field."""
        query = given(custom_field_id=custom_field_id)
        return self._list("/v1/custom_field_options", "custom_field_options", models.CustomFieldOption, query)

    def catalog_entries(self, catalog_type_id: str, *, identifier: str = "") -> Listing[models.CatalogEntry]:
        """List the entries of a catalog type, including archived entries.

        Args:
            catalog_type_id: The ID of the catalog type.
            identifier: Only the entries with this ID, external ID or alias, or, if the type allows it, this name.
        """
        query = given(catalog_type_id=catalog_type_id, identifier=identifier)
        return self._list(
            "/v3/catalog_entries", "catalog_entries", models.CatalogEntry, query, has_total=not identifier
        )

    def users(self, *, email: str = "", include_inactive: bool = False) -> Listing[models.User]:
        """List the people.

        Args:
            email: Only the accounts with this email address.
            include_inactive: Whether to include people who have left or not yet joined.
        """
        query = given(email=email, include_inactive="true" if include_inactive else "")
        return self._list("/v2/users", "users", models.User, query, size=LARGEST_PAGE)
