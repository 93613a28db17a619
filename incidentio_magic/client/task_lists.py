"""Lists follow-ups and actions: their owners, their statuses, and how many are done."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.filters import EVERY_CATEGORY, EVERY_MODE, IncidentFilter, Window
from incidentio_magic.api.models import MODES, TEST
from incidentio_magic.client._lists import Reading
from incidentio_magic.client.connection import Connection, listed
from incidentio_magic.client.parallel import gather
from incidentio_magic.environment import how_training_ends
from incidentio_magic.frames.tasks import ListedTask
from incidentio_magic.metrics.tasks import task_counts
from incidentio_magic.moments import later
from incidentio_magic.names.numbered import in_order
from incidentio_magic.names.resolution import named
from incidentio_magic.names.times import length, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    import pandas as pd

    from incidentio_magic.api.pagination import Listing
    from incidentio_magic.names.query import Names

    Task = models.FollowUp | models.Action
    SomeIncident = models.Incident | models.NarrowIncident

STATUSES: Final = ("outstanding", "completed", "not_doing", "deleted")
_ALL: Final = "all"
_OF_INCIDENTS: Final = frozenset({"incident", "severity", "mode"})  # properties of a task that come from its incident
_LENGTHS: Final = "write it like 7d, 12h or never"
_BY_ID: Final = 150  # for more incidents than this, the whole list is read instead


class TaskListMixin(Connection):
    """The follow-ups and actions of a connection."""

    def follow_ups(
        self,
        reference: str = "",
        *,
        status: Names = "outstanding",
        owner: str = "",
        team: str = "",
        since: str = "",
        until: str = "",
        mode: Names = (),
        due: Mapping[str, str] | None = None,
        by: Names = (),
        show_private: bool | None = None,
    ) -> pd.DataFrame:
        """Return follow-ups as rows, oldest first; with `by`, count them by group.

        Args:
            reference: Only those of this incident; those of the whole organisation if empty.
            status: Only these statuses: outstanding, completed, not_doing, deleted; or `all`.
            owner: Only those of this person, by name or email address; `none` for those without an owner.
            team: Only those of this team.
            since: Only those created since then: `30d`, `2026-01-31`.
            until: Only those created until then.
            mode: The modes of their incidents: `test`, `all`; standard and retrospective if empty.
            due: How long each may take, by priority name: `{"Urgent": "7d", "": "30d"}`; "" stands for all other
                priorities.
            by: Count those of all statuses by `owner`, `team`, `priority`, `category`, `incident`, `severity`, `mode`,
                `month`, `quarter` or `week`.
            show_private: Whether to show those of private incidents; the connection's setting if None.

        Returns:
            The frame of `Frames.follow_ups`, or of `task_counts`. Source: `GET /v3/follow_ups`, `GET /v2/incidents`.

        Raises:
            UnknownName: If there is no such incident, person, team, status or mode.
            InputError: If a time cannot be understood, or `by` is not a grouping.
        """
        which = _Which(self, status=status, owner=owner, team=team, since=since, until=until, mode=mode, by=listed(by))
        frames = self._frames(show_private)
        return which.frame(reference, self.api.follow_ups, frames.follow_ups, due)

    def actions(
        self,
        reference: str = "",
        *,
        status: Names = "outstanding",
        owner: str = "",
        since: str = "",
        until: str = "",
        mode: Names = (),
        due: str = "",
        by: Names = (),
        show_private: bool | None = None,
    ) -> pd.DataFrame:
        """Return actions as rows, oldest first; with `by`, count them by group.

        Args:
            reference: Only those of this incident; those of the whole organisation if empty.
            status: Only these statuses: outstanding, completed, not_doing, deleted; or `all`.
            owner: Only those of this person, by name or email address; `none` for those without an owner.
            since: Only those created since then: `12h`, `2026-01-31`.
            until: Only those created until then.
            mode: The modes of their incidents: `test`, `all`; standard and retrospective if empty.
            due: How long each may take, such as `2h`.
            by: Count those of all statuses by `owner`, `incident`, `severity`, `mode`, `month`, `quarter` or `week`.
            show_private: Whether to show those of private incidents; the connection's setting if None.

        Returns:
            The frame of `Frames.actions`, or of `task_counts`. Source: `GET /v3/actions`, `GET /v2/incidents`.

        Raises:
            UnknownName: If there is no such incident, person, status or mode.
            InputError: If a time cannot be understood, or `by` is not a grouping.
        """
        which = _Which(self, status=status, owner=owner, team="", since=since, until=until, mode=mode, by=listed(by))
        frames = self._frames(show_private)
        return which.frame(reference, self.api.actions, frames.actions, {"": due} if due else None)

    def _incidents_by_id(self, identities: Iterable[str]) -> tuple[dict[str, SomeIncident], dict[str, str]]:
        """Return the incidents that this key may see, by ID, and why others could not be read."""
        wanted = dict.fromkeys(identities)
        if len(wanted) > _BY_ID:
            which = IncidentFilter(category=EVERY_CATEGORY, modes=EVERY_MODE)
            listing = self.api.narrow_incidents(which, ahead=True)
            every: dict[str, SomeIncident] = {incident.id: incident for incident in listing if incident.id in wanted}
            return every, {"incidents": listing.incomplete} if listing.incomplete else {}
        read = gather({identity: partial(_single, self.api.incident, identity) for identity in wanted})
        found: dict[str, SomeIncident] = {
            identity: source.records[0] for identity, source in read.items() if source.records
        }
        failed = [source.why for source in read.values() if source.state == "failed"]
        return found, {f"{len(failed)} incident{'s' * (len(failed) > 1)}": failed[0]} if failed else {}


class _Which:
    """The filters of a task list, resolved to the organisation's IDs; reads the tasks and makes the frame."""

    def __init__(
        self,
        client: TaskListMixin,
        *,
        status: Names,
        owner: str,
        team: str,
        since: str,
        until: str,
        mode: Names,
        by: Sequence[str],
    ) -> None:
        self._client = client
        vocabulary = client.vocabulary
        self._by = by
        self._statuses = _chosen("status", status, STATUSES)
        self._modes = _modes(mode, training=client.training)
        self._nobody = owner.strip().casefold() == "none"
        self._owner = vocabulary.person(owner).id if owner and not self._nobody else ""
        self._team = vocabulary.find("teams", team).id if team else ""
        vocabulary.severities()  # the response sets the service's clock
        self._now = client.transport.now()
        self._created = Window(*span(since, until, now=self._now, zone=client.settings.zone))

    def frame(
        self, reference: str, listing_of: Callable[..., Listing[Any]], framed: Any, due: Mapping[str, str] | None
    ) -> pd.DataFrame:
        """Return the tasks as a frame.

        Args:
            reference: Their incident; empty for the whole organisation.
            listing_of: Lists tasks.
            framed: Makes the frame from the rows.
            due: How long each may take, by the name of its priority.
        """
        rule = _Due(due, self._now)
        read = Reading()
        missing: dict[str, str] = {}
        incidents: dict[str, SomeIncident] = {}
        tasks: dict[str, Task]
        if reference:
            incident = self._client.incident(reference)
            incidents = {incident.id: incident}
            tasks = read.all(listing_of(incident.id, incident.mode))
        else:
            tasks = {}
            for mode in self._modes:
                tasks |= read.all(listing_of("", mode, created=self._created))
        labels = _places(tasks.values()) if reference or self._created == Window() else {}
        chosen = [task for task in in_order(tasks.values()) if self._means(task)]
        if not reference and (not self._by or _OF_INCIDENTS & set(self._by)):
            incidents, missing = self._client._incidents_by_id(task.incident_id for task in chosen)  # noqa: SLF001  ours
        rows = []
        for task in chosen:
            found = incidents.get(task.incident_id)
            label = f"{found.reference}#{labels[task.id]}" if found and task.id in labels else task.id
            rows.append(ListedTask(task, label, found, rule.due_at(task)))
        frame: pd.DataFrame = framed(rows, now=self._now)
        attrs = read.attrs(self._now, missing)
        if self._by:
            banner = {name: value for name, value in frame.attrs.items() if name == "banner"}
            frame = task_counts(frame, self._by)
            frame.attrs |= banner
        frame.attrs |= attrs
        return frame

    def _means(self, task: Task) -> bool:
        if not self._created.holds(task.created_at):
            return False
        if (task.status == "deleted") if self._by else (self._statuses and task.status not in self._statuses):
            return False
        owner = task.assignee.id if task.assignee else ""
        team = getattr(task, "assignee_team", None)
        return (
            (not self._owner or owner == self._owner)
            and not (self._nobody and owner)
            and (not self._team or (team is not None and team.id == self._team))
        )


