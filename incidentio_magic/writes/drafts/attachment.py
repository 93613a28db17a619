"""A link about to be attached to an incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit, urlunsplit

from incidentio_magic.writes.drafts.intents import Row, incident_row, intent_key, tidy
from incidentio_magic.writes.drafts.parts import is_link

if TYPE_CHECKING:
    from incidentio_magic.api import models

_LONGEST_TITLE: Final = 1000


@dataclass(frozen=True, repr=False)
class Attachment:
    """A link about to be attached to an incident.

    Args:
        incident: The incident.
        url: The address. Two links to the same address are the same, whatever their titles.
        title: The link's text; the address if empty.
    """

    verb: ClassVar[str] = "attach"
    noun: ClassVar[str] = "attachment"
    added: ClassVar[str] = "link attached"

    incident: models.Incident
    url: str
    title: str = ""

    @property
    def does(self) -> str:
        """The action, for a preview."""
        return f"attach a link to {self.incident.reference}"

    @property
    def happened(self) -> str:
        """The completed action, for messages."""
        return f"the link was attached to {self.incident.reference}"

    @property
    def check(self) -> str:
        """The command that shows whether it was done."""
        return f"%incidents context {self.incident.reference}"

    def problems(self) -> dict[str, str]:
        """Return the problems that prevent sending, by field."""
        problems = {}
        if not is_link(self.url.strip()):
            problems["url"] = f"{self.url!r} is not a web address, which begins with https://"
        if len(tidy(self.title)) > _LONGEST_TITLE or "\n" in tidy(self.title):
            problems["title"] = f"a title is one line of at most {_LONGEST_TITLE} characters"
        return problems

    def payload(self) -> dict[str, Any]:
        """Return the body for `POST /v1/incident_attachments`, which takes no key."""
        resource = {"resource_type": "arbitrary_url", "url": self.url.strip()}
        if title := tidy(self.title):
            resource["title"] = title
        return {"incident_id": self.incident.id, "resource": resource}

    def key(self, organisation: str) -> str:
        """Return the key under which the ledger remembers this intent: the address, whatever its title."""
        return intent_key(self.verb, organisation, {"incident_id": self.incident.id, "url": _address(self.url)})

    def rows(self) -> list[Row]:
        """Return what will be sent, as names and IDs."""
        rows = [incident_row(self.incident), ("url", self.url.strip(), "")]
        return rows + ([("title", tidy(self.title), "")] if tidy(self.title) else [])

    def is_same(self, record: models.IncidentAttachment) -> bool:
        """Return whether an attachment of the incident leads to the same address."""
        places = (record.resource.permalink, record.resource.external_id)
        return _address(self.url) in {_address(place) for place in places if place}

    def differences(self, record: models.IncidentAttachment) -> list[str]:
        """Return the details that differ in an existing attachment with this address."""
        title = tidy(self.title)
        return ["title"] if title and title != tidy(record.resource.title or "") else []


def _address(url: str) -> str:
    """Return an address in the form used for comparison: the case of the host and a trailing slash do not matter."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    place = (parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query, parts.fragment)
    return urlunsplit(place)
