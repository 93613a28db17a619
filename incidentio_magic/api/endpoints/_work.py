"""The endpoints of actions and follow-ups: work during an incident and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.api import models
from incidentio_magic.api.endpoints._base import Endpoints, Pairs, given, is_about, quoted
from incidentio_magic.api.filters import ALWAYS, Window
from incidentio_magic.api.wire import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.api.pagination import Listing


class WorkEndpoints(Endpoints):
    """Actions and follow-ups, of an incident or of the whole organisation.

    Each request lists the tasks of incidents with one mode; test incidents are left out unless their mode is given. The
    service cannot filter by status. Creating and changing have no idempotency key, so neither is repeated without a
    check.
    """

    def actions(
        self, incident_id: str = "", mode: str = "", *, created: Window = ALWAYS, updated: Window = ALWAYS
    ) -> Listing[models.Action]:
        """List actions.

        Args:
            incident_id: Only those of this incident, by its full ID.
            mode: The mode of the incidents; empty for standard and retrospective.
            created: When the action was created; the service filters by whole days.
            updated: When the action was last changed; the service filters by whole days.
        """
        query = _which(incident_id, mode, created, updated)
        return self._list("/v3/actions", "actions", models.Action, query)

    def action(self, identity: str) -> models.Action:
        """Return one action."""
        request = Request("GET", f"/v3/actions/{quoted(identity)}")
        return self._record_about(request, "action", models.Action, lambda found: found.id == identity)

    def create_action(self, body: Mapping[str, Any]) -> models.Action:
        """Add an action to an incident."""
        request = Request("POST", "/v3/actions", body=body)
        return self._record_about(request, "action", models.Action, lambda found: is_about(found.incident_id, body))

    def update_action(self, identity: str, body: Mapping[str, Any]) -> models.Action:
        """Replace an action's description, status and assignee."""
        request = Request("PUT", f"/v3/actions/{quoted(identity)}", body=body)
        return self._record_about(request, "action", models.Action, lambda found: found.id == identity)

    def follow_ups(
        self,
        incident_id: str = "",
        mode: str = "",
        *,
        created: Window = ALWAYS,
        updated: Window = ALWAYS,
        assignee_team_id: str = "",
    ) -> Listing[models.FollowUp]:
        """List follow-ups.

        Args:
            incident_id: Only those of this incident, by its full ID.
            mode: The mode of the incidents; empty for standard and retrospective.
            created: When the follow-up was created; the service filters by whole days.
            updated: When the follow-up was last changed; the service filters by whole days.
            assignee_team_id: Only those assigned to this team.
        """
        query = (*_which(incident_id, mode, created, updated), *given(assignee_team_id=assignee_team_id))
        return self._list("/v3/follow_ups", "follow_ups", models.FollowUp, query)

    def follow_up(self, identity: str) -> models.FollowUp:
        """Return one follow-up."""
        request = Request("GET", f"/v3/follow_ups/{quoted(identity)}")
        return self._record_about(request, "follow_up", models.FollowUp, lambda found: found.id == identity)

    def create_follow_up(self, body: Mapping[str, Any]) -> models.FollowUp:
        """Add a follow-up to an incident."""
        request = Request("POST", "/v3/follow_ups", body=body)
        return self._record_about(
            request, "follow_up", models.FollowUp, lambda found: is_about(found.incident_id, body)
        )

    def update_follow_up(self, identity: str, body: Mapping[str, Any]) -> models.FollowUp:
        """Replace a follow-up's title, status and details."""
        request = Request("PUT", f"/v3/follow_ups/{quoted(identity)}", body=body)
        return self._record_about(request, "follow_up", models.FollowUp, lambda found: found.id == identity)


def _which(incident_id: str, mode: str, created: Window, updated: Window) -> Pairs:
    return (
        *given(incident_id=incident_id, incident_mode=mode),
        *created.pairs("created_at"),
        *updated.pairs("updated_at"),
    )
