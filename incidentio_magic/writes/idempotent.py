"""Writes with an idempotency key: repeated freely, and a replay is told as one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.writes import ledger
from incidentio_magic.writes.drafts import Declaration, Event, Page, Update, chained_key
from incidentio_magic.writes.messages import AGAIN, sentence
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, check_about, explained, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.ledger_entry import Notes
    from incidentio_magic.writes.messages import Keyed, Made

_WHOLE_SECOND: Final = timedelta(seconds=1)  # a time without a fraction may be of any moment in that second
_LONGEST_CHAIN: Final = 1000


class KeyedWrites:
    """Sends declarations, updates, timeline events and pages.

    Args:
        api: The endpoints.
        vocabulary: The organisation's words.
        settings: How times and private names are told.
        clock: Seconds from any start, never going back.
    """

    def __init__(self, api: Api, vocabulary: Vocabulary, settings: Settings, clock: Callable[[], float]) -> None:
        self._api = api
        self._vocabulary = vocabulary
        self._settings = settings
        self._clock = clock

    def send(self, draft: Keyed, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft`; `Sender.send` tells how it may end."""
        past = [entry for entry in notes.past() if entry.result or entry.outcome == ledger.UNKNOWN]
        key = notes.intent
        repeat = again
        if past and again:
            last = past[-1]
            if last.outcome == ledger.UNKNOWN:
                # That repeat may have happened: find out instead of repeating it.
                key, repeat = last.key, False
            else:
                key = chained_key(last.key, last.result)
        elif past and isinstance(draft, Declaration):
            key = past[-1].key  # the newest link of the chain
        for _link in range(_LONGEST_CHAIN):
            made, replayed = self._post(draft, notes, key)
            if not replayed:
                return self._outcome(draft, made, key, replayed=False)
            if isinstance(made, models.Incident):
                made, over = self._as_it_is(made)
            else:
                over = False
            if not repeat and not over:
                return self._outcome(draft, made, key, replayed=True)
            key = chained_key(key, made.id)
        raise errors.OutcomeUnknown(
            f"This was already written {_LONGEST_CHAIN} times; nothing was sent.",
            hint="change the text a little",
        )

    def _as_it_is(self, incident: models.Incident) -> tuple[models.Incident, bool]:
        """Return a declared incident as it is now, and whether it is over; a replay may show it as it was at first."""
        try:
            incident = self._api.incident(incident.id)
        except errors.NotFound:
            return incident, True  # it was removed, or hidden from this key: no reason to block the same text for ever
        return incident, not incident.is_open

    def _post(self, draft: Keyed, notes: Notes, key: str) -> tuple[Made, bool]:
        """Send one key and return what was made, and whether an earlier request had made it."""
        known = notes.results(key)
        begun = self._clock()
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
            if (earlier := self._earlier(draft, known)) is not None:
                notes.add(ledger.NOT_SENT, key, request_id=error.request_id, result=earlier.id)
                return earlier, True
            notes.add(ledger.NOT_SENT, key, request_id=error.request_id)
            raise explained(draft, error, self._api, self._vocabulary) from None
        except errors.IncidentioError as error:
            notes.add(ledger.NOT_SENT, key, request_id=error.request_id)
            raise
        except BaseException:
            notes.add(ledger.UNKNOWN, key)
            raise
        known |= notes.results(key)
        replayed = made.id in known or self._is_older(made, self._clock() - begun) or bool(self._other_key(made))
        request_id = self._api.last_request_id
        outcome = ledger.NOT_SENT if replayed else ledger.SENT
        reference = made.reference if isinstance(made, models.Incident) else ""
        notes.add(outcome, key, request_id=request_id, result=made.id, reference=reference)
        return made, replayed

    def _is_older(self, made: Made, ago: float) -> bool:
        """Return whether it was made before this call's first request, so many seconds ago, can have arrived."""
        # By the service's own clock, up to this answer: this machine's may have been set, or have slept.
        earliest = self._api.transport.earliest(ago)
        latest = made.created_at if made.created_at.microsecond else made.created_at + _WHOLE_SECOND
        return earliest is not None and latest < earliest

    def _other_key(self, made: Made) -> str:
        """Return the name of the API key that made it, where that is surely another than this connection's."""
        who = made.updater if isinstance(made, models.IncidentUpdate) else made.creator
        if who is None or who.api_key is None or who.api_key.name == self._vocabulary.identity().name:
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

    def _earlier(self, draft: Keyed, known: set[str]) -> Made | None:
        """Return the update that this key made before, where the service refuses the repeat by today's rules."""
        if not known or not isinstance(draft, Update):
            return None
        try:
            return next((one for one in self._api.incident_updates(draft.incident.id) if one.id in known), None)
        except errors.IncidentioError:  # then the refusal itself is told
            return None

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
