"""The organisation's lists as DataFrames: one method for each list in `names.resources`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from incidentio_magic.client.connection import Connection
from incidentio_magic.client.parallel import completeness, gather
from incidentio_magic.names.field_labels import labels
from incidentio_magic.names.resources import OPTIONS, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.names.resources import Resource


class VocabularyMixin(Connection):
    """The lists of a connection, such as `severities()` and `teams()`; the loop below adds a method for each."""

    if TYPE_CHECKING:  # for type checkers only
        severities: Callable[[], pd.DataFrame]
        statuses: Callable[[], pd.DataFrame]
        types: Callable[[], pd.DataFrame]
        roles: Callable[[], pd.DataFrame]
        fields: Callable[[], pd.DataFrame]
        timestamps: Callable[[], pd.DataFrame]
        users: Callable[[], pd.DataFrame]
        teams: Callable[[], pd.DataFrame]
        schedules: Callable[[], pd.DataFrame]
        escalation_paths: Callable[[], pd.DataFrame]
        alert_sources: Callable[[], pd.DataFrame]
        status_pages: Callable[[], pd.DataFrame]
        components: Callable[[], pd.DataFrame]

    def _vocabulary(self, resource: Resource) -> pd.DataFrame:
        """Return a list as a frame; `attrs["missing"]` says which fields' options could not be read, and why."""
        records = self.vocabulary.read(resource.name)
        options: Mapping[str, Any] = {}
        missing: dict[str, str] = {}
        if any(value is OPTIONS for _name, _kind, value in resource.columns):
            options, missing = self._options(records)
        frame = self._frames().vocabulary(resource, records, options)
        unreadable = self.vocabulary.unreadable_in(resource.name)
        if unreadable.records:
            missing[resource.words] = f"{unreadable.records} could not be read"
        frame.attrs |= completeness(missing) | {"unreadable": dict(unreadable.parts)}
        return frame

    def _options(self, fields: list[models.CustomField]) -> tuple[dict[str, list[Any]], dict[str, str]]:
        """Return each field's options, by field ID, and why some could not be read."""
        names = labels(fields)
        read = gather({field.id: partial(self.vocabulary.options, field) for field in fields})
        return {identity: source.records for identity, source in read.items()}, {
            f"options of {names[identity]}": source.why for identity, source in read.items() if not source.complete
        }


def _reader(resource: Resource) -> Callable[[VocabularyMixin], pd.DataFrame]:
    def read(self: VocabularyMixin) -> pd.DataFrame:
        return self._vocabulary(resource)

    read.__name__ = resource.name
    read.__qualname__ = f"{VocabularyMixin.__name__}.{resource.name}"
    columns = ", ".join(name for name, _kind, _value in resource.columns)
    read.__doc__ = f"Return {resource.summary}: {columns}. Source: `GET {resource.path}`."
    return read


for _resource in RESOURCES.values():
    setattr(VocabularyMixin, _resource.name, _reader(_resource))
