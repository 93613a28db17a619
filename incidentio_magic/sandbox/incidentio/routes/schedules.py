"""On-call schedules, and who is on call in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, request

from incidentio_magic.sandbox.http.context import answer, query, service
from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.pagination import page_of
from incidentio_magic.sandbox.incidentio.clock import parsed, shown, written
from incidentio_magic.sandbox.incidentio.organisation import DASHBOARD
from incidentio_magic.sandbox.incidentio.schedules import entries

if TYPE_CHECKING:
    from flask import Response

    from incidentio_magic.sandbox.attached_answers import (
        Handover,
        ShownRotation,
        ShownSchedule,
        ShownShift,
        WorkingInterval,
    )
    from incidentio_magic.sandbox.http.queries import Query
    from incidentio_magic.sandbox.vocabulary import Rotation, Schedule, Shift

blueprint = Blueprint("schedules", __name__)

LARGEST_PAGE = 10_000
NEXT_SHIFTS_UP_TO = 25
# Guesses: the service says only that there is a sensible window and that long lists have pages. If they are wrong, the
# real window or page is another: a client names its window and follows `after`.
WINDOW = timedelta(days=14)
LONGEST_WINDOW = timedelta(days=366)
ENTRIES_PER_PAGE = 100


@blueprint.get("/v2/schedules")
def schedules() -> Response:
    """List the schedules with who is on call now; small pages also name who is next."""
    parameters = query()
    chosen, meta = page_of(parameters, list(service().organisation["schedules"].values()), largest=LARGEST_PAGE)
    with_next = meta["page_size"] <= NEXT_SHIFTS_UP_TO
    total = {"total_record_count": len(service().organisation["schedules"])}
    shown = [_shown(_existing(schedule["id"]), with_next=with_next) for schedule in chosen]
    return answer({"schedules": shown, "pagination_meta": {**meta, **total}})


@blueprint.get("/v2/schedules/<identity>")
def schedule(identity: str) -> Response:
    """Show a schedule."""
    query().check()
    return answer({"schedule": _shown(_existing(identity), with_next=True)})


@blueprint.get("/v2/schedule_entries")
def schedule_entries() -> Response:
    """List a schedule's shifts in a window: as planned, the overrides, and what is in force."""
    parameters = query()
    identity = parameters.text("schedule_id", required=True)
    start = _moment(parameters, "entry_window_start", service().now())
    end = _moment(parameters, "entry_window_end", start + WINDOW)
    if end <= start or end - start > LONGEST_WINDOW:
        parameters.blame("entry_window_end", "the window must end after it starts, within a year")
    parameters.check()
    found = entries(_existing(identity or ""), start, end)
    answered: dict[str, object] = {}
    if len(found["final"]) > ENTRIES_PER_PAGE:
        cut = found["final"][ENTRIES_PER_PAGE - 1]["end_at"]
        found = {kind: [shift for shift in shifts if shift["start_at"] < cut] for kind, shifts in found.items()}
        following = {"schedule_id": identity, "entry_window_start": cut, "entry_window_end": written(end)}
        url = f"{request.base_url}?{urlencode(following)}"
        answered["pagination_meta"] = {"after": cut, "after_url": url}
    lists = {kind: [_shift(shift) for shift in shifts] for kind, shifts in found.items()}
    return answer({"schedule_entries": lists, **answered})


def _moment(parameters: Query, name: str, default: datetime) -> datetime:
    value = parameters.text(name)
    if value is None:
        return default
    try:
        return parsed(value)
    except (ValueError, OverflowError):
        parameters.blame(name, f"{value!r} is not a time")
        return default


def _existing(identity: str) -> Schedule:
    found = service().organisation["schedules"].get(identity)
    if found is None:
        raise not_found("schedule")
    return found


def _shift(shift: Shift) -> ShownShift:
    return {
        "entry_id": shift["entry_id"],
        "fingerprint": f"{shift['entry_id']}-{shift['start_at']}",
        "rotation_id": shift["rotation_id"],
        "start_at": shown(shift["start_at"]),
        "end_at": shown(shift["end_at"]),
        "user": service().renderer.user(shift["user"]),
    }


def _shown(schedule: Schedule, *, with_next: bool) -> ShownSchedule:
    now = service().now()
    final = entries(schedule, now, now + WINDOW)["final"]
    moment = written(now)
    coming = {shift["rotation_id"]: shift for shift in reversed(final) if shift["start_at"] > moment}
    shown_schedule: ShownSchedule = {
        "id": schedule["id"],
        "name": schedule["name"],
        "timezone": schedule["timezone"],
        "team_ids": schedule["team_ids"],
        "annotations": {},
        "permalink": f"{DASHBOARD}/on-call/schedules/{schedule['id']}",
        "config": {"rotations": [_rotation(schedule, rotation) for rotation in schedule["rotations"]]},
        "created_at": shown(schedule["created_at"]),
        "updated_at": shown(schedule["updated_at"]),
        "current_shifts": [_shift(shift) for shift in final if shift["start_at"] <= moment],
    }
    if with_next:
        shown_schedule["next_shifts"] = [_shift(shift) for shift in coming.values()]
    return shown_schedule


def _rotation(schedule: Schedule, rotation: Rotation) -> ShownRotation:
    hours = rotation["hours"]
    intervals: list[WorkingInterval] = [
        {"weekday": weekday, "start_time": hours[0], "end_time": hours[1]} for weekday in rotation["weekdays"] if hours
    ]
    weekly = rotation["days"] % 7 == 0
    handover: Handover = {"interval": 1, "interval_type": "weekly" if weekly else "daily"}
    return {
        "id": rotation["id"],
        "name": rotation["name"],
        "handover_start_at": shown(schedule["created_at"]),
        "handovers": [handover],
        "layers": [{"id": rotation["id"], "name": "Layer 1"}],
        "users": [service().renderer.user(user) for user in rotation["users"]],
        "working_intervals": intervals,
    }
