"""Understands times as people type them: 4h, 7d, 2026-01-01, 14:05."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_AGO = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_DAYS: Final = frozenset({"now", "today", "yesterday"})
_FORMS: Final = "write it like 4h, 7d, 2026-01-31, 2026-01-31T14:05 or 14:05"
_FORMS_AHEAD: Final = "write it like +4h, 18:00, tomorrow, 2026-01-31 or 2026-01-31T14:05"
_BEFORE: Final = timedelta(hours=6)


def span(since: str, until: str, *, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the bounds that `since` and `until` name, in UTC; an empty text means no bound.

    Args:
        since: A time ago (`4h`), a date (its start), a date and time, or a time of day (the most recent).
        until: The same, but a date means its end.
        now: The current time.
        zone: The time zone of dates and times without one.

    Raises:
        InputError: If a bound cannot be understood, is a local time that occurred twice or never, or `since` is after
            `until`.
    """
    start = _moment(since, now, zone, end=False) if since else None
    finish = _moment(until, now, zone, end=True) if until else None
    if start and finish and start > finish:
        raise InputError(f"since {since} is after until {until}, so nothing matches.", hint="swap the two bounds")
    return start, finish


def ahead(text: str, *, start: datetime, zone: ZoneInfo, end: bool = False) -> datetime:
    """Return a moment that may be in the future, in UTC.

    Args:
        text: `+4h` or `+7d` after the start; `tomorrow`; `18:00`, the first such time after the start; a date, a date
            and time, or `now`. Without the sign, `4h` means four hours ago, or, for an end, four hours after the start.
        start: The moment from which relative times count.
        zone: The time zone of times without one.
        end: Whether the moment is the end of a period: a date then means its end, and `4h` four hours after the start.

    Raises:
        InputError: If it cannot be understood.
    """
    typed = text.strip()
    if (later := _AGO.fullmatch(typed.removeprefix("+"))) and (typed.startswith("+") or end):
        try:
            return start + int(later[1]) * _UNITS[later[2].lower()]
        except OverflowError:
            raise InputError(f"{text!r} is not a time.", hint=_FORMS_AHEAD) from None
    if typed.lower() == "tomorrow":
        return _of_day(start.astimezone(zone).date() + _UNITS["d"], zone, end=end)
    if _CLOCK.fullmatch(typed):
        return _near(start + _BEFORE, typed, zone)
    try:
        return _moment(typed, start, zone, end=end)
    except InputError as error:
        error.hint = _FORMS_AHEAD
        raise


def depends_on_now(text: str) -> bool:
    """Return whether the meaning of `text` depends on the current time: `20m`, `14:05`, `today`."""
    return is_relative(text) or bool(_CLOCK.fullmatch(text.strip()))


def is_relative(text: str) -> bool:
    """Return whether `text` counts from the current time: `20m`, `now`, `yesterday`."""
    text = text.strip()
    return bool(_AGO.fullmatch(text)) or text.lower() in _DAYS


def length(text: str) -> timedelta:
    """Return how long `30m`, `2h` or `1d` is.

    Args:
        text: A number and its unit: s, m, h, d or w.

    Raises:
        InputError: If it cannot be understood, or is zero.
    """
    found = _AGO.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise InputError(f"{text!r} is not a duration.", hint="write it like 30m, 2h or 1d")
    return int(found[1]) * _UNITS[found[2].lower()]


