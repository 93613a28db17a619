"""incident.io in Python: reads return DataFrames, writes return how they ended."""

from __future__ import annotations

import os
import time
from dataclasses import fields, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.api.filters import Choice
from incidentio_magic.api.transport import Transport
from incidentio_magic.drafts import (
    PRIVATE,
    PUBLIC,
    TEST,
    Declaration,
    Edit,
    Event,
    FieldEntry,
    Page,
    Update,
)
from incidentio_magic.frames import Frames, chosen
from incidentio_magic.ledger import Ledger
from incidentio_magic.lookups import Vocabulary, named
from incidentio_magic.moments import happened
from incidentio_magic.selection import NOBODY, Asked, has_options, select
from incidentio_magic.sending import Sender
from incidentio_magic.settings import KEY_VARIABLES, Secret, Settings, zone
from incidentio_magic.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.api.filters import IncidentFilter
    from incidentio_magic.drafts import Draft
    from incidentio_magic.outcomes import Outcome
    from incidentio_magic.selection import Names


def connect(
    base_url: str = "", api_key: str = "", *, announce: Callable[[str], None] | None = None, **settings: Any
) -> Incidents:
    """Return a client for one organisation; nothing is sent yet.

    Args:
        base_url: The API's address; from `INCIDENTIO_BASE_URL` if empty, and else the real service.
        api_key: The API key; from `INCIDENTIO_API_KEY` or `INCIDENT_API_KEY` if empty.
        announce: Called with a line when a wait begins, and with "" when it is over.
        settings: Further fields of `Settings`, such as `timezone="Europe/Berlin"` or `training=True`.

    Raises:
        SettingsError: If there is no key, or the address is not safe to send it to.
    """
    given: dict[str, Any] = dict(settings)
    if base_url:
        given["base_url"] = base_url
    if api_key:
        given["key"] = Secret(api_key)
    try:
        return Incidents(replace(Settings.from_environment(os.environ), **given), announce=announce)
    except TypeError:
        known = [one.name for one in fields(Settings)]
        wrong = ", ".join(sorted(set(given) - set(known)))
        raise errors.SettingsError(f"There is no setting {wrong}.", hint=f"there are: {', '.join(known)}") from None


