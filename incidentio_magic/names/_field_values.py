"""Finds the values of custom fields by name: current options, and values that only older incidents have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names import options as field_options
from incidentio_magic.names._kept_lists import KeptLists
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.field_labels import labels
from incidentio_magic.names.lists import split_names
from incidentio_magic.names.resolution import NameIndex
from incidentio_magic.names.shared_lists import LENGTH_OF, OPTIONS_OF

if TYPE_CHECKING:
    from incidentio_magic.names.lists import Names
    from incidentio_magic.names.options import Option

_SHORTEST_ID: Final = 20


class FieldValues(KeptLists):
    """The values of custom fields, by name."""

    def cached_values(self, field: str) -> list[str]:
        """Return the values of a custom field from memory, without any request; for completion."""
        kept = self._kept.get("fields")
        fields = kept[1] if kept else []
        label_of = labels(fields)
        typed = comparable(field)
        same = (record for record in fields if typed in {comparable(record.name), comparable(label_of[record.id])})
        return [value for record in same for value in self.cached(f"{OPTIONS_OF}{record.id}")]

    def options(self, field: models.CustomField) -> list[models.Named]:
        """Return the values that a select or catalog field offers, in order; an empty list for other fields."""
        return [models.Named(option.id, option.name) for option in self._all_options(field) if not option.archived]

    def first_options(self, field: models.CustomField) -> tuple[list[models.Named], bool]:
        """Return the first values that a field offers (for a catalog, its first page), and whether there are more."""
        if not field.catalog_type_id or self.cached_values(field.name):
            return self.options(field), False
        what = f"first entries of {field.catalog_type_id}"
        first, has_more = self._get(what, lambda: field_options.first_entries(self._api, field))
        self._get(f"{LENGTH_OF}{field.catalog_type_id}", lambda: len(first))
        return first, has_more

    def known_length(self, field: models.CustomField) -> int | None:
        """Return the least number of values of a field, if a kernel on this machine has read its catalog recently."""
        what = f"{LENGTH_OF}{field.catalog_type_id}"
        kept = self._kept.get(what) or self._from_other_kernels(what, self._shared)
        return kept[1] if kept and self._clock() - kept[0] < self._lifetime else None

    def option(self, field: models.CustomField, name: str) -> models.Named:
        """Return a value that can be set in a select or catalog field.

        Args:
            field: The field.
            name: The value's name or ID, or a catalog entry's external ID or alias.

        Raises:
            UnknownName: If there is no such value, or it is archived.
            AmbiguousName: If several values have this name.
        """
        option = self._option(field, name)
        if option.archived:
            raise errors.UnknownName(
                f"{name!r} is archived and can no longer be a value of {field.name}.",
                hint="it still works in filters; %incidents fields lists the current values",
            )
        return models.Named(option.id, option.name)

    def past_option(self, field: models.CustomField, name: str) -> models.Named:
        """Return a value that incidents have or had in a select or catalog field; for filters.

        If the value is no longer offered, all incidents are read once to find it.

        Args:
            field: The field.
            name: The value's name or ID, or a catalog entry's external ID or alias.

        Raises:
            UnknownName: If no incident ever had it.
            AmbiguousName: If several values have this name.
        """
        try:
            option = self._option(field, name)
        except errors.UnknownName as unknown:
            if unknown.hint.startswith("did you mean") and not _looks_like_an_id(name):
                unknown.hint = f"{unknown.hint} To find a value that is no longer offered, give its ID"
                raise
            what = f"used options of {field.id}"
            used = self._get(what, lambda: field_options.used_options(self._api, field))
            fitting = self._index(what, used, lambda option: option.names).find(name)
            if not fitting:
                raise
            option = self._index(what, used, lambda option: option.names).resolve(f"value of {field.name}", name)
        return models.Named(option.id, option.name)

    def options_named(self, field: models.CustomField, names: Names, *, past: bool = False) -> list[models.Named]:
        """Return the values of a select or catalog field from a list or a comma-separated string of names.

        Args:
            field: The field.
            names: The values' names; a value with a comma in its name is kept whole.
            past: Whether to include values that are no longer offered.

        Raises:
            UnknownName: If there is no such value.
            AmbiguousName: If several values have this name.
        """
        resolve = self.past_option if past else self.option

        def knows(name: str) -> bool:
            return self.has_option(field, name)

        parts = split_names(names, knows)
        try:
            return [resolve(field, part) for part in parts]
        except errors.UnknownName:
            read = split_names(names, knows)  # the attempt may have read the whole catalog
            if read == parts:
                raise
            return [resolve(field, part) for part in read]

    def _all_options(self, field: models.CustomField) -> list[Option]:
        if not field.has_options:
            return []
        what, is_select = f"{OPTIONS_OF}{field.id}", not field.catalog_type_id
        return self._get(what, lambda: field_options.read_options(self._api, field), is_shared=is_select)

    def _option(self, field: models.CustomField, name: str) -> Option:
        """Return a value of a field, archived or not.

        A catalog entry is requested by its identifier. Only if that finds nothing, all entries are read, once in the
        lifetime of the list, so that a typo does not read 40,000 entries again.
        """
        kind, what = f"value of {field.name}", f"{OPTIONS_OF}{field.id}"
        if not field.catalog_type_id:
            return self._named(kind, what, name, lambda: self._all_options(field), _option_names, _is_offered)
        if (index := self._known_options(field)) is not None and index.find(name):
            return index.resolve(kind, name)
        if found := self._identified(field.catalog_type_id, name):
            return NameIndex(found, _option_names, active=_is_offered).resolve(kind, name)
        return self._index(what, self._all_options(field), _option_names, _is_offered).resolve(kind, name)

    def has_option(self, field: models.CustomField, name: str) -> bool:
        """Return whether a value exists, without reading a whole catalog."""
        if not field.catalog_type_id:
            self._all_options(field)
        if (index := self._known_options(field)) is not None:
            return bool(index.find(name))
        return bool(field.catalog_type_id and self._identified(field.catalog_type_id, name))

    def _known_options(self, field: models.CustomField) -> NameIndex[Option] | None:
        """Return the values of a field if they are in memory and fresh."""
        what = f"{OPTIONS_OF}{field.id}"
        kept = self._kept.get(what)
        if kept is None or self._clock() - kept[0] >= self._lifetime:
            return None
        return self._index(what, kept[1], _option_names, _is_offered)

    def _identified(self, catalog_type_id: str, name: str) -> list[Option]:
        cache_key = f"entries of {catalog_type_id} called {comparable(name)}"
        return self._get(cache_key, lambda: field_options.identified(self._api, catalog_type_id, name))


def _option_names(option: Option) -> list[str]:
    return option.names


def _is_offered(option: Option) -> bool:
    return not option.archived


def _looks_like_an_id(text: str) -> bool:
    """Return whether `text` looks like an ID; this may only decide where to look, since the form of IDs may change."""
    text = text.strip()
    return len(text) >= _SHORTEST_ID and text.isalnum() and text.upper() == text and any(map(str.isdigit, text))
