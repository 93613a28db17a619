"""Computes the outcome of each duration in each incident: counted, still open, or excluded and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from incidentio_magic.api.models import OPEN_CATEGORIES
from incidentio_magic.frames.moments import UNSET
from incidentio_magic.metrics.definitions import CREATED_AT
from incidentio_magic.metrics.paging import CANCELLED, EXPIRED, NO_ALERT, NOT_PAGED

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from incidentio_magic.metrics.business import BusinessHours
    from incidentio_magic.metrics.definitions import Duration
    from incidentio_magic.metrics.observations import Observations

COUNTED: Final = "counted"
OPEN: Final = "open"
EXCLUDED: Final = {
    "test": "its mode is test or tutorial",
    "merged": "it was merged into another incident",
    "declined": "it was declined",
    "canceled": "it was canceled",
    "stale": "the service's value no longer fits the incident's timestamps",
    "missing": "a timestamp was never set, and the incident has passed that stage",
    "reversed": "it would end before it starts",
    NOT_PAGED: "nobody was paged about it",
    EXPIRED: "its pages expired before anyone acknowledged one",
    CANCELLED: "its pages were cancelled or resolved before anyone acknowledged one",
    NO_ALERT: "no alert is attached to it",
}
OUTCOMES: Final = (COUNTED, OPEN, *EXCLUDED)
_MODES: Final = ("test", "tutorial")
_ENDINGS: Final = ("merged", "declined", "canceled")
_AFTER_INCIDENT: Final = "learning"


@dataclass(frozen=True)
class Measured:
    """One duration in all incidents.

    Args:
        seconds: How long it lasted; NaN unless it counts.
        outcomes: Positions in `OUTCOMES`.
        start: When it began, in microseconds since 1970; `UNSET` if unknown.
        end: When it ended.
    """

    seconds: NDArray[np.float64]
    outcomes: NDArray[np.int8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def excluded_anyway(seen: Observations, wanted: Collection[str]) -> NDArray[np.int8]:
    """Return why an incident counts in no duration, as positions in `OUTCOMES`; 0 if it may count.

    Args:
        seen: The incidents.
        wanted: Modes and categories that the filters name, so that their incidents count.
    """
    outcomes = np.zeros(len(seen), dtype=np.int8)
    for category in _ENDINGS:
        if category not in wanted:
            outcomes[seen.category.are(category)] = OUTCOMES.index(category)
    for mode in _MODES:
        if mode not in wanted:
            outcomes[seen.mode.are(mode)] = OUTCOMES.index("test")
    return outcomes


def measure(
    seen: Observations, duration: Duration, anyway: NDArray[np.int8], business: BusinessHours | None = None
) -> Measured:
    """Return the outcome of one duration in each incident.

    Args:
        seen: The incidents.
        duration: Which duration.
        anyway: What `excluded_anyway` returned.
        business: The hours that count; all if None.
    """
    going_on = np.zeros(len(seen), dtype=bool)
    for category in (*OPEN_CATEGORIES, *((_AFTER_INCIDENT,) if duration.afterwards else ())):
        going_on |= seen.category.are(category)
    if duration.metric:
        return _of_service(seen, duration, anyway, going_on)
    start = seen.created_at() if duration.start == CREATED_AT else seen.moments(duration.start)
    end = seen.moments(duration.end)
    has_start, has_end = start != UNSET, end != UNSET
    both = has_start & has_end
    outcomes = np.select(
        [both & (end >= start), both, has_start & going_on],
        [OUTCOMES.index(COUNTED), OUTCOMES.index("reversed"), OUTCOMES.index(OPEN)],
        OUTCOMES.index("missing"),
    ).astype(np.int8)
    for stamp, has_moment in ((duration.end, has_end), (duration.start, has_start)):
        if stamp in seen.reasons:  # for pages and alerts, the reason why there are none is known
            why = np.array([OUTCOMES.index(reason) for reason in seen.reasons[stamp]], dtype=np.int8)
            outcomes = np.where(has_moment, outcomes, why)
    outcomes = np.where(anyway > 0, anyway, outcomes)
    counts = outcomes == OUTCOMES.index(COUNTED)
    seconds = np.full(len(seen), np.nan)
    if business is None:
        seconds[counts] = (end[counts] - start[counts]) / 1_000_000
    else:
        seconds[counts] = business.seconds(start[counts], end[counts])
    return Measured(seconds, outcomes, start, end)


def _of_service(
    seen: Observations, duration: Duration, anyway: NDArray[np.int8], going_on: NDArray[np.bool_]
) -> Measured:
    value, holds, invalid = seen.metric(duration.metric)
    has_value = value != UNSET
    outcomes = np.select(
        [holds & has_value & (value >= 0), (invalid & ~has_value) | (holds & has_value), going_on & ~holds, has_value],
        [OUTCOMES.index(COUNTED), OUTCOMES.index("reversed"), OUTCOMES.index(OPEN), OUTCOMES.index("stale")],
        OUTCOMES.index("missing"),
    ).astype(np.int8)
    outcomes = np.where(anyway > 0, anyway, outcomes)
    seconds = np.where(outcomes == OUTCOMES.index(COUNTED), value.astype(np.float64), np.nan)
    unknown = np.full(len(seen), UNSET, dtype=np.int64)
    return Measured(seconds, outcomes, unknown, unknown)
