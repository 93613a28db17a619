"""Sends writes with an idempotency key; the ledger and the service recognise a repeat, which creates nothing new."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.writes import ledger
from incidentio_magic.writes.drafts import Declaration, Event, Page, Update, chained_key
from incidentio_magic.writes.earlier import paged_with_key, read_back, refuse_if_recent, remembered_sentence
from incidentio_magic.writes.messages import AGAIN, sentence
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, check_about, explained, unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.ledger_entry import Notes
    from incidentio_magic.writes.messages import Keyed, Made

_WHOLE_SECOND: Final = timedelta(seconds=1)  # a time in whole seconds may mean any moment in that second
_AGREE: Final = timedelta(seconds=2)  # seconds within which the service's time is known
_LONGEST_CHAIN: Final = 1000


class KeyedWrites:
    """Sends declarations, updates, timeline events and pages.

    Args:
        api: The endpoints.
        vocabulary: The organisation's words.
        settings: The time zone, and whether names of private incidents are shown.
        clock: A monotonic clock in seconds.
    """

    def __init__(self, api: Api, vocabulary: Vocabulary, settings: Settings, clock: Callable[[], float]) -> None:
        self._api = api
        self._vocabulary = vocabulary
        self._settings = settings
        self._clock = clock

    def send_once(self, draft: Keyed, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft` unless it was written before; `Sender.send_checked` lists the possible outcomes.

        The ledger decides first, because the service forgets keys: if it has a result for this intent, nothing is sent.
        """
        # The contract says that a repeated key returns what the first request made for updates and timeline items; for
        # incidents and escalations it is a guess. If it is wrong, a retry after a lost response could write twice; for
        # a second run, the ledger prevents that, and for escalations the look-up by key.
        past = [entry for entry in notes.past() if entry.result or entry.outcome == ledger.UNKNOWN]
        key, repeat = notes.intent, again
        if past and again:
            last = past[-1]
            if last.outcome == ledger.UNKNOWN:
                # The repeat may have happened: find out instead of repeating it.
                key, repeat = last.key, False
            else:
                key = chained_key(last.key, last.result)
        elif done := [entry for entry in past if entry.result]:
            if (outcome := self._recognised(draft, done[-1])) is not None:
                notes.add(ledger.NOT_SENT, outcome.key, result=done[-1].result, reference=outcome.reference)
                return outcome
            key = chained_key(done[-1].key, done[-1].result)
        for _link in range(_LONGEST_CHAIN):
            made, replayed = self._post(draft, notes, key)
            if not replayed:
                return self._outcome(draft, made, key, replayed=False)
            if not repeat:
                made, over = self._present(made)
                if not over:
                    return self._outcome(draft, made, key, replayed=True)
            key = chained_key(key, made.id)
        raise errors.OutcomeUnknown(
            f"This was already written {_LONGEST_CHAIN} times; nothing was sent.",
            hint="change the text slightly",
        )

    def preview(self, draft: Keyed, notes: Notes, *, again: bool) -> str:
        """Return a sentence that says why a run would send nothing; "" if it would send `draft`."""
        past = [entry for entry in notes.past() if entry.result]
        if again or not past:
            return ""
        try:
            outcome = self._recognised(draft, past[-1])
        except errors.RecentlyEnded as error:
            return error.message
        return outcome.sentence if outcome else ""

    def _recognised(self, draft: Keyed, done: ledger.Entry) -> Outcome | None:
        """Return the outcome of a write that the ledger records; None if the same content may declare another incident.

        Raises:
            RecentlyEnded: If the incident was declared in the last 24 hours and has ended.
        """
        made = read_back(self._api, draft, done.result)
        if isinstance(draft, Declaration) and (made is None or self._is_over(cast("models.Incident", made))):
            return None
        if made is None:
            incident = cast("Update | Event | Page", draft).incident
            return Outcome(
                ledger.NOT_SENT,
                remembered_sentence(draft, done, self._settings.zone),
                incident.reference,
                incident.permalink or "",
                done.key,
                done.request_id,
                option_hint=AGAIN,
            )
        return self._outcome(draft, made, done.key, replayed=True)

    def _is_over(self, incident: models.Incident) -> bool:
        """Return whether an incident ended long ago.

        Raises:
            RecentlyEnded: If it has ended and was declared in the last 24 hours.
        """
        if incident.is_open:
            return False
        refuse_if_recent(incident, self._api.transport.now(), self._settings.zone)
        return True

    def _present(self, made: Made) -> tuple[Made, bool]:
        """Return a replay's record in its current state, and whether it is an incident that ended long ago or is gone.

        Raises:
            RecentlyEnded: If it has ended and was declared in the last 24 hours.
            OutcomeUnknown: If it cannot be read. This call may have declared it.
        """
        if not isinstance(made, models.Incident):
            return made, False
        try:
            incident = self._api.incident(made.id)
        except errors.NotFound:
            return made, True  # deleted, or hidden from this key; this must not block the same content for ever
        except errors.IncidentioError as error:
            raise errors.OutcomeUnknown(
                f"{made.reference} was declared from this same text, but whether it is still open could not be read:"
                f" {error.message}",
                hint="run this again: it declares nothing twice",
                request_id=error.request_id,
                retryable=True,
            ) from None
        return incident, self._is_over(incident)

    def _post(self, draft: Keyed, notes: Notes, key: str) -> tuple[Made, bool]:
        """Send one key; return the created record, and whether an earlier request had created it."""
        known = notes.results(key)
        if isinstance(draft, Page) and (page := paged_with_key(self._api, draft, key)) is not None:
            notes.add(ledger.NOT_SENT, key, request_id=self._api.last_request_id, result=page.id)
            return page, True
        _ = self._own_key  # read before the write: a read after it could fail and hide that the write was made
        begun, begun_at = self._clock(), self._api.transport.now()
        body = {"idempotency_key": key, **draft.payload()}
        notes.add(ledger.SENDING, key)
        try:
            made = self._create(draft, body)
            if not isinstance(draft, Declaration):
                check_about(getattr(made, "incident_id", draft.incident.id), draft.incident)
        except AMBIGUOUS as error:
            notes.add(ledger.UNKNOWN, key, request_id=error.request_id)
            raise unknown(draft, error) from None
        except errors.ValidationFailed as error:
            notes.add(ledger.NOT_SENT, key, request_id=error.request_id)
            raise explained(draft, error, self._api, self._vocabulary) from None
        except errors.IncidentioError as error:
            notes.add(ledger.NOT_SENT, key, request_id=error.request_id)
            raise
        except BaseException:
            notes.add(ledger.UNKNOWN, key)
            raise
        known |= notes.results(key)
        replayed = (
            made.id in known or self._is_older(made, self._clock() - begun, begun_at) or bool(self._other_key(made))
        )
        request_id = self._api.last_request_id
        outcome = ledger.NOT_SENT if replayed else ledger.SENT
        reference = made.reference if isinstance(made, models.Incident) else ""
        notes.add(outcome, key, request_id=request_id, result=made.id, reference=reference)
        return made, replayed

    def _is_older(self, made: Made, ago: float, begun_at: datetime) -> bool:
        """Return whether the record was certainly created before this call's first request.

        Two clocks must agree: the service's, minus the seconds that this call took, and this machine's when the call
        began. A wrong `Date` header distorts the first; setting the machine's time distorts the second.

        Args:
            made: The record that the service returned.
            ago: The seconds since the call began.
            begun_at: The service's time when the call began, if known then.
        """
        earliest = self._api.transport.earliest(ago)
        latest = made.created_at if made.created_at.microsecond else made.created_at + _WHOLE_SECOND
        return earliest is not None and latest < earliest and latest < begun_at - _AGREE

    @cached_property
    def _own_key(self) -> str:
        return self._vocabulary.identity().name

    def _other_key(self, made: Made) -> str:
        """Return the name of the API key that created the record, if that is certainly another key."""
        who = made.updater if isinstance(made, models.IncidentUpdate) else made.creator
        if who is None or who.api_key is None or who.api_key.name == self._own_key:
            return ""
        return who.api_key.name

    def _create(self, draft: Keyed, body: dict[str, object]) -> Made:
        match draft:
            case Declaration():
                return self._api.create_incident(body)
            case Update():
                return self._api.create_incident_update(body)
            case Event():
                return self._api.create_timeline_item(body)
            case Page():
                return self._api.create_escalation(body)

    def _outcome(self, draft: Keyed, made: Made, key: str, *, replayed: bool) -> Outcome:
        incident = cast("models.Incident", made) if isinstance(draft, Declaration) else draft.incident
        return Outcome(
            ledger.NOT_SENT if replayed else ledger.SENT,
            sentence(
                draft, made, self._settings, self._api.transport.now(), replayed=replayed, by=self._other_key(made)
            ),
            incident.reference,
            incident.permalink or "",
            key,
            self._api.last_request_id,
            record=made,
            option_hint=AGAIN if replayed and not isinstance(draft, Declaration) else "",
        )
