"""Adds follow-ups, actions and attachments to incidents, and changes follow-ups and actions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.filters import Window
from incidentio_magic.client.writing import WriteMixin
from incidentio_magic.names import work
from incidentio_magic.names.query import means_nobody
from incidentio_magic.names.resolution import named
from incidentio_magic.writes.drafts import Attachment, NewAction, NewFollowUp, TaskChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.writes.outcome import Outcome

_RECENT: Final = timedelta(days=365)
_SHORTEST_ID: Final = 20


class TaskMixin(WriteMixin):
    """The writes of a connection to follow-ups, actions and attachments."""

    def add_follow_up(
        self,
        reference: str,
        title: str,
        description: str = "",
        *,
        assignee: str = "",
        priority: str = "",
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Add a follow-up to an incident, unless the incident already has a follow-up with this title.

        Args:
            reference: The incident.
            title: What to do, in one line.
            description: Details, in Markdown.
            assignee: The assignee, by name or email address.
            priority: A priority's ID, or its name if a follow-up of the organisation already has it.
            again: Whether to add it even if the incident already has one like it.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If a name is unknown.
            DraftError: If the title is empty or has several lines.
            OutcomeUnknown: If it is unknown whether it was added.

        Sources: `GET /v3/follow_ups`, `POST /v3/follow_ups`.
        """

        def make() -> NewFollowUp:
            incident = self.incident(reference)
            person = self.vocabulary.user(assignee) if assignee else None
            urgency = self._priority(priority, incident) if priority else None
            return NewFollowUp(incident, title, description, person, urgency)

        return self._send(make, again=again, dry_run=dry_run)

    def add_action(
        self, reference: str, description: str, *, assignee: str = "", again: bool = False, dry_run: bool = False
    ) -> Outcome:
        """Add an action to an incident, unless the incident already has an action with this text.

        Args:
            reference: The incident.
            description: What to do, in Markdown; actions have no title.
            assignee: The assignee, by name or email address.
            again: Whether to add it even if the incident already has one like it.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If a name is unknown.
            DraftError: If the text is empty.
            OutcomeUnknown: If it is unknown whether it was added.

        Sources: `GET /v3/actions`, `POST /v3/actions`.
        """

        def make() -> NewAction:
            person = self.vocabulary.user(assignee) if assignee else None
            return NewAction(self.incident(reference), description, person)

        return self._send(make, again=again, dry_run=dry_run)

    def change_follow_up(
        self, follow_up: str, *, status: str = "", assignee: str = "", dry_run: bool = False
    ) -> Outcome:
        """Complete, reopen or reassign a follow-up. Only changes are sent.

        Args:
            follow_up: `INC-7#2`, or the follow-up's ID.
            status: outstanding, completed or not_doing; empty for no change.
            assignee: The new assignee, by name or email address; `none` for nobody, empty for no change.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If there is no such follow-up or person.
            ChangedMeanwhile: If somebody else changed it at the same time.
            OutcomeUnknown: If it is unknown whether it was changed.

        Source: `PUT /v3/follow_ups/{id}`.
        """
        return self._change(models.FollowUp, follow_up, status, assignee, dry_run=dry_run)

    def change_action(self, action: str, *, status: str = "", assignee: str = "", dry_run: bool = False) -> Outcome:
        """Complete, reopen or reassign an action. Only changes are sent.

        Args:
            action: `INC-7#2`, or the action's ID.
            status: outstanding, completed or not_doing; empty for no change.
            assignee: The new assignee, by name or email address; `none` for nobody, empty for no change.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If there is no such action or person.
            ChangedMeanwhile: If somebody else changed it at the same time.
            OutcomeUnknown: If it is unknown whether it was changed.

        Source: `PUT /v3/actions/{id}`.
        """
        return self._change(models.Action, action, status, assignee, dry_run=dry_run)

    def attach(
        self, reference: str, url: str, *, title: str = "", again: bool = False, dry_run: bool = False
    ) -> Outcome:
        """Attach a link to an incident, unless the incident already has a link to this address.

        Args:
            reference: The incident.
            url: The address.
            title: The link's text; the address if empty.
            again: Whether to attach it even if the incident already has it.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If there is no such incident.
            DraftError: If it is not a web address.
            OutcomeUnknown: If it is unknown whether it was attached.

        Sources: `GET /v1/incident_attachments`, `POST /v1/incident_attachments`.
        """

        def make() -> Attachment:
            return Attachment(self.incident(reference), url, title)

        return self._send(make, again=again, dry_run=dry_run)

    def _change(
        self, kind: type[models.FollowUp | models.Action], name: str, status: str, assignee: str, *, dry_run: bool
    ) -> Outcome:
        def make() -> TaskChange:
            task, incident, label = work.task(name, kind, self.api, self.vocabulary)
            unassign = means_nobody(assignee, self.vocabulary.person)
            person = self.vocabulary.user(assignee) if assignee and not unassign else None
            return TaskChange(incident, task, label, status.strip().lower().replace(" ", "_"), person, unassign)

        return self._send(make, dry_run=dry_run)

    def _priority(self, name: str, incident: models.Incident) -> models.Named:
        """Return the priority called `name`.

        The API does not list priorities, so they are collected from follow-ups: those of the incident and of the last
        year, then all others.

        Raises:
            UnknownName: If no follow-up has this priority.
            AmbiguousName: If several priorities have this name.
        """
        known: dict[str, models.Named] = {}
        for follow_ups in self._follow_ups_with_priorities(incident):
            known |= {found.id: found for found in follow_ups}
            try:
                return named("priority", name, list(known.values()), lambda priority: priority.name)
            except errors.UnknownName as error:
                unknown = error
        if len(name.strip()) >= _SHORTEST_ID and name.strip().isalnum():
            return models.Named(name.strip(), name.strip())
        raise errors.UnknownName(
            f"No follow-up has the priority {name!r}, and the API has no list of priorities.",
            hint=f"{unknown.hint}; a priority's ID always works" if known else "give the priority's ID",
        )

    def _follow_ups_with_priorities(self, incident: models.Incident) -> Iterator[list[models.Named]]:
        recent = Window(since=self.transport.now() - _RECENT)
        own, lately = self.api.follow_ups(incident.id, incident.mode), self.api.follow_ups(created=recent)
        yield [follow_up.priority for follow_up in (*own.whole(), *lately.whole()) if follow_up.priority]
        yield [follow_up.priority for follow_up in self.api.follow_ups().whole() if follow_up.priority]
