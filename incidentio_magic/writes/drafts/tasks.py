"""Follow-ups and actions about to be added to an incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.names.comparison import comparable
from incidentio_magic.writes.drafts.intents import Row, incident_row, intent_key, named_rows, tidy, tidy_markdown

if TYPE_CHECKING:
    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class NewFollowUp:
    """A follow-up about to be added to an incident.

    Args:
        incident: The incident.
        title: What to do, in one line. Follow-ups with the same title are the same.
        description: Details, in Markdown.
        assignee: Its assignee.
        priority: Its priority.
    """

    verb: ClassVar[str] = "follow_up"
    noun: ClassVar[str] = "follow-up"

    incident: models.Incident
    title: str
    description: str = ""
    assignee: models.User | None = None
    priority: models.Named | None = None

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"add a follow-up to {self.incident.reference}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"the follow-up was added to {self.incident.reference}"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents follow_ups {self.incident.reference}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        if not tidy(self.title):
            return {"title": "a title is needed: the first line says what to do"}
        return {"title": "a title is one line"} if "\n" in tidy(self.title) else {}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v3/follow_ups`, which takes no key."""
        body = {"incident_id": self.incident.id, "title": tidy(self.title)}
        if description := tidy_markdown(self.description):
            body["description"] = description
        if self.assignee:
            body["assignee_id"] = self.assignee.id
        if self.priority:
            body["follow_up_priority_option_id"] = self.priority.id
        return body

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent: the title, whatever the details."""
        content = {"incident_id": self.incident.id, "title": comparable(self.title)}
        return intent_key(self.verb, organisation, content)

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [incident_row(self.incident), ("title", tidy(self.title), "")]
        if description := tidy_markdown(self.description):
            rows.append(("description", description, ""))
        return rows + named_rows(assignee=self.assignee, priority=self.priority)

    def is_same(self, record: models.FollowUp) -> bool:
        """Return whether an existing follow-up is the same."""
        return record.status != "deleted" and comparable(record.title) == comparable(self.title)

    def differences(self, record: models.FollowUp) -> list[str]:
        """Return the details that differ in an existing follow-up with this title."""
        description = tidy_markdown(self.description)
        return [
            name
            for name, differs in (
                ("description", description and comparable(record.description or "") != comparable(description)),
                ("assignee", self.assignee and _id(record.assignee) != self.assignee.id),
                ("priority", self.priority and _id(record.priority) != self.priority.id),
            )
            if differs
        ]


@dataclass(frozen=True, repr=False)
class NewAction:
    """An action about to be added to an incident.

    Args:
        incident: The incident.
        description: What to do, in Markdown. Actions with the same text are the same.
        assignee: Its assignee.
    """

    verb: ClassVar[str] = "action"
    noun: ClassVar[str] = "action"

    incident: models.Incident
    description: str
    assignee: models.User | None = None

    @property
    def title(self) -> str:
        """The first line of the description."""
        return tidy(self.description).partition("\n")[0]

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"add an action to {self.incident.reference}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"the action was added to {self.incident.reference}"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents actions {self.incident.reference}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        return {} if tidy(self.description) else {"description": "a text is needed: it says what to do"}

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v3/actions`, which takes no key."""
        body = {"incident_id": self.incident.id, "description": tidy_markdown(self.description)}
        return body | ({"assignee_id": self.assignee.id} if self.assignee else {})

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent: the text, regardless of the assignee."""
        content = {"incident_id": self.incident.id, "description": comparable(self.description)}
        return intent_key(self.verb, organisation, content)

    def rows(self) -> list[Row]:
        """Return what will be sent, in words and IDs."""
        rows = [incident_row(self.incident), ("description", tidy_markdown(self.description), "")]
        return rows + named_rows(assignee=self.assignee)

    def is_same(self, record: models.Action) -> bool:
        """Return whether an existing action is the same."""
        return record.status != "deleted" and comparable(record.description) == comparable(self.description)

    def differences(self, record: models.Action) -> list[str]:
        """Return the details that differ in an existing action with this text."""
        return ["assignee"] if self.assignee and _id(record.assignee) != self.assignee.id else []


def _id(record: models.User | models.Named | None) -> str:
    return record.id if record else ""
