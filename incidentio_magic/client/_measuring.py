"""Shared by metrics and load: reads the incidents, groups them, and keeps the values that figures need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.filters import ALWAYS, Window
from incidentio_magic.api.models import TEST
from incidentio_magic.client.connection import Connection, listed
from incidentio_magic.client.reading import asked_for, left_out
from incidentio_magic.metrics import (
    CREATED_AT,
    DECLARED,
    PERIODS,
    TEAM,
    BusinessHours,
    Labels,
    Measurement,
    Observations,
    Paging,
    between,
    definitions,
    distinct,
    excluded_anyway,
    measured_by_service,
    microseconds,
    milestones,
    notes,
    of_pages,
    without_repeated,
)
from incidentio_magic.names.field_labels import labels
from incidentio_magic.names.lists import known_by
from incidentio_magic.names.query import alternatives, select
from incidentio_magic.names.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.api.pagination import Listing
    from incidentio_magic.names.query import IncidentQuery, Names, ResolvedQuery

ENDED: Final = "ended"
DECLARATION: Final = "declaration"
GROUPINGS: Final = ("severity", "type", "lead", TEAM, *PERIODS)
_FIELD: Final = "field."
_FEW: Final = 20  # incidents whose alerts are read one incident at a time
_LATE: Final = 60_000_000  # microseconds after which a first update is no longer part of the declaration


@dataclass
class Reading:
    """What was read, and whether it is complete.

    Attributes:
        declared: The span of time in which the requested incidents were declared, if it is one span.
    """

    incomplete: str = ""
    pages: int = 0
    which: IncidentFilter | None = None
    declared: Window = ALWAYS
    unreadable: Counter[str] = field(default_factory=Counter)

    def note(self, listing: Listing[Any]) -> None:
        """Note how the reading of a list ended."""
        self.pages += listing.pages
        self.incomplete = self.incomplete or listing.incomplete
        self.unreadable.update(listing.unreadable)


class MeasuringMixin(Connection):
    """Reads incidents, and keeps what figures need."""

    def _measured(  # noqa: PLR0917  its callers pass on what they were given
        self,
        by: Names,
        as_of: str,
        business: BusinessHours | None,
        pairs: Names,
        meaning: Mapping[str, str],
        filters: Mapping[str, Any],
        *,
        names: bool,
        show_private: bool,
        with_open: bool = False,
        pages: bool = False,
    ) -> tuple[Measurement, dict[str, Any], Reading]:
        if as_of not in {ENDED, DECLARATION}:
            raise errors.InputError(
                f"as_of={as_of!r} is not a point at which severities are known.", hint=f"write {ENDED} or {DECLARATION}"
            )
        before = self.transport.requests_made
        timezone = self.settings.timezone
        groupings = self._groupings(by)
        timestamps = self.vocabulary.timestamps()
        meanings = milestones(timestamps, meaning)
        durations = [*meanings.durations(), *(of_pages() if pages else ()), *between(listed(pairs), timestamps)]
        query = asked_for(filters)
        query = replace(query, all=not query.open)
        fields = [grouping for grouping in groupings if not isinstance(grouping, str)]
        declared = meanings.found[DECLARED].id if DECLARED in meanings.found else ""
        teams = self._team_names() if TEAM in groupings else None
        seen = Observations(fields=fields, names=names, show_private=show_private, teams=teams)
        read = Reading()
        for incident in self._selected(query, read, whole=bool(fields), declared=declared):
            seen.add(incident)
        if pages:
            seen.add_paging(self._paging(seen, read), declared or CREATED_AT)
        of_service = measured_by_service(seen.metrics.values(), [duration.name for duration in durations])
        severity, unsure = seen.severity, list[str]()
        if as_of == DECLARATION:
            severity, unsure = self._severity_as_declared(seen, read)
        wanted = self._wanted(query)
        durations, same = distinct(durations)
        if names and not business:  # single durations are listed whole
            durations += of_service
        elif not business:
            durations, repeated = without_repeated(seen, durations, of_service, excluded_anyway(seen, wanted))
            same |= repeated
        what = Measurement(
            seen,
            durations,
            groupings,
            [severity.name for severity in self.vocabulary.severities()],
            severity,
            timezone,
            wanted,
            declared or CREATED_AT,
            business,
            with_open,
            microseconds(self.transport.now()),
        )
        left_behind = of_service if business else []
        about: dict[str, Any] = {
            **{
                str(name): value for name, value in self._frames().frame([], []).attrs.items() if name == "banner"
            },  # whether this is training
            "definitions": definitions(
                durations, meanings, timezone=timezone, business=business, with_open=with_open, same=same
            ),
            "timestamps": {name: stamp.name for name, stamp in meanings.found.items()},
            "notes": [*notes(meanings, timestamps, groupings, left_out=left_behind, same=same), *unsure],
            "incidents": len(seen),
            "complete": not read.incomplete,
            "why_incomplete": read.incomplete,
            "unreadable": dict(read.unreadable),
            "as_of": self.transport.now().isoformat(timespec="seconds"),
            "pages": read.pages,
            "requests": self.transport.requests_made - before,
            "left_out": left_out(read.which) if read.which else "",
        }
        return what, about, read

    def _team_names(self) -> dict[str, str]:
        return {team.id: team.name for team in self.vocabulary.read("teams")}

    def _hours(self, text: str, holidays: str, *, out_of_hours: bool) -> BusinessHours | None:
        """Return the business hours that a text describes, or None.

        Raises:
            InputError: If an option of business hours is given without business hours.
        """
        if not text and (out_of_hours or holidays):
            raise errors.InputError(
                "Holidays and the time out of hours belong to business hours.",
                hint='add --business-hours "Mon-Fri 09:00-17:00"',
            )
        timezone = self.settings.timezone
        return BusinessHours.read(text, timezone, holidays=holidays, outside=out_of_hours) if text else None

    def _groupings(self, by: Names) -> list[str | models.CustomField]:
        groupings: list[str | models.CustomField] = []
        is_field = known_by(lambda name: self.vocabulary.field(name.removeprefix(_FIELD)))
        parts = listed(by)
        if any(name.casefold() not in GROUPINGS for name in parts):
            parts = listed(by, lambda name: name.casefold() in GROUPINGS or is_field(name))
        for name in parts:
            if name.casefold() in GROUPINGS:
                groupings.append(name.casefold())
                continue
            # The plain names are candidates only so that a typo can suggest them.
            plain = [] if name.startswith(_FIELD) else [models.CustomField("", plain, "") for plain in GROUPINGS]
            fields = self.vocabulary.fields()
            known = labels(fields)
            field = named(
                "grouping",
                name.removeprefix(_FIELD),
                [*plain, *fields],
                lambda field: list(dict.fromkeys((known.get(field.id, field.name), field.name))),  # noqa: B023  at once
            )
            groupings.append(msgspec.structs.replace(field, name=known[field.id]))
        if len({grouping if isinstance(grouping, str) else grouping.id for grouping in groupings}) < len(groupings):
            once = ",".join(dict.fromkeys(name.casefold() for name in parts))
            raise errors.InputError("A grouping is named twice.", hint=f"name each once: --by {once}")
        return groupings

    def _wanted(self, query: IncidentQuery) -> Collection[str]:
        """Return the modes and categories that the filters name, so that the figures include them."""
        wanted = {self.vocabulary.mode(name) for name in listed(query.mode)}
        wanted |= {self.vocabulary.category(name) for name in listed(query.category)}
        wanted |= {
            self.vocabulary.status(name).category for name in listed(query.status, known_by(self.vocabulary.status))
        }
        return wanted | ({TEST} if self.training else set())

    def _selected(self, query: IncidentQuery, read: Reading, *, whole: bool, declared: str) -> Iterator[Any]:
        """Yield the incidents that match, each once, while they are read.

        Args:
            query: Which incidents.
            read: Notes how the reading ended.
            whole: Whether custom fields are needed.
            declared: The ID of the timestamp that means declared; empty if there is none.
        """
        self.vocabulary.statuses()  # read first: the response sets the service's clock
        several = alternatives(query)
        found: set[str] = set()
        for each in several:
            selection: ResolvedQuery = select(
                each,
                self.vocabulary,
                now=self.transport.now,
                zone=self.settings.zone,
                training=self.training,
                timestamp=declared,
                show_private=self.settings.show_private,
            )
            listing: Listing[Any] = (
                self.api.incidents(selection.which, ahead=True)
                if whole or selection.needs_whole
                else self.api.measured_incidents(selection.which)
            )
            for incident in filter(selection.admits, listing):
                if len(several) > 1:
                    if incident.id in found:
                        continue
                    found.add(incident.id)
                yield incident
            read.note(listing)
            read.incomplete = "; ".join(filter(None, (read.incomplete, selection.search.incomplete)))
            read.which = selection.which
            read.declared = selection.declared if len(several) == 1 else ALWAYS

    def _paging(self, seen: Observations, read: Reading) -> Paging:
        """Return the incidents' pages and alerts, read per incident if they are few, else for the whole organisation.

        The service lists pages for several incidents at once, but alerts only for one incident or for all.
        """
        if not len(seen):
            return Paging((), ())
        few = seen.identities if len(seen) <= _FEW else []
        escalations = self.api.escalations(few)
        alerts: list[Listing[Any]] = [self.api.incident_alerts(identity) for identity in few or ("",)]
        paging = Paging(escalations, chain.from_iterable(alerts))
        for listing in (escalations, *alerts):
            read.note(listing)
        return paging

    def _severity_as_declared(self, seen: Observations, read: Reading) -> tuple[Labels, list[str]]:
        """Return each incident's first severity, from the organisation's updates, and notes about uncertain ones."""
        listing = self.api.incident_updates()
        first: dict[str, tuple[int, models.Severity | None]] = {}
        for update in listing:
            moment = microseconds(update.created_at)
            if update.incident_id not in first or moment < first[update.incident_id][0]:
                first[update.incident_id] = (moment, update.new_severity)
        read.note(listing)
        created = dict(zip(seen.identities, seen.created, strict=True))
        none = sum(identity not in first for identity in created)
        late = sum(identity in first and first[identity][0] > moment + _LATE for identity, moment in created.items())
        unsure = []
        if none:
            unsure.append(f"{none} incidents have no update that gives their severity as of declaration.")
        if late:
            unsure.append(f"{late} incidents had their first update more than a minute after the declaration.")
        labels = seen.severity_as_declared({identity: severity for identity, (_, severity) in first.items()})
        return labels, unsure
