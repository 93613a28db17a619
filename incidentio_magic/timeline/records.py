"""The records that a timeline is merged from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incidentio_magic.api import models


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


UNREADABLE: Final = "an incident that cannot be read"
"""Replaces the reference of an incident that was deleted or that the key may not see."""

R = TypeVar("R", bound=_HasId)

DEFAULT_SOURCES: Final = (
    "timeline",
    "activity",
    "updates",
    "escalations",
    "alerts",
    "actions",
    "follow_ups",
    "timestamps",
    "calls",
    "postmortems",
)
"""The default sources, the most authoritative first."""

SOURCES: Final = (*DEFAULT_SOURCES, "transcripts", "workflows")
"""All sources; the last ones are read only on request."""


@dataclass(frozen=True)
class Records:
    """The records of an incident; a source that was not read is empty.

    Args:
        incident: The incident; its timestamps are a source.
        timeline: The items of its curated timeline.
        activity: Its activity log, including its streams'.
        updates: Its updates.
        escalations: The escalations related to it.
        alerts: The alerts attached to it.
        actions: Its actions.
        follow_ups: Its follow-ups.
        calls: Its calls.
        postmortems: Its postmortem documents.
        transcripts: The transcripts of its calls.
        workflows: The workflow runs about it.
        timestamps: Whether to include the incident's timestamps.
        others: Other incidents that the records mention, by full ID, if they could be read: its streams, and the
            incident it was merged into.
    """

    incident: models.Incident
    timeline: Sequence[models.TimelineItem] = ()
    activity: Sequence[models.ActivityLogEntry] = ()
    updates: Sequence[models.IncidentUpdate] = ()
    escalations: Sequence[models.Escalation] = ()
    alerts: Sequence[models.IncidentAlert] = ()
    actions: Sequence[models.Action] = ()
    follow_ups: Sequence[models.FollowUp] = ()
    calls: Sequence[models.CallSession] = ()
    postmortems: Sequence[models.PostmortemDocument] = ()
    transcripts: Sequence[models.CallTranscriptEntry] = ()
    workflows: Sequence[models.WorkflowRun] = ()
    timestamps: bool = True
    others: Mapping[str, models.Incident] = field(default_factory=dict)

    def reference(self, incident_id: str) -> str:
        """Return the reference of the incident or stream with this ID, never the ID itself."""
        known = self._known(incident_id)
        return known.reference if known else UNREADABLE

    def is_private(self, incident_id: str) -> bool:
        """Return whether the incident or stream with this ID is private or cannot be read."""
        known = self._known(incident_id)
        return self.incident.is_private or known is None or known.is_private

    def _known(self, incident_id: str) -> models.Incident | None:
        return self.incident if incident_id == self.incident.id else self.others.get(incident_id)


def unique(records: Iterable[R]) -> list[R]:
    """Return each record once, by its ID."""
    return list({record.id: record for record in records}.values())
