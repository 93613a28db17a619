"""The values of incidents that durations need: a few numbers per row, so that a year takes little memory."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from incidentio_magic.frames import MASK, lead
from incidentio_magic.frames.moments import UNSET, microseconds
from incidentio_magic.metrics.definitions import CREATED_AT, DECLARED_AT
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from incidentio_magic.api.models import CustomField, Incident, Named, Severity
    from incidentio_magic.metrics.paging import Paging

SUCCESS: Final = "success"
INVALID: Final = "invalid_timestamps"
MINUTES: Final = ("total", "working", "late", "sleeping")
NO_TEAM: Final = "a team that is gone"


class Labels:
    """A column with few distinct strings."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.codes = array("i")
        self._known: dict[str | None, int] = {None: -1}  # keyed by the original string, so that each is cleaned once

    def add(self, name: str | None) -> None:
        """Append a text, or nothing."""
        code = self._known.get(name)
        if code is None:
            code = self._known[name] = self.names.setdefault(printable(str(name)), len(self.names))
        self.codes.append(code)

    def categorical(self, order: Sequence[str] = (), *, ordered: bool = False) -> pd.Categorical[Any]:
        """Return the column; its categories are those of `order`, then the others by name."""
        column = pd.Categorical.from_codes(np.array(self.codes, dtype=np.int32), pd.Index(list(self.names), dtype=str))
        known = dict.fromkeys(map(printable, order))
        return column.set_categories([*known, *sorted(set(self.names) - set(known))], ordered=ordered)

    def are(self, name: str) -> NDArray[np.bool_]:
        """Return for each row whether it has this text."""
        code = self.names.get(name, -2)
        same: NDArray[np.bool_] = np.array(self.codes, dtype=np.int32) == code
        return same


class Sparse:
    """A column of numbers that is empty in many rows."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._values = array("q")

    def put(self, row: int, value: int) -> None:
        """Set one row's value."""
        self._rows.append(row)
        self._values.append(value)

    def column(self, rows: int) -> NDArray[np.int64]:
        """Return the whole column, with `UNSET` for empty rows."""
        column = np.full(rows, UNSET, dtype=np.int64)
        column[np.array(self._rows, dtype=np.int64)] = np.array(self._values, dtype=np.int64)
        return column


