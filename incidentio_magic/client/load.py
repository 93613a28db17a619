"""Load: how much time people spend on incidents."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from incidentio_magic import errors
from incidentio_magic.client._measuring import Reading
from incidentio_magic.client.metrics import MetricsMixin
from incidentio_magic.client.parallel import gather
from incidentio_magic.client.reading import asked_for
from incidentio_magic.frames.moments import microseconds
from incidentio_magic.metrics import CREATED_AT, DEFINITIONS, TEAM, Measurement, Observations, load_frame, people_frame
from incidentio_magic.metrics.outcomes import excluded_anyway

if TYPE_CHECKING:
    from incidentio_magic.names.query import Names

_SATURDAY: Final = 5


class LoadMixin(MetricsMixin):
    """The load of a connection."""

    def load(self, *, by: Names = "month", per_person: bool = False, **filters: Any) -> pd.DataFrame:
        """Return how much time people spent on incidents: in total, late, at night and at weekends.

        The service counts the minutes, in each person's own working hours. Test, merged, declined and canceled
        incidents are excluded, unless a filter names them.

        Args:
            by: What to group by, as in `metrics`: `team`, `month`, both, or nothing.
            per_person: Whether to list people instead of groups. This takes one request per incident.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `load_frame`, or of `people_frame`. Its `attrs` hold `definitions`, and whether it is complete.
            Sources: `GET /v2/incidents`, `GET /v3/teams`; per person `GET /v2/incident_participant_workloads`.

        Raises:
            UnknownName: If a filter names something unknown, or a grouping is unknown.
            InputError: If `by` is combined with `per_person`.
            PermissionDenied: If people are requested and the key lacks `incident_workloads.view`.
        """
        if per_person and by not in ("month", "", ()):  # a list has no hash
            raise errors.InputError("Load per person cannot be grouped.", hint="leave out --by, or --per-person")
        before = self.transport.requests_made
        groupings = self._groupings(by)
        query = asked_for(filters)
        query = replace(query, all=not query.open)
        declared = self.vocabulary.declared_timestamp()
        fields = [grouping for grouping in groupings if not isinstance(grouping, str)]
        teams = self._team_names() if TEAM in groupings else None
        seen = Observations(fields=fields, teams=teams, minutes=True)
        read = Reading()
        for incident in self._selected(query, read, whole=True, declared=declared):
            seen.add(incident)
        what = Measurement(
            seen,
            (),
            groupings,
            [severity.name for severity in self.vocabulary.severities()],
            seen.severity,
            self.settings.timezone,
            self._wanted(query),
            declared or CREATED_AT,
            as_of=microseconds(self.transport.now()),
        )
        frame = self._people(what) if per_person else load_frame(what)
        frame.attrs |= {
            "definitions": DEFINITIONS,
            "notes": ["An incident of several teams counts for each of them."] if teams else [],
            "incidents": len(seen),
            "complete": not read.incomplete,
            "why_incomplete": read.incomplete,
            "unreadable": dict(read.unreadable),
            "as_of": self.transport.now().isoformat(timespec="seconds"),
            "requests": self.transport.requests_made - before,
        }
        return frame

    def _people(self, what: Measurement) -> pd.DataFrame:
        """Return how much time each person spent."""
        counts = excluded_anyway(what.seen, what.wanted) == 0
        weekday = pd.DatetimeIndex(what.times(what.declared_at())).day_of_week
        weekends = {
            identity: day >= _SATURDAY
            for identity, day, counted in zip(what.seen.identities, weekday, counts, strict=True)
            if counted
        }
        found = gather({identity: partial(self.api.participant_workloads, identity) for identity in weekends})
        failed = next((source for source in found.values() if not source.complete), None)
        if failed is not None:
            raise (
                errors.PermissionDenied(failed.why, status=403)
                if failed.state == "forbidden"
                else errors.InputError(
                    f"The workload of some incidents could not be read: {failed.why}.", hint="try again in a while"
                )
            )
        return people_frame({identity: source.records for identity, source in found.items()}, weekends)
