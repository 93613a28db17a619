"""The further parts of an export: the incidents' pages, alerts, actions and follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.api.models import TEST, actor_text
from incidentio_magic.export.columns import TEXT, TIME, Column, columns_of, plain
from incidentio_magic.frames import MASK
from incidentio_magic.metrics.paging import first_acknowledgement, first_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.api.pagination import Listing
    from incidentio_magic.frames import Frames

    IsMeant = Callable[[str], bool]
    Rows = Callable[[Sequence[Any], "_Which"], Iterator[dict[str, Any]]]

_MODES: Final = ("", TEST, "tutorial")  # each request lists tasks of one mode; "" means standard and retrospective


@dataclass(frozen=True)
class _Which:
    """The exported incidents, and the private ones among them."""

    exported: IsMeant
    private: IsMeant
    show_private: bool

    def masked(self, text: str | None, incident_ids: Sequence[str]) -> str | None:
        """Return a text, or the mask if it is about a private incident."""
        hidden = text and not self.show_private and any(map(self.private, incident_ids))
        return MASK if hidden else text


@dataclass(frozen=True)
class Part:
    """A kind of record that belongs to incidents.

    Args:
        name: Its name, and its folder's.
        columns: The columns of its files.
        lists: Returns the lists that hold all of its records.
        rows: Makes rows of records.
    """

    name: str
    columns: tuple[Column, ...]
    lists: tuple[Callable[[Api], Listing[Any]], ...]
    rows: Rows

    def frame(self, frames: Frames, records: Sequence[Any], *, exported: IsMeant, private: IsMeant) -> pd.DataFrame:
        """Return the rows of records that belong to exported incidents; texts about private ones are masked.

        Args:
            frames: Builds the frame.
            records: What was read.
            exported: Whether an incident is exported, by its ID.
            private: Whether an incident is private, by its ID.
        """
        rows = list(self.rows(records, _Which(exported, private, frames.show_private)))
        kinds = {TEXT: TEXT, TIME: frames.time}
        built = [(column.name, kinds[column.dtype], [row[column.name] for row in rows]) for column in self.columns]
        return plain(frames.built(built))


def _pages(records: Sequence[models.Escalation], which: _Which) -> Iterator[dict[str, Any]]:
    for page in records:
        related = [incident.id for incident in page.related_incidents or ()]
        acknowledged = first_acknowledgement(page)
        by = [
            user.name
            for event in page.events
            if event.event == "acked" and event.occurred_at == acknowledged
            for user in event.users or ()
        ]
        for identity in filter(which.exported, dict.fromkeys(related)):
            yield {
                "id": f"{page.id}/{identity}",
                "incident_id": identity,
                "page_id": page.id,
                "title": which.masked(page.title, related),
                "status": page.status,
                "priority": page.priority.name if page.priority else None,
                "escalation_path_id": page.escalation_path_id,
                "acknowledged_by": ", ".join(by) or None,
                "created_at": page.created_at,
                "paged_at": first_page(page),
                "acknowledged_at": acknowledged,
            }


def _alerts(records: Sequence[models.IncidentAlert], which: _Which) -> Iterator[dict[str, Any]]:
    for link in records:
        alert, identity = link.alert, link.incident.id
        if which.exported(identity):
            yield {
                "id": link.id,
                "incident_id": identity,
                "alert_id": alert.id,
                "title": which.masked(alert.title, [identity]),
                "status": alert.status,
                "alert_source_id": alert.alert_source_id,
                "deduplication_key": which.masked(alert.deduplication_key, [identity]),
                "source_url": which.masked(alert.source_url, [identity]),
                "created_at": alert.created_at,
                "resolved_at": alert.resolved_at,
            }


def _tasks(records: Sequence[models.Action | models.FollowUp], which: _Which) -> Iterator[dict[str, Any]]:
    for task in records:
        identity = task.incident_id
        if which.exported(identity):
            priority, team = getattr(task, "priority", None), getattr(task, "assignee_team", None)
            creator, kind = actor_text(task.creator)
            yield {
                "id": task.id,
                "incident_id": identity,
                "title": which.masked(getattr(task, "title", None), [identity]),
                "description": which.masked(task.description, [identity]),
                "status": task.status,
                "priority": priority.name if priority else None,
                "creator": which.masked(creator, [identity]) if kind == "alert" else creator,
                "creator_kind": kind,
                "assignee": task.assignee.name if task.assignee else None,
                "assignee_team": team.name if team else None,
                "created_at": task.created_at,
                "updated_at": task.updated_at,
                "completed_at": task.completed_at,
            }


def _of_mode(name: str, mode: str, api: Api) -> Listing[Any]:
    lists: dict[str, Callable[[str, str], Listing[Any]]] = {"actions": api.actions, "follow_ups": api.follow_ups}
    return lists[name]("", mode)


PARTS: Final = (
    Part(
        "pages",
        columns_of(
            "id incident_id page_id title status priority escalation_path_id acknowledged_by",
            "created_at paged_at acknowledged_at",
        ),
        (lambda api: api.escalations(),),
        _pages,
    ),
    Part(
        "alerts",
        columns_of(
            "id incident_id alert_id title status alert_source_id deduplication_key source_url",
            "created_at resolved_at",
        ),
        (lambda api: api.incident_alerts(),),
        _alerts,
    ),
    Part(
        "actions",
        columns_of(
            "id incident_id description status creator creator_kind assignee", "created_at updated_at completed_at"
        ),
        tuple(partial(_of_mode, "actions", mode) for mode in _MODES),
        _tasks,
    ),
    Part(
        "follow_ups",
        columns_of(
            "id incident_id title description status priority creator creator_kind assignee assignee_team",
            "created_at updated_at completed_at",
        ),
        tuple(partial(_of_mode, "follow_ups", mode) for mode in _MODES),
        _tasks,
    ),
)
"""The optional parts of an export; each needs few requests for the whole organisation."""
