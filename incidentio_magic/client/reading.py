"""Reads, as DataFrames."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api.filters import Choice
from incidentio_magic.api.waiting import Workers
from incidentio_magic.client._arguments import check
from incidentio_magic.client.connection import Connection, listed
from incidentio_magic.client.parallel import GONE, completeness, reason
from incidentio_magic.frames import NARROW, IncidentRows, chosen
from incidentio_magic.names.close_matches import closest
from incidentio_magic.names.comparison import comparable
from incidentio_magic.names.query import IncidentQuery, alternatives, narrowed_to_open, select
from incidentio_magic.timeline.records import UNREADABLE
from incidentio_magic.writes.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.names.query import Names, ResolvedQuery


_LATEST: Final = datetime.max.replace(tzinfo=UTC)


class ReadMixin(Connection):
    """The reads of a connection."""

    def incidents(
        self,
        *,
        limit: int | None = None,
        sort: Names = (),
        columns: Names = (),
        wide: bool = False,
        show_private: bool | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return incidents as rows, newest first.

        Args:
            limit: The maximum number of rows, or None for all that match: the newest incidents, or the oldest if sorted
                that way; of open incidents, the first in the requested order.
            sort: Columns to sort by; a leading `-` sorts in descending order. `created_at` alone reads oldest first.
                Without it the last created incidents come first, or, with `since` or `until`, the last declared.
            columns: Only these columns.
            wide: Whether to add summary, roles, custom fields, timestamps and durations.
            show_private: Whether names of private incidents are shown; the connection's setting if None.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `Frames.incidents`; `attrs` says whether it is complete, and why not. Source:
            `GET /v2/incidents`.

        Raises:
            UnknownName: If a filter names something that the organisation does not have.
            InputError: If filters contradict each other.
        """
        if limit is not None and limit < 1:
            raise errors.InputError(f"limit must be at least 1, not {limit}.", hint="leave it out to get everything")
        limit = None if limit is None else min(limit, sys.maxsize - 1)
        query = asked_for(filters)
        before = self.transport.requests_made
        with self._lists_read_ahead(query):
            frame = self._list(query, limit, listed(sort), sort, columns, wide=wide, show_private=show_private)
        frame.attrs["requests"] = self.transport.requests_made - before
        return frame

    def _list(
        self,
        query: IncidentQuery,
        limit: int | None,
        order: list[str],
        sort: Names,
        columns: Names,
        *,
        wide: bool,
        show_private: bool | None,
    ) -> pd.DataFrame:
        oldest = order == ["created_at"]
        # The open ones are few, and what is worst may be old: they are cut when they are sorted.
        most, first = (None, limit) if narrowed_to_open(query) and order else (limit, None)
        wide = wide or _needs_wide([*order, *listed(columns)])
        rows = IncidentRows(partial(self._frames, show_private), wide=wide)
        found: dict[str, tuple[Any, datetime]] = {}
        incomplete = ""
        unreadable: Counter[str] = Counter()
        pages = 0
        several = alternatives(query)
        for each in several:
            selection = select(
                each,
                self.vocabulary,
                now=self.transport.now,
                zone=self.settings.zone,
                training=self.training,
                oldest_first=oldest,
                show_private=self._shows_private(show_private),
            )
            listing = self._listing(selection, most, wide=wide)
            fitting = _first(filter(selection.admits, listing), most, selection, oldest=oldest)
            if len(several) > 1:  # an incident may match several filters
                matches = {incident.id: (incident, selection.declared_at(incident)) for incident in fitting}
                found |= matches
                count = len(matches)
            else:
                rows.add(fitting, selection.declared_at)
                count = len(rows)
            pages += listing.pages
            unreadable.update(listing.unreadable)
            if most is None or count <= most:
                incomplete = incomplete or listing.incomplete
            incomplete = _joined(incomplete, selection.search.incomplete)
        rows.add((incident for incident, _ in found.values()), lambda incident: found[incident.id][1])
        if most is not None and len(rows) > most:
            incomplete = _joined(f"only the {'oldest' if oldest else 'newest'} {most} were requested", incomplete)
        elif first is not None and len(rows) > first:
            incomplete = _joined(f"only the first {first} of {len(rows)} were requested", incomplete)
        frame = rows.frame(most, oldest_first=oldest, **(self._columns() if wide else {}))
        self.vocabulary.saw_references(frame["reference"])
        known = {comparable(str(name)) for name in frame.columns}

        def is_column(name: str) -> bool:
            return comparable(name.removeprefix("-")) in known

        frame = chosen(frame, listed(columns, is_column), listed(sort, is_column)).iloc[:first]
        frame.attrs |= {
            "complete": not incomplete,
            "why_incomplete": incomplete,
            "unreadable": dict(unreadable),
            "as_of": self.transport.now().isoformat(timespec="seconds"),
            "pages": pages,
            "left_out": ", ".join(filter(None, (left_out(selection.which), self._left_out_of_class()))),
        }
        return frame

    def _listing(self, selection: ResolvedQuery, most: int | None, *, wide: bool) -> Any:
        """Return the listing that reads only those parts of an incident that are needed."""
        # What is cut on our side must not count towards the limit, so the limit is applied by the caller.
        read = None if most is None or selection.cuts else most + 1
        if wide or selection.needs_whole:
            return self.api.wide_incidents(selection.which, limit=read, ahead=most is None)
        if selection.timestamp:
            return self.api.measured_incidents(selection.which, ahead=most is None)
        return self.api.narrow_incidents(selection.which, limit=read, ahead=most is None)

    def _left_out_of_class(self) -> str:
        return "others' in the class" if self.transport.shows_own_only else ""

    def show(self, *references: str, show_private: bool | None = None) -> pd.DataFrame:
        """Return incidents side by side: one column per incident, one row per property.

        Args:
            references: The incidents. If several are given, those that are deleted or hidden from this key are left
                out.
            show_private: Whether names of private incidents are shown; the connection's setting if None.

        Returns:
            The frame of `Frames.show`; `attrs["missing"]` says which incidents were left out, and why.

        Raises:
            UnknownName: If none of them can be read.
        """
        found: dict[str, models.Incident] = {}
        missing: dict[str, errors.IncidentioError] = {}
        unreadable: Counter[str] = Counter()
        for reference in dict.fromkeys(references):
            try:
                incident = self.incident(reference)
            except GONE as error:
                if not any(map(str.isdigit, reference)):  # not the reference of any incident, so not one that is gone
                    raise
                missing[reference] = error
            else:
                found[incident.id] = incident
                unreadable.update(self.api.last_unreadable)
        if missing and not found:
            raise next(iter(missing.values()))
        frame = self._frames(show_private).show(list(found.values()), **self._columns())
        frame.attrs |= completeness({reference: reason(error) for reference, error in missing.items()})
        frame.attrs["unreadable"] = dict(unreadable)
        return frame

    def updates(self, reference: str, *, show_private: bool | None = None) -> pd.DataFrame:
        """Return an incident's updates, oldest first. Source: `GET /v2/incident_updates`.

        Args:
            reference: The incident.
            show_private: Whether messages of a private incident are shown; the connection's setting if None.
        """
        incident = self.incident(reference)
        listing = self.api.incident_updates(incident.id)
        updates = list(listing)
        frame = self._frames(show_private).updates(updates, private=incident.is_private, mention=self._mention)
        frame.attrs |= {
            "incident": incident.reference,
            "complete": listing.complete,
            "why_incomplete": listing.incomplete,
            "unreadable": dict(listing.unreadable),
            "pages": listing.pages,
        }
        return frame

    def _mention(self, incident_id: str) -> str:
        """Return the reference of an incident that another incident mentions."""
        try:
            return self.api.incident(incident_id).reference
        except GONE:
            return UNREADABLE

    def whoami(self) -> pd.DataFrame:
        """Return which API key this is and what it may do. Source: `GET /v1/identity`."""
        return self._frames().identity(self.vocabulary.identity())

    def log(self) -> pd.DataFrame:
        """Return the writes made from this machine, oldest first, from the local ledger; times are the service's."""
        return self._frames().ledger(Ledger(self.settings.ledger).outcomes())

    @contextmanager
    def _lists_read_ahead(self, query: IncidentQuery) -> Iterator[None]:
        """Read the lists that a frame of incidents needs, at the same time as the incidents if possible.

        Relative times count from the service's clock, which is known from its first response: with one, a list is read
        first.
        """
        if any((query.since, query.until, query.updated_since, query.updated_until)):
            self.vocabulary.statuses()
        if self.vocabulary.cached("statuses") and self.vocabulary.cached("severities"):
            yield
            return
        with Workers(2) as workers:
            for read in (self.vocabulary.statuses, self.vocabulary.severities):
                workers.submit(read)  # what fails is read again where it is needed, and fails there
            yield

    def _columns(self) -> dict[str, Any]:
        """Return the roles, fields and timestamps that have columns in a wide frame."""
        return {
            "roles": self.vocabulary.roles(),
            "fields": self.vocabulary.fields(),
            "timestamps": self.vocabulary.timestamps(),
        }


