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
        settings: The time zone of messages.
        sleep: Waits for so many seconds.
    """

    def __init__(self, api: Api, settings: Settings, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._settings = settings
        self._sleep = sleep

    def preview(self, draft: Document, *, again: bool) -> str:
        """Return why a run would import nothing, in a sentence; nothing if it would import `draft`."""
        present = [] if again else list(self._api.postmortem_documents(draft.incident.id))
        return self._present(draft, _newest(present)) if present else ""

    def send_unless_present(self, draft: Document, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft` unless the incident has a document; `Sender.send_checked` says how it may end."""
        present = list(self._api.postmortem_documents(draft.incident.id))
        if present and not again:
            newest = _newest(present)
            return self._outcome(draft, newest, notes, self._present(draft, newest), ledger.NOT_SENT)
        notes.add(ledger.SENDING)
        try:
            made = self._api.import_postmortem(draft.incident.id, draft.payload())
        except AMBIGUOUS as error:
            made = self._read_back(draft, notes, error, {document.id for document in present})
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
        sentence = f"The postmortem of {draft.incident.reference} was imported{remark}."
        return self._outcome(draft, made, notes, sentence, ledger.SENT)

    def _present(self, draft: Document, newest: models.PostmortemDocument) -> str:
        at = newest.created_at.astimezone(self._settings.zone)
        return f"{draft.incident.reference} has a postmortem document since {at:%Y-%m-%d %H:%M %Z}; nothing sent."

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
            for document in self._api.postmortem_documents(draft.incident.id):
                if document.id not in before and document.title == draft.payload()["title"]:
                    return document
        except errors.IncidentioError:
            pass  # the outcome is unknown either way
        notes.add(ledger.UNKNOWN, request_id=error.request_id)
        raise unknown(draft, error) from None

    def _outcome(
        self, draft: Document, document: models.PostmortemDocument, notes: Notes, sentence: str, outcome: str
    ) -> Outcome:
        return Outcome(
            outcome,
            sentence,
            draft.incident.reference,
            document.document_url or draft.incident.permalink or "",
            notes.intent,
            self._api.last_request_id,
            record=document,
            option_hint="" if outcome == ledger.SENT else "--again imports one more",
        )


def _newest(documents: list[models.PostmortemDocument]) -> models.PostmortemDocument:
    return max(documents, key=lambda document: document.created_at)
