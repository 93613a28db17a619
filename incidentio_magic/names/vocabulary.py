"""The organisation's vocabulary: its names resolved to records, fetched when needed and remembered for a while."""

from __future__ import annotations

import math
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names import options as field_options
from incidentio_magic.names.close_matches import closest
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.declaration import declared_at, declared_timestamp
from incidentio_magic.names.field_labels import labels
from incidentio_magic.names.lists import split_names
from incidentio_magic.names.references import bare, is_near, is_numbered, names_incident, reference_path
from incidentio_magic.names.resolution import HasId, NameIndex, named
from incidentio_magic.names.resources import RESOURCES
from incidentio_magic.names.shared_lists import IDENTITY, LENGTH_OF, OPTIONS_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.lists import Names
    from incidentio_magic.names.options import Option
    from incidentio_magic.names.resources import Resource
    from incidentio_magic.names.shared_lists import SharedLists

__all__ = ["Vocabulary", "named", "reference_path"]

T = TypeVar("T")
R = TypeVar("R", bound=HasId)

_ADDRESS: Final = re.compile(r"[^\s,@]+@[^\s,@]+")
_SHORTEST_ID: Final = 20
_CONFIRMED: Final = "confirmed identity"  # which this kernel has read itself
_REFRESH_AFTER: Final = 5.0  # a list younger than this is not read again because of an unknown name


@dataclass(frozen=True)
class Unreadable:
    """What of a list could not be read.

    Args:
        parts: How many parts of its records, by place.
        records: How many whole records.
    """

    parts: Mapping[str, int]
    records: int