def _first(
    incidents: Iterator[models.Incident], most: int | None, selection: ResolvedQuery, *, oldest: bool
) -> Iterator[models.Incident]:
    """Yield incidents until it is certain which come first by declaration.

    Args:
        incidents: The incidents, in the order in which they were created.
        most: How many are wanted, None for all; one more is yielded if there is one.
        selection: Which incidents.
        oldest: Whether the oldest come first; otherwise the newest do.
    """
    if most is None or (oldest and selection.timestamp):  # the oldest may have been created last
        yield from incidents
        return
    ages: list[timedelta] = []  # of those before which another may still come
    certain = 0
    for incident in incidents:
        yield incident
        # What follows was created earlier, and so declared earlier.
        heappush(ages, _LATEST - selection.declared_at(incident))
        while ages and ages[0] <= _LATEST - incident.created_at:
            heappop(ages)
            certain += 1
        if certain > most:
            return


def asked_for(filters: Mapping[str, Any]) -> IncidentQuery:
    """Return filters given by name as an `IncidentQuery`.

    Raises:
        InputError: If there is no such filter, or its value has the wrong type.
    """
    known = {field.name: field for field in fields(IncidentQuery)}
    for name in filters:
        if name not in known:
            near = closest(name, known)
            raise errors.InputError(
                f"There is no filter {name!r}.",
                hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
            )
    return IncidentQuery(**{name: check(name, value, str(known[name].type)) for name, value in filters.items()})


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _needs_wide(columns: Iterable[str]) -> bool:
    return any(name.removeprefix("-").casefold() not in NARROW for name in columns)


def left_out(which: IncidentFilter) -> str:
    """Return which incidents are left out by default, so that nobody mistakes the list for all incidents."""
    hidden = []
    if not which.modes:
        hidden += ["test", "tutorial"]
    if which.category == Choice() and not which.status.one_of:
        hidden += ["declined", "canceled", "merged"]
    return ", ".join(hidden)
