"""Metrics: how long incidents take and how many there are, over all incidents that match the filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.client._measuring import ENDED, MeasuringMixin
from incidentio_magic.metrics import (
    PERIODS,
    all_between,
    compared,
    comparison_frame,
    counts_frame,
    durations_frame,
    excluded_anyway,
    metrics_frame,
    microseconds,
    names_of,
    partial_at,
)
from incidentio_magic.names.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.names.query import Names


class MetricsMixin(MeasuringMixin):
    """The durations of a connection."""

    def metrics(
        self,
        *,
        by: Names = (),
        as_of: str = ENDED,
        business_hours: str = "",
        out_of_hours: bool = False,
        holidays: str = "",
        pairs: Names = (),
        meaning: Mapping[str, str] | None = None,
        with_open: bool = False,
        pages: bool = False,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return how long incidents took, one row per group and duration.

        The durations are: the times from declared to accepted, fixed and closed, if the organisation has timestamps
        with these meanings; its own duration metrics; and the `pairs` of timestamps. Incidents of every category and
        mode are read, so that excluded incidents can be counted.

        A duration that repeats another has no row of its own; the notes name it. It repeats another if it has the same
        two timestamps, or is a duration metric with the same values in all incidents. `durations` lists every duration
        metric.

        Args:
            by: What to group by: `severity`, `type`, `lead`, `team`, `month`, `quarter` or `week` of the declaration,
                or names of custom fields. Write `field.Severity` for a custom field whose name is one of these.
            as_of: `ended` for the severity that each incident has now, `declaration` for the severity it was declared
                with.
            business_hours: Hours of the week that count, in the time zone of the settings, such as
                `Mon-Fri 09:00-17:00` or `Mon-Fri 09:00-12:30,13:30-18:00; Sat 22:00-06:00`.
            out_of_hours: Whether the time outside the business hours counts instead.
            holidays: A country or a part of it, such as `DE` or `DE-BY`; no business hours begin on its public
                holidays. Needs the extra `holidays`.
            pairs: Further durations, such as `Reported at..Identified at`.
            meaning: Names of timestamps by meaning (declared, acknowledged, accepted, fixed, closed), if the names do
                not show their meaning.
            with_open: Whether to add Kaplan-Meier estimates, in which open incidents count for as long as they have
                lasted.
            pages: Whether to add durations from pages and alerts: `page to acknowledgement`, from the first page about
                an incident to the first acknowledgement; `declared to acknowledgement`; and `alert to declared`, from
                the incident's first alert.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `metrics_frame`. Its `attrs` hold `definitions` (what each duration and column means), `notes`,
            and whether it is complete. Sources: `GET /v2/incidents`, `GET /v2/incident_timestamps`; with
            `as_of="declaration"` also `GET /v2/incident_updates`; with `pages` also `GET /v2/escalations` and
            `GET /v2/incident_alerts`.

        Raises:
            UnknownName: If a filter names something unknown, or a grouping or timestamp is unknown.
            InputError: If the business hours or a pair of timestamps cannot be understood.
        """
        what, about, _read = self._measured(
            by,
            as_of,
            self._hours(business_hours, holidays, out_of_hours=out_of_hours),
            pairs,
            meaning or {},
            filters,
            names=False,
            show_private=False,
            with_open=with_open,
            pages=pages,
        )
        frame = metrics_frame(what)
        frame.attrs |= about
        return frame

    def compare(
        self,
        first: str,
        second: str,
        *,
        by: str,
        as_of: str = ENDED,
        business_hours: str = "",
        out_of_hours: bool = False,
        holidays: str = "",
        pairs: Names = (),
        meaning: Mapping[str, str] | None = None,
        pages: bool = False,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return the difference between the median durations of two groups, with its 95 % confidence interval.

        Args:
            first: A value of the grouping, such as `2025-Q3` or `Payments`.
            second: The other value.
            by: What to group by, as in `metrics`; one grouping only.
            as_of: As in `metrics`.
            business_hours: As in `metrics`.
            out_of_hours: As in `metrics`.
            holidays: As in `metrics`.
            pairs: As in `metrics`.
            meaning: As in `metrics`.
            pages: As in `metrics`.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `comparison_frame`, with the attrs of `metrics`.

        Raises:
            UnknownName: If no incident has such a value.
            InputError: If there is not exactly one grouping.
        """
        hours = self._hours(business_hours, holidays, out_of_hours=out_of_hours)
        what, about, _read = self._measured(
            by, as_of, hours, pairs, meaning or {}, filters, names=False, show_private=False, pages=pages
        )
        if len(what.by) != 1:
            raise errors.InputError(
                "A comparison needs one grouping.", hint="write --by quarter --compare 2025-Q3,2025-Q4"
            )
        groups = what.groups()
        column = groups[what.names()[0]].astype("string")
        present = [models.Named(value, value) for value in sorted(column.dropna().unique())]
        kind = f"value of {what.names()[0]}"
        chosen = (
            named(kind, first, present, lambda value: value.name).name,
            named(kind, second, present, lambda value: value.name).name,
        )
        rows = compared(what, groups.index.to_numpy(), column, chosen)
        frame = comparison_frame(rows, chosen)
        frame.attrs |= about
        return frame

    def counts(self, *, by: str = "month", **filters: Any) -> pd.DataFrame:
        """Return how many incidents were declared in each period, and which counts are outside the control limits.

        Args:
            by: `month`, `quarter` or `week`.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `counts_frame`, with the attrs of `metrics`.

        Raises:
            InputError: If `by` is not a period.
        """
        period = by.strip().casefold()
        if period not in PERIODS:
            raise errors.InputError(f"{by!r} is not a period.", hint=f"write {', '.join(PERIODS)}")
        what, about, read = self._measured((), ENDED, None, (), {}, filters, names=False, show_private=False)
        times = what.times(what.declared_at()[excluded_anyway(what.seen, what.wanted) == 0])
        now, since, until = self.transport.now(), read.declared.since, read.declared.until
        last = min(now, until) if until else now
        start, end = (what.times(np.array([microseconds(moment)])) for moment in (since or last, last))
        every = all_between(period, pd.DatetimeIndex([*times, *start, *end])) if len(times) else []
        partial = partial_at(period, start[0] if since else None, end[0])
        frame = counts_frame([name for name in names_of(period, times) if name], every, partial)
        frame.attrs |= {**about, "definitions": {}, "notes": []}
        return frame

    def durations(
        self,
        *,
        by: Names = (),
        as_of: str = ENDED,
        business_hours: str = "",
        out_of_hours: bool = False,
        holidays: str = "",
        pairs: Names = (),
        meaning: Mapping[str, str] | None = None,
        pages: bool = False,
        show_private: bool | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return each duration of each incident, and why it counts or not. `metrics` is computed from these rows.

        Args:
            by: Names of custom fields to add as columns.
            as_of: As in `metrics`.
            business_hours: As in `metrics`.
            out_of_hours: As in `metrics`.
            holidays: As in `metrics`.
            pairs: As in `metrics`.
            meaning: As in `metrics`.
            pages: As in `metrics`.
            show_private: Whether names of private incidents are shown; the connection's setting if None.
            filters: Which incidents; the fields of `IncidentQuery`, by name.

        Returns:
            The frame of `durations_frame`, with the attrs of `metrics`.
        """
        private = self.settings.show_private if show_private is None else show_private
        hours = self._hours(business_hours, holidays, out_of_hours=out_of_hours)
        what, about, _read = self._measured(
            by, as_of, hours, pairs, meaning or {}, filters, names=True, show_private=private, pages=pages
        )
        frame = durations_frame(what, microseconds(self.transport.now()))
        frame.attrs |= about
        return frame
