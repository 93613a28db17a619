"""The organisation's vocabulary: resolves its names to records, fetched when needed and cached for a while."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.names._field_values import FieldValues
from incidentio_magic.names.close_matches import closest
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.declaration import declared_at, declared_timestamp
from incidentio_magic.names.field_labels import labels
from incidentio_magic.names.references import bare, is_near, is_numbered, names_incident, reference_path
from incidentio_magic.names.resolution import NameIndex, named
from incidentio_magic.names.resources import RESOURCES
from incidentio_magic.names.shared_lists import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


__all__ = ["Vocabulary", "named", "reference_path"]

_ADDRESS: Final = re.compile(r"[^\s,@]+@[^\s,@]+")
_CONFIRMED: Final = "confirmed identity"  # lists that this kernel has read itself


class Vocabulary(FieldValues):
    """The organisation's records by name; the arguments are those of `KeptLists`."""

    def identity(self) -> models.Identity:
        """Return the API key's identity."""
        return self._get(_CONFIRMED, self._api.identity)

    def recent_identity(self) -> models.Identity:
        """Return the API key's identity if a kernel on this machine has read it recently."""
        confirmed = self._kept.get(_CONFIRMED)
        if confirmed is not None and self._clock() - confirmed[0] < self._lifetime:
            return confirmed[1]  # type: ignore[no-any-return]
        return self._get(IDENTITY, self.identity)

    def read(self, name: str) -> list[Any]:
        """Return a complete list from `RESOURCES`.

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
            text: The typed text.

        Raises:
            UnknownName: If no record matches; the hint offers close matches.
            AmbiguousName: If several records match; the hint offers their IDs.
        """
        resource = RESOURCES[name]
        return self._named(resource.kind, name, text, lambda: self.read(name), resource.spellings, resource.active)

    def severities(self) -> list[models.Severity]:
        """Return the severities, least severe first."""
        return self.read("severities")

    def statuses(self) -> list[models.IncidentStatus]:
        """Return the statuses in the order in which incidents go through them."""
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
        """Return the ID of the timestamp that means "declared"; "" if there is none, or the key may not read them."""
        try:
            return declared_timestamp(self.timestamps())
        except errors.PermissionDenied:
            return ""

    def declared_at(self, incident: models.Incident) -> datetime:
        """Return when an incident was declared: its timestamp with that meaning, else its creation."""
        return declared_at(incident, self.declared_timestamp())

    def fields(self) -> list[models.CustomField]:
        """Return the custom fields."""
        return self.read("fields")

    def forms(self) -> list[models.IncidentForm]:
        """Return the organisation's own forms."""
        return self._get("forms", lambda: self._api.incident_forms().whole())

    def escalation_paths(self) -> list[models.EscalationPath]:
        """Return the escalation paths, read every time because the people on call change."""
        return self.read("escalation_paths")

    def everyone(self) -> list[models.User]:
        """Return all accounts, including those of people who have left or not yet joined."""
        return self.read("users")

    def users(self) -> list[models.User]:
        """Return the people who can be assigned and paged."""
        return [user for user in self.everyone() if _is_active(user)]

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
        """Return the role with this name or short form."""
        return self.find("roles", name)  # type: ignore[no-any-return]

    def timestamp(self, name: str) -> models.IncidentTimestamp:
        """Return the timestamp called `name`."""
        return self.find("timestamps", name)  # type: ignore[no-any-return]

    def field(self, name: str) -> models.CustomField:
        """Return the custom field with this name, or with this label if several have the same name: `Team (select)`."""
        return self._named("custom field", "fields", name, self.fields, self._field_names)

    def label(self, field: models.CustomField) -> str:
        """Return a custom field's label: its name, with its kind or ID if another field has the same name."""
        return labels(self.fields(), [field])[field.id]

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
        """Return a person, including people who have left; for filters.

        Args:
            name: A name, email address or ID.

        Raises:
            UnknownName: If there is nobody with this name.
            AmbiguousName: If several accounts have this name or address, and not exactly one of them is active.
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
        """Return the API's name of a status category, given that or the dashboard's name."""
        known = [models.Named(category, category) for category in (*models.CATEGORIES, "active", "post-incident")]
        return models.category_of(named("status category", name, known, _name).name)

    def mode(self, name: str) -> str:
        """Return the incident mode called `name`."""
        return named("mode", name, [models.Named(mode, mode) for mode in models.MODES], _name).name

    def incident(self, reference: str) -> models.Incident:
        """Return the incident that `reference` names.

        Raises:
            UnknownName: If there is no such incident, or this key may not see it.

        Source: `GET /v2/incidents/{id}`.
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
        self.saw_references(incident.reference for incident in incidents)

    def saw_references(self, references: Iterable[str]) -> None:
        """Remember references of incidents, as `saw` does."""
        self.references.update(dict.fromkeys(references))

    def _field_names(self, field: models.CustomField) -> list[str]:
        return list(dict.fromkeys((self.label(field), field.name)))


def _name(record: models.Named) -> str:
    return record.name


def _is_active(user: models.User) -> bool:
    return user.is_active is not False