def happened(text: str, *, declared: datetime | None, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when something in an incident happened, in UTC.

    A bare time of day means its first occurrence after six hours before the declaration, so the same cell always means
    the same moment, on any day. Without a declaration, it means the most recent occurrence.

    Args:
        text: `14:05`, a date and time, or a time ago (`20m`).
        declared: When the incident was declared; None if it is about to be declared.
        now: The current time.
        zone: The time zone of times without one.

    Raises:
        InputError: If it cannot be understood, is in the future, or is a local time that occurred twice or never.
    """
    if declared is not None and _CLOCK.fullmatch(text.strip()):
        moment = _near(declared, text, zone)
    else:
        moment = _moment(text, now, zone, end=False)
    if moment > now + timedelta(minutes=1):
        there, day = now.astimezone(zone), (moment - timedelta(days=1)).astimezone(zone)
        is_clock = _CLOCK.fullmatch(text.strip()) is not None
        raise InputError(
            f"{moment:%Y-%m-%d %H:%M} UTC is in the future.",
            hint=f"give the date too, like {day:%Y-%m-%dT%H:%M}"
            if is_clock
            else f"write a time before now, like 20m or {there:%Y-%m-%dT%H:%M}",
        )
    return moment


def within(
    since: str, until: str, *, declared: datetime, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """Return the bounds within an incident that `since` and `until` name, in UTC.

    Args:
        since: As for `span`, but a bare time of day is near the declaration, as for `happened`.
        until: The same.
        declared: When the incident was declared.
        now: The current time.
        zone: The time zone of times without one.

    Raises:
        InputError: If a bound cannot be understood, is a local time that occurred twice or never, or `since` is after
            `until`.
    """
    bounds = [
        _near(declared, text, zone).isoformat() if _CLOCK.fullmatch(text.strip()) else text for text in (since, until)
    ]
    return span(*bounds, now=now, zone=zone)


def _near(declared: datetime, text: str, zone: ZoneInfo) -> datetime:
    """Return the first occurrence of a time of day after six hours before the declaration, in UTC."""
    try:
        clock = _clock(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is not a time of day.", hint=_FORMS) from None
    earliest = (declared - _BEFORE).astimezone(zone)
    moment = datetime.combine(earliest.date(), clock, zone)
    if moment < earliest:
        moment = datetime.combine(earliest.date() + timedelta(days=1), clock, zone)
    return _only(moment)


def _moment(text: str, now: datetime, zone: ZoneInfo, *, end: bool) -> datetime:
    text = text.strip()
    try:
        if ago := _AGO.fullmatch(text):
            return now - int(ago[1]) * _UNITS[ago[2].lower()]
        if text.lower() in _DAYS:
            if text.lower() == "now":
                return now
            day = now.astimezone(zone).date() - timedelta(days=text.lower() == "yesterday")
            return _of_day(day, zone, end=end)
        if _CLOCK.fullmatch(text):
            today = now.astimezone(zone).date()
            moment = datetime.combine(today, _clock(text), zone)
            return _only(moment if moment <= now else datetime.combine(today - _UNITS["d"], _clock(text), zone))
        with suppress(ValueError):
            return _of_day(date.fromisoformat(text), zone, end=end)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else _only(moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise InputError(f"{text!r} is not a time.", hint=_FORMS) from None


def _only(local: datetime) -> datetime:
    """Return the moment of a local time, in UTC.

    Raises:
        InputError: If the clocks changed, so that there is no such time, or there are two.
    """
    offsets = [local.replace(fold=fold).utcoffset() for fold in (0, 1)]
    if offsets[0] == offsets[1]:
        return local.astimezone(UTC)
    moments = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    written = [moment.astimezone(local.tzinfo).isoformat(timespec="minutes") for moment in moments]
    at = f"{local:%Y-%m-%d %H:%M} in {local.tzinfo}"
    if moments[0].astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        raise InputError(
            f"{at} occurred twice, because the clocks went back.",
            hint=f"write {written[0]} (the first) or {written[1]}",
        )
    raise InputError(
        f"There is no {at}: the clocks went forward over it.",
        hint=f"write {written[0]} or {written[1]}, with its offset",
    )


def _clock(text: str) -> time:
    return time.fromisoformat(text.zfill(8 if text.count(":") > 1 else 5))


def _of_day(day: date, zone: ZoneInfo, *, end: bool) -> datetime:
    return datetime.combine(day, time.max if end else time.min, zone).astimezone(UTC)
