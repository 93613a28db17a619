"""The longest time an incident may go without an update, by severity: defaults, and values that replace them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.moments import between
from incidentio_magic.names.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Incident, Severity

# From the most severe down; all further severities, and incidents without a severity, have the last span.
_SPANS: Final = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
NO_SEVERITY: Final = "no severity"

Spans = Mapping[str, timedelta | None]
"""The longest time without an update by severity name; None means never overdue."""


class UpdateRule:
    """The longest time without an update, by severity. Paused incidents are never overdue.

    Args:
        severities: The organisation's severities, least severe first.
        given: Spans that replace the defaults, by severity name; None means never overdue.

    Raises:
        UnknownName: If the organisation has no severity of a given name.
    """

    def __init__(self, severities: Sequence[Severity], given: Spans) -> None:
        downwards = sorted(severities, key=lambda severity: -severity.rank)
        self.spans: dict[str, timedelta | None] = {
            severity.name: _SPANS[min(place, len(_SPANS) - 1)] for place, severity in enumerate(downwards)
        }
        self.spans[NO_SEVERITY] = _SPANS[-1]
        for name, span in given.items():
            if name.strip().casefold() == NO_SEVERITY:
                self.spans[NO_SEVERITY] = span
            else:
                self.spans[named("severity", name, severities, lambda severity: severity.name).name] = span

    def is_overdue(self, incident: Incident, last_update: datetime | None, now: datetime) -> bool:
        """Return whether an incident has gone without an update for too long.

        If the last update is unknown, the incident's last change is used, because no update was shared after it. If
        neither is known, the incident is not overdue.

        Args:
            incident: The incident.
            last_update: When the last update was shared; None if unknown.
            now: The current time.
        """
        span = self.spans.get(incident.severity.name if incident.severity else NO_SEVERITY)
        paused = incident.incident_status.category == "paused"
        ago = between(last_update, now)
        ago = between(incident.updated_at, now) if ago is None else ago
        return span is not None and not paused and ago is not None and ago > span
