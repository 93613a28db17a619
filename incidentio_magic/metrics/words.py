"""What the figures mean, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.metrics.definitions import DECLARED
from incidentio_magic.metrics.outcomes import EXCLUDED
from incidentio_magic.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incidentio_magic.api.models import CustomField
    from incidentio_magic.metrics.business import BusinessHours
    from incidentio_magic.metrics.definitions import Duration, Milestones

SMALL: Final = 10


def definitions(
    durations: Iterable[Duration], milestones: Milestones, *, timezone: str, business: BusinessHours | None
) -> dict[str, str]:
    """Return what each duration and each column means.

    Args:
        durations: The durations that were measured.
        milestones: What the organisation's timestamps mean.
        timezone: The time zone of months.
        business: The hours that count; all if None.
    """
    declared = milestones.found.get(DECLARED)
    hours = str(business) if business else ""
    moment = f"its timestamp {declared.name!r}, else when it was created" if declared else "when it was created"
    meanings = {
        **{duration.name: duration.definition(hours) for duration in durations},
        "n": "how many incidents have the duration; the figures beside it are theirs alone",
        "median": "half of the n lasted no longer, to the second",
        "p90": f"nine of ten of the n lasted no longer; the longest of all where n is below {SMALL}",
        "mean": "all of the n together, divided by n, to the second",
        "open": "begun and not over, because the incident still goes on; they would make the figures longer",
        "excluded": "incidents without the figure, one reason each; n, open and excluded are all incidents",
        **{f"excluded.{reason}": why for reason, why in EXCLUDED.items()},
        "month": f"when the incident was declared ({moment}), in {timezone}",
    }
    return {printable(name): printable(text) for name, text in meanings.items()}


def notes(
    milestones: Milestones, timestamps: Sequence[Any], by: Iterable[str | CustomField], *, left_out: Sequence[Duration]
) -> list[str]:
    """Return what a reader must know to judge the figures.

    Args:
        milestones: What the organisation's timestamps mean.
        timestamps: The organisation's timestamps.
        by: What the figures are grouped by.
        left_out: Duration metrics that were not measured, because they know no business hours.
    """
    sentences = []
    without = [meaning for meaning in milestones.missing if meaning != DECLARED]
    if without:
        known = ", ".join(stamp.name for stamp in timestamps) or "none"
        sentences.append(f"No timestamp means {' or '.join(without)} (there are: {known}).")
    if left_out:
        names = ", ".join(duration.name for duration in left_out)
        sentences.append(f"The service measures {names} around the clock, so they are left out.")
    if fields := [grouping.name for grouping in by if not isinstance(grouping, str)]:
        sentences.append(f"An incident with several values of {', '.join(fields)} counts for each of them.")
    return [printable(note) for note in sentences]
