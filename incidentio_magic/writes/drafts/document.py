"""A postmortem document about to be imported into incident.io."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from incidentio_magic.writes.drafts.intents import Row, incident_row, intent_key, tidy

if TYPE_CHECKING:
    from incidentio_magic.api import models


@dataclass(frozen=True, repr=False)
class Document:
    """A postmortem document about to be imported.

    Args:
        incident: Which incident it is about.
        title: Its title.
        content: Its text, in GitHub's Markdown. The text is not part of the intent: one document per incident.
    """

    verb: ClassVar[str] = "import"
    noun: ClassVar[str] = "postmortem document"
    added: ClassVar[str] = "postmortem document imported"

    incident: models.Incident
    title: str
    content: str

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"import a postmortem document into {self.incident.reference}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"the postmortem of {self.incident.reference} was imported"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents context {self.incident.reference}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        missing = {"title": tidy(self.title), "content": tidy(self.content)}
        return {name: f"a {name} is needed" for name, text in missing.items() if not text}

    def payload(self) -> dict[str, str]:
        """Return the body for `POST /v2/incidents/{id}/actions/import_postmortem_document`, which takes no key."""
        return {"title": tidy(self.title), "content": tidy(self.content)}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent: the incident's postmortem, whatever its text."""
        return intent_key(self.verb, organisation, {"incident_id": self.incident.id})

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        return [incident_row(self.incident), *((name, text, "") for name, text in self.payload().items())]

    def is_same(self, record: models.PostmortemDocument) -> bool:  # noqa: ARG002  an incident needs one only
        """Return whether an existing document counts as this document: every document of the incident does."""
        return True

    def differences(self, record: models.PostmortemDocument) -> list[str]:
        """Return the details that differ in an existing document."""
        return ["title"] if tidy(record.title) != tidy(self.title) else []
