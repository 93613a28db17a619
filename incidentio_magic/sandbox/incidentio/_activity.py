"""The activity log: identifiers for everything new, and an entry for each change of an incident."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import ActivityBody, ActivityContent
    from incidentio_magic.sandbox.vocabulary import Organisation

# The counter of its identifier, its time, type, title and content.
PastEntry = tuple[int, str, str, str, "ActivityContent | None"]


class ActivityLog:
    """Makes identifiers and writes the activity log.

    Args:
        store: where the rows go; the caller holds the transaction.
        organisation: the vocabulary.
        seed: decides the identifiers of new objects.
    """

    def __init__(self, store: Store, organisation: Organisation, seed: int) -> None:
        self.store = store
        self.organisation = organisation
        self.seed = seed
        self._identifiers = Identifiers(seed)
        self.counter = int(store.setting("counter") or 0)
        # The last entry of each type, for an item that is promoted from it.
        self._last_entries: dict[str, PastEntry] = {}
        # The entries that each incident gets within a block of `together`.
        self._together: defaultdict[str, list[PastEntry]] | None = None
        store.define("identifier", self._identifiers.make)

    def identity(self, at: str) -> str:
        """Return a new identifier for something made at this time."""
        self.counter += 1
        return self._identifiers.make(at, self.counter)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write the entries that each incident gets within the block as one row, which is faster.

        The row holds the parts of each entry; most entries of a long history are never read.
        """
        self._together = defaultdict(list)
        try:
            yield
            for incident_id, entries in self._together.items():
                counter, at, *_ = entries[0]
                entry_id = self._identifiers.make(at, counter)
                columns = {"id": entry_id, "incident_id": incident_id, "number": len(entries), "entries": entries}
                self.store.put("past_activity", columns)
        finally:
            self._together = None

    def record(self, incident_id: str, at: str, kind: str, title: str, content: ActivityContent | None = None) -> None:
        """Add an entry to the activity log."""
        self.counter += 1
        entry = self._last_entries[kind] = (self.counter, at, kind, title, content)
        if self._together is not None:
            self._together[incident_id].append(entry)
            return
        body: ActivityBody = {"type": kind, "title": title, "created_at": at}
        if content is not None:
            body["content"] = content
        row = {"id": self.entry_id(kind), "incident_id": incident_id, "occurred_at": at, "document": body}
        self.store.put("incident_activity_log_entries", row)

    def entry_id(self, kind: str) -> str:
        """Return the identifier of the last entry of this type."""
        counter, at, *_ = self._last_entries[kind]
        return self._identifiers.make(at, counter)
