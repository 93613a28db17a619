"""People about to be paged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from incidentio_magic.writes.drafts.intents import (
    Row,
    incident_row,
    intent_key,
    named_rows,
    tidy,
    tidy_markdown,
)

if TYPE_CHECKING:
    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class Page:
    """People about to be paged, by an escalation path or directly."""

    verb: ClassVar[str] = "page"

    incident: models.Incident
    title: str
    path: models.EscalationPath | None = None
    users: tuple[models.User, ...] = ()
    description: str = ""

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        problems = {} if tidy(self.title) else {"title": "a title is needed: the paged people read it first"}
        if self.path and self.users:
            problems["to"] = "page either an escalation path or people, not both"
        elif not self.path and not self.users:
            problems["to"] = "choose who to page: an escalation path or people"
        return problems

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v2/escalations`, without the idempotency key."""
        body: dict[str, Any] = {"incident_id": self.incident.id, "title": tidy(self.title)}
        if description := tidy_markdown(self.description):
            body["description"] = description
        if self.path:
            body["escalation_path_id"] = self.path.id
        if self.users:
            body["user_ids"] = sorted({user.id for user in self.users})
        return body

    def key(self, organisation: str) -> str:
        """Return the idempotency key of this intent in `organisation`."""
        return intent_key(self.verb, organisation, self.payload())

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [incident_row(self.incident), ("title", tidy(self.title), "")]
        if description := tidy_markdown(self.description):
            rows.append(("description", description, ""))
        rows += named_rows(path=self.path)
        return rows + [("person", user.name, user.id) for user in self.users]
