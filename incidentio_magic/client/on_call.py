"""Reads who is on call at a moment, and who an escalation path would page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.client.connection import Connection
from incidentio_magic.client.parallel import Source, completeness, gather, reason
from incidentio_magic.environment import USER_VARIABLE
from incidentio_magic.frames.on_call import Responder, ScheduleDuty
from incidentio_magic.names.declaration import declared_at, declared_timestamp
from incidentio_magic.names.lists import split_names
from incidentio_magic.names.references import is_numbered
from incidentio_magic.names.resolution import NameIndex
from incidentio_magic.names.times import ahead
from incidentio_magic.on_call import levels, shifts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_AROUND: Final = timedelta(days=7)  # a gap that begins earlier or ends later is shown without that bound
_HORIZONS: Final = (timedelta(days=14), timedelta(days=60), timedelta(days=240))
_LONGEST: Final = timedelta(days=366)
_GAPS_UNKNOWN: Final = "some shifts could not be read, so gaps are unknown"
_MINE: Final = timedelta(days=14)
_ON_CALL_NOW: Final = frozenset({None, "", "currently_on_call", "currently_on_call_for_rota"})
_NEXT: Final = frozenset({"next_on_call", "next_on_call_for_rota"})


class OnCallMixin(Connection):
    """The schedules of a connection."""

    def oncall(
        self, *schedules: str, at: str | datetime = "", until: str | datetime = "", mine: bool = False, person: str = ""
    ) -> pd.DataFrame:
        """Return who is on call, until when, and who is next. Overrides are marked; a gap is a row with nobody.

        Args:
            schedules: The schedules, by name; all if none is given.
            at: The moment: `18:00`, `tomorrow`, `2026-12-24T18:00`, `+4h`, or an incident such as `INC-291` for the
                moment of its declaration; now if empty.
            until: The end of a period, such as `+7d` or `2026-12-31`: everybody on call from `at` until then is listed.
            mine: Only the shifts of the user in the settings, for the next 14 days if `until` is empty.
            person: Only the shifts of this person, by name or email address.

        Returns:
            The frame of `Frames.on_call`, by schedule and time. `attrs["at"]` is the moment; `attrs["missing"]` says
            which schedules could not be read, and why. If some shifts of a schedule could not be read, it has no rows
            for gaps. Source: `GET /v2/schedules`, `GET /v2/schedule_entries`.

        Raises:
            UnknownName: If there is no such schedule, person or incident.
            InputError: If a time cannot be understood, or the end is not after the beginning.
        """
        known = self.vocabulary.read("schedules")  # read first: the response sets the service's clock
        zone, now = self.settings.zone, self.transport.now()
        start = self._moment_of(at, now) if at else now
        user = self._who(mine=mine, person=person)
        end: datetime | None = start + _MINE if user is not None else None
        if until:
            end = until if isinstance(until, datetime) else ahead(until, start=start, zone=zone, end=True)
        if end is not None and not start < end <= start + _LONGEST:
            raise errors.InputError(
                f"until {until} is not within a year after {start:%Y-%m-%d %H:%M} UTC.", hint="write it like +7d"
            )
        index = NameIndex(known, lambda schedule: schedule.name)
        names = split_names(schedules, lambda name: bool(index.find(name)))
        wanted = [index.resolve("schedule", name) for name in names] if names else known
        read = gather({schedule.id: partial(self._duties, schedule, start, end) for schedule in wanted})
        rows = [row for source in read.values() for row in source.records]
        if user is not None:
            rows = [row for row in rows if row.duty.user is not None and row.duty.user.id == user.id]
        frame = self._frames().on_call(rows)
        frame.attrs |= completeness(
            {schedule.name: read[schedule.id].why for schedule in wanted if read[schedule.id].why}
        )
        frame.attrs |= {
            "at": start.astimezone(zone).isoformat(timespec="seconds"),
            "as_of": now.isoformat(timespec="seconds"),
            "unreadable": dict(sum((source.unreadable for source in read.values()), Counter())),
        }
        return frame

    def responders(self, path: str) -> pd.DataFrame:
        """Return who an escalation path would page now, level by level.

        Args:
            path: The escalation path, by name.

        Returns:
            The frame of `Frames.responders`: each schedule is replaced by the people on call in it. `attrs["ends_in"]`
            says what the path does after its last level. Source: `GET /v2/escalation_paths`, `GET /v2/schedules`.

        Raises:
            UnknownName: If there is no such path.
        """
        return self._responders(self.vocabulary.find("escalation_paths", path))

    def _responders(self, path: models.EscalationPath) -> pd.DataFrame:
        targets = levels.targets(path)
        kinds = {target.target.type for target in targets}
        missing: dict[str, str] = {}
        people: Mapping[str, models.User] = {}
        on_call: Mapping[str, models.Schedule] = {}
        try:
            if "user" in kinds:
                people = {user.id: user for user in self.vocabulary.everyone()}
            if "schedule" in kinds:
                listed = self.api.schedules(with_next_shifts=True).whole()
                on_call = {schedule.id: schedule for schedule in listed}
        except errors.IncidentioError as error:
            missing["people"] = reason(error)
        found = [responder for target in targets for responder in _paged(target, people, on_call)]
        if not targets:  # a templated path does not say its levels
            found = [
                Responder(levels.Target(1, 0, "", models.PathTarget(user.id, "user")), user, "")
                for user in path.current_responders or ()
            ]
            missing["levels"] = "the service does not list the levels of this path, only who it pages first"
        frame = self._frames().responders(found)
        frame.attrs |= {"path": path.name, "ends_in": levels.ends_in(path), **completeness(missing)}
        return frame

    def woken(self, path: models.EscalationPath) -> list[tuple[str, str]]:
        """Return who an escalation path would page now, as text with one line per level.

        Args:
            path: The path.

        Returns:
            For each level, when it is reached and who it pages; then what the path does after its last level, or what
            is unknown.
        """
        frame = self._responders(path)
        lines: dict[str, list[str]] = {}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records"):
            minutes = row["after"].total_seconds() / 60 if row["after"] is not None else None
            after = "" if minutes == 0 else " after a while" if minutes is None else f" after {minutes:g} min"
            level = f"level {row['level']}{after}" + (f", {row['condition']}" if row["condition"] else "")
            schedule = f" ({row['via']})" if row["name"] and row["via"] else ""
            who = f"{row['name']}{schedule}" if row["name"] else f"nobody: {row['via']}"
            lines.setdefault(level, []).append(who + (f", {row['urgency']} urgency" if row["urgency"] else ""))
        found = [(level, "; ".join(people)) for level, people in lines.items()]
        if frame.attrs["ends_in"]:
            found.append(("then", frame.attrs["ends_in"].removeprefix("then ")))
        if frame.attrs["why_incomplete"]:
            found.append(("not known", frame.attrs["why_incomplete"]))
        return found

    def _duties(self, schedule: models.Schedule, start: datetime, end: datetime | None) -> Source:
        """Return a schedule's rows; read shifts as far ahead as needed to find who is next."""
        spans: Sequence[shifts.Span] = ()
        horizon = start
        for horizon in [end + _AROUND] if end is not None else [start + further for further in _HORIZONS]:
            listing = self.api.schedule_entries(schedule.id, start - _AROUND, horizon)
            spans = shifts.joined(listing)
            if end is not None or not listing.complete or shifts.reaches(spans, start, horizon):
                break
        if end is not None:
            duties = shifts.duties_between(spans, start, end, horizon)
        else:
            duties = shifts.duties_at(spans, start, horizon)
        gaps_known = listing.complete and not listing.unreadable
        why = "" if gaps_known else "; ".join(filter(None, (listing.incomplete, _GAPS_UNKNOWN)))
        if not gaps_known:
            duties = [duty for duty in duties if duty.user is not None]
        rotations = {rotation.id: rotation.name for rotation in (schedule.config and schedule.config.rotations) or ()}
        rows = [ScheduleDuty(schedule, duty, rotations.get(duty.rotation_id)) for duty in duties]
        return Source(rows, why=why, unreadable=Counter(listing.unreadable))

    def _moment_of(self, text: str | datetime, now: datetime) -> datetime:
        """Return the moment that a string means: a time, or an incident's declaration."""
        if isinstance(text, datetime):
            return text if text.tzinfo else text.replace(tzinfo=self.settings.zone)
        try:
            return ahead(text, start=now, zone=self.settings.zone)
        except errors.InputError:
            if not is_numbered(text):
                raise
        return declared_at(self.incident(text), declared_timestamp(self.vocabulary.timestamps()))

    def _who(self, *, mine: bool, person: str) -> models.User | None:
        """Return the person whose shifts are wanted; None for everybody."""
        if mine and not self.settings.user:
            raise errors.InputError(
                "An API key does not say who you are.",
                hint=f'say who: %config IncidentMagics.user = "alice@example.com", or set {USER_VARIABLE}',
            )
        name = self.settings.user if mine else person
        return self.vocabulary.user(name) if name else None


def _paged(
    target: levels.Target, people: Mapping[str, models.User], schedules: Mapping[str, models.Schedule]
) -> list[Responder]:
    """Return the people that a target pages now, or one row that says there is nobody."""
    wanted = target.target
    if wanted.type == "user":
        return [Responder(target, people.get(wanted.id), "" if wanted.id in people else wanted.id)]
    if wanted.type != "schedule":
        return [Responder(target, None, levels.shown_target(wanted))]
    schedule = schedules.get(wanted.id)
    if schedule is None:
        return [Responder(target, None, f"schedule {wanted.id}")]
    if wanted.schedule_mode in _ON_CALL_NOW:
        listed = schedule.current_shifts
    elif wanted.schedule_mode in _NEXT:
        listed = schedule.next_shifts
    else:
        return [Responder(target, None, f"all of {schedule.name}")]
    rotation = wanted.selected_rota_id
    users = {
        shift.user.id: shift.user for shift in listed or () if shift.user and rotation in {None, shift.rotation_id}
    }
    return [Responder(target, user, schedule.name) for user in users.values()] or [
        Responder(target, None, schedule.name)
    ]
