"""What a board reads: the open incidents and when each was last updated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import IncidentioError, NotFound
from incidentio_magic.names.query import IncidentQuery, select
from incidentio_magic.widgets.board_rows import Gone, Row, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Incident, Severity
    from incidentio_magic.client import Incidents

_MOST_ASKED: Final = 10
_WHERE: Final = {"learning": "post-incident"}


@dataclass(frozen=True)
class Reading:
    """What one read found.

    Args:
        rows: The incidents in the order they are shown.
        severities: The organisation's severities, least severe first.
        incomplete: Why it is not everything; empty if it is.
        left: The part of the request allowance that is left, from 0 to 1; 1 if the service does not say.
    """

    rows: tuple[Row, ...]
    severities: tuple[Severity, ...]
    incomplete: str
    left: float


class Reader:
    """Reads the open incidents over a connection of its own.

    The updates of an incident are read only when the incident has changed since they were last read.

    Args:
        client: The connection; this object closes it.
    """

    def __init__(self, client: Incidents) -> None:
        self._client = client
        self._updated: dict[str, tuple[datetime, datetime]] = {}

    def now(self) -> datetime:
        """Return the service's present time."""
        return self._client.transport.now()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def read(self, filters: Mapping[str, Any]) -> Reading:
        """Return the open incidents that fit. Source: `GET /v2/incidents` and `GET /v2/incident_updates`.

        Args:
            filters: The fields of `IncidentQuery`, by name.

        Raises:
            UnknownName: If a filter names something the organisation does not have.
            InputError: If filters contradict each other.
        """
        client = self._client
        severities = client.vocabulary.severities()  # read first: its answer tells the service's time
        selection = select(
            IncidentQuery(**filters),
            client.vocabulary,
            now=self.now(),
            zone=client.settings.zone,
            training=client.training,
        )
        listing = client.api.incidents(selection.which)
        records = [one for one in listing if selection.admits(one)]
        left = self._left()
        rows = ordered(Row(one, self._last_update(one)) for one in records)
        return Reading(rows, tuple(severities), listing.incomplete, min(left, self._left()))

    def whereabouts(self, rows: Sequence[Row]) -> tuple[Gone, ...]:
        """Return where incidents went that are no longer among those that fit. Source: `GET /v2/incidents/{id}`.

        Only the first ones are asked for: many that go at once are rather another filter's doing than the incidents'.

        Args:
            rows: As they were.
        """
        return tuple(self._gone(row) if place < _MOST_ASKED else Gone(row) for place, row in enumerate(rows))

    def _gone(self, row: Row) -> Gone:
        try:
            now = self._client.api.incident(row.incident.id)
        except NotFound:
            return Gone(row, "no longer visible")
        except IncidentioError:  # the next refresh says what is the matter with the service
            return Gone(row)
        status = now.incident_status
        before = row.incident.incident_status
        changed = status.name if status.id != before.id else ""
        if status.category == before.category or now.is_open:
            return Gone(row, "no longer fits", changed)
        return Gone(row, _WHERE.get(status.category, status.category), changed)

    def forget(self, kept: set[str]) -> None:
        """Forget when incidents were updated that no board shows any more.

        Args:
            kept: The IDs of those that are shown.
        """
        self._updated = {identity: known for identity, known in self._updated.items() if identity in kept}

    def _last_update(self, incident: Incident) -> datetime:
        known = self._updated.get(incident.id)
        if known is None or known[0] != incident.updated_at:
            shared = [one.created_at for one in self._client.api.incident_updates(incident.id)]
            known = (incident.updated_at, max([incident.created_at, *shared]))
            self._updated[incident.id] = known
        return known[1]

    def _left(self) -> float:
        allowance = self._client.transport.allowance
        if allowance.remaining is None or not allowance.limit:
            return 1.0
        return min(1.0, allowance.remaining / allowance.limit)
