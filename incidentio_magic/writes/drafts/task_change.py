"""A follow-up or an action about to be completed, reopened or reassigned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from incidentio_magic.api import models
from incidentio_magic.writes.drafts.intents import Row, incident_row, intent_key

if TYPE_CHECKING:
    from typing import Self

STATUSES = ("outstanding", "completed", "not_doing")
"""The statuses that can be set; deletion is a separate operation of the API."""


@dataclass(frozen=True, repr=False)
class TaskChange:
    """A change of a follow-up's or an action's status or assignee.

    Args:
        incident: The incident it belongs to.
        task: The follow-up or action as it was read.
        label: Its label in messages: `INC-7#2`.
        status: Its new status; empty for no change.
        assignee: Its new assignee; None for no change.
        unassign: Whether to remove the assignee.
    """

    incident: models.Incident
    task: models.FollowUp | models.Action
    label: str
    status: str = ""
    assignee: models.User | None = None
    unassign: bool = False

    @property
    def is_follow_up(self) -> bool:
        """Whether the task is a follow-up, not an action."""
        return isinstance(self.task, models.FollowUp)

    @property
    def noun(self) -> str:
        """The kind of task, for messages."""
        return "follow-up" if self.is_follow_up else "action"

    @property
    def verb(self) -> str:
        """The verb, for the ledger."""
        return "change_follow_up" if self.is_follow_up else "change_action"

    @property
    def title(self) -> str:
        """The first line of the task's text."""
        task = self.task
        text = task.title if isinstance(task, models.FollowUp) else task.description
        return text.strip().partition("\n")[0]

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"change the {self.noun} {self.label}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"the {self.noun} {self.label} was changed"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents {'follow_ups' if self.is_follow_up else 'actions'} {self.incident.reference}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        problems = {}
        if not self._wanted():
            problems["changes"] = "there is nothing to change: give a status or an assignee"
        if self.status and self.status not in STATUSES:
            problems["status"] = f"{self.status!r} cannot be set; it is one of {', '.join(STATUSES)}"
        return problems

    def _wanted(self) -> dict[str, str]:
        wanted = {"status": self.status} if self.status else {}
        if self.assignee or self.unassign:
            wanted["assignee"] = self.assignee.id if self.assignee else ""
        return wanted

    def found(self, task: models.FollowUp | models.Action) -> dict[str, str]:
        """Return `task`'s value of each property that would change."""
        has = {"status": task.status, "assignee": task.assignee.id if task.assignee else ""}
        return {name: has[name] for name in self._wanted()}

    def is_done(self, task: models.FollowUp | models.Action) -> bool:
        """Return whether `task` already has the wanted values."""
        return self.found(task) == self._wanted()

    def of(self, task: models.FollowUp | models.Action) -> Self:
        """Return the same change for a task that was read again."""
        return replace(self, task=task)

    def payload(self) -> dict[str, Any]:
        """Return the body for `PUT /v3/follow_ups/{id}` or `PUT /v3/actions/{id}`: the whole task, with the change.

        The service may empty what is left out, so unchanged values are sent as well.
        """
        task = self.task
        body: dict[str, Any] = {"status": self.status or task.status}
        if isinstance(task, models.FollowUp):
            body["title"] = task.title
            body |= {"labels": task.labels} if task.labels else {}
            for name, part in (
                ("assignee_team_id", task.assignee_team),
                ("follow_up_category_id", task.category),
                ("follow_up_priority_option_id", task.priority),
            ):
                body |= {name: part.id} if part else {}
        if task.description:
            body["description"] = task.description
        if assignee := self.assignee or (None if self.unassign else task.assignee):
            body["assignee_id"] = assignee.id
        elif self.unassign:
            body["assignee_id"] = None
        return body

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent; the service takes none."""
        return intent_key(self.verb, organisation, {"id": self.task.id, **self._wanted()})

    def rows(self) -> list[Row]:
        """Return what will change, as names and IDs."""
        task = self.task
        rows = [incident_row(self.incident), (self.noun, self.label, task.id)]
        if self.status and self.status != task.status:
            rows.append(("status", f"{task.status} → {self.status}", ""))
        if (self.assignee or self.unassign) and self.found(task)["assignee"] != self._wanted()["assignee"]:
            before = task.assignee.name if task.assignee else "(nobody)"
            after = self.assignee.name if self.assignee else "(nobody)"
            rows.append(("assignee", f"{before} → {after}", self._wanted()["assignee"]))
        return rows
