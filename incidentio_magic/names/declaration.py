"""When an incident was declared: the moment used to filter, sort and count it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import IncidentTimestamp, Named

# Names that organisations use for the moment of declaration, the clearest first.
DECLARED_NAMES: Final = ("declared", "reported", "opened", "raised")
_FILLERS: Final = frozenset({"at", "incident", "the", "time"})


class _Stamped(Protocol):
    @property
    def created_at(self) -> datetime: ...
    @property
    def incident_timestamp_values(self) -> Sequence[_Stamp] | None: ...


class _Stamp(Protocol):
    @property
    def incident_timestamp(self) -> Named: ...
    @property
    def value(self) -> _Moment | None: ...


class _Moment(Protocol):
    @property
    def value(self) -> datetime | None: ...


def declared_timestamp(timestamps: Iterable[IncidentTimestamp]) -> str:
    """Return the ID of the organisation's timestamp that means "declared"; "" if there is none.

    Args:
        timestamps: The organisation's timestamps, in order. Source: `GET /v2/incident_timestamps`.
    """
    stems = {stem(timestamp.name): timestamp.id for timestamp in reversed(list(timestamps))}
    return next((stems[name] for name in DECLARED_NAMES if name in stems), "")


def declared_at(incident: _Stamped, timestamp: str) -> datetime:
    """Return when an incident was declared: its timestamp if set, else its creation.

    A retrospective incident is created long after it was declared.

    Args:
        incident: The incident.
        timestamp: The ID of the timestamp that means "declared"; "" if there is none.
    """
    for stamped in incident.incident_timestamp_values or ():
        if stamped.incident_timestamp.id == timestamp and stamped.value and stamped.value.value:
            return stamped.value.value
    return incident.created_at


def stem(name: str) -> str:
    """Return a timestamp's name in lower case, without filler words: `reported` for `Reported at`."""
    return " ".join(word for word in re.findall(r"\w+", name.casefold()) if word not in _FILLERS)