class _Due:
    """The user's rule for when a task is due.

    Raises:
        InputError: If a duration cannot be understood.
    """

    def __init__(self, rule: Mapping[str, str] | None, now: datetime) -> None:
        self._rule = {name.strip().casefold(): self._longest(text, now) for name, text in (rule or {}).items()}

    @staticmethod
    def _longest(text: str, now: datetime) -> timedelta | None:
        if text.strip().lower() == "never":
            return None
        try:
            longest = length(text)
            now + longest
        except OverflowError:
            raise errors.InputError(f"{text!r} is too long.", hint=_LENGTHS) from None
        except errors.InputError as error:
            error.hint = _LENGTHS
            raise
        return longest

    def due_at(self, task: Task) -> datetime | None:
        """Return when a task is due; None if the rule does not cover it."""
        priority = getattr(task, "priority", None)
        longest = self._rule.get(priority.name.strip().casefold() if priority else "", self._rule.get(""))
        return None if longest is None else later(task.created_at, longest)


def _single(read: Callable[[str], models.Incident], identity: str) -> list[models.Incident]:
    return [read(identity)]


def _places(tasks: Iterable[Task]) -> dict[str, int]:
    """Return each task's number within its incident."""
    by_incident: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_incident[task.incident_id].append(task)
    return {task.id: place for found in by_incident.values() for place, task in enumerate(in_order(found), 1)}


def _chosen(kind: str, names: Names, known: Sequence[str]) -> list[str]:
    """Return the values that the names mean; an empty list means all."""
    offered = [models.Named(name, name) for name in (*known, _ALL)]
    chosen = [named(kind, name.replace(" ", "_"), offered, lambda value: value.name).name for name in listed(names)]
    return [] if _ALL in chosen else chosen


def _modes(names: Names, *, training: bool) -> list[str]:
    """Return the modes to read, one request each; an empty one means the service's default."""
    listed_names = listed(names)
    chosen = _chosen("mode", listed_names, MODES)
    if training:
        if chosen and TEST not in chosen:
            raise errors.InputError(
                f"Training mode lists only what belongs to test incidents, not {', '.join(chosen)}.",
                hint=how_training_ends(),
            )
        return [TEST]
    return chosen or (list(MODES) if listed_names else [""])
