"""Creates records without an idempotency key: compares with existing records, and reads back if in doubt."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.api.models import NO_TIME
from incidentio_magic.names.numbered import label
from incidentio_magic.writes import ledger
from incidentio_magic.writes.drafts import Attachment, Document, NewAction, NewFollowUp
from incidentio_magic.writes.earlier import entry_time
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.settling import Settling
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.api.pagination import Listing
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.drafts import Creation
    from incidentio_magic.writes.ledger_entry import Notes


_BEFORE_READING_BACK: Final = (1.0, 3.0)


class Creations:
    """Adds follow-ups, actions, attachments and postmortem documents.

    Without an idempotency key, a repeat is recognised from the incident's own list and from the ledger. A request whose
    response was lost is never sent again automatically: a later run waits until the request must have ended, and checks
    first.

    Args:
        api: The endpoints.
        settings: The time zone of messages, and the longest wait.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self, api: Api, settings: Settings, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._api = api
        self._settings = settings
        self._sleep = sleep
        self._settling = Settling(settings.max_wait, clock, sleep, self._announce)

    def _announce(self, line: str) -> None:
        self._api.transport.announce(line)

    def preview(self, draft: Creation, notes: Notes, *, again: bool) -> str:
        """Return a sentence that says why a run would add nothing; "" if it would add `draft`."""
        present = None if again else self._present(draft, notes, self._listed(draft))
        return present.sentence if present else ""

    def send_unless_present(self, draft: Creation, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft` unless the incident already has it; `Sender.send_checked` lists the possible outcomes."""
        past = notes.past()
        was_lost = self._settling.wait(notes.intent, past, draft.happened)
        before = self._listed(draft)
        known = {entry.result for entry in past}
        # A repeat whose response was lost may have happened: find out instead of repeating it.
        happened = was_lost and any(draft.is_same(record) and record.id not in known for record in before)
        if (not again or happened) and (present := self._present(draft, notes, before)):
            notes.add(ledger.NOT_SENT, result=present.id)
            return present
        notes.add(ledger.SENDING)
        try:
            made = self._create(draft)
        except AMBIGUOUS as error:
            self._settling.lost(notes.intent)
            made = self._read_back(draft, notes, error, {record.id for record in before})
            notes.add(ledger.SENT, request_id=error.request_id, result=made.id)
            remark = " (the response was lost; read back and confirmed)"
        except errors.IncidentioError as error:
            notes.add(ledger.NOT_SENT, request_id=error.request_id)
            raise
        except BaseException:
            self._settling.lost(notes.intent)
            notes.add(ledger.UNKNOWN)
            raise
        else:
            notes.add(ledger.SENT, request_id=self._api.last_request_id, result=made.id)
            remark = ""
        request_id = self._api.last_request_id
        return self._outcome(draft, notes, made, self._added(draft, made, remark), request_id, sent=True)

    def _listed(self, draft: Creation) -> Sequence[Any]:
        """Return the incident's records of this kind.

        Raises:
            UnexpectedAnswer: If part of the list cannot be read, because the record may be in that part.
        """
        incident = draft.incident
        match draft:
            case NewFollowUp():
                return _whole(self._api.follow_ups(incident.id, incident.mode), draft)
            case NewAction():
                return _whole(self._api.actions(incident.id, incident.mode), draft)
            case Attachment():
                attachments = self._api.incident_attachments(incident.id)
                if self._api.last_unreadable:
                    raise _unreadable(draft)
                return attachments
            case Document():
                documents = _whole(self._api.postmortem_documents(incident.id), draft)
                return sorted(documents, key=lambda document: document.created_at, reverse=True)

    def _create(self, draft: Creation) -> Any:
        match draft:
            case NewFollowUp():
                return self._api.create_follow_up(draft.payload())
            case NewAction():
                return self._api.create_action(draft.payload())
            case Attachment():
                return self._api.create_incident_attachment(draft.payload())
            case Document():
                return self._api.import_postmortem(draft.incident.id, draft.payload())

    def _read_back(self, draft: Creation, notes: Notes, error: errors.IncidentioError, before: set[str]) -> Any:
        """Return the record created by a request whose response was lost.

        Raises:
            OutcomeUnknown: If there is no such record yet, or the list cannot be read.
        """
        has_looked = False
        for seconds in _BEFORE_READING_BACK:  # give a request in transit time to arrive
            self._sleep(seconds)
            try:
                records = self._listed(draft)
            except errors.IncidentioError:
                continue  # the outcome is unknown either way
            has_looked = True
            for record in records:
                if record.id not in before and draft.is_same(record) and not draft.differences(record):
                    self._settling.found(notes.intent)
                    return record
        if has_looked and isinstance(error, errors.Conflict):  # the service has responded with a refusal
            self._settling.found(notes.intent)
            notes.add(ledger.NOT_SENT, request_id=error.request_id)
            raise error
        notes.add(ledger.UNKNOWN, request_id=error.request_id)
        raise unknown(draft, error) from None

    def _present(self, draft: Creation, notes: Notes, records: Sequence[Any]) -> Outcome | None:
        """Return the outcome if the record exists, or once existed according to the ledger; otherwise None."""
        done = [entry for entry in notes.past() if entry.result]
        made_here = {entry.result for entry in done}
        reference = draft.incident.reference
        for record in records:
            if draft.is_same(record) or record.id in made_here:
                differs = draft.differences(record)
                remark = f", with a different {' and '.join(differs)}" if differs else ""
                what = self._described(draft, record, records)
                article = "a" if isinstance(draft, Document) else "this"  # its text may differ
                sentence = f"{reference} already has {article} {draft.noun}{what}{remark}; nothing sent."
                return self._outcome(draft, notes, record, sentence, sent=False)
        if not done:
            return None
        at = entry_time(done[-1], self._settings.zone)
        sentence = (
            f"According to the local ledger, {reference} had this {draft.noun} at {at}, but no longer has it;"
            " nothing sent."
        )
        return self._outcome(draft, notes, None, sentence, sent=False)

    def _described(self, draft: Creation, record: Any, records: Sequence[Any]) -> str:
        """Return the record's number, its status and when it was created, as text."""
        if isinstance(draft, Attachment):
            return ""
        moment = record.created_at
        since = f", since {moment.astimezone(self._settings.zone):%Y-%m-%d %H:%M %Z}" if moment != NO_TIME else ""
        if isinstance(draft, Document):
            return since
        return f" as {label(draft.incident.reference, record, records)} ({record.status}{since})"

    def _added(self, draft: Creation, made: Any, remark: str) -> str:
        """Return the outcome: the created record, its number, and whether the same record was created elsewhere too."""
        reference = draft.incident.reference
        if isinstance(draft, Attachment | Document):
            return f"{reference}: {draft.added}{remark}."
        try:
            records = self._listed(draft)
        except errors.IncidentioError:  # a failing read must not hide what was done
            records = []
        sentence = f"{reference}: {draft.noun} {label(reference, made, records)} added{remark}"
        if draft.assignee:
            sentence += f", for {draft.assignee.name}"
        others = [record for record in records if draft.is_same(record) and record.id != made.id]
        if others:
            numbers = ", ".join(label(reference, other, records) for other in others)
            sentence += f"; the same {draft.noun} exists as {numbers} too"
        return sentence + "."

    def _outcome(  # what an outcome shows
        self, draft: Creation, notes: Notes, record: Any, sentence: str, request_id: str = "", *, sent: bool
    ) -> Outcome:
        return Outcome(
            ledger.SENT if sent else ledger.NOT_SENT,
            sentence,
            draft.incident.reference,
            getattr(record, "document_url", None) or draft.incident.permalink or "",
            notes.intent,
            request_id or self._api.last_request_id,
            record=record,
            option_hint="" if sent else "--again adds one more",
            id=record.id if record else "",
        )


def _whole(listing: Listing[Any], draft: Creation) -> list[Any]:
    records = listing.whole()
    has_texts = isinstance(draft, Document) or all(
        getattr(record, "title", "") or record.description for record in records
    )
    if listing.lost or not has_texts:
        raise _unreadable(draft)
    return records


def _unreadable(draft: Creation) -> errors.UnexpectedAnswer:
    return errors.UnexpectedAnswer(
        f"A part of the list of {draft.incident.reference} cannot be read, so this {draft.noun} may already exist;"
        " nothing was sent.",
        status=HTTPStatus.OK,
        hint=f"check with {draft.check}",
        retryable=True,
    )
