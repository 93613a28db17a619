"""Measures how long incidents take; says which incidents are excluded, and why.

Pure: records in, frames out, with a definition of every figure. Imports from `frames`, `names` and `api`; imported by
`export`, `postmortem`, `client` and `magics`.
"""

from __future__ import annotations

from incidentio_magic.frames.moments import microseconds
from incidentio_magic.metrics._duplicates import distinct, without_repeated
from incidentio_magic.metrics.business import BusinessHours
from incidentio_magic.metrics.comparison import comparison_frame
from incidentio_magic.metrics.counts import counts_frame
from incidentio_magic.metrics.definitions import (
    CREATED_AT,
    DECLARED,
    Duration,
    Milestones,
    between,
    measured_by_service,
    milestones,
    of_pages,
)
from incidentio_magic.metrics.impact import Impact, impact_of, moments_of
from incidentio_magic.metrics.load import DEFINITIONS, load_frame, people_frame
from incidentio_magic.metrics.observations import Labels, Observations
from incidentio_magic.metrics.outcomes import excluded_anyway
from incidentio_magic.metrics.paging import Paging
from incidentio_magic.metrics.periods import PERIODS, all_between, names_of, partial_at
from incidentio_magic.metrics.tables import TEAM, Measurement, compared, durations_frame, metrics_frame
from incidentio_magic.metrics.words import SMALL, definitions, notes

__all__ = [
    "CREATED_AT",
    "DECLARED",
    "DEFINITIONS",
    "PERIODS",
    "SMALL",
    "TEAM",
    "BusinessHours",
    "Duration",
    "Impact",
    "Labels",
    "Measurement",
    "Milestones",
    "Observations",
    "Paging",
    "all_between",
    "between",
    "compared",
    "comparison_frame",
    "counts_frame",
    "definitions",
    "distinct",
    "durations_frame",
    "excluded_anyway",
    "impact_of",
    "load_frame",
    "measured_by_service",
    "metrics_frame",
    "microseconds",
    "milestones",
    "moments_of",
    "names_of",
    "notes",
    "of_pages",
    "partial_at",
    "people_frame",
    "without_repeated",
]
