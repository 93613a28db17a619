"""Explains the figures in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.metrics.definitions import DECLARED
from incidentio_magic.metrics.outcomes import EXCLUDED
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from incidentio_magic.api.models import CustomField
    from incidentio_magic.metrics.business import BusinessHours
    from incidentio_magic.metrics.definitions import Duration, Milestones

SMALL: Final = 10

_RARELY: Final = ("acknowledged", "accepted")  # few organisations have such a timestamp, because pages are acknowledged
_ESTIMATES: Final = {
    "km.median": "the Kaplan-Meier estimate of the median: an open incident counts for as long as it has lasted",
    "km.median.low": "the lower bound of the 95 % interval of km.median; km.median.high is the upper bound",
    "km.p90": "the same estimate for p90; empty if fewer than 90 % are known to have ended",
    "km.at_risk": "how many incidents had lasted as long as km.median, ended or not",
}


def definitions(
    durations: Iterable[Duration],
    milestones: Milestones,
    *,
    timezone: str,
    business: BusinessHours | None,
    with_open: bool = False,
    same: Mapping[str, str],
) -> dict[str, str]:
    """Return the definition of each duration and each column.

    Args:
        durations: The durations that were measured.
        milestones: What the organisation's timestamps mean.
        timezone: The time zone of months.
        business: The hours that count; all if None.
        with_open: Whether estimates with open incidents were made.
        same: The shown duration that each omitted duration repeats, by name.
    """
    declared = milestones.found.get(DECLARED)
    hours = str(business) if business else ""
    moment = f"its timestamp {declared.name!r}, else when it was created" if declared else "when it was created"
    meanings = {
        **{duration.name: duration.definition(hours) for duration in durations},
        **{name: f"the same as {other}" for name, other in same.items()},
        "n": "number of incidents with the duration; only these count in the figures beside it",
        "median": "half of the n lasted at most this long, to the second",
        "p90": f"90 % of the n lasted at most this long; the longest if n is below {SMALL}",
        "mean": "the mean of the n, to the second",
        "open": "begun but not over, because the incident is still open; they would make the figures longer",
        **(_ESTIMATES if with_open else {}),
        "excluded": "incidents without the duration, one reason each; n, open and excluded add up to all incidents",
        **{f"excluded.{reason}": why for reason, why in EXCLUDED.items()},
        "month": f"when the incident was declared ({moment}), in {timezone}; so are quarter and week",
    }
    return {printable(name): printable(text) for name, text in meanings.items()}


def notes(
    milestones: Milestones,
    timestamps: Sequence[Any],
    by: Collection[str | CustomField],
    *,
    left_out: Sequence[Duration],
    same: Mapping[str, str],
) -> list[str]:
    """Return the notes that a reader needs to judge the figures.

    Args:
        milestones: What the organisation's timestamps mean.
        timestamps: The organisation's timestamps.
        by: What the figures are grouped by.
        left_out: Duration metrics that were left out, because they do not support business hours.
        same: The shown duration that each omitted duration repeats, by name.
    """
    lines = []
    without = [meaning for meaning in milestones.missing if meaning not in {DECLARED, *_RARELY}]
    if without:
        known = ", ".join(stamp.name for stamp in timestamps) or "none"
        lines.append(f"No timestamp means {' or '.join(without)} (there are: {known}).")
    if left_out:
        names = ", ".join(duration.name for duration in left_out)
        lines.append(f"The service measures {names} around the clock, so they are left out.")
    lines += [f"{name} is the same as {other}, so it has no row of its own." for name, other in same.items()]
    if fields := [grouping.name for grouping in by if not isinstance(grouping, str)]:
        lines.append(f"An incident with several values of {', '.join(fields)} counts for each of them.")
    if "team" in by:
        lines.append("An incident of several teams counts for each of them.")
    return [printable(line) for line in lines]
