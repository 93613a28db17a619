"""Records the beginning and the end of a write in the ledger."""

from __future__ import annotations

import getpass
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from incidentio_magic.writes import ledger
from incidentio_magic.writes.drafts import reference_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from incidentio_magic.writes.drafts import Draft


class LedgerWarning(UserWarning):
    """Warning: the local ledger could not be written; the write itself continues."""


class Notes:
    """The ledger's entries for one intent.

    Args:
        kept: The ledger.
        draft: The draft to be written.
        organisation: The dashboard address of the organisation written to.
        ahead: Returns how far the service's clock is ahead of this machine's clock.

    Attributes:
        begun: Whether a request may have been sent.
    """

    def __init__(self, kept: ledger.Ledger, draft: Draft, organisation: str, ahead: Callable[[], timedelta]) -> None:
        self.intent = draft.key(organisation)
        self.begun = False
        self._ledger = kept
        self._draft = draft
        self._organisation = organisation
        self._ahead = ahead

    def past(self) -> list[ledger.Entry]:
        """Return how earlier writes of this intent ended, oldest first."""
        try:
            written = self._ledger.of_intent(self.intent)
        except OSError as error:
            warnings.warn(f"The ledger cannot be read; the write continues: {error}", LedgerWarning, stacklevel=2)
            written = []
        return written + self._ledger.unwritten(self.intent)

    def results(self, key: str) -> set[str]:
        """Return the IDs of the records that `key` is known to have created."""
        return {entry.result for entry in self.past() if entry.key == key and entry.result}

    def add(self, outcome: str, key: str = "", *, request_id: str = "", result: str = "", reference: str = "") -> None:
        """Record that a request with `key` begins, or how it ended; an empty `key` means the intent's own key."""
        self.begun = True
        now = datetime.now(UTC)
        entry = ledger.Entry(
            at=now.isoformat(timespec="seconds"),
            who=_user(),
            organisation=self._organisation,
            verb=self._draft.verb,
            reference=reference or reference_of(self._draft),
            intent=self.intent,
            key=key or self.intent,
            outcome=outcome,
            result=result,
            request_id=request_id,
            service_at=(now + self._ahead()).isoformat(timespec="seconds"),
        )
        try:
            self._ledger.append(entry)
        except OSError as error:  # a full disk must not stop a write: the service still knows the key
            warnings.warn(f"The ledger cannot be written; the write continues: {error}", LedgerWarning, stacklevel=2)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run as a user without a name
        return ""
