"""The values of select and catalog fields: current options, and values that only older incidents have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.api import models
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter
from incidentio_magic.names.comparison import comparable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.api.endpoints import Api


class Option(models.Named, frozen=True):
    """A value of a field.

    Args:
        id: The ID of the option or catalog entry.
        name: Its name.
        other_names: The external ID and aliases of a catalog entry.
        archived: Whether it is no longer offered.
    """

    other_names: tuple[str, ...] = ()
    archived: bool = False

    @property
    def names(self) -> list[str]:
        """All its names, the main name first."""
        return [self.name, *self.other_names]


def read_options(api: Api, field: models.CustomField) -> list[Option]:
    """Return all values of a field in the organisation's order, including archived catalog entries.

    Args:
        api: The endpoints.
        field: A select or catalog field.
    """
    if field.catalog_type_id:
        entries = api.catalog_entries(field.catalog_type_id).whole()
        return [_from_catalog(entry) for entry in sorted(entries, key=lambda entry: entry.rank or 0)]
    options = api.custom_field_options(field.id).whole()
    # Options without a key keep the service's order, after all others.
    options = sorted(options, key=lambda option: (option.sort_key is None, option.sort_key or 0))
    return [Option(option.id, option.value) for option in options]


def identified(api: Api, catalog_type_id: str, text: str) -> list[Option]:
    """Return the catalog entries that the service finds by an ID, external ID, alias or unique name.

    Args:
        api: The endpoints.
        catalog_type_id: The catalog type.
        text: What was typed.
    """
    found = api.catalog_entries(catalog_type_id, identifier=text.strip())
    page = next(found.walk()).records
    return [option for option in map(_from_catalog, page) if _is_named(option, text)]


def first_entries(api: Api, field: models.CustomField) -> tuple[list[models.Named], bool]:
    """Return the entries on the first page of a field's catalog, and whether there are more.

    Args:
        api: The endpoints.
        field: A catalog field.
    """
    listing = api.catalog_entries(field.catalog_type_id or "")
    page = next(listing.walk())
    has_more = bool(page.meta and page.meta.after and len(page.records) >= (listing.page_size or 1))
    return [models.Named(entry.id, entry.name) for entry in page.records if entry.archived_at is None], has_more


def used_options(api: Api, field: models.CustomField) -> list[Option]:
    """Return the values that incidents of every category and mode have in a field; this reads all incidents.

    Args:
        api: The endpoints.
        field: A select or catalog field.
    """
    everything = IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)
    used: dict[str, Option] = {}
    for incident in api.incidents(everything, ahead=True):
        for entry in incident.custom_field_entries or ():
            if entry.custom_field.id == field.id:
                used |= {option.id: option for option in _values(entry.values)}
    return list(used.values())


def _values(values: Sequence[models.CustomFieldValue]) -> list[Option]:
    found = []
    for value in values:
        if value.value_option:
            found.append(Option(value.value_option.id, value.value_option.value, archived=True))
        elif value.value_catalog_entry:
            found.append(Option(value.value_catalog_entry.id, value.value_catalog_entry.name, archived=True))
    return found


def _from_catalog(entry: models.CatalogEntry) -> Option:
    others = tuple(filter(None, (entry.external_id, *(entry.aliases or ()))))
    return Option(entry.id, entry.name, other_names=others, archived=entry.archived_at is not None)


def _is_named(option: Option, text: str) -> bool:
    return option.id == text.strip() or comparable(text) in map(comparable, option.names)