class Incidents:
    """One organisation's incidents.

    Args:
        settings: How to connect and what to show.
        announce: Called with a line when a wait begins, and with "" when it is over.
        clock: Seconds from any start, never going back.
        sleep: Waits for so many seconds.

    Raises:
        SettingsError: If there is no key, the address is unsafe, or the time zone is unknown.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        announce: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if settings.key is None:
            raise errors.SettingsError(
                "There is no API key.",
                hint=f"set {KEY_VARIABLES[0]}, or practise without one: %incidents sandbox",
            )
        zone(settings.timezone)
        self.settings = settings
        self.transport = Transport(
            settings.base_url,
            settings.key,
            timeout=settings.timeout,
            max_wait=settings.max_wait,
            clock=clock,
            sleep=sleep,
            announce=announce or (lambda _line: None),
        )
        self.api = Api(self.transport)
        self.vocabulary = Vocabulary(self.api, lifetime=settings.cache_seconds, clock=clock)
        self._sender = Sender(self.api, self.vocabulary, settings, sleep=sleep)

    def __repr__(self) -> str:
        return f"Incidents({self.settings.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    # Reads

    def incidents(
        self,
        *,
        limit: int | None = None,
        sort: Names = (),
        columns: Names = (),
        wide: bool = False,
        show_private: bool | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """Return incidents as rows, newest first.

        Args:
            limit: The most rows, or None for all that match.
            sort: Columns to sort by; a leading `-` sorts downwards. `created_at` alone asks for the oldest first.
            columns: Only these columns.
            wide: Whether to add summary, roles, custom fields, timestamps and durations.
            show_private: Whether names of private incidents are shown; as set for the connection if None.
            filters: Which ones; the fields of `Asked`, by name.

        Returns:
            The frame of `Frames.incidents`; `attrs` says whether it is complete, and why not. Source:
            `GET /v2/incidents`.

        Raises:
            UnknownName: If a filter names something the organisation does not have.
            InputError: If filters contradict each other.
        """
        if limit is not None and limit < 1:
            raise errors.InputError(f"A limit of {limit} leaves nothing.", hint="leave it out to get everything")
        asked = _asked(filters)
        order = _listed(sort)
        before = self.transport.requests_made
        self.vocabulary.statuses()  # read first: its answer tells the service's time
        selection = select(
            asked,
            self.vocabulary,
            now=self.transport.now(),
            zone=self.settings.zone,
            training=self.settings.training,
            oldest_first=order == ["created_at"],
        )
        # What is cut on our side must not count towards the limit, so the limit is applied here.
        listing = self.api.incidents(selection.which, limit=None)
        records: list[models.Incident] = []
        seen = 0
        incomplete = ""
        for one in listing:
            seen += 1
            if not selection.admits(one):
                continue
            if limit is not None and len(records) == limit:
                incomplete = f"only the first {limit} were asked for"
                if listing.total is not None and seen - 1 == len(records):
                    incomplete += f", of {listing.total}"
                break
            records.append(one)
        else:
            incomplete = listing.incomplete
        self.vocabulary.saw(records)
        names = self._column_names() if wide or _needs_wide([*order, *_listed(columns)]) else {}
        frame = self._frames(show_private).incidents(records, wide=bool(names) or wide, **names)
        frame = chosen(frame, _listed(columns), order)
        frame.attrs |= {
            "complete": not incomplete,
            "why_incomplete": incomplete,
            "as_of": self.transport.now().isoformat(timespec="seconds"),
            "pages": listing.pages,
            "requests": self.transport.requests_made - before,
            "left_out": _left_out(selection.which),
        }
        return frame

    def incident(self, reference: str) -> models.Incident:
        """Return one incident's record.

        Args:
            reference: `INC-123`, `123`, a permalink or a full ID.

        Raises:
            UnknownName: If there is none that this key may see. Source: `GET /v2/incidents/{id}`.
        """
        return self.vocabulary.incident(reference)

    def show(self, *references: str, show_private: bool | None = None) -> pd.DataFrame:
        """Return one column an incident and one row a property.

        Args:
            references: The incidents.
            show_private: Whether names of private incidents are shown; as set for the connection if None.
        """
        records = [self.incident(one) for one in dict.fromkeys(references)]
        return self._frames(show_private).show(records, **self._column_names())

    def updates(self, reference: str, *, show_private: bool | None = None) -> pd.DataFrame:
        """Return an incident's updates, oldest first. Source: `GET /v2/incident_updates`.

        Args:
            reference: The incident.
            show_private: Whether messages of a private incident are shown; as set for the connection if None.
        """
        incident = self.incident(reference)
        listing = self.api.incident_updates(incident.id)
        frame = self._frames(show_private).updates(list(listing), private=incident.is_private)
        frame.attrs |= {
            "incident": incident.reference,
            "complete": listing.complete,
            "why_incomplete": listing.incomplete,
            "pages": listing.pages,
        }
        return frame

    def severities(self) -> pd.DataFrame:
        """Return the organisation's severities, most severe first. Source: `GET /v1/severities`."""
        return self._frames().severities(self.vocabulary.severities())

    def statuses(self) -> pd.DataFrame:
        """Return its statuses in the order incidents go through them. Source: `GET /v1/incident_statuses`."""
        return self._frames().statuses(self.vocabulary.statuses())

    def types(self) -> pd.DataFrame:
        """Return its incident types, the default first. Source: `GET /v1/incident_types`."""
        return self._frames().types(self.vocabulary.types())

    def roles(self) -> pd.DataFrame:
        """Return its incident roles. Source: `GET /v2/incident_roles`."""
        return self._frames().roles(self.vocabulary.roles())

    def fields(self) -> pd.DataFrame:
        """Return its custom fields and their options. Source: `GET /v2/custom_fields`."""
        fields = self.vocabulary.fields()
        return self._frames().fields(fields, {one.id: self.vocabulary.options(one) for one in fields})

    def timestamps(self) -> pd.DataFrame:
        """Return the timestamps it records. Source: `GET /v2/incident_timestamps`."""
        return self._frames().timestamps(self.vocabulary.timestamps())

    def users(self) -> pd.DataFrame:
        """Return its people, by name. Source: `GET /v2/users`."""
        return self._frames().users(self.vocabulary.users())

    def whoami(self) -> pd.DataFrame:
        """Return who the API key is and what it may do. Source: `GET /v1/identity`."""
        return self._frames().identity(self.vocabulary.identity())

    def log(self) -> pd.DataFrame:
        """Return the writes that this machine made, oldest first, from the local ledger."""
        return self._frames().ledger(Ledger(self.settings.ledger).outcomes())

    # Writes

    def declare(
        self,
        name: str,
        summary: str = "",
        *,
        severity: str = "",
        type: str = "",  # noqa: A002  the field's own name
        status: str = "",
        mode: str = "",
        private: bool | None = None,
        role: Mapping[str, str] | None = None,
        field: Mapping[str, Names] | None = None,
        timestamp: Mapping[str, str] | None = None,
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Declare an incident, once: the same text declares a new one only after the first has ended.

        Args:
            name: What is wrong, in a line.
            summary: More about it, in Markdown.
            severity: The severity's name.
            type: The type's name, or empty for the default.
            status: The first status, or empty for the service's choice.
            mode: standard, retrospective, test or tutorial; standard if empty, test in training mode.
            private: Whether only invited people see it; as the type needs if None.
            role: People by role name.
            field: Values by custom field name.
            timestamp: Moments by timestamp name.
            again: Whether to declare one more while the first is still open.
            dry_run: Whether only to return what would be sent.

        Raises:
            UnknownName: If a name is not known.
            DraftError: If something is missing or contradictory.
            OutcomeUnknown: If it cannot be known whether it was declared.
        """

        def make() -> Declaration:
            words = self.vocabulary
            kind = words.type(type) if type else None
            hidden = private if private is not None else bool(kind and kind.private_incidents_only)
            now = self.transport.now()
            return Declaration(
                name=name,
                summary=summary,
                severity=words.severity(severity) if severity else None,
                type=kind,
                status=words.status(status) if status else None,
                mode=words.mode(mode) if mode else (TEST if self.settings.training else "standard"),
                visibility=PRIVATE if hidden else PUBLIC,
                fields=self._entries(field),
                roles=tuple((words.role(one), words.user(person)) for one, person in (role or {}).items()),
                timestamps=tuple(
                    (words.timestamp(one), happened(at, declared=now, now=now, zone=self.settings.zone))
                    for one, at in (timestamp or {}).items()
                ),
            )

        return self._send(make, again=again, dry_run=dry_run)

    def update(
        self,
        reference: str,
        message: str = "",
        *,
        status: str = "",
        severity: str = "",
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Share an update, once: the same update of the same incident is not shared a second time.

        Args:
            reference: The incident.
            message: What to tell, in Markdown.
            status: The status to move it to.
            severity: The severity to give it.
            again: Whether to share it once more although it was shared already.
            dry_run: Whether only to return what would be sent.

        Raises:
            UnknownName: If a name is not known.
            DraftError: If the update says nothing.
            ValidationFailed: If the service refuses it, such as a status it may not move to.
            OutcomeUnknown: If it cannot be known whether it was shared.
        """

        def make() -> Update:
            return Update(
                self.incident(reference),
                message,
                self.vocabulary.status(status) if status else None,
                self.vocabulary.severity(severity) if severity else None,
            )

        return self._send(make, again=again, dry_run=dry_run)

    def event(
        self,
        reference: str,
        title: str,
        description: str = "",
        *,
        at: str = "",
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Add an item to an incident's timeline, once.

        Args:
            reference: The incident.
            title: What happened, in a line.
            description: More about it, in Markdown.
            at: When: `14:05` (near the declaration), a date and time, or `20m` ago; now if empty.
            again: Whether to add it once more although it is there already.
            dry_run: Whether only to return what would be sent.

        Raises:
            InputError: If the time cannot be read or lies in the future.
            OutcomeUnknown: If it cannot be known whether it was added.
        """

        def make() -> Event:
            incident = self.incident(reference)
            now = self.transport.now()
            when = happened(at, declared=incident.created_at, now=now, zone=self.settings.zone) if at else now
            return Event(incident, title, when.astimezone(UTC), description, timed=bool(at))

        return self._send(make, again=again, dry_run=dry_run)

    def edit(
        self,
        reference: str,
        *,
        name: str | None = None,
        summary: str | None = None,
        call_url: str | None = None,
        severity: str = "",
        status: str = "",
        role: Mapping[str, str] | None = None,
        field: Mapping[str, Names] | None = None,
        timestamp: Mapping[str, str] | None = None,
        notify: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Change an incident's properties; only what differs is sent.

        Args:
            reference: The incident.
            name: A new name, or None to leave it.
            summary: A new summary, or None to leave it.
            call_url: A new call address, or None to leave it.
            severity: A new severity.
            status: A new status.
            role: People by role name; `none` empties a role.
            field: Values by custom field name; `none` unsets a field.
            timestamp: Moments by timestamp name.
            notify: Whether the incident's channel is told.
            dry_run: Whether only to return what would be sent.

        Raises:
            UnknownName: If a name is not known.
            DraftError: If nothing or something impossible was given.
            OutcomeUnknown: If it cannot be known whether it was changed; the message names the fields to check.
        """

        def make() -> Edit:
            words = self.vocabulary
            incident = self.incident(reference)
            now = self.transport.now()
            return Edit(
                incident,
                name=name,
                summary=summary,
                call_url=call_url,
                severity=words.severity(severity) if severity else None,
                status=words.status(status) if status else None,
                fields=self._entries(field),
                roles=tuple(
                    (words.role(one), None if person.strip().lower() in NOBODY else words.user(person))
                    for one, person in (role or {}).items()
                ),
                timestamps=tuple(
                    (
                        words.timestamp(one),
                        happened(at, declared=incident.created_at, now=now, zone=self.settings.zone),
                    )
                    for one, at in (timestamp or {}).items()
                ),
                notify=notify,
            )

        return self._send(make, dry_run=dry_run)

    def page(
        self,
        reference: str,
        title: str = "",
        *,
        path: str = "",
        to: Names = (),
        description: str = "",
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Page an escalation path or people for an incident, once.

        Args:
            reference: The incident.
            title: What the paged people read; the incident's reference and name if empty.
            path: The escalation path's name.
            to: People, by name or email address.
            description: More about it.
            again: Whether to page once more although they were paged already.
            dry_run: Whether only to return what would be sent.

        Raises:
            UnknownName: If a name is not known.
            OutcomeUnknown: If it cannot be known whether they were paged.
        """

        def make() -> Page:
            incident = self.incident(reference)
            subject = incident.reference if incident.is_private else f"{incident.reference}: {incident.name}"
            paths = list(self.api.escalation_paths()) if path else []
            return Page(
                incident,
                title or subject,
                named("escalation path", path, paths, lambda one: one.name) if path else None,
                tuple(self.vocabulary.user(one) for one in _listed(to)),
                description,
            )

        return self._send(make, again=again, dry_run=dry_run)

    def send(self, draft: Draft, *, again: bool = False, dry_run: bool = False) -> Outcome:
        """Send a draft that was built elsewhere; see `Sender.send`."""
        return self._sender.send(draft, again=again, dry_run=dry_run)

    def _send(self, make: Callable[[], Draft], *, again: bool = False, dry_run: bool = False) -> Outcome:
        draft = make()
        try:
            return self._sender.send(draft, again=again, dry_run=dry_run)
        except errors.ValidationFailed:
            # An ID may be out of date: read the names once more, and send again only if that changes the draft.
            self.vocabulary.refresh()
            fresh = make()
            if fresh.payload() == draft.payload():
                raise
            return self._sender.send(fresh, again=again)

    def _entries(self, field: Mapping[str, Names] | None) -> tuple[FieldEntry, ...]:
        entries = []
        for name, value in (field or {}).items():
            custom = self.vocabulary.field(name)
            if isinstance(value, str) and value.strip().lower() in NOBODY:
                entries.append(FieldEntry(custom, ()))
            elif has_options(custom):
                options = tuple(self.vocabulary.option(custom, one) for one in _listed(value))
                entries.append(FieldEntry(custom, options))
            else:
                entries.append(FieldEntry(custom, (value,) if isinstance(value, str) else tuple(value)))
        return tuple(entries)

    def _frames(self, show_private: bool | None = None) -> Frames:
        return Frames(
            self.vocabulary.severities(),
            self.vocabulary.statuses(),
            timezone=self.settings.timezone,
            show_private=self.settings.show_private if show_private is None else show_private,
        )

    def _column_names(self) -> dict[str, Sequence[str]]:
        fields = self.vocabulary.fields()
        return {
            "roles": [one.name for one in self.vocabulary.roles()],
            "fields": [f"{one.name}:numeric" if one.field_type == "numeric" else one.name for one in fields],
            "timestamps": [one.name for one in self.vocabulary.timestamps()],
        }


def _listed(names: Names) -> list[str]:
    parts = names.split(",") if isinstance(names, str) else names
    return [part.strip() for part in parts if part.strip()]


def _asked(filters: Mapping[str, Any]) -> Asked:
    known = {one.name: one for one in fields(Asked)}
    for name in filters:
        if name not in known:
            near = closest(name, known)
            raise errors.InputError(
                f"There is no filter {name!r}.",
                hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
            )
    return Asked(**filters)


def _needs_wide(columns: Iterable[str]) -> bool:
    narrow = Frames().incidents([]).columns
    return any(name.removeprefix("-").casefold() not in narrow for name in columns)


def _left_out(which: IncidentFilter) -> str:
    """Return which incidents the service leaves out by default, so that nobody takes the list for everything."""
    hidden = []
    if not which.modes and not which.any:
        hidden += ["test", "tutorial"]
    if which.category == Choice() and which.status == Choice():
        hidden += ["declined", "canceled", "merged"]
    return ", ".join(hidden)
