"""Responds to pages: acknowledges, cancels and snoozes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidentio_magic.api.models import MASK
from incidentio_magic.client.writing import WriteMixin
from incidentio_magic.names import work
from incidentio_magic.names.times import length
from incidentio_magic.writes.drafts import PageResponse
from incidentio_magic.writes.drafts.page_response import ACKNOWLEDGE, AFTERWARDS, CANCEL, SNOOZE

if TYPE_CHECKING:
    from datetime import timedelta

    from incidentio_magic.writes.outcome import Outcome


class ResponseMixin(WriteMixin):
    """The methods of a connection that respond to pages, in the name of its API key."""

    def acknowledge(self, page: str, *, dry_run: bool = False) -> Outcome:
        """Acknowledge a page, so that nobody else is paged. An acknowledged page stays acknowledged.

        Args:
            page: `INC-7#2`, the page's ID, or `INC-7` if exactly one of its pages is waiting.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If there is no such page.
            AmbiguousName: If several pages of the incident are waiting.
            OutcomeUnknown: If it is unknown whether the page was acknowledged.

        Source: `POST /v2/escalations/{id}/actions/respond`.
        """
        return self._respond(ACKNOWLEDGE, page, dry_run=dry_run)

    def cancel(self, page: str, *, dry_run: bool = False) -> Outcome:
        """Cancel a page, so that nobody else is paged. A cancelled page stays cancelled.

        Args:
            page: `INC-7#2`, the page's ID, or `INC-7` if exactly one of its pages is waiting.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            UnknownName: If there is no such page.
            AmbiguousName: If several pages of the incident are waiting.
            OutcomeUnknown: If it is unknown whether the page was cancelled.

        Source: `POST /v2/escalations/{id}/actions/cancel`.
        """
        return self._respond(CANCEL, page, dry_run=dry_run)

    def snooze(
        self, page: str, duration: str, *, reason: str = "", again: bool = False, dry_run: bool = False
    ) -> Outcome:
        """Snooze a page, which pages again after the duration.

        Args:
            page: `INC-7#2`, the page's ID, or `INC-7` if exactly one of its pages is waiting.
            duration: How long to snooze: `30m`, `2h`.
            reason: Why it is snoozed; shown with the page.
            again: Whether to snooze the page again if it is already snoozed.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            InputError: If the duration cannot be understood.
            UnknownName: If there is no such page.
            AmbiguousName: If several pages of the incident are waiting.
            OutcomeUnknown: If it is unknown whether the page was snoozed.

        Source: `POST /v2/escalations/{id}/actions/respond`.
        """
        return self._respond(SNOOZE, page, duration=length(duration), reason=reason, again=again, dry_run=dry_run)

    def _respond(
        self,
        verb: str,
        page: str,
        *,
        duration: timedelta | None = None,
        reason: str = "",
        again: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        escalation, incident = work.page(page, self.api, self.vocabulary, wanted=AFTERWARDS[verb])
        is_private = incident is not None and incident.is_private
        is_private = is_private or any(about.visibility == "private" for about in escalation.related_incidents or ())
        title = MASK if is_private and not self.settings.show_private else escalation.title
        until = self.transport.now() + duration if duration else None
        draft = PageResponse(verb, escalation, title, incident, until, reason)
        return self.send(draft, again=again, dry_run=dry_run)
