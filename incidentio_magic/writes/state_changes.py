"""Sends changes without an idempotency key: responses to pages, and changes of follow-ups and actions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic import errors
from incidentio_magic.writes import ledger
from incidentio_magic.writes.drafts import PageResponse, TaskChange
from incidentio_magic.writes.drafts.page_response import CANCEL, OVER, PAST, SNOOZE
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.unknown_outcome import AMBIGUOUS, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api import models
    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.drafts import StateChange
    from incidentio_magic.writes.ledger_entry import Notes


_ATTEMPTS: Final = 3
_REFUSED: Final = (errors.Conflict, errors.ValidationFailed)
_BEFORE_READING_BACK: Final = 1.0


class StateChanges:
    """Sends responses to pages, and changes of follow-ups and actions.

    It reads the record first, sends the change only if it makes a difference, and reads the record back after a lost
    response.

    Args:
        api: The endpoints.
        settings: The time zone of messages.
        sleep: Waits for a number of seconds.
    """

    def __init__(self, api: Api, settings: Settings, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._settings = settings
        self._sleep = sleep

    def preview(self, draft: StateChange, *, again: bool) -> str:
        """Return a sentence that says why a run would change nothing; "" if it would send `draft`."""
        return self._why_nothing(draft, self._read(draft), again=again)

    def send_if_needed(self, draft: StateChange, notes: Notes, *, again: bool) -> Outcome:
        """Send `draft` if it makes a difference; `Sender.send_checked` lists the possible outcomes."""
        before = self._read(draft)
        if sentence := self._why_nothing(draft, before, again=again):
            if (past := notes.past()) and past[-1].outcome == ledger.UNKNOWN:  # now the outcome is known
                notes.add(ledger.NOT_SENT, result=before.id)
            return self._outcome(draft, notes, before, sentence, sent=False)
        if isinstance(draft, TaskChange):
            draft = self._over(draft, before)
        was_lost, last = False, errors.IncidentioError("")
        for _attempt in range(_ATTEMPTS):
            notes.add(ledger.SENDING)
            try:
                made = self._send(draft)
            except (*AMBIGUOUS, errors.ValidationFailed) as error:
                was_lost, last = was_lost or not isinstance(error, _REFUSED), error
                if (outcome := self._after(draft, notes, error, before, was_lost=was_lost)) is not None:
                    return outcome
            except errors.IncidentioError as error:
                notes.add(ledger.UNKNOWN if was_lost else ledger.NOT_SENT, request_id=error.request_id)
                raise (unknown(draft, error) if was_lost else error) from None
            except BaseException:
                notes.add(ledger.UNKNOWN)
                raise
            else:
                request_id = self._api.last_request_id
                notes.add(ledger.SENT, request_id=request_id, result=_record(draft).id)
                return self._sent(draft, notes, made or self._afterwards(draft), request_id=request_id)
        # Nothing has changed yet, but the last request may still be in transit.
        notes.add(ledger.UNKNOWN, request_id=last.request_id)
        raise unknown(draft, last)

    def _after(
        self, draft: StateChange, notes: Notes, error: errors.IncidentioError, before: Any, *, was_lost: bool
    ) -> Outcome | None:
        """Return the outcome, judged by the record's current state; None if it is unchanged and a retry is allowed.

        Raises:
            IncidentioError: If the service rejected the change, or the outcome is unknown.
        """
        after = self._read_back(draft, notes, error, was_lost=was_lost)
        if draft.is_done(after) and (after.updated_at != before.updated_at or not draft.is_done(before)):
            # If no response was lost, somebody else made the change.
            notes.add(ledger.SENT if was_lost else ledger.NOT_SENT, request_id=error.request_id, result=after.id)
            if was_lost:
                return self._sent(draft, notes, after, " (the response was lost; read back and confirmed)")
            return self._outcome(draft, notes, after, self._why_nothing(draft, after), sent=False)
        if isinstance(error, _REFUSED):
            notes.add(ledger.NOT_SENT, request_id=error.request_id)
            raise error
        if after != before:
            notes.add(ledger.UNKNOWN, request_id=error.request_id)
            raise unknown(draft, error)
        notes.add(ledger.NOT_SENT, request_id=error.request_id)
        return None

    def _why_nothing(self, draft: StateChange, record: Any, *, again: bool = False) -> str:
        """Return a sentence that says why there is nothing to send; "" if the change makes a difference."""
        if isinstance(draft, TaskChange):
            what = f"The {draft.noun} {draft.label}"
            return f"{what} is already {self._state(record)}; nothing sent." if draft.is_done(record) else ""
        name = draft.name[0].upper() + draft.name[1:]
        if draft.is_done(record) and not (again and draft.verb == SNOOZE):
            return f"{name} is already {PAST[draft.verb]}{self._acknowledged(record)}; nothing sent."
        if record.status in OVER:
            return f"{name} is {record.status} and pages nobody; nothing sent."
        if draft.verb == SNOOZE and record.status == "acked":
            return f"{name} is acknowledged and pages nobody; nothing sent."
        return ""

    def _over(self, draft: TaskChange, now: Any) -> TaskChange:
        """Return the change for the task's current state.

        Raises:
            ChangedMeanwhile: If somebody else has changed the same properties.
            UnexpectedAnswer: If part of the task cannot be read, because the change would delete that part.
        """
        if unreadable := self._api.last_unreadable:
            places = ", ".join(unreadable)
            raise errors.UnexpectedAnswer(
                f"A part of the {draft.noun} {draft.label} cannot be read ({places}) and would be lost; nothing was"
                " sent.",
                status=HTTPStatus.OK,
                hint="change it in the web app",
            )
        if draft.found(now) != draft.found(draft.task):
            raise errors.ChangedMeanwhile(
                f"Somebody else has changed the {draft.noun} {draft.label} since it was read; nothing was sent.",
                hint=f"check with {draft.check}; run this again to overwrite it",
            )
        return draft.of(now)

    def _read(self, draft: StateChange) -> Any:
        if isinstance(draft, PageResponse):
            return self._api.escalation(draft.escalation.id)
        if draft.is_follow_up:
            return self._api.follow_up(draft.task.id)
        return self._api.action(draft.task.id)

    def _send(self, draft: StateChange) -> Any:
        """Send the change once; return the service's record, or None if it returns nothing."""
        if isinstance(draft, TaskChange):
            change = self._api.update_follow_up if draft.is_follow_up else self._api.update_action
            return change(draft.task.id, draft.payload())
        if draft.verb == CANCEL:
            self._api.cancel_escalation(draft.escalation.id)
        else:
            self._api.respond_to_escalation(draft.escalation.id, draft.payload())
        return None

    def _read_back(self, draft: StateChange, notes: Notes, error: errors.IncidentioError, *, was_lost: bool) -> Any:
        if was_lost:
            self._sleep(_BEFORE_READING_BACK)  # give a request in transit time to arrive
        try:
            return self._read(draft)
        except errors.IncidentioError:
            notes.add(ledger.UNKNOWN if was_lost else ledger.NOT_SENT, request_id=error.request_id)
            raise (unknown(draft, error) if was_lost else error) from None

    def _afterwards(self, draft: StateChange) -> Any:
        """Return the record's current state; None if it cannot be read, because that must not hide what was done."""
        try:
            return self._read(draft)
        except errors.IncidentioError:
            return None

    def _sent(self, draft: StateChange, notes: Notes, after: Any, remark: str = "", *, request_id: str = "") -> Outcome:
        if isinstance(draft, TaskChange):
            state = f": {self._state(after)}" if after else ""
            sentence = f"The {draft.noun} {draft.label} is changed{state}{remark}"
        else:
            name = draft.name[0].upper() + draft.name[1:]
            until = f" until {draft.until.astimezone(self._settings.zone):%Y-%m-%d %H:%M %Z}" if draft.until else ""
            at = f" at {after.updated_at.astimezone(self._settings.zone):%H:%M:%S %Z}" if after and not until else ""
            sentence = f"{name} was {PAST[draft.verb]}{until}{at}{remark}"
        if after is not None and not draft.is_done(after):
            sentence += "; the service shows a different state: check it before you continue"
        return self._outcome(draft, notes, after, sentence + ".", request_id=request_id, sent=True)

    def _acknowledged(self, escalation: models.Escalation) -> str:
        """Return when a page was acknowledged and by which people, if known."""
        events = [event for event in escalation.events if event.event == "acked"]
        if escalation.status != "acked" or not events:
            return ""
        people = ", ".join(user.name for user in events[-1].users or ())
        at = events[-1].occurred_at.astimezone(self._settings.zone)
        return f", since {at:%Y-%m-%d %H:%M:%S %Z}" + (f", by {people}" if people else "")

    def _state(self, task: models.FollowUp | models.Action) -> str:
        return f"{task.status.replace('_', ' ')}, {f'for {task.assignee.name}' if task.assignee else 'for nobody'}"

    def _outcome(
        self, draft: StateChange, notes: Notes, record: Any, sentence: str, *, request_id: str = "", sent: bool
    ) -> Outcome:
        incident = draft.incident
        snoozed = isinstance(draft, PageResponse) and draft.verb == SNOOZE and not sent
        return Outcome(
            ledger.SENT if sent else ledger.NOT_SENT,
            sentence,
            incident.reference if incident else "",
            (incident.permalink or "") if incident else "",
            notes.intent,
            request_id or self._api.last_request_id,
            record=record,
            option_hint="--again snoozes it again" if snoozed and record.status == "snoozed" else "",
            id=_record(draft).id,
        )


def _record(draft: StateChange) -> Any:
    return draft.escalation if isinstance(draft, PageResponse) else draft.task