class Vocabulary:
    """The organisation's own words, fetched when first needed and remembered for a while.

    Args:
        api: Where to fetch them.
        lifetime: Seconds for which they are remembered.
        clock: Seconds from any start, never going back.
        shared: The lists that other kernels of this machine read, if they are used.
    """

    def __init__(
        self,
        api: Api,
        *,
        lifetime: float,
        clock: Callable[[], float] = time.monotonic,
        shared: SharedLists | None = None,
    ) -> None:
        self._api = api
        self._shared = shared
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}  # one for each list, so that different ones are read at once
        self._kept: dict[str, tuple[float, Any]] = {}
        self._indexes: dict[str, NameIndex[Any]] = {}
        self.references: dict[str, None] = {}
        self.unreadable: dict[str, Unreadable] = {}  # of each list, by its name

    def refresh(self) -> None:
        """Fetch everything again when needed; until then the known names are still completed."""
        for what, (_at, records) in list(self._kept.items()):
            self._kept[what] = (-math.inf, records)
        if self._shared:
            self._shared.renew()

    def cached(self, what: str) -> list[str]:
        """Return the names of one kind that are in memory, without any request; for completion."""
        kept = self._kept.get(what)
        return [record.name for record in kept[1] if _in_use(record)] if kept else []

    def cached_values(self, field: str) -> list[str]:
        """Return the values of a custom field that are in memory, without any request; for completion."""
        kept = self._kept.get("fields")
        fields = kept[1] if kept else []
        label_of = labels(fields)
        typed = comparable(field)
        same = (record for record in fields if typed in {comparable(record.name), comparable(label_of[record.id])})
        return [value for record in same for value in self.cached(f"{OPTIONS_OF}{record.id}")]

    def identity(self) -> models.Identity:
        """Return who the API key is."""
        return self._get(_CONFIRMED, self._api.identity)

    def recent_identity(self) -> models.Identity:
        """Return who the API key is, as any kernel of this machine has read it lately."""
        confirmed = self._kept.get(_CONFIRMED)
        if confirmed is not None and self._clock() - confirmed[0] < self._lifetime:
            return confirmed[1]  # type: ignore[no-any-return]
        return self._get(IDENTITY, self.identity)

    def read(self, name: str) -> list[Any]:
        """Return one list of `RESOURCES`, to its end.

        Args:
            name: The list's name, such as "severities".
        """
        resource = RESOURCES[name]
        if resource.remembered:
            return self._get(name, lambda: self._fetch(resource))
        records = self._fetch(resource)
        self._kept[name] = (self._clock(), records)  # for completion only
        return records

    def find(self, name: str, text: str) -> Any:
        """Return the one record of a list that `text` names, by name or ID.

        Args:
            name: The list's name, such as "schedules".
            text: What was typed.

        Raises:
            UnknownName: If none fits; the hint offers close matches.
            AmbiguousName: If several fit; the hint offers their IDs.
        """
        resource = RESOURCES[name]
        return self._named(resource.kind, name, text, lambda: self.read(name), resource.spellings, resource.active)

    def severities(self) -> list[models.Severity]:
        """Return the severities, least severe first."""
        return self.read("severities")

    def statuses(self) -> list[models.IncidentStatus]:
        """Return the statuses in the order incidents go through them."""
        return self.read("statuses")

    def types(self) -> list[models.IncidentType]:
        """Return the incident types, the default first."""
        return self.read("types")

    def roles(self) -> list[models.IncidentRole]:
        """Return the incident roles."""
        return self.read("roles")

    def timestamps(self) -> list[models.IncidentTimestamp]:
        """Return the definitions of the incident timestamps, in order."""
        return self.read("timestamps")

    def declared_timestamp(self) -> str:
        """Return the ID of the timestamp that means declared; empty if none does, or the key may not read them."""
        try:
            return declared_timestamp(self.timestamps())
        except errors.PermissionDenied:
            return ""

    def declared_at(self, incident: models.Incident) -> datetime:
        """Return when an incident was declared: its timestamp of that meaning, else when it was created."""
        return declared_at(incident, self.declared_timestamp())

    def fields(self) -> list[models.CustomField]:
        """Return the custom fields."""
        return self.read("fields")

    def forms(self) -> list[models.IncidentForm]:
        """Return the organisation's own forms."""
        return self._get("forms", lambda: self._api.incident_forms().whole())

    def escalation_paths(self) -> list[models.EscalationPath]:
        """Return the escalation paths, read anew each time since who is on call changes."""
        return self.read("escalation_paths")

    def everyone(self) -> list[models.User]:
        """Return all accounts, also of people who left or have not joined yet."""
        return self.read("users")

    def users(self) -> list[models.User]:
        """Return the people who can be assigned and paged."""
        return [user for user in self.everyone() if _is_active(user)]

    def options(self, field: models.CustomField) -> list[models.Named]:
        """Return the values that a select or catalog field offers, in their order; none for other fields."""
        return [models.Named(option.id, option.name) for option in self._all_options(field) if not option.archived]

    def first_options(self, field: models.CustomField) -> tuple[list[models.Named], bool]:
        """Return the first values that a field offers, and whether there are more; of a catalog, those on one page."""
        if not field.catalog_type_id or self.cached_values(field.name):
            return self.options(field), False
        what = f"first entries of {field.catalog_type_id}"
        first, has_more = self._get(what, lambda: field_options.first_entries(self._api, field), is_shared=False)
        self._get(f"{LENGTH_OF}{field.catalog_type_id}", lambda: len(first))
        return first, has_more

    def known_length(self, field: models.CustomField) -> int | None:
        """Return how many values a field offers at least, if a kernel of this machine has read its catalog lately."""
        what = f"{LENGTH_OF}{field.catalog_type_id}"
        kept = self._kept.get(what) or self._from_other_kernels(what, self._shared)
        return kept[1] if kept and self._clock() - kept[0] < self._lifetime else None

    def severity(self, name: str) -> models.Severity:
        """Return the severity called `name`."""
        return self.find("severities", name)  # type: ignore[no-any-return]

    def status(self, name: str) -> models.IncidentStatus:
        """Return the status called `name`."""
        return self.find("statuses", name)  # type: ignore[no-any-return]

    def type(self, name: str) -> models.IncidentType:
        """Return the incident type called `name`."""
        return self.find("types", name)  # type: ignore[no-any-return]

    def role(self, name: str) -> models.IncidentRole:
        """Return the role called `name`, or by its short form."""
        return self.find("roles", name)  # type: ignore[no-any-return]

    def timestamp(self, name: str) -> models.IncidentTimestamp:
        """Return the timestamp called `name`."""
        return self.find("timestamps", name)  # type: ignore[no-any-return]

    def field(self, name: str) -> models.CustomField:
        """Return the custom field called `name`, or labelled so where several have one name: `Team (select)`."""
        return self._named("custom field", "fields", name, self.fields, self._field_names)

    def label(self, field: models.CustomField) -> str:
        """Return a custom field's label: its name, with its kind or ID where another field has that name too."""
        return labels(self.fields(), [field])[field.id]

    def option(self, field: models.CustomField, name: str) -> models.Named:
        """Return the value that can be given to a select or catalog field.

        Args:
            field: The field.
            name: The value's name or ID; of a catalog entry also its external ID or an alias.

        Raises:
            UnknownName: If there is no such value, or it is archived.
            AmbiguousName: If several values have this name.
        """
        option = self._option(field, name)
        if option.archived:
            raise errors.UnknownName(
                f"{name!r} is archived and can no longer be a value of {field.name}.",
                hint="it still works in filters; %incidents fields lists the values on offer",
            )
        return models.Named(option.id, option.name)

    def past_option(self, field: models.CustomField, name: str) -> models.Named:
        """Return a value that incidents have or once had in a select or catalog field; for filters.

        Where the value is not on offer, all incidents are read once to find it.

        Args:
            field: The field.
            name: The value's name or ID; of a catalog entry also its external ID or an alias.

        Raises:
            UnknownName: If no incident ever had it.
            AmbiguousName: If several values have this name.
        """
        try:
            option = self._option(field, name)
        except errors.UnknownName as unknown:
            if unknown.hint.startswith("did you mean") and not _looks_like_an_id(name):
                unknown.hint = f"{unknown.hint} A value that is no longer offered is found by its ID"
                raise
            what = f"used options of {field.id}"
            used = self._get(what, lambda: field_options.used_options(self._api, field))
            fitting = self._index(what, used, lambda option: option.names).find(name)
            if not fitting:
                raise
            option = self._index(what, used, lambda option: option.names).resolve(f"value of {field.name}", name)
        return models.Named(option.id, option.name)

    def options_named(self, field: models.CustomField, names: Names, *, past: bool = False) -> list[models.Named]:
        """Return the values of a select or catalog field that a text with commas, or a list, names.

        Args:
            field: The field.
            names: The values' names; a value with a comma in its name is kept whole.
            past: Whether values count that are no longer offered.

        Raises:
            UnknownName: If there is no such value.
            AmbiguousName: If several values have this name.
        """
        resolve = self.past_option if past else self.option

        def knows(name: str) -> bool:
            return self._has_option(field, name)

        parts = split_names(names, knows)
        try:
            return [resolve(field, part) for part in parts]
        except errors.UnknownName:
            read = split_names(names, knows)  # the attempt may have read the whole catalog
            if read == parts:
                raise
            return [resolve(field, part) for part in read]

    def user(self, name: str) -> models.User:
        """Return the person who can be assigned or paged.

        Args:
            name: A name, email address or ID.

        Raises:
            UnknownName: If there is nobody with this name, or the account is not active.
            AmbiguousName: If several active accounts have this name or address.
        """
        user = self.person(name)
        if not _is_active(user):
            raise errors.UnknownName(
                f"{name!r} names an inactive account: {user.name} left the organisation or has not joined it yet.",
                hint="an inactive account can be used in filters only; %incidents users shows who is active",
            )
        return user

    def person(self, name: str) -> models.User:
        """Return a person, also one who left; for filters.

        Args:
            name: A name, email address or ID.

        Raises:
            UnknownName: If there is nobody with this name.
            AmbiguousName: If several accounts have this name or address, of which not exactly one is active.
        """
        kept = self._kept.get("users")
        if _ADDRESS.fullmatch(name.strip()) and (kept is None or self._clock() - kept[0] >= self._lifetime):
            wanted = comparable(name)
            what = f"user {wanted}"
            listed = self._get(what, lambda: self._api.users(email=name.strip(), include_inactive=True).whole())
            same = [user for user in listed if comparable(user.email or "") == wanted]
            if same:
                people = RESOURCES["users"]
                return NameIndex(same, people.spellings, active=people.active).resolve(people.kind, name)
        return self.find("users", name)  # type: ignore[no-any-return]

    def category(self, name: str) -> str:
        """Return the API's name of a status category, also for the dashboard's name of it."""
        known = [models.Named(category, category) for category in (*models.CATEGORIES, "active", "post-incident")]
        return models.category_of(named("status category", name, known, _name).name)

    def mode(self, name: str) -> str:
        """Return the incident mode called `name`."""
        return named("mode", name, [models.Named(mode, mode) for mode in models.MODES], _name).name

    def incident(self, reference: str) -> models.Incident:
        """Return the incident that `reference` names.

        Raises:
            UnknownName: If there is none that this key may see. Source: `GET /v2/incidents/{id}`.
        """
        path = reference_path(reference)
        try:
            incident = self._api.incident(path)
        except (errors.NotFound, errors.ValidationFailed) as error:
            typed = bare(reference)
            seen = [known for known in self.references if is_near(typed, known)] if is_numbered(typed) else []
            near = closest(typed, seen)
            offer = f"did you mean {' or '.join(near)}? " if near else ""
            raise errors.UnknownName(
                f"There is no incident {reference.strip()!r} that this key may see.",
                hint=f"{offer}%incidents lists the open ones",
                request_id=error.request_id,
            ) from None
        self.saw([incident])
        if not names_incident(reference, incident):
            raise errors.UnknownName(
                f"There is no incident {reference.strip()!r}.", hint=f"did you mean {incident.reference}?"
            )
        return incident

    def saw(self, incidents: Iterable[models.Incident]) -> None:
        """Remember references for completion and close matches."""
        for incident in incidents:
            self.references[incident.reference] = None

    def _field_names(self, field: models.CustomField) -> list[str]:
        return list(dict.fromkeys((self.label(field), field.name)))

    def _all_options(self, field: models.CustomField) -> list[Option]:
        if not field.has_options:
            return []
        what, is_select = f"{OPTIONS_OF}{field.id}", not field.catalog_type_id
        return self._get(what, lambda: field_options.read_options(self._api, field), is_shared=is_select)

    def _option(self, field: models.CustomField, name: str) -> Option:
        """Return a value of a field, also an archived one.

        One entry of a catalog is asked for by its identifier. All its entries are read only where that finds nothing,
        and once in the lifetime of the list: for a typo in 40,000 entries they are not read again.
        """
        kind, what = f"value of {field.name}", f"{OPTIONS_OF}{field.id}"
        if not field.catalog_type_id:
            return self._named(kind, what, name, lambda: self._all_options(field), _option_names, _is_offered)
        if (index := self._known_options(field)) is not None and index.find(name):
            return index.resolve(kind, name)
        if found := self._identified(field.catalog_type_id, name):
            return NameIndex(found, _option_names, active=_is_offered).resolve(kind, name)
        return self._index(what, self._all_options(field), _option_names, _is_offered).resolve(kind, name)

    def _has_option(self, field: models.CustomField, name: str) -> bool:
        """Return whether a value exists, as far as that is known without reading a whole catalog."""
        if not field.catalog_type_id:
            self._all_options(field)
        if (index := self._known_options(field)) is not None:
            return bool(index.find(name))
        return bool(field.catalog_type_id and self._identified(field.catalog_type_id, name))

    def _known_options(self, field: models.CustomField) -> NameIndex[Option] | None:
        """Return the values of a field where they are in memory and fresh."""
        what = f"{OPTIONS_OF}{field.id}"
        kept = self._kept.get(what)
        if kept is None or self._clock() - kept[0] >= self._lifetime:
            return None
        return self._index(what, kept[1], _option_names, _is_offered)

    def _identified(self, catalog_type_id: str, name: str) -> list[Option]:
        asked = f"entries of {catalog_type_id} called {comparable(name)}"
        return self._get(asked, lambda: field_options.identified(self._api, catalog_type_id, name))

    def _fetch(self, resource: Resource) -> list[Any]:
        kind = getattr(models, resource.record)
        records = self._api.whole(resource.path, kind, resource.query, size=resource.page_size)
        self.unreadable[resource.name] = Unreadable(dict(self._api.last_unreadable), self._api.last_lost)
        return sorted(records, key=resource.order) if resource.order else records

    def _get(self, what: str, fetch: Callable[[], T], *, is_shared: bool = True) -> T:
        with self._lock:
            lock = self._locks.setdefault(what, threading.RLock())
        with lock:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] >= self._lifetime:
                shared = self._shared if is_shared else None
                kept = self._from_other_kernels(what, shared) or self._fetched(what, fetch, shared)
                self._kept[what] = kept
            return kept[1]  # type: ignore[no-any-return]

    def _fetched(self, what: str, fetch: Callable[[], T], shared: SharedLists | None) -> tuple[float, T]:
        at, found = self._clock(), fetch()
        if shared and not self._is_partial(what):
            shared.write(what, found)
        return at, found

    def _from_other_kernels(self, what: str, shared: SharedLists | None) -> tuple[float, Any] | None:
        found = shared.read(what) if shared else None
        return (self._clock() - found[0], found[1]) if found else None

    def _is_partial(self, what: str) -> bool:
        unreadable = self.unreadable.get(what)
        return unreadable is not None and bool(unreadable.parts or unreadable.records)

    def _index(
        self,
        what: str,
        records: list[R],
        name_of: Callable[[R], str | Iterable[str]],
        active: Callable[[R], bool] = lambda _record: True,
    ) -> NameIndex[R]:
        """Return the index of a list's names, built once for each list that was read."""
        index = self._indexes.get(what)
        if index is None or index.records is not records:
            index = self._indexes[what] = NameIndex(records, name_of, active=active)
        return index

    def _named(  # noqa: PLR0917  private, and always called alike
        self,
        kind: str,
        what: str,
        name: str,
        all_of: Callable[[], list[R]],
        name_of: Callable[[R], str | Iterable[str]] = lambda record: record.name,  # type: ignore[attr-defined]
        active: Callable[[R], bool] = lambda _record: True,
    ) -> R:
        try:
            return self._index(what, all_of(), name_of, active).resolve(kind, name)
        except errors.UnknownName:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] < _REFRESH_AFTER:
                raise
            # It may have been added since the list was read.
            self._kept.pop(what, None)
            if self._shared:
                self._shared.renew(what)
            return self._index(what, all_of(), name_of, active).resolve(kind, name)


def _name(record: models.Named) -> str:
    return record.name


def _is_active(user: models.User) -> bool:
    return user.is_active is not False


def _option_names(option: Option) -> list[str]:
    return option.names


def _is_offered(option: Option) -> bool:
    return not option.archived


def _in_use(record: Any) -> bool:
    """Return whether a record can still be chosen, so that it is completed."""
    return getattr(record, "is_active", None) is not False and not getattr(record, "archived", False)


def _looks_like_an_id(text: str) -> bool:
    """Return whether `text` has the form of IDs; only a reason to look it up, since their form may change."""
    text = text.strip()
    return len(text) >= _SHORTEST_ID and text.isalnum() and text.upper() == text and any(map(str.isdigit, text))
