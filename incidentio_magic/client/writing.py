"""The writes of a connection: each method builds a draft and sends it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from numbers import Real
from typing import TYPE_CHECKING, Any, overload

from incidentio_magic import errors
from incidentio_magic.api.models import TEST
from incidentio_magic.client.on_call import OnCallMixin
from incidentio_magic.names.lists import known_by, separated, split_names
from incidentio_magic.names.query import means_no_value, means_nobody
from incidentio_magic.names.times import depends_on_now, happened, is_relative
from incidentio_magic.names.vocabulary import named
from incidentio_magic.writes.drafts import PRIVATE, PUBLIC, Declaration, Edit, Event, FieldEntry, Page, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidentio_magic.api import models
    from incidentio_magic.names.query import Names
    from incidentio_magic.writes.drafts import Draft
    from incidentio_magic.writes.outcome import Outcome


class WriteMixin(OnCallMixin):
    """The writes of a connection."""

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
        field: Mapping[str, Names | float] | None = None,
        timestamp: Mapping[str, str] | None = None,
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Declare an incident, once. The same content declares another incident only after the first one has ended.

        Args:
            name: What is wrong, in one line.
            summary: Details, in Markdown.
            severity: The severity's name.
            type: The incident type's name; the default type if empty.
            status: The initial status; if empty, the service chooses.
            mode: standard, retrospective, test or tutorial; standard if empty, test in training mode.
            private: Whether only invited people can see it; if None, the incident type decides.
            role: People by role name.
            field: Values by custom field name.
            timestamp: Times by timestamp name.
            again: Whether to declare another incident while the first is still open.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If a name is unknown.
            DraftError: If something is missing or contradictory.
            OutcomeUnknown: If it is unknown whether it was declared.
        """

        def make() -> Declaration:
            words = self.vocabulary
            words.identity()  # read first: the response sets the service's clock
            moments = separated(timestamp or {}, known_by(words.timestamp), "timestamp")
            kind = words.type(type) if type else None
            hidden = private if private is not None else bool(kind and kind.private_incidents_only)
            now = self.transport.now()
            return Declaration(
                name=name,
                summary=summary,
                severity=words.severity(severity) if severity else None,
                type=kind,
                status=words.status(status) if status else None,
                mode=words.mode(mode) if mode else (TEST if self.training else "standard"),
                visibility=PRIVATE if hidden else PUBLIC,
                fields=self._entries(field),
                roles=self._assignments(role),
                timestamps=tuple(
                    (words.timestamp(label), happened(at, declared=None, now=now, zone=self.settings.zone))
                    for label, at in moments
                ),
                typed=tuple((words.timestamp(label).id, at.strip()) for label, at in moments if depends_on_now(at)),
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
        """Share an update, once. The same update of the same incident is not shared a second time.

        Args:
            reference: The incident.
            message: The message, in Markdown.
            status: The new status.
            severity: The new severity.
            again: Whether to share it again if it was already shared.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If a name is unknown.
            DraftError: If there is neither a message, nor a status, nor a severity.
            ValidationFailed: If the service rejects the update, for example because the incident may not move to the
                status.
            OutcomeUnknown: If it is unknown whether it was shared.
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
            title: What happened, in one line.
            description: Details, in Markdown.
            at: When it happened: `14:05` (near the declaration), a date and time, or `20m` (ago); now if empty.
            again: Whether to add it again if it is already there.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            InputError: If the time cannot be understood or lies in the future.
            OutcomeUnknown: If it is unknown whether it was added.
        """

        def make() -> Event:
            incident = self.incident(reference)
            now = self.transport.now()
            when = (
                happened(at, declared=self.vocabulary.declared_at(incident), now=now, zone=self.settings.zone)
                if at
                else now
            )
            typed = at if not at or is_relative(at) else None
            return Event(incident, title, when.astimezone(UTC), description, typed=typed)

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
        field: Mapping[str, Names | float] | None = None,
        timestamp: Mapping[str, str] | None = None,
        notify: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Change an incident's properties. Only changes are sent.

        Args:
            reference: The incident.
            name: A new name; None for no change.
            summary: A new summary; None for no change.
            call_url: A new call URL; None for no change.
            severity: A new severity.
            status: A new status.
            role: People by role name; `none` empties a role.
            field: Values by custom field name; `none` unsets a field.
            timestamp: Times by timestamp name.
            notify: Whether to notify the incident's channel.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If a name is unknown.
            DraftError: If there is no change, or an impossible one.
            OutcomeUnknown: If it is unknown whether it was changed; the message names the fields to check.
        """
        for label, at in (timestamp or {}).items():
            if is_relative(at or label.rpartition("=")[2]):
                raise errors.InputError(
                    f"{label}={at} would mean another time each time the cell runs.", hint="give the time, like 14:05"
                )

        def make() -> Edit:
            words = self.vocabulary
            incident = self.incident(reference)
            moments = separated(timestamp or {}, known_by(words.timestamp), "timestamp")
            now = self.transport.now()
            return Edit(
                incident,
                name=name,
                summary=summary,
                call_url=call_url,
                severity=words.severity(severity) if severity else None,
                status=words.status(status) if status else None,
                fields=self._entries(field),
                roles=self._assignments(role, may_be_empty=True),
                timestamps=tuple(
                    (
                        words.timestamp(label),
                        happened(at, declared=self.vocabulary.declared_at(incident), now=now, zone=self.settings.zone),
                    )
                    for label, at in moments
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
            title: The page's title; the incident's reference and name if empty.
            path: The escalation path's name.
            to: People, by name or email address.
            description: The page's details.
            again: Whether to page again if they were already paged.
            dry_run: Whether to send nothing and return the request that would be sent, and who each level of the path
                would page now.

        Raises:
            UnknownName: If a name is unknown.
            OutcomeUnknown: If it is unknown whether they were paged.
        """

        def make() -> Page:
            incident = self.incident(reference)
            subject = incident.reference if incident.is_private else f"{incident.reference}: {incident.name}"
            paths = self.vocabulary.escalation_paths() if path else []
            return Page(
                incident,
                title or subject,
                named("escalation path", path, paths, lambda record: record.name) if path else None,
                tuple(map(self.vocabulary.user, split_names(to, known_by(self.vocabulary.person)))),
                description,
            )

        if not dry_run or not path:
            return self._send(make, again=again, dry_run=dry_run)
        draft = make()
        outcome = self.send(draft, again=again, dry_run=True)
        woken = self.woken(draft.path) if draft.path and outcome.rows else []
        return replace(outcome, rows=(*outcome.rows, *((level, people, "") for level, people in woken)))

    def send(self, draft: Draft, *, again: bool = False, dry_run: bool = False) -> Outcome:
        """Send a draft built elsewhere; see `Sender.send_checked`."""
        return self._sender.send_checked(draft, again=again, dry_run=dry_run)

    def _send(self, make: Callable[[], Draft], *, again: bool = False, dry_run: bool = False) -> Outcome:
        draft = make()
        try:
            return self._sender.send_checked(draft, again=again, dry_run=dry_run)
        except errors.ValidationFailed:
            # An ID may be out of date: read the names again, and send again only if that changes the draft.
            self.vocabulary.refresh()
            fresh = make()
            if fresh.key("") == draft.key(""):
                raise
            return self._sender.send_checked(fresh, again=again, dry_run=dry_run)

    def _entries(self, field: Mapping[str, Names | float] | None) -> tuple[FieldEntry, ...]:
        words = self.vocabulary
        entries = []
        for name, given in separated(field or {}, known_by(words.field), "field"):
            custom = words.field(name)
            value = str(given) if isinstance(given, Real) else given
            if isinstance(value, str) and means_no_value(value, custom, words):
                entries.append(FieldEntry(custom, ()))
            elif custom.has_options:
                entries.append(FieldEntry(custom, tuple(words.options_named(custom, value))))
            else:
                entries.append(FieldEntry(custom, (value,) if isinstance(value, str) else tuple(value)))
        return tuple(entries)

    @overload
    def _assignments(self, role: Mapping[str, str] | None) -> tuple[tuple[models.IncidentRole, models.User], ...]: ...

    @overload
    def _assignments(
        self, role: Mapping[str, str] | None, *, may_be_empty: bool
    ) -> tuple[tuple[models.IncidentRole, models.User | None], ...]: ...

    def _assignments(self, role: Mapping[str, str] | None, *, may_be_empty: bool = False) -> Any:
        words = self.vocabulary
        return tuple(
            (
                words.role(name),
                None if may_be_empty and means_nobody(person, words.person) else words.user(person),
            )
            for name, person in separated(role or {}, known_by(words.role), "role")
        )
