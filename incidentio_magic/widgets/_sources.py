"""The records behind search fields: read when the user searches, not when the form opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api import models
from incidentio_magic.widgets._suggestions import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.client import Incidents

SHORT: Final = 15  # up to this many options are shown as a drop-down list


class Source:
    """Records that are read once, when they are first needed.

    Args:
        read: Returns all records.
        names_of: Returns a record's names; the first one is displayed.
    """

    def __init__(self, read: Callable[[], Sequence[Any]], names_of: Callable[[Any], Sequence[str]]) -> None:
        self._read = read
        self._names_of = names_of
        self._index: Suggestions[Any] | None = None

    @property
    def index(self) -> Suggestions[Any]:
        """The records by name.

        Raises:
            IncidentioError: If they cannot be read.
        """
        if self._index is None:
            self._index = Suggestions(self._read(), self._names_of)
        return self._index

    @property
    def is_read(self) -> bool:
        """Whether the records have been read."""
        return self._index is not None

    @property
    def partial(self) -> bool:
        """Whether the list is so long that only its beginning has been read."""
        return False

    def look_up(self, text: str) -> list[Any]:
        """Return the records that have `text` as a name or an ID."""
        return self.index.exact(text)

    def read_all(self) -> None:
        """Read the whole list, if only its beginning has been read."""

    def label(self, record: Any) -> str:
        """Return a record's label."""
        return self._index.label(record) if self._index is not None else self._names_of(record)[0]


class Options(Source):
    """The options of a custom field. For a long catalog, the first page is read, and others are looked up by name.

    Args:
        client: The connection.
        field: The custom field.
    """

    def __init__(self, client: Incidents, field: models.CustomField) -> None:
        self._client = client
        self._field = field
        self._partial = False
        super().__init__(self._first_page, lambda option: [option.name])

    @property
    def partial(self) -> bool:
        """Whether the list is so long that only its beginning has been read."""
        return self._partial

    def _first_page(self) -> Sequence[models.Named]:
        first, self._partial = self._client.vocabulary.first_options(self._field)
        return first

    @property
    def is_long(self) -> bool:
        """Whether the list is known to be too long for a drop-down list, so it need not be read before a search."""
        return (self._client.vocabulary.known_length(self._field) or 0) > SHORT

    def look_up(self, text: str) -> list[Any]:
        """Return the options that have `text` as a name or an ID; request an option by name if it has not been read."""
        found = super().look_up(text)
        if found or not self._partial or not self._field.catalog_type_id:
            return found
        entries = self._client.api.catalog_entries(self._field.catalog_type_id, identifier=text.strip())
        return [models.Named(entry.id, entry.name) for entry in entries if entry.archived_at is None]

    def read_all(self) -> None:
        """Read the whole list."""
        self._index = Suggestions(self._client.vocabulary.options(self._field), self._names_of)
        self._partial = False


def people(client: Incidents) -> Source:
    """Return the people who can be chosen, without those who have left."""
    return Source(lambda: [user for user in client.vocabulary.users() if user.is_active is not False], names_of)


def names_of(user: models.User) -> list[str]:
    """Return the names by which a person is found; the first one is shown."""
    shown = f"{user.name} · {user.email}" if user.email else user.name
    return [shown, user.name, *([user.email] if user.email else [])]