class Observations:
    """The values of the incidents, column by column.

    Args:
        fields: The custom fields to keep.
        names: Whether to keep the incidents' names.
        show_private: Whether to keep names and field values of private incidents, or to mask them.
        teams: The names of the teams by ID, if teams are needed.
        minutes: Whether to keep the minutes that people spent.
    """

    def __init__(
        self,
        *,
        fields: Sequence[CustomField] = (),
        names: bool = False,
        show_private: bool = False,
        teams: Mapping[str, str] | None = None,
        minutes: bool = False,
    ) -> None:
        self._team_names = teams
        self.teams = (array("q"), Labels())
        self.minutes = {name: array("d") for name in MINUTES} if minutes else {}
        self._fields = fields
        self._show_private = show_private
        self._with_names = names
        self.identities: list[str] = []
        self.references: list[str] = []
        self.names: list[str] = []
        self.severity, self.type, self.mode, self.category, self.status, self.lead = (Labels() for _ in range(6))
        self.created = array("q")
        self.stamps: dict[str, Sparse] = {}
        self.metrics: dict[str, Named] = {}
        self.seconds: dict[str, Sparse] = {}
        self.metric_statuses: dict[str, tuple[array[int], Labels]] = {}
        self.computed: dict[str, NDArray[np.int64]] = {}
        self.reasons: dict[str, list[str]] = {}
        self.field_values: dict[str, tuple[array[int], Labels]] = {field.id: (array("q"), Labels()) for field in fields}

    def __len__(self) -> int:
        return len(self.identities)

    def add(self, incident: Incident) -> None:
        """Add the values of one incident."""
        row = len(self)
        self.identities.append(incident.id)
        masked = incident.is_private and not self._show_private
        if self._with_names:
            self.references.append(printable(incident.reference))
            self.names.append(MASK if masked else printable(incident.name))
        self.severity.add(incident.severity.name if incident.severity else None)
        self.type.add(incident.incident_type.name if incident.incident_type else None)
        self.mode.add(incident.mode)
        self.category.add(incident.incident_status.category)
        self.status.add(incident.incident_status.name)
        self.lead.add(lead(incident))
        self.created.append(microseconds(incident.created_at))
        for entry in incident.incident_timestamp_values or ():
            if entry.value and entry.value.value:
                stamp = self.stamps.get(entry.incident_timestamp.id)
                if stamp is None:
                    stamp = self.stamps[entry.incident_timestamp.id] = Sparse()
                stamp.put(row, microseconds(entry.value.value))
        self._add_metrics(row, incident)
        if self._fields:
            self._add_values(row, incident, masked=masked)
        if self._team_names is not None:
            self._add_teams(row, incident, self._team_names)
        for name, minutes in self.minutes.items():
            spent = getattr(incident, f"workload_minutes_{name}")
            minutes.append(float("nan") if spent is None else spent)

    def _add_metrics(self, row: int, incident: Incident) -> None:
        for measured in incident.duration_metrics or ():
            metric = measured.duration_metric
            self.metrics.setdefault(metric.id, metric)
            if measured.value_seconds is not None:
                self.seconds.setdefault(metric.id, Sparse()).put(row, measured.value_seconds)
            rows, statuses = self.metric_statuses.setdefault(metric.id, (array("q"), Labels()))
            rows.append(row)
            statuses.add(measured.status)

    def _add_teams(self, row: int, incident: Incident, names: Mapping[str, str]) -> None:
        for identity in dict.fromkeys(incident.team_ids or ()):
            self.teams[0].append(row)
            self.teams[1].add(names.get(identity, NO_TEAM))

    def _add_values(self, row: int, incident: Incident, *, masked: bool) -> None:
        for entry in incident.custom_field_entries or ():
            if entry.custom_field.id not in self.field_values:
                continue
            rows, labels = self.field_values[entry.custom_field.id]
            for text in entry.texts:
                rows.append(row)
                labels.add(MASK if masked else text)

    def moments(self, stamp: str) -> NDArray[np.int64]:
        """Return a timestamp's column in microseconds since 1970, `UNSET` if it is not set."""
        if stamp in self.computed:
            return self.computed[stamp]
        return self.stamps[stamp].column(len(self)) if stamp in self.stamps else Sparse().column(len(self))

    def add_paging(self, paging: Paging, declared: str) -> None:
        """Add the times of each incident's first page, acknowledgement, alert and declaration.

        Args:
            paging: The pages and alerts.
            declared: The ID of the timestamp that means declared; `created_at` if none does.
        """
        self.computed |= paging.moments(self.identities) | {DECLARED_AT: self.declared_at(declared)}
        self.reasons |= paging.reasons(self.identities)

    def declared_at(self, stamp: str) -> NDArray[np.int64]:
        """Return when each incident was declared, as microseconds since 1970.

        Args:
            stamp: The ID of the timestamp that means declared; `created_at` for the incident's creation.
        """
        created = self.created_at()
        if stamp == CREATED_AT:
            return created
        stamped = self.moments(stamp)
        return np.where(stamped == UNSET, created, stamped)

    def created_at(self) -> NDArray[np.int64]:
        """Return when each incident was created, as microseconds since 1970."""
        return np.array(self.created, dtype=np.int64)

    def metric(self, identity: str) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return a duration metric's seconds (`UNSET` if there are none), and which rows are valid and invalid."""
        count = len(self)
        seconds = self.seconds[identity].column(count) if identity in self.seconds else Sparse().column(count)
        holds, invalid = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        rows, statuses = self.metric_statuses[identity]
        at = np.array(rows, dtype=np.int64)
        holds[at], invalid[at] = statuses.are(SUCCESS), statuses.are(INVALID)
        return seconds, holds, invalid

    def severity_as_declared(self, declared: Mapping[str, Severity | None]) -> Labels:
        """Return each incident's first severity; empty if unknown.

        Args:
            declared: The severities by incident ID.
        """
        labels = Labels()
        for identity in self.identities:
            severity = declared.get(identity)
            labels.add(severity.name if severity else None)
        return labels
