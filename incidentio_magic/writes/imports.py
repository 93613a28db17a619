"""Imports of postmortem documents, which have no key: listed before, and read back after a lost answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.writes import ledger
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.drafts import Document
    from incidentio_magic.writes.ledger_entry import Notes

_BEFORE_READING_BACK: Final = 1.0


class Imports:
    """Sends postmortem documents.

    Args:
        api: The endpoints.
        settings: The time zone of what is told.
        sleep: Waits for so many seconds.
    """

    def __init__(self, api: Api, settings: Settings, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._settings = settings
        self._sleep = sleep

    def send(self, draft: Document, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft`, unless the incident has a document; `Sender.send` tells how it may end."""
        present = list(self._api.postmortem_documents(draft.incident.id))
        if present and not again:
            newest = max(present, key=lambda one: one.created_at)
            at = newest.created_at.astimezone(self._settings.zone)
            said = f"{draft.incident.reference} has a postmortem document since {at:%Y-%m-%d %H:%M %Z}; nothing sent."
            return self._outcome(draft, newest, notes, said, ledger.NOT_SENT)
        notes.add(ledger.SENDING)
        try:
            made = self._api.import_postmortem(draft.incident.id, draft.payload())
        except AMBIGUOUS as error:
            made = self._read_back(draft, notes, error, {one.id for one in present})
            notes.add(ledger.SENT, request_id=error.request_id, result=made.id)
            remark = " (the answer was lost; read back and found)"
        except errors.IncidentioError as error:
            notes.add(ledger.NOT_SENT, request_id=error.request_id)
            raise
        except BaseException:
            notes.add(ledger.UNKNOWN)
            raise
        else:
            notes.add(ledger.SENT, request_id=self._api.last_request_id, result=made.id)
            remark = ""
        said = f"The postmortem of {draft.incident.reference} was imported{remark}."
        return self._outcome(draft, made, notes, said, ledger.SENT)

    def _read_back(
        self, draft: Document, notes: Notes, error: errors.IncidentioError, before: set[str]
    ) -> models.PostmortemDocument:
        """Return the document that a request without an answer made.

        It is not sent again: a request that is still on its way would make it a second one.

        Raises:
            OutcomeUnknown: If there is none, or that cannot be found out.
        """
        self._sleep(_BEFORE_READING_BACK)  # what is still on its way should arrive first
        try:
            for one in self._api.postmortem_documents(draft.incident.id):
                if one.id not in before and one.title == draft.payload()["title"]:
                    return one
        except errors.IncidentioError:
            pass  # what is told is that it is not known
        notes.add(ledger.UNKNOWN, request_id=error.request_id)
        raise unknown(draft, error) from None

    def _outcome(
        self, draft: Document, document: models.PostmortemDocument, notes: Notes, said: str, outcome: str
    ) -> Outcome:
        return Outcome(
            outcome,
            said,
            draft.incident.reference,
            document.document_url or draft.incident.permalink or "",
            notes.intent,
            self._api.last_request_id,
            record=document,
            option_hint="" if outcome == ledger.SENT else "--again imports one more",
        )
