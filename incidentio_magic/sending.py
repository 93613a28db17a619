"""The one way to write: a draft goes in, and the write has happened once, not at all, or is reported as unknown."""

from __future__ import annotations

import getpass
import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors, ledger
from incidentio_magic.api import models
from incidentio_magic.drafts import (
    TEST,
    Declaration,
    Edit,
    Event,
    Page,
    Update,
    chained_key,
    legal_statuses,
)
from incidentio_magic.outcomes import Outcome
from incidentio_magic.settings import is_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.drafts import Draft
    from incidentio_magic.lookups import Vocabulary
    from incidentio_magic.settings import Settings

    Keyed = Declaration | Update | Event | Page
    Made = models.Incident | models.IncidentUpdate | models.TimelineItem | models.Escalation

_SAME_MOMENT: Final = timedelta(seconds=2)  # the Date header, by which the service's time is known, counts seconds
_LONGEST_CHAIN: Final = 1000
_EDIT_ATTEMPTS: Final = 3
_BEFORE_READING_BACK: Final = 1.0
_MASKED: Final = "🔒 private"

_AMBIGUOUS: Final = (errors.AnswerLost, errors.ServiceUnavailable, errors.UnexpectedAnswer, errors.Conflict)


class Sender:
    """Sends drafts over one connection.

    Args:
        api: The endpoints.
        vocabulary: The organisation's words.
        settings: Whether this is training, and where the ledger is.
        clock: Seconds from any start, never going back.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        api: Api,
        vocabulary: Vocabulary,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._vocabulary = vocabulary
        self._settings = settings
        self._ledger = ledger.Ledger(settings.ledger)
        self._clock = clock
        self._sleep = sleep
        self._organisation = ""

    def send(self, draft: Draft, *, again: bool = False, dry_run: bool = False) -> Outcome:
        """Send `draft`.

        Args:
            draft: What to write.
            again: Whether a deliberate repeat is meant: what was already written is written once more.
            dry_run: Whether only to return what would be sent.

        Raises:
            DraftError: If the draft has problems. Nothing was sent.
            TrainingRefused: If training mode does not allow it. Nothing was sent.
            OutcomeUnknown: If it cannot be known whether it was written.
            ServiceError: If the service refused it. Nothing was written.
            ConnectionFailed: If the service cannot be reached. Nothing was sent.
        """
        self._check(draft)
        # Kept, since asking once more after the write could fail and hide that it was done.
        self._organisation = self._vocabulary.identity().dashboard_url
        key = draft.key(self._organisation)
        reference = "" if isinstance(draft, Declaration) else draft.incident.reference
        if dry_run:
            return Outcome(
                ledger.NOT_SENT,
                f"Dry run, nothing sent. This would {_DOES[draft.verb]} {reference}".rstrip() + ":",
                reference=reference,
                key=key,
                rows=(*draft.rows(), ("idempotency key" if not isinstance(draft, Edit) else "key", key, "")),
            )
        try:
            return self._edit(draft, key) if isinstance(draft, Edit) else self._keyed(draft, key, again=again)
        except KeyboardInterrupt:
            raise _interrupted(draft) from None

    def _check(self, draft: Draft) -> None:
        if problems := draft.problems():
            said = "; ".join(f"{name}: {message}" for name, message in problems.items())
            hint = "nothing was sent"
            if "severity" in problems:
                names = ", ".join(one.name for one in self._vocabulary.severities())
                hint = f"--severity takes one of {names}; nothing was sent"
            raise errors.DraftError(said, hint=hint, fields=problems)
        if not self._settings.training:
            return
        mode = draft.mode if isinstance(draft, Declaration) else draft.incident.mode
        if mode != TEST:
            what = "this incident" if isinstance(draft, Declaration) else draft.incident.reference
            raise errors.TrainingRefused(
                f"Training mode writes to test incidents only, and {what} is {mode}; nothing was sent.",
                hint="%incidents training off ends training mode",
            )
        if isinstance(draft, Page) and not is_this_machine(self._host):
            raise errors.TrainingRefused(
                "Training mode pages nobody on the real service; nothing was sent.",
                hint="practise paging on the sandbox: %incidents sandbox",
            )

    @property
    def _host(self) -> str:
        return self._api.transport.host

    # Writes with an idempotency key

    def _keyed(self, draft: Keyed, intent: str, *, again: bool) -> Outcome:
        past = [entry for entry in self._past(intent) if entry.result or entry.outcome == ledger.UNKNOWN]
        key = intent
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
            made, replayed = self._post(draft, intent, key)
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

    def _post(self, draft: Keyed, intent: str, key: str) -> tuple[Made, bool]:
        """Send one key and return what was made, and whether an earlier request had made it."""
        known = {entry.result for entry in self._past(intent) if entry.key == key and entry.result}
        begun = self._clock()
        body = {"idempotency_key": key, **draft.payload()}
        self._note(draft, intent, key, ledger.SENDING)
        try:
            made = self._create(draft, body)
        except _AMBIGUOUS as error:
            self._note(draft, intent, key, ledger.UNKNOWN, request_id=error.request_id)
            raise _unknown(draft, error) from None
        except errors.ValidationFailed as error:
            if (earlier := self._earlier(draft, known)) is not None:
                self._note(draft, intent, key, ledger.NOT_SENT, request_id=error.request_id, result=earlier.id)
                return earlier, True
            self._note(draft, intent, key, ledger.NOT_SENT, request_id=error.request_id)
            raise self._explained(draft, error) from None
        except errors.IncidentioError as error:
            self._note(draft, intent, key, ledger.NOT_SENT, request_id=error.request_id)
            raise
        except BaseException:
            self._note(draft, intent, key, ledger.UNKNOWN)
            raise
        known |= {entry.result for entry in self._past(intent) if entry.key == key and entry.result}
        # Counted back from the answer by the service's own clock: this machine's may have been set, or have slept.
        first_sent = self._api.transport.now() - timedelta(seconds=self._clock() - begun)
        replayed = made.id in known or made.created_at < first_sent - _SAME_MOMENT
        request_id = self._api.last_request_id
        outcome = ledger.NOT_SENT if replayed else ledger.SENT
        reference = made.reference if isinstance(made, models.Incident) else ""
        self._note(draft, intent, key, outcome, request_id=request_id, result=made.id, reference=reference)
        return made, replayed

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

    def _explained(self, draft: Draft, error: errors.ValidationFailed) -> errors.ValidationFailed:
        """Add the legal moves to a refused status."""
        if isinstance(draft, Update | Edit) and draft.status and any("status" in name for name in error.fields):
            try:
                present = self._api.incident(draft.incident.id).incident_status
                names = [one.name for one in legal_statuses(present, self._vocabulary.statuses())]
            except errors.IncidentioError:  # the refusal must not be hidden by a failing read
                return error
            moves = f"from {present.name} it can move to {', '.join(names)}" if names else f"{present.name} is final"
            error.hint = f"{moves}; nothing was sent"
        return error

    # Edits, which have no key

    def _edit(self, draft: Edit, intent: str) -> Outcome:
        incident = draft.incident
        if not draft.changed(incident):
            return Outcome(
                ledger.NOT_SENT,
                f"{incident.reference} already has these values; nothing sent.",
                incident.reference,
                incident.permalink or "",
                intent,
                record=incident,
            )
        for _attempt in range(_EDIT_ATTEMPTS):
            self._note(draft, intent, intent, ledger.SENDING)
            try:
                edited = self._api.edit_incident(incident.id, draft.payload())
            except _AMBIGUOUS as error:
                after = self._read_back(draft, intent, error)
                if not draft.changed(after):
                    self._note(draft, intent, intent, ledger.SENT, request_id=error.request_id, result=incident.id)
                    return self._edited(draft, after, intent, " (the answer was lost; read back and found done)")
                if (reason := self._why_not_again(draft, intent, error, after)) is not None:
                    raise reason from None
            except errors.ValidationFailed as error:
                self._note(draft, intent, intent, ledger.NOT_SENT, request_id=error.request_id)
                raise self._explained(draft, error) from None
            except errors.IncidentioError as error:
                self._note(draft, intent, intent, ledger.NOT_SENT, request_id=error.request_id)
                raise
            except BaseException:
                self._note(draft, intent, intent, ledger.UNKNOWN)
                raise
            else:
                self._note(draft, intent, intent, ledger.SENT, request_id=self._api.last_request_id, result=incident.id)
                return self._edited(draft, edited, intent)
        raise errors.ConnectionFailed(
            f"The edit of {incident.reference} was lost {_EDIT_ATTEMPTS} times and has not happened.",
            hint="run this again when the connection is better",
            retryable=True,
        )

    def _read_back(self, draft: Edit, intent: str, error: errors.IncidentioError) -> models.Incident:
        self._sleep(_BEFORE_READING_BACK)  # what is still on its way should arrive first
        try:
            return self._api.incident(draft.incident.id)
        except errors.IncidentioError:
            self._note(draft, intent, intent, ledger.UNKNOWN, request_id=error.request_id)
            raise _unknown(draft, error, list(draft.wanted())) from None

    def _why_not_again(
        self, draft: Edit, intent: str, error: errors.IncidentioError, after: models.Incident
    ) -> errors.IncidentioError | None:
        """Return why an edit that is not wholly done must not be sent again, or None if it may be."""
        unchanged = draft.found(after) == draft.found(draft.incident)
        outcome = ledger.NOT_SENT if unchanged else ledger.UNKNOWN
        self._note(draft, intent, intent, outcome, request_id=error.request_id)
        if unchanged and isinstance(error, errors.Conflict):
            return error
        # A notification must not go out twice, so a person decides whether to send it again.
        return None if unchanged and not draft.notify else _unknown(draft, error, draft.changed(after))

    def _edited(self, draft: Edit, after: models.Incident, key: str, remark: str = "") -> Outcome:
        names = ", ".join(draft.changed(draft.incident))
        told = "; the channel was told" if draft.notify else ""
        return Outcome(
            ledger.SENT,
            f"{after.reference} edited: {names}{told}{remark}.",
            after.reference,
            after.permalink or "",
            key,
            self._api.last_request_id,
            record=after,
        )

    # Words and memory

    def _outcome(self, draft: Keyed, made: Made, key: str, *, replayed: bool) -> Outcome:
        zone = self._settings.zone
        at = f"{made.created_at.astimezone(zone):%H:%M:%S %Z}"
        if replayed and made.created_at < self._api.transport.now() - timedelta(hours=12):
            at = f"{made.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
        incident = made if isinstance(made, models.Incident) else None
        if not isinstance(draft, Declaration):
            incident = draft.incident
        reference = incident.reference if incident else ""
        again = "--again does it once more"
        match draft:
            case Declaration():
                shown = self._name(incident) if incident else ""
                sentence = f"{reference} declared at {at}: {shown}"
                earlier = f"{reference} is already open from this same text, declared at {at}; nothing sent"
            case Update():
                sentence = f"{reference} updated at {at}" + _new_values(draft)
                earlier = f"Already shared on {reference} at {at}; nothing sent; {again}"
            case Event():
                when = draft.at.astimezone(zone)
                sentence = f"{reference}: event at {when:%Y-%m-%d %H:%M %Z} added to the timeline"
                earlier = f"Already on the timeline of {reference} since {at}; nothing sent; {again}"
            case Page():
                whom = draft.path.name if draft.path else ", ".join(user.name for user in draft.users)
                sentence = f"{reference}: paged {whom} at {at}"
                earlier = f"Already paged for {reference} at {at}; nothing sent; {again}"
        return Outcome(
            ledger.NOT_SENT if replayed else ledger.SENT,
            (earlier if replayed else sentence) + ".",
            reference,
            (incident.permalink or "") if incident else "",
            key,
            self._api.last_request_id,
            record=made,
        )

    def _name(self, incident: models.Incident) -> str:
        parts = [
            _MASKED if incident.is_private and not self._settings.show_private else incident.name,
            incident.severity.name if incident.severity else "",
            incident.incident_status.name,
            "" if incident.mode == "standard" else incident.mode,
        ]
        return " · ".join(part for part in parts if part)

    def _past(self, intent: str) -> list[ledger.Entry]:
        try:
            return self._ledger.of_intent(intent)
        except OSError as error:
            warnings.warn(f"The ledger cannot be read, the write goes on: {error}", LedgerWarning, stacklevel=2)
            return []

    def _note(
        self,
        draft: Draft,
        intent: str,
        key: str,
        outcome: str,
        *,
        request_id: str = "",
        result: str = "",
        reference: str = "",
    ) -> None:
        if not reference and not isinstance(draft, Declaration):
            reference = draft.incident.reference
        entry = ledger.Entry(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            who=_user(),
            organisation=self._organisation,
            verb=draft.verb,
            reference=reference,
            intent=intent,
            key=key,
            outcome=outcome,
            result=result,
            request_id=request_id,
        )
        try:
            self._ledger.append(entry)
        except OSError as error:  # an incident is no time to stop for a full disk: the service still knows the key
            warnings.warn(f"The ledger cannot be written, the write goes on: {error}", LedgerWarning, stacklevel=2)


class LedgerWarning(UserWarning):
    """The local ledger could not be written; the write itself goes on."""


_DOES: Final = {
    "declare": "declare an incident",
    "update": "update",
    "event": "add to the timeline of",
    "page": "page for",
    "edit": "edit",
}


def _new_values(draft: Update) -> str:
    changes = []
    if draft.status:
        changes.append((draft.incident.incident_status.name, draft.status.name))
    if draft.severity:
        changes.append((draft.incident.severity.name if draft.incident.severity else "", draft.severity.name))
    texts = [f"{before} → {after}" if before not in {"", after} else after for before, after in changes]
    return ": " + " · ".join(texts) if texts else ""


def _interrupted(draft: Draft) -> errors.Interrupted:
    """Return what a person is told who stops a write while it is on its way."""
    what, hint = _to_check(draft, None)
    return errors.Interrupted(f"It is not known whether {what}.", hint=hint)


def _unknown(draft: Draft, error: errors.IncidentioError, names: list[str] | None = None) -> errors.OutcomeUnknown:
    """Return the error of a write whose answer was lost, naming what to check."""
    what, hint = _to_check(draft, names)
    return errors.OutcomeUnknown(
        f"It is not known whether {what}: {error.message}", hint=hint, request_id=error.request_id, retryable=True
    )


def _to_check(draft: Draft, names: list[str] | None) -> tuple[str, str]:
    if isinstance(draft, Declaration):
        what, check = "the incident was declared", "%incidents list --since 1h"
    else:
        reference = draft.incident.reference
        what = _HAPPENED[draft.verb].format(reference)
        check = f"%incidents show {reference}" if isinstance(draft, Edit) else f"%incidents updates {reference}"
    if isinstance(draft, Edit):
        names = draft.changed(draft.incident) if names is None else names
        return what, f"check {', '.join(names)} with {check} before you run it again"
    return what, f"run it again: the same key can make it only once; {check} shows what is there"


_HAPPENED: Final = {
    "update": "the update of {} was shared",
    "event": "the event was added to {}",
    "page": "people were paged for {}",
    "edit": "the edit of {} went through",
}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without a name
        return ""
