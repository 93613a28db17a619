"""How long incidents take: durations, what they leave out, and why."""

from __future__ import annotations

from incidentio_magic.metrics.business import BusinessHours
from incidentio_magic.metrics.definitions import (
    CREATED_AT,
    DECLARED,
    Duration,
    Milestones,
    between,
    measured_by_service,
    milestones,
)
from incidentio_magic.metrics.impact import Impact, impact_of, moments_of
from incidentio_magic.metrics.observations import Labels, Observations, microseconds
from incidentio_magic.metrics.tables import Measurement, durations_frame, metrics_frame
from incidentio_magic.metrics.words import SMALL, definitions, notes

__all__ = [
    "CREATED_AT",
    "DECLARED",
    "SMALL",
    "BusinessHours",
    "Duration",
    "Impact",
    "Labels",
    "Measurement",
    "Milestones",
    "Observations",
    "between",
    "definitions",
    "durations_frame",
    "impact_of",
    "measured_by_service",
    "metrics_frame",
    "microseconds",
    "milestones",
    "moments_of",
    "notes",
]
