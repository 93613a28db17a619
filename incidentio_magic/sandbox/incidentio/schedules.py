"""On-call schedules: rotations with handovers at local times, working hours, overrides, and who is on call when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from incidentio_magic.sandbox.incidentio.clock import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incidentio_magic.sandbox.vocabulary import Rotation, Schedule, Shift


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Name, time zone, days between handovers, working days, and the first and last working hour.
SCHEDULES: tuple[tuple[str, str, int, int, tuple[int, int] | None], ...] = (
    ("Payments primary", "Europe/London", 7, 7, None),
    ("Search follow-the-day", "America/New_York", 1, 7, None),
    ("Platform office hours", "Europe/Berlin", 7, 5, (9, 17)),  # nobody at night and at the weekend
)
PEOPLE_EACH = 4
HANDOVER = 9


def build(
    identity: Callable[[], str], epoch: datetime, founded: str, users: list[str], teams: list[str]
) -> list[Schedule]:
    """Make the schedules, with an override around the epoch in the first one.

    Args:
        identity: makes identifiers.
        epoch: the end of the seeded history.
        founded: when the schedules were made.
        users: who can be on call.
        teams: the teams that own the schedules, in their order.
    """
    schedules = []
    for position, (name, zone, days, weekdays, hours) in enumerate(SCHEDULES):
        people = [users[(position * PEOPLE_EACH + place) % len(users)] for place in range(PEOPLE_EACH)]
        anchor = datetime.fromisoformat(founded).astimezone(ZoneInfo(zone))
        monday = (anchor - timedelta(days=anchor.weekday())).date()
        rotation: Rotation = {
            "id": identity(),
            "name": "Primary",
            "first_handover": f"{monday}T{HANDOVER:02}:00:00",
            "days": days,
            "users": people,
            "hours": hours and [f"{hour:02}:00" for hour in hours],
            "weekdays": list(WEEKDAYS[:weekdays]),
        }
        schedule: Schedule = {
            "id": identity(),
            "name": name,
            "timezone": zone,
            "team_ids": [teams[position]],
            "rotations": [rotation],
            "overrides": [],
            "created_at": founded,
            "updated_at": founded,
        }
        if not position:
            schedule["overrides"].append(
                {
                    "entry_id": identity(),
                    "rotation_id": rotation["id"],
                    "user": users[-1],
                    "start_at": written(epoch - timedelta(hours=2)),
                    "end_at": written(epoch + timedelta(hours=6)),
                }
            )
        schedules.append(schedule)
    return schedules


def entries(schedule: Schedule, start: datetime, end: datetime) -> dict[str, list[Shift]]:
    """Return the shifts that overlap a window: what the rotations plan, the overrides, and what is in force.

    Args:
        schedule: the schedule.
        start: the beginning of the window.
        end: its end.
    """
    planned = [
        shift
        for rotation in schedule["rotations"]
        for shift in _shifts(rotation, ZoneInfo(schedule["timezone"]), start, end)
    ]
    overrides = [override for override in schedule["overrides"] if _overlap(override, start, end)]
    final = [piece for shift in planned for piece in _left(shift, overrides)] + overrides
    final = [shift for shift in final if _overlap(shift, start, end)]
    return {
        "scheduled": sorted(planned, key=_order),
        "overrides": sorted(overrides, key=_order),
        "final": sorted(final, key=_order),
    }


def _order(shift: Shift) -> tuple[str, str]:
    return shift["start_at"], shift["rotation_id"]


def _overlap(shift: Shift, start: datetime, end: datetime) -> bool:
    return bool(shift["start_at"] < written(end) and shift["end_at"] > written(start))


def _shifts(rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Shift]:
    """Yield a rotation's shifts; handovers keep their local time when the clocks change."""
    first, step = datetime.fromisoformat(rotation["first_handover"]), timedelta(days=rotation["days"])
    number = (start.astimezone(zone).replace(tzinfo=None) - first) // step - 1
    while True:
        begin = first + number * step
        if _utc(begin, zone) >= end:
            return
        for opened, closed in _open(rotation, begin, begin + step):
            shift: Shift = {
                "entry_id": f"{rotation['id']}-{opened:%Y%m%d%H}",
                "rotation_id": rotation["id"],
                "user": rotation["users"][number % len(rotation["users"])],
                "start_at": written(_utc(opened, zone)),
                "end_at": written(_utc(closed, zone)),
            }
            if _overlap(shift, start, end):
                yield shift
        number += 1


def _open(rotation: Rotation, begin: datetime, finish: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a shift within working hours, in local time; the whole shift if there are no hours."""
    if rotation["hours"] is None:
        yield begin, finish
        return
    opens, closes = (time.fromisoformat(hour) for hour in rotation["hours"])
    day = begin.date()
    while day <= finish.date():
        opened = max(begin, datetime.combine(day, opens))
        closed = min(finish, datetime.combine(day, closes))
        if WEEKDAYS[day.weekday()] in rotation["weekdays"] and opened < closed:
            yield opened, closed
        day += timedelta(days=1)


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _left(shift: Shift, overrides: list[Shift]) -> list[Shift]:
    """Return the parts of a shift that no override of the same rotation replaces."""
    pieces = [shift]
    for override in overrides:
        if override["rotation_id"] != shift["rotation_id"]:
            continue
        cut = []
        for piece in pieces:
            before = piece | {"end_at": min(piece["end_at"], override["start_at"])}
            after = piece | {"start_at": max(piece["start_at"], override["end_at"])}
            cut += [part for part in (before, after) if part["start_at"] < part["end_at"]]
        pieces = cut
    return pieces
