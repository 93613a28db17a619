"""Calculates with moments that may be unknown or at the edge of the calendar, without failing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.api.models import NO_TIME

if TYPE_CHECKING:
    from datetime import datetime, timedelta, tzinfo


def between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """Return the span from one moment to another; None if one of them is unknown.

    Args:
        start: An aware moment; None or `NO_TIME` if it is unknown.
        end: The same.
    """
    return None if start in {None, NO_TIME} or end in {None, NO_TIME} else end - start


def seconds_between(start: datetime | None, end: datetime | None) -> int | None:
    """Return the whole seconds from one moment to another; None if one of them is unknown.

    Args:
        start: An aware moment; None or `NO_TIME` if it is unknown.
        end: The same.
    """
    span = between(start, end)
    return None if span is None else round(span.total_seconds())


def later(moment: datetime | None, span: timedelta) -> datetime | None:
    """Return the moment after a span; None if the moment is unknown, or the sum is beyond the calendar.

    Args:
        moment: An aware moment; None or `NO_TIME` if it is unknown.
        span: The span.
    """
    if moment is None or moment == NO_TIME:
        return None
    try:
        return moment + span
    except OverflowError:
        return None


def local(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """Return a moment in a time zone; None if it is unknown, or beyond the calendar there.

    Args:
        moment: An aware moment; None or `NO_TIME` if it is unknown.
        zone: The time zone.
    """
    if moment is None or moment == NO_TIME:
        return None
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return None
