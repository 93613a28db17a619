"""Names and references to IDs: what a person types, in the organisation's own words, with a close match for a typo."""

from __future__ import annotations

import math
import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names.close_matches import closest, with_word_like
from incidentio_magic.names.field_labels import labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from incidentio_magic.api.endpoints import Api


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T")
R = TypeVar("R", bound=_HasId)

_SHOWN_NAMES: Final = 12
_REFERENCE = re.compile(r"(?P<hash>#?)(?:(?P<prefix>[a-z][\w-]*?)[-_ ]?)?(?P<number>\d+)", re.IGNORECASE)
_CHANNEL = re.compile(r"#?[a-z][\w-]*?-(?P<number>\d+)-[\w-]+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PERMALINK = re.compile(r"https?://[^/\s]+/(?:[^?#\s]*/)?incidents/([^/?#\s]+)", re.IGNORECASE)
_AROUND = re.compile(r"^[^\w#]+|[^\w/=&-]+$")  # what comes along when a reference is copied from a text
_REFRESH_AFTER: Final = 5.0  # a list younger than this is not read again because of an unknown name


def reference_path(text: str) -> str:
    """Return the number or ID by which the API finds the incident that `text` names.

    Args:
        text: `INC-123`, `inc-123`, `INC 123`, `inc_123`, `INC123`, `#INC-123`, `#inc-123-its-channel`, `123`,
            a permalink, or a full ID; brackets, quotes and the end of a sentence may stand around it.

    Raises:
        InputError: If it names nothing.
    """
    text = _bare(text)
    if link := _PERMALINK.match(text):
        text = link[1]
    found = _REFERENCE.fullmatch(text) or _CHANNEL.fullmatch(text)
    if found and not _UUID.fullmatch(text):
        return found["number"].lstrip("0") or "0"
    if not text.strip("#"):
        raise errors.InputError("No incident was named.", hint="give a reference like INC-123")
    return text


def _bare(text: str) -> str:
    return _AROUND.sub("", text)


def named(kind: str, text: str, records: Sequence[R], name_of: Callable[[R], str | Iterable[str]]) -> R:
    """Return the one record that `text` names, by name in any case or by ID.

    Args:
        kind: What is looked for, for the messages: "severity".
        text: What was typed.
        records: The candidates.
        name_of: Returns a record's name or names.

    Raises:
        UnknownName: If none fits; the hint offers close matches, or all names if they are few.
        AmbiguousName: If several fit.
    """
    wanted = text.strip().casefold()
    names: dict[str, list[R]] = {}
    shown: dict[str, str] = {}
    first: list[str] = []
    for record in records:
        if record.id == text.strip():
            return record
        own = _all_names(name_of(record))
        first += own[:1]
        for name in own:
            folded = name.strip().casefold()
            fitting = names.setdefault(folded, [])
            if all(other.id != record.id for other in fitting):
                fitting.append(record)
            shown.setdefault(folded, name.strip())
    fitting = names.get(wanted, [])
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        others = ", ".join(sorted({str(n) for r in fitting for n in _all_names(name_of(r))} - {shown[wanted]}))
        raise errors.AmbiguousName(
            f"{text!r} fits {len(fitting)} entries of kind {kind}.",
            hint=f"say which one: {others or 'use its ID'}",
        )
    near = closest(wanted, shown.values()) or with_word_like(wanted, first)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif not records:
        hint = f"the organisation has none, or this key may not see them: no {kind} is known"
    elif len(first) <= _SHOWN_NAMES:
        hint = f"there are: {', '.join(name.strip() for name in first)}"
    else:
        hint = f"there are {len(first)} of them, such as {', '.join(name.strip() for name in first[:5])}"
    raise errors.UnknownName(f"There is no {kind} {text!r}.", hint=hint)


def _all_names(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


class Vocabulary:
    """The organisation's own words, fetched when first needed and remembered for a while.

    Args:
        api: Where to fetch them.
        lifetime: Seconds for which they are remembered.
        clock: Seconds from any start, never going back.
    """

    def __init__(self, api: Api, *, lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._lifetime = lifetime
        self._clock = clock
        self._lock = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}  # one for each list, so that different ones are read at once
        self._kept: dict[str, tuple[float, Any]] = {}
        self.references: dict[str, None] = {}

    def refresh(self) -> None:
        """Fetch everything again when needed; until then the names that are known still complete."""
        for what, (_at, records) in list(self._kept.items()):
            self._kept[what] = (-math.inf, records)

    def cached(self, what: str) -> list[str]:
        """Return the names of one kind that are at hand, without any request; for completion."""
        kept = self._kept.get(what)
        return [record.name for record in kept[1]] if kept else []

    def cached_values(self, field: str) -> list[str]:
        """Return the values of a custom field that are at hand, without any request; for completion."""
        kept = self._kept.get("fields")
        same = (one for one in (kept[1] if kept else ()) if one.name.casefold() == field.strip().casefold())
        return [value for one in same for value in self.cached(f"options of {one.id}")]

    def _get(self, what: str, fetch: Callable[[], T]) -> T:
        with self._lock:
            lock = self._locks.setdefault(what, threading.RLock())
        with lock:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] >= self._lifetime:
                kept = (self._clock(), fetch())
                self._kept[what] = kept
            return kept[1]

    def identity(self) -> models.Identity:
        """Return who the API key is."""
        return self._get("identity", self._api.identity)

    def severities(self) -> list[models.Severity]:
        """Return the severities, least severe first."""
        return self._get("severities", lambda: sorted(self._api.severities(), key=lambda one: one.rank))

    def statuses(self) -> list[models.IncidentStatus]:
        """Return the statuses in the order incidents go through them."""
        return self._get("statuses", lambda: sorted(self._api.incident_statuses(), key=_status_order))

    def types(self) -> list[models.IncidentType]:
        """Return the incident types, the default first."""
        return self._get(
            "types",
            lambda: sorted(self._api.incident_types(), key=lambda one: (not one.is_default, one.name)),
        )

    def roles(self) -> list[models.IncidentRole]:
        """Return the incident roles."""
        return self._get("roles", self._api.incident_roles)

    def timestamps(self) -> list[models.IncidentTimestamp]:
        """Return the definitions of the incident timestamps, in order."""
        return self._get("timestamps", lambda: sorted(self._api.incident_timestamps(), key=lambda one: one.rank))

    def fields(self) -> list[models.CustomField]:
        """Return the custom fields."""
        return self._get("fields", self._api.custom_fields)

    def escalation_paths(self) -> list[models.EscalationPath]:
        """Return the escalation paths, read anew each time since who is on call changes; kept for completion only."""
        paths = self._api.escalation_paths().whole()
        self._kept["escalation paths"] = (self._clock(), paths)
        return paths

    def users(self) -> list[models.User]:
        """Return the people."""
        return self._get("users", lambda: self._api.users().whole())

    def options(self, field: models.CustomField) -> list[models.Named]:
        """Return the values a select or catalog field offers; empty for text, link and numeric fields."""
        if field.catalog_type_id:
            catalog = field.catalog_type_id
            return self._get(
                f"options of {field.id}",
                lambda: [models.Named(one.id, one.name) for one in self._api.catalog_entries(catalog).whole()],
            )
        if not field.has_options:
            return []
        return self._get(
            f"options of {field.id}",
            lambda: [models.Named(one.id, one.value) for one in self._api.custom_field_options(field.id).whole()],
        )

    def severity(self, name: str) -> models.Severity:
        """Return the severity called `name`."""
        return self._named("severity", "severities", name, self.severities)

    def status(self, name: str) -> models.IncidentStatus:
        """Return the status called `name`."""
        return self._named("status", "statuses", name, self.statuses)

    def type(self, name: str) -> models.IncidentType:
        """Return the incident type called `name`."""
        return self._named("type", "types", name, self.types)

    def role(self, name: str) -> models.IncidentRole:
        """Return the role called `name`, or by its short form."""
        return self._named(
            "role",
            "roles",
            name,
            self.roles,
            lambda one: list(dict.fromkeys(filter(None, (one.name, one.shortform)))),
        )

    def timestamp(self, name: str) -> models.IncidentTimestamp:
        """Return the timestamp called `name`."""
        return self._named("timestamp", "timestamps", name, self.timestamps)

    def field(self, name: str) -> models.CustomField:
        """Return the custom field called `name`, or by its label where several have that name."""
        return self._named("custom field", "fields", name, self.fields, self._field_names)

    def label(self, field: models.CustomField) -> str:
        """Return a custom field's label: its name, with its kind or ID where another field has that name too."""
        return labels(self.fields(), [field])[field.id]

    def _field_names(self, field: models.CustomField) -> list[str]:
        return list(dict.fromkeys((self.label(field), field.name)))

    def option(self, field: models.CustomField, name: str) -> models.Named:
        """Return the value called `name` of a select or catalog field."""
        return self._named(f"value of {field.name}", f"options of {field.id}", name, lambda: self.options(field))

    def user(self, name: str) -> models.User:
        """Return the person with this email address or name."""
        if "@" in name:
            wanted = name.strip().casefold()
            listed = self._get(f"user {wanted}", lambda: self._api.users(email=name.strip()).whole())
            for user in listed:
                if (user.email or "").casefold() == wanted:
                    return user
        return self._named(
            "person", "users", name, self.users, lambda one: [part for part in (one.name, one.email) if part]
        )

    def category(self, name: str) -> str:
        """Return the API's name of a status category, also for the dashboard's name of it."""
        known = [models.Named(one, one) for one in (*models.CATEGORIES, "active", "post-incident")]
        return models.category_of(named("status category", name, known, lambda one: one.name).name)

    def mode(self, name: str) -> str:
        """Return the incident mode called `name`."""
        known = [models.Named(one, one) for one in models.MODES]
        return named("mode", name, known, lambda one: one.name).name

    def incident(self, reference: str) -> models.Incident:
        """Return the incident that `reference` names.

        Raises:
            UnknownName: If there is none that this key may see. Source: `GET /v2/incidents/{id}`.
        """
        path = reference_path(reference)
        try:
            incident = self._api.incident(path)
        except (errors.NotFound, errors.ValidationFailed) as error:
            # Where no number was typed, every reference of few digits is near.
            near = closest(_bare(reference), self.references) if re.search(r"\d", reference) else []
            offer = f"did you mean {' or '.join(near)}? " if near else ""
            raise errors.UnknownName(
                f"There is no incident {reference.strip()!r} that this key may see.",
                hint=f"{offer}%incidents lists the open ones",
                request_id=error.request_id,
            ) from None
        self.saw([incident])
        if not _names(_bare(reference), incident):
            raise errors.UnknownName(
                f"There is no incident {reference.strip()!r}.", hint=f"did you mean {incident.reference}?"
            )
        return incident

    def saw(self, incidents: Iterable[models.Incident]) -> None:
        """Remember references for completion and close matches."""
        for incident in incidents:
            self.references[incident.reference] = None

    def _named(
        self,
        kind: str,
        what: str,
        name: str,
        all_of: Callable[[], list[R]],
        name_of: Callable[[R], str | Iterable[str]] = lambda one: one.name,  # type: ignore[attr-defined]
    ) -> R:
        try:
            return named(kind, name, all_of(), name_of)
        except errors.UnknownName:
            kept = self._kept.get(what)
            if kept is None or self._clock() - kept[0] < _REFRESH_AFTER:
                raise
            # It may have been added since the list was read.
            self._kept.pop(what, None)
            return named(kind, name, all_of(), name_of)


def _names(text: str, incident: models.Incident) -> bool:
    """Return whether what was typed names this incident, and not another's number or another organisation's page."""
    if link := _PERMALINK.match(text):
        page = urlsplit(incident.permalink or "")
        typed = urlsplit(text[: link.start(1)])
        return not page.netloc or (page.netloc == typed.netloc.lower() and page.path.startswith(typed.path))
    found = _REFERENCE.fullmatch(text)
    if found is None or not found["prefix"] or found["hash"]:
        return True  # a number, an ID, or a channel, whose name is not the reference
    return found["prefix"].casefold() == incident.reference.rpartition("-")[0].casefold()


def _status_order(status: models.IncidentStatus) -> tuple[int, int]:
    categories = models.CATEGORIES
    place = categories.index(status.category) if status.category in categories else len(categories)
    return place, status.rank
