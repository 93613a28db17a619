"""The filters of the incident list, in the API's IDs, and their form in a query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from incidentio_magic.api.models import CATEGORIES, MODES, NO_TIME, TEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from incidentio_magic.api.models import Incident

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Choice:
    """The IDs that a property must or must not have; `blank` requests unset properties."""

    one_of: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    at_least: str = ""
    at_most: str = ""
    blank: bool = False

    def pairs(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the query's pairs for the property `name`."""
        for value in self.one_of:
            yield f"{name}[one_of]", value
        for value in self.not_in:
            yield f"{name}[not_in]", value
        if self.at_least:
            yield f"{name}[gte]", self.at_least
        if self.at_most:
            yield f"{name}[lte]", self.at_most
        if self.blank:
            yield f"{name}[is_blank]", "true"


@dataclass(frozen=True)
class Window:
    """A span of time, including both ends. The service filters by whole days in UTC; `holds` is exact."""

    # From observations we guess that the filter compares whole days: the contract's examples are dates, and its schema
    # says no more. If the guess is wrong and a bound counts from its first second, `until` loses the rows of its last
    # day.

    since: datetime | None = None
    until: datetime | None = None

    def pairs(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the query's pairs; two bounds become a single `date_range`.

        From one observation we guess that the service refuses `gte` together with `lte`. If the guess is wrong, nothing
        is lost, because the contract allows `date_range` in any case.
        """
        since = self.since.date().isoformat() if self.since else ""
        until = self.until.date().isoformat() if self.until else ""
        if since and until:
            yield f"{name}[date_range]", f"{since}~{until}"
        elif since:
            yield f"{name}[gte]", since
        elif until:
            yield f"{name}[lte]", until

    def holds(self, moment: datetime) -> bool:
        """Return whether `moment` is inside; an unreadable moment is, because the service listed the record."""
        if (self.since is None and self.until is None) or moment == NO_TIME:
            return True
        return (self.since is None or moment >= self.since) and (self.until is None or moment <= self.until)


ALWAYS: Final = Window()


@dataclass(frozen=True)
class IncidentFilter:
    """Which incidents to list.

    Without a mode, the service leaves out test and tutorial incidents; without a category, declined, canceled and
    merged incidents. The latter is a guess from one observation. Nothing relies on it, because every list names the
    categories and modes that it wants, and `everything` names all.

    Args:
        status: Status IDs.
        category: Status categories; if empty, all but declined, canceled and merged, or, with a status, all.
        severity: Severity IDs, or bounds by rank.
        type: Incident type IDs.
        modes: Modes, or empty for the service's default.
        roles: User IDs by role ID.
        fields: Option or catalog entry IDs by custom field ID.
        created: When the incident was created.
        updated: When it was last updated.
        oldest_first: Whether the oldest come first.
    """

    status: Choice = Choice()
    category: Choice = Choice()
    severity: Choice = Choice()
    type: Choice = Choice()
    modes: tuple[str, ...] = ()
    roles: Mapping[str, Choice] = field(default_factory=dict)
    fields: Mapping[str, Choice] = field(default_factory=dict)
    created: Window = ALWAYS
    updated: Window = ALWAYS
    oldest_first: bool = False

    def query(self) -> Pairs:
        """Return the query's pairs for `GET /v2/incidents`."""
        category = self.category
        if category == Choice():
            category = EVERY_CATEGORY if self.status.one_of else LISTED_CATEGORIES
        pairs = [
            *self.status.pairs("status"),
            *category.pairs("status_category"),
            *self.severity.pairs("severity"),
            *self.type.pairs("incident_type"),
            *self.created.pairs("created_at"),
            *self.updated.pairs("updated_at"),
        ]
        for name, choices in (("incident_role", self.roles), ("custom_field", self.fields)):
            for identity, choice in choices.items():
                pairs.extend(choice.pairs(f"{name}[{identity}]"))
        pairs.extend(("mode[one_of]", mode) for mode in self.modes)
        order = "created_at_oldest_first" if self.oldest_first else "created_at_newest_first"
        return (*pairs, ("sort_by", order))

    def admits(self, incident: Incident) -> bool:
        """Return whether an incident that the service listed really matches: in time to the second, and in mode.

        An incident with a missing mode stays, except in a list of test incidents only; so does a new mode if every mode
        is requested.
        """
        in_time = self.created.holds(incident.created_at) and self.updated.holds(incident.updated_at)
        return in_time and (self._admits_mode(incident.mode) if self.modes else True)

    def _admits_mode(self, mode: str) -> bool:
        if mode in self.modes:
            return True
        unknown = mode not in EVERY_MODE if set(self.modes) >= set(EVERY_MODE) else not mode
        return unknown and self.modes != (TEST,)


EVERY_CATEGORY = Choice(one_of=CATEGORIES)
# The categories of a list without a category filter. It names the excluded ones, so that a new category is included.
LISTED_CATEGORIES = Choice(not_in=("declined", "canceled", "merged"))
EVERY_MODE = MODES
