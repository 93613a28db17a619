"""The durations that are measured, and their definitions, from the organisation's timestamps and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError
from incidentio_magic.names.declaration import DECLARED_NAMES, stem
from incidentio_magic.names.vocabulary import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incidentio_magic.api.models import IncidentTimestamp, Named

DECLARED: Final = "declared"
CREATED_AT: Final = "created_at"
DECLARED_AT: Final = "declared_at"
"""The ID of the declaration: the timestamp that means declared, else the incident's creation."""

PAGED: Final = "paged"
ACKNOWLEDGED: Final = "page_acknowledged"
ALERTED: Final = "alerted"
_COMPUTED: Final = {
    PAGED: "the first page about the incident",
    ACKNOWLEDGED: "the first acknowledgement of any page about it",
    ALERTED: "the first alert that is attached to the incident",
    DECLARED_AT: "its declaration",
}
_ENDS: Final = ("acknowledged", "accepted", "fixed", "closed")
# Names that organisations use for these moments, the clearest first.
_CALLED: Final = {
    DECLARED: DECLARED_NAMES,
    "acknowledged": ("acknowledged", "acked", "responded"),
    "accepted": ("accepted",),
    "fixed": ("fixed", "mitigated", "restored", "resolved"),
    "closed": ("closed", "completed"),
}
_AFTERWARDS: Final = frozenset({"closed", "completed", "documented", "reviewed"})
_FROM_TO: Final = ".."


@dataclass(frozen=True)
class Duration:
    """A duration: from one timestamp to another, or a duration metric of the service.

    Args:
        name: Its name.
        start: The ID of the timestamp it starts at; `created_at` for the incident's own; empty for a metric.
        end: The ID of the timestamp it ends at; empty for a metric.
        start_name: The name of the timestamp it starts at.
        end_name: The name of the timestamp it ends at.
        metric: The ID of the organisation's duration metric; empty if it is not a metric.
        afterwards: Whether it may end in the post-incident flow.
    """

    name: str
    start: str = ""
    end: str = ""
    start_name: str = ""
    end_name: str = ""
    metric: str = ""
    afterwards: bool = False

    def definition(self, business: str = "") -> str:
        """Return a sentence that defines it."""
        if self.metric:
            return "the organisation's own duration metric, as the service calculated it"
        within = f", counting only {business}" if business else ""
        return f"from {_meaning(self.start, self.start_name)} to {_meaning(self.end, self.end_name)}{within}"


@dataclass(frozen=True)
class Milestones:
    """Which of the organisation's timestamps mean declared, acknowledged, accepted, fixed and closed.

    Args:
        found: The timestamps by meaning.
        missing: Meanings that no timestamp has.
    """

    found: Mapping[str, IncidentTimestamp]
    missing: tuple[str, ...]

    def durations(self) -> list[Duration]:
        """Return the durations from the declaration to each later milestone that exists."""
        start = self.found.get(DECLARED)
        return [
            Duration(
                f"{DECLARED} to {end}",
                start.id if start else CREATED_AT,
                self.found[end].id,
                start.name if start else CREATED_AT,
                self.found[end].name,
                afterwards=_comes_afterwards(self.found[end]),
            )
            for end in _ENDS
            if end in self.found
        ]


def milestones(timestamps: Sequence[IncidentTimestamp], given: Mapping[str, str]) -> Milestones:
    """Return the meanings of the organisation's timestamps, from their names.

    Args:
        timestamps: The organisation's timestamps, in order. Source: `GET /v2/incident_timestamps`.
        given: Names of timestamps by meaning; they override the automatic choice.

    Raises:
        UnknownName: If there is no such timestamp.
        InputError: If there is no such meaning.
    """
    found = {}
    for meaning, name in given.items():
        if meaning not in _CALLED:
            raise InputError(f"There is no meaning {meaning!r}.", hint=f"there are: {', '.join(_CALLED)}")
        found[meaning] = named("timestamp", name, timestamps, lambda stamp: stamp.name)
    for meaning, words in _CALLED.items():
        fitting = [stamp for word in words for stamp in timestamps if stem(stamp.name) == word]
        if fitting:
            found.setdefault(meaning, fitting[0])
    return Milestones(found, tuple(meaning for meaning in _CALLED if meaning not in found))


def between(texts: Iterable[str], timestamps: Sequence[IncidentTimestamp]) -> list[Duration]:
    """Return the durations that strings like `Reported at..Identified at` mean.

    Args:
        texts: Strings with two timestamp names each.
        timestamps: The organisation's timestamps.

    Raises:
        InputError: If a text does not name two timestamps.
        UnknownName: If there is no such timestamp.
    """
    made = []
    for text in texts:
        first, sign, second = text.partition(_FROM_TO)
        if not sign:
            raise InputError(
                f"{text!r} is not a pair of timestamps.",
                hint='write it like "Reported at..Identified at", in quotes',
            )
        start, end = (named("timestamp", name, timestamps, lambda stamp: stamp.name) for name in (first, second))
        afterwards = _comes_afterwards(end)
        made.append(
            Duration(f"{start.name} to {end.name}", start.id, end.id, start.name, end.name, afterwards=afterwards)
        )
    return made


def measured_by_service(metrics: Iterable[Named], taken: Iterable[str]) -> list[Duration]:
    """Return the organisation's duration metrics; if a name is taken, "(duration metric)" is added."""
    names = set(taken)
    made = []
    for metric in metrics:
        name = f"{metric.name} (duration metric)" if metric.name in names else metric.name
        names.add(name)
        made.append(Duration(name, metric=metric.id))
    return made


def of_pages() -> list[Duration]:
    """Return the durations from pages and alerts: acknowledgement and detection."""
    return [
        Duration("page to acknowledgement", PAGED, ACKNOWLEDGED, "first page", "first acknowledgement"),
        Duration("declared to acknowledgement", DECLARED_AT, ACKNOWLEDGED, "declared", "first acknowledgement"),
        Duration("alert to declared", ALERTED, DECLARED_AT, "first alert", "declared"),
    ]


def _meaning(stamp: str, name: str) -> str:
    if stamp == CREATED_AT:
        return "when the incident was created"
    return _COMPUTED.get(stamp, f"its timestamp {name!r}")


def _comes_afterwards(timestamp: IncidentTimestamp) -> bool:
    return stem(timestamp.name) in _AFTERWARDS
