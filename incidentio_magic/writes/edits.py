"""Sends edits. They have no idempotency key, so after a lost response the incident is read back and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.writes import ledger
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, check_about, explained, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary
    from incidentio_magic.writes.drafts import Edit
    from incidentio_magic.writes.ledger_entry import Notes

_ATTEMPTS: Final = 3
_BEFORE_READING_BACK: Final = 1.0


class Edits:
    """Sends edits.

    Args:
        api: The endpoints.
        vocabulary: The organisation's words.
        sleep: Waits for a number of seconds.
    """

    def __init__(self, api: Api, vocabulary: Vocabulary, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._vocabulary = vocabulary
        self._sleep = sleep

    def send_differences(self, draft: Edit, notes: Notes) -> Outcome:
        """Send the differences from the incident's current state; `Sender.send_checked` lists the possible outcomes."""
        draft = self._as_it_is(draft)
        incident = draft.incident
        if not draft.changed(incident):
            return Outcome(
                ledger.NOT_SENT,
                f"{incident.reference} already has these values; nothing sent.",
                incident.reference,
                incident.permalink or "",
                notes.intent,
                record=incident,
            )
        for _attempt in range(_ATTEMPTS):
            notes.add(ledger.SENDING)
            try:
                edited = self._api.edit_incident(incident.id, draft.payload())
                check_about(edited.id, incident)
            except AMBIGUOUS as error:
                after = self._read_back(draft, notes, error)
                if not draft.changed(after):
                    notes.add(ledger.SENT, request_id=error.request_id, result=incident.id)
                    return self._edited(draft, after, notes, " (the response was lost; read back and confirmed)")
                if (reason := _why_not_again(draft, notes, error, after)) is not None:
                    raise reason from None
            except errors.ValidationFailed as error:
                notes.add(ledger.NOT_SENT, request_id=error.request_id)
                raise explained(draft, error, self._api, self._vocabulary) from None
            except errors.IncidentioError as error:
                notes.add(ledger.NOT_SENT, request_id=error.request_id)
                raise
            except BaseException:
                notes.add(ledger.UNKNOWN)
                raise
            else:
                notes.add(ledger.SENT, request_id=self._api.last_request_id, result=incident.id)
                return self._edited(draft, edited, notes)
        raise errors.ConnectionFailed(
            f"The edit of {incident.reference} was lost {_ATTEMPTS} times and was not made.",
            hint="run this again when the connection is better",
            retryable=True,
        )

    def _as_it_is(self, draft: Edit) -> Edit:
        """Return the draft for the incident's current state, if nobody else has changed the same properties.

        Raises:
            ChangedMeanwhile: If somebody else has.
        """
        before = draft.found(draft.incident)
        draft = replace(draft, incident=self._read(draft.incident))
        now = draft.found(draft.incident)
        if theirs := [name for name in draft.changed(draft.incident) if now[name] != before[name]]:
            reference = draft.incident.reference
            raise errors.ChangedMeanwhile(
                f"Somebody else has changed {', '.join(theirs)} of {reference} since it was read; nothing was sent.",
                hint=f"check with %incidents show {reference}; run this again to overwrite it",
            )
        return draft

    def _read_back(self, draft: Edit, notes: Notes, error: errors.IncidentioError) -> models.Incident:
        self._sleep(_BEFORE_READING_BACK)  # give a request in transit time to arrive
        try:
            return self._read(draft.incident)
        except errors.IncidentioError:
            notes.add(ledger.UNKNOWN, request_id=error.request_id)
            raise unknown(draft, error, list(draft.wanted())) from None

    def _read(self, incident: models.Incident) -> models.Incident:
        found = self._api.incident(incident.id)
        check_about(found.id, incident)
        return found

    def _edited(self, draft: Edit, after: models.Incident, notes: Notes, remark: str = "") -> Outcome:
        names = ", ".join(draft.changed(draft.incident))
        notified = "; the channel was notified" if draft.notify else ""
        if other := draft.changed(after):
            remark += f"; the service shows a different value for {', '.join(other)}: check it before you continue"
        return Outcome(
            ledger.SENT,
            f"{after.reference} edited: {names}{notified}{remark}.",
            after.reference,
            after.permalink or "",
            notes.intent,
            self._api.last_request_id,
            record=after,
        )


def _why_not_again(
    draft: Edit, notes: Notes, error: errors.IncidentioError, after: models.Incident
) -> errors.IncidentioError | None:
    """Return the error if an incomplete edit may not be sent again, or None if it may."""
    unchanged = draft.found(after) == draft.found(draft.incident)
    notes.add(ledger.NOT_SENT if unchanged else ledger.UNKNOWN, request_id=error.request_id)
    if unchanged and isinstance(error, errors.Conflict):
        return error
    # A notification must not go out twice, so the user decides whether to send it again.
    return None if unchanged and not draft.notify else unknown(draft, error, draft.changed(after))
