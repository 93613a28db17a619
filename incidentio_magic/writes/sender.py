"""Checks a draft and sends it with the method for its kind."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api.service_clock import steady_seconds
from incidentio_magic.writes import ledger
from incidentio_magic.writes.creations import Creations
from incidentio_magic.writes.drafts import (
    Creation,
    Edit,
    StateChange,
    reference_of,
)
from incidentio_magic.writes.drafts.intents import incident_row
from incidentio_magic.writes.edits import Edits
from incidentio_magic.writes.guard import BANNER, Guard
from incidentio_magic.writes.idempotent import KeyedWrites
from incidentio_magic.writes.ledger_entry import Notes
from incidentio_magic.writes.outcome import Outcome
from incidentio_magic.writes.receipt import described
from incidentio_magic.writes.state_changes import StateChanges
from incidentio_magic.writes.unknown_outcome import interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incidentio_magic.api.endpoints import Api
    from incidentio_magic.names.vocabulary import Vocabulary
    from incidentio_magic.settings import Settings
    from incidentio_magic.writes.drafts import Draft

_DOES: Final = {
    "declare": "declare an incident",
    "update": "update",
    "event": "add to the timeline of",
    "page": "page for",
    "edit": "edit",
}
_KEYLESS: Final = (Edit, Creation, StateChange)
_WAITS: Final = "incident.io: waiting for another kernel that is making the same write; interrupt to stop"


class Sender:
    """Sends drafts over one connection.

    Args:
        api: The endpoints.
        vocabulary: The organisation's words.
        settings: Whether this is training, and where the ledger is.
        clock: A monotonic clock in seconds.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        api: Api,
        vocabulary: Vocabulary,
        settings: Settings,
        *,
        clock: Callable[[], float] = steady_seconds,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._vocabulary = vocabulary
        self.guard = Guard(api, training=settings.training)
        self._settings = settings
        self._ledger = ledger.Ledger(settings.ledger)
        self._sleep = sleep
        self._keyed = KeyedWrites(api, vocabulary, settings, clock)
        self._edits = Edits(api, vocabulary, sleep)
        self._creations = Creations(api, settings, clock, sleep)
        self._state_changes = StateChanges(api, settings, sleep)

    def send_checked(self, draft: Draft, *, again: bool = False, dry_run: bool = False) -> Outcome:
        """Send `draft`.

        Args:
            draft: What to write.
            again: Whether to deliberately repeat what was already written.
            dry_run: Whether to send nothing and return the request that would be sent.

        Raises:
            DraftError: If the draft has problems. Nothing was sent.
            TrainingRefused: If training mode does not allow it. Nothing was sent.
            OutcomeUnknown: If it is unknown whether it was written.
            ServiceError: If the service rejected it. Nothing was written.
            ConnectionFailed: If the service cannot be reached. Nothing was sent.
        """
        outcome = self._sent(draft, again=again, dry_run=dry_run)
        outcome = described(outcome, draft, show_private=self._settings.show_private)
        return replace(outcome, banner=BANNER) if self.guard.on else outcome

    def _sent(self, draft: Draft, *, again: bool, dry_run: bool) -> Outcome:
        self._check(draft)
        # Read before the write: a read after it could fail and hide that the write was made.
        organisation = self._vocabulary.identity().dashboard_url
        notes = Notes(self._ledger, draft, organisation, lambda: self._api.transport.ahead)
        if dry_run:
            return _preview(draft, notes.intent, self._why_nothing(draft, notes, again=again))
        with self._locked(draft, notes.intent):
            try:
                if isinstance(draft, Edit):
                    return self._edits.send_differences(draft, notes)
                if isinstance(draft, StateChange):
                    return self._state_changes.send_if_needed(draft, notes, again=again)
                if isinstance(draft, Creation):
                    return self._creations.send_unless_present(draft, notes, again=again)
                return self._keyed.send_once(draft, notes, again=again)
            except KeyboardInterrupt:
                if not notes.begun:
                    raise
                raise interrupted(draft) from None

    def _why_nothing(self, draft: Draft, notes: Notes, *, again: bool) -> str:
        """Return a sentence that says why a run would send nothing; "" if it would send `draft`."""
        if isinstance(draft, Edit):
            return "" if draft.changed(draft.incident) else f"{draft.incident.reference} already has these values."
        if isinstance(draft, StateChange):
            return self._state_changes.preview(draft, again=again)
        if isinstance(draft, Creation):
            return self._creations.preview(draft, notes, again=again)
        return self._keyed.preview(draft, notes, again=again)

    @contextmanager
    def _locked(self, draft: Draft, intent: str) -> Iterator[None]:
        """Wait until the same write by another kernel on this machine ends, so that each knows which kernel made it.

        Raises:
            WriteInProgress: If it does not end, and the service could not recognise a second write.
        """
        from incidentio_magic.writes.process_lock import process_lock  # noqa: PLC0415  filelock loads on first use

        waits: list[bool] = []

        def waiting(begins: bool) -> None:
            waits.append(begins)
            self._api.transport.announce(_WAITS if begins else "")

        path = self._settings.ledger
        folder = path.parent / f"{path.name}.locks"
        with process_lock(
            folder, intent, patience=self._settings.max_wait, waiting=waiting, sleep=self._sleep
        ) as is_held:
            if waits and not is_held and isinstance(draft, Creation):
                raise errors.WriteInProgress(
                    f"Another kernel is still adding the same {draft.noun} to {draft.incident.reference}; nothing was"
                    " sent.",
                    hint="run this again when it has ended: it checks first, and adds nothing twice",
                    retryable=True,
                )
            yield

    def _check(self, draft: Draft) -> None:
        if problems := draft.problems():
            summary = "; ".join(f"{name}: {message}" for name, message in problems.items())
            hint = "nothing was sent"
            if "severity" in problems:
                names = ", ".join(severity.name for severity in self._vocabulary.severities())
                hint = f"--severity takes one of {names}; nothing was sent"
            raise errors.DraftError(summary, hint=hint, fields=problems)
        self.guard.check_draft(draft)


def _preview(draft: Draft, key: str, why_nothing: str) -> Outcome:
    """Return the preview of a run, or why it would send nothing."""
    incident = getattr(draft, "incident", None)
    reference = reference_of(draft)
    does = draft.does if isinstance(draft, Creation | StateChange) else f"{_DOES[draft.verb]} {reference}".rstrip()
    sentence = f"A real run would send nothing either: {why_nothing}" if why_nothing else f"This would {does}:"
    rows = draft.rows() if not why_nothing else [incident_row(incident)] if incident else []
    return Outcome(
        ledger.NOT_SENT,
        f"Dry run, nothing sent. {sentence}",
        reference=reference,
        key=key,
        rows=(*rows, ("key" if isinstance(draft, _KEYLESS) else "idempotency key", key, "")),
    )
