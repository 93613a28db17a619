"""Columns of moments and of time spans, in microseconds, which cover every year that the service can send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from incidentio_magic.api.models import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
UNSET: Final = int(np.iinfo(np.int64).min)
"""What numpy's NaT is."""

_FIRST: Final = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST: Final = (datetime(9999, 12, 30, tzinfo=UTC) - _EPOCH) // _MICROSECOND
# Before pandas 3 the process ends when a moment before the first of nanoseconds is shown in a zone other than UTC.
_FIRST_OF_NANOSECONDS: Final = (datetime(1677, 9, 22, tzinfo=UTC) - _EPOCH) // _MICROSECOND
EARLIEST: Final = _FIRST_OF_NANOSECONDS if int(pd.__version__.partition(".")[0]) < 3 else _FIRST  # noqa: PLR2004
"""The earliest moment that this pandas can show in zones other than UTC."""

_LONGEST: Final = 2**63 / 1_000_000 - 1  # seconds


def times(moments: Sequence[datetime | None], timezone: str) -> pd.DatetimeIndex:
    """Return moments as a column in a time zone; a moment that is unknown or outside its calendar is NaT.

    Args:
        moments: Aware datetimes, of any year; None or `NO_TIME` for an unknown moment.
        timezone: The time zone in which they are shown.
    """
    numbers = (UNSET if moment is None or moment is NO_TIME else microseconds(moment) for moment in moments)
    return in_zone(np.fromiter(numbers, np.int64, len(moments)), timezone)


def in_zone(numbers: NDArray[np.int64], timezone: str) -> pd.DatetimeIndex:
    """Return moments in a time zone; a moment outside the zone's calendar is NaT.

    Args:
        numbers: Microseconds since 1970, UTC; `UNSET` where there is no moment.
        timezone: The time zone in which they are shown.
    """
    far = (numbers != UNSET) & ((numbers < max(_FIRST, EARLIEST)) | (numbers > _LAST))
    if far.any():
        zone = ZoneInfo(timezone)
        numbers = numbers.copy()
        for row in np.flatnonzero(far):
            if not _reached(int(numbers[row]), zone):
                numbers[row] = UNSET
    utc = pd.DatetimeIndex(numbers.view("datetime64[us]")).tz_localize("UTC")
    return utc.tz_convert(timezone).as_unit("us")


def spans(seconds: Iterable[Any]) -> pd.TimedeltaIndex:
    """Return seconds as a column of time spans; a span that does not fit into 64 bits of microseconds is NaT."""
    numbers = [UNSET if value is None or not abs(value) <= _LONGEST else round(value * 1_000_000) for value in seconds]
    return pd.TimedeltaIndex(np.array(numbers, dtype=np.int64).view("timedelta64[us]"))


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _reached(number: int, zone: ZoneInfo) -> bool:
    if number < EARLIEST and zone.key != "UTC":
        return False
    try:
        (_EPOCH + number * _MICROSECOND).astimezone(zone)
    except OverflowError:
        return False
    return True
