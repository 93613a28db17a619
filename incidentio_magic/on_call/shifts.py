"""The shifts of a schedule as spans of time: who is on call, who is next, and the gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidentio_magic.api import models

ON_CALL: Final = "on call"
NEXT: Final = "next"
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Duty:
    """A span of time in a schedule.

    Args:
        start: Its beginning; None if it began before the period that was read.
        end: Its end; None if it ends after the period that was read.
        state: on call, next, or nobody (a gap that no rotation covers).
        user: Who is on call; None for a gap.
        rotation_id: The rotation.
        is_override: Whether an override put this person on call.
    """

    start: datetime | None
    end: datetime | None
    state: str
    user: models.User | None = None
    rotation_id: str = ""
    is_override: bool = False


@dataclass(frozen=True)
class Span:
    """A person's uninterrupted time in a rotation."""

    start: datetime
    end: datetime
    user: models.User
    rotation_id: str
    is_override: bool


def joined(shifts: Iterable[models.ShiftInForce]) -> list[Span]:
    """Return shifts as spans, in order; consecutive shifts of a person in the same rotation become one span.

    Args:
        shifts: The shifts in force. A shift without a person covers nothing.
    """
    spans: list[Span] = []
    last: dict[tuple[str, str, bool], int] = {}
    for shift in sorted(shifts, key=lambda shift: (shift.start_at, shift.end_at)):
        if shift.user is None or shift.end_at <= shift.start_at:
            continue
        key = (shift.rotation_id or "", shift.user.id, shift.is_override)
        place = last.get(key)
        if place is not None and shift.start_at <= spans[place].end:
            spans[place] = replace(spans[place], end=max(spans[place].end, shift.end_at))
            continue
        last[key] = len(spans)
        spans.append(Span(shift.start_at, shift.end_at, shift.user, key[0], shift.is_override))
    return spans


def gaps(spans: Sequence[Span], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the times between two moments that no span covers.

    Args:
        spans: All spans of a schedule, in order.
        start: The first moment.
        end: The last moment.
    """
    found = []
    covered = start
    for span in spans:
        if span.start > covered and covered < end:
            found.append((covered, min(span.start, end)))
        covered = max(covered, span.end)
    if covered < end:
        found.append((covered, end))
    return found


def duties_at(spans: Sequence[Span], moment: datetime, horizon: datetime) -> list[Duty]:
    """Return who is on call at a moment, who is next in each rotation, and the gaps until then.

    Args:
        spans: All spans of a schedule, in order, from before the moment to the horizon.
        moment: The moment.
        horizon: How far ahead the spans were read.
    """
    current = [span for span in spans if span.start <= moment < span.end]
    following = [span for span in spans if span.start > moment]
    first = {span.rotation_id: span.start for span in reversed(following)}
    upcoming = [span for span in following if span.start == first[span.rotation_id]]
    until = max((span.start for span in upcoming), default=horizon)
    found = [_duty(span, ON_CALL) for span in current] + [_duty(span, NEXT) for span in upcoming]
    return _ordered([*found, *_uncovered(spans, moment, until, horizon)])


def duties_between(spans: Sequence[Span], start: datetime, end: datetime, horizon: datetime) -> list[Duty]:
    """Return everybody who is on call between two moments, and the gaps.

    Args:
        spans: All spans of a schedule, in order, from before the first moment to the horizon.
        start: The first moment.
        end: The last moment.
        horizon: How far ahead the spans were read.
    """
    found = [
        _duty(span, ON_CALL if span.start <= start else NEXT) for span in spans if span.start < end and span.end > start
    ]
    return _ordered([*found, *_uncovered(spans, start, end, horizon)])


def reaches(spans: Sequence[Span], moment: datetime, horizon: datetime) -> bool:
    """Return whether spans read up to a horizon say when every current shift ends, and who is next.

    Args:
        spans: All spans of a schedule, in order.
        moment: The moment in question.
        horizon: How far ahead they were read.
    """
    rotations = {span.rotation_id for span in spans}
    following = {span.rotation_id for span in spans if span.start > moment}
    return bool(spans) and rotations == following and all(span.end < horizon for span in spans if span.start <= moment)


def _uncovered(spans: Sequence[Span], start: datetime, end: datetime, horizon: datetime) -> list[Duty]:
    """Return the gaps in full, even if they begin or end outside the two moments."""
    found = []
    for first, last in gaps(spans, start, end):
        before = max((span.end for span in spans if span.end <= first), default=None)
        after = min((span.start for span in spans if span.start >= last), default=None)
        found.append(Duty(first if first > start else before, last if last < min(end, horizon) else after, NOBODY))
    return found


def _duty(span: Span, state: str) -> Duty:
    return Duty(span.start, span.end, state, span.user, span.rotation_id, span.is_override)


def _ordered(duties: list[Duty]) -> list[Duty]:
    """Return duties in order of their beginning; those that began before the period that was read come first."""
    endless = float("inf")
    return sorted(
        duties,
        key=lambda duty: (
            duty.start.timestamp() if duty.start else -endless,
            duty.end.timestamp() if duty.end else endless,
            duty.user.id if duty.user else "",
        ),
    )
