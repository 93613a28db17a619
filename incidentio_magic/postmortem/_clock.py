"""Formats moments for a document: the date once per day, short times, and an offset if the hour is ambiguous."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidentio_magic.moments import local

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


_UNKNOWN: Final = "at an unknown time"


@dataclass(frozen=True)
class DocumentClock:
    """Formats moments in one time zone.

    Args:
        zone: The time zone of all times in the document.
    """

    zone: ZoneInfo

    def moment(self, at: datetime) -> str:
        """Return a date and a time to the second: `2026-01-08 20:05:20`."""
        here = self._here(at)
        return f"{here:%Y-%m-%d %H:%M:%S}{_offset(here)}" if here else _UNKNOWN

    def day(self, at: datetime) -> str:
        """Return a day: `Thursday 2026-01-08`."""
        here = self._here(at)
        return f"{here:%A %Y-%m-%d}" if here else _UNKNOWN

    def time(self, at: datetime) -> str:
        """Return a time to the minute: `20:05`, or `02:30+02:00` in an hour that occurs twice."""
        here = self._here(at)
        return f"{here:%H:%M}{_offset(here)}" if here else ""

    def _here(self, at: datetime) -> datetime | None:
        return local(at, self.zone) if at == at else None  # noqa: PLR0124  NaT alone differs from itself


def _offset(local: datetime) -> str:
    """Return the offset of a local time that occurs twice; "" for any other."""
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return local.isoformat()[-6:]
