"""Finds durations that are the same under two names; the figures show each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from incidentio_magic.metrics.outcomes import COUNTED, OPEN, OUTCOMES, measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from incidentio_magic.metrics.definitions import Duration
    from incidentio_magic.metrics.observations import Observations
    from incidentio_magic.metrics.outcomes import Measured

_FEWEST: Final = 10  # with fewer incidents, equal values may be chance
_SECOND: Final = 1.0  # the service counts whole seconds


def distinct(durations: Iterable[Duration]) -> tuple[list[Duration], dict[str, str]]:
    """Return one duration for each pair of timestamps, and which durations repeat it, by name.

    Args:
        durations: Durations between timestamps.
    """
    kept: dict[tuple[str, str], Duration] = {}
    same: dict[str, str] = {}
    for duration in durations:
        first = kept.setdefault((duration.start, duration.end), duration)
        if first.name != duration.name:
            same[duration.name] = first.name
    return list(kept.values()), same


def without_repeated(
    seen: Observations, durations: Sequence[Duration], metrics: Iterable[Duration], anyway: NDArray[np.int8]
) -> tuple[list[Duration], dict[str, str]]:
    """Return the durations and the metrics that do not repeat them, and what each other metric repeats, by name.

    The service does not say which timestamps a metric uses. It repeats a duration if both have the same value, or none,
    in every incident.

    Args:
        seen: The incidents.
        durations: Durations between timestamps.
        metrics: The organisation's duration metrics.
        anyway: What `excluded_anyway` returned.
    """
    kept = [(duration, measure(seen, duration, anyway)) for duration in durations]
    same: dict[str, str] = {}
    for metric in metrics:
        measured = measure(seen, metric, anyway)
        repeated = next((duration for duration, other in kept if _agree(measured, other)), None)
        if repeated is None:
            kept.append((metric, measured))
        else:
            same[metric.name] = repeated.name
    return [duration for duration, _measured in kept], same


def _agree(first: Measured, second: Measured) -> bool:
    """Return whether two durations have the same value, or none, in every incident, and a value in enough of them."""
    counted = first.outcomes == OUTCOMES.index(COUNTED)
    for outcome in (COUNTED, OPEN):
        place = OUTCOMES.index(outcome)
        if not np.array_equal(first.outcomes == place, second.outcomes == place):
            return False
    close = np.abs(first.seconds[counted] - second.seconds[counted]) < _SECOND
    return bool(counted.sum() >= _FEWEST and close.all())
