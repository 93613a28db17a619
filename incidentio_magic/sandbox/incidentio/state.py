"""The state of the imitated service: its store, clock, organisation, journal and renderer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.incidentio.clock import written
from incidentio_magic.sandbox.incidentio.journal import Journal
from incidentio_magic.sandbox.incidentio.render import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from incidentio_magic.sandbox.incidentio.clock import Clock
    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import Incident
    from incidentio_magic.sandbox.vocabulary import Organisation


class State:
    """The state that routes read and change; the service fills it in.

    Args:
        store: where every row is kept.
    """

    epoch: datetime
    seed: int
    clock: Clock
    organisation: Organisation
    journal: Journal
    renderer: Renderer

    def __init__(self, store: Store) -> None:
        self.store = store
        # Trainees' keys: each has its own idempotency keys, because a class runs the same cells.
        self.trainee_ids: frozenset[str] = frozenset()
        # The key of a class whose lists show everyone's incidents on request; empty if there is no class.
        self.facilitator_id = ""
        # Called with the key, the incident and the time, inside the transaction that declares an incident.
        self.declared: Callable[[str, Incident, str], None] = lambda _key, _incident, _at: None

    def give(self, object_id: str, key_ids: Iterable[str]) -> None:
        """Assign an incident or an alert to keys of a class, inside the caller's transaction."""
        for key_id in key_ids:
            self.store.put("class_members", {"object_id": object_id, "key_id": key_id})

    def belongs(self, object_id: str, key_id: str) -> bool:
        """Return whether an incident or an alert belongs to a key of a class."""
        query = "SELECT 1 FROM class_members WHERE object_id = ? AND key_id = ?"
        return self.store.row(query, (object_id, key_id)) is not None

    def ready(self) -> None:
        """Make the journal and the renderer from the organisation."""
        self.journal = Journal(self.store, self.organisation, self.seed)
        self.renderer = Renderer(self.store, self.organisation)

    @contextmanager
    def writing(self) -> Iterator[str]:
        """Open a transaction and yield its time."""
        with self.store.writing():
            yield written(self.clock.next())
            self.accept()

    def accept(self) -> None:
        """Tick the clock for an accepted write, inside the transaction."""
        self.clock.tick()
        self.keep()

    def keep(self) -> None:
        """Store the time and the counter of identifiers, inside the transaction."""
        self.store.set("counter", self.journal.counter)
        self.store.set("now", written(self.clock.now()))
        self.store.set("real", self.clock.real())
        self.store.set("speed", self.clock.speed)

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.clock.now()
