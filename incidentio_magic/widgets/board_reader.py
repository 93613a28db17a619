"""Reads the content of a board: first the open incidents, then the details of the rows on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import IncidentioError, NotFound
from incidentio_magic.names.query import IncidentQuery, select
from incidentio_magic.widgets.board_on_call import OnCall, OnCallReader
from incidentio_magic.widgets.board_rows import Gone, Row, ordered
from incidentio_magic.widgets.parallel_reads import read_together, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Incident, Severity
    from incidentio_magic.client import Incidents

_MOST_GONE: Final = 10
_WHERE: Final = {"learning": "post-incident"}
_RELATIVE: Final = ("since", "until", "updated_since", "updated_until")


@dataclass(frozen=True)
class Reading:
    """The listed incidents.

    Args:
        rows: The incidents in the order the board shows them.
        severities: The organisation's severities, least severe first.
        incomplete: Why incidents are missing; empty if none are.
        left: The remaining part of the request allowance, from 0 to 1; 1 if the service does not report it.
        training: Whether only test incidents were listed.
        own_only: Whether a class's sandbox left out what belongs to its trainees.
    """

    rows: tuple[Row, ...]
    severities: tuple[Severity, ...]
    incomplete: str
    left: float
    training: bool = False
    own_only: bool = False


class Reader:
    """Reads the open incidents over a connection of its own.

    The updates of an incident are read only for rows that are shown, and again only when the incident has changed.

    Args:
        client: The connection; this object closes it.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._everyone: Incidents | None = None
        self._on_call = OnCallReader(client)
        self._updated: dict[str, tuple[datetime, datetime]] = {}

    def now(self) -> datetime:
        """Return the service's current time."""
        return self._client.transport.now()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
        if self._everyone is not None:
            self._everyone.close()

    def read(self, filters: Mapping[str, Any]) -> Reading:
        """List the incidents that match. Source: `GET /v2/incidents`.

        A row has its last update only if that is known from an earlier read.

        Args:
            filters: The fields of `IncidentQuery`, by name; with `everyone`, a facilitator sees the incidents of all
                trainees.

        Raises:
            UnknownName: If a filter names something the organisation does not have.
            InputError: If filters contradict each other.
        """
        training, severities = self._client.training, self._client.vocabulary.severities
        if any(filters.get(name) for name in _RELATIVE):
            severities()  # relative times need the service's clock, which the first response sets
        found = read_together(
            {
                "incidents": partial(self._incidents, filters),
                "severities": severities,
                "timestamp": self._client.vocabulary.declared_timestamp,
            }
        )
        require(found, "incidents", "severities", "timestamp")
        incidents, incomplete, own_only = found["incidents"]
        rows = ordered(Row(incident, self._known(incident), found["timestamp"]) for incident in incidents)
        return Reading(rows, tuple(found["severities"]), incomplete, self._left(), training, own_only)

    def complete(self, rows: Sequence[Row]) -> tuple[dict[str, Row], IncidentioError | None]:
        """Read when the incidents of `rows` were last updated, in parallel. Source: `GET /v2/incident_updates`.

        Args:
            rows: The rows that are shown.

        Returns:
            The completed rows by incident ID, and the first error if some could not be read.
        """
        missing = {row.incident.id: row for row in rows if row.last_update is None}
        found = read_together({key: partial(self._last_update, row.incident) for key, row in missing.items()})
        failed = [error for error in found.values() if isinstance(error, IncidentioError)]
        known = {key: moment for key, moment in found.items() if not isinstance(moment, IncidentioError)}
        for key, moment in known.items():
            self._updated[key] = (missing[key].incident.updated_at, moment)
        return {key: replace(missing[key], last_update=moment) for key, moment in known.items()}, next(
            iter(failed), None
        )

    def whereabouts(self, rows: Sequence[Row]) -> tuple[Gone, ...]:
        """Return why incidents are no longer on the list. Source: `GET /v2/incidents/{id}`.

        Reads the first ten only: if many disappear at once, the filters are a likelier cause than the incidents.

        Args:
            rows: The previous rows.
        """
        found = read_together({str(place): partial(self._gone, row) for place, row in enumerate(rows[:_MOST_GONE])})
        return (*found.values(), *(Gone(row) for row in rows[_MOST_GONE:]))

    def on_call(self, rows: Sequence[Row]) -> OnCall:
        """Return who is on call, and which pages are open, as far as the key may see it.

        Args:
            rows: The rows that are shown.
        """
        return self._on_call.read(rows)

    def forget(self, kept: set[str]) -> None:
        """Forget the update times of incidents that no board lists any more.

        Args:
            kept: The IDs of the listed incidents.
        """
        self._updated = {identity: known for identity, known in self._updated.items() if identity in kept}

    def _incidents(self, filters: Mapping[str, Any]) -> tuple[list[Incident], str, bool]:
        client = self._client
        if filters.get("everyone"):
            client = self._everyone = self._everyone or client.for_everyone()
        selection = select(
            IncidentQuery(**{name: value for name, value in filters.items() if name != "everyone"}),
            client.vocabulary,
            now=self.now,
            zone=client.settings.zone,
            training=client.training,
        )
        listing = client.api.incidents(selection.which)
        admitted = [incident for incident in listing if selection.admits(incident)]
        return admitted, listing.incomplete, client.transport.shows_own_only

    def _gone(self, row: Row) -> Gone:
        try:
            now = self._client.api.incident(row.incident.id)
        except NotFound:
            return Gone(row, "no longer visible")
        except IncidentioError:  # the next refresh reports what is wrong with the service
            return Gone(row)
        status = now.incident_status
        before = row.incident.incident_status
        changed = status.name if status.id != before.id else ""
        if status.category == before.category or now.is_open:
            return Gone(row, "no longer fits", changed)
        return Gone(row, _WHERE.get(status.category, status.category), changed)

    def _known(self, incident: Incident) -> datetime | None:
        known = self._updated.get(incident.id)
        return known[1] if known is not None and known[0] == incident.updated_at else None

    def _last_update(self, incident: Incident) -> datetime:
        shared = [update.created_at for update in self._client.api.incident_updates(incident.id)]
        return max([incident.created_at, *shared])

    def _left(self) -> float:
        allowance = self._client.transport.allowance
        if allowance.remaining is None or not allowance.limit:
            return 1.0
        return min(1.0, allowance.remaining / allowance.limit)
