"""The whole sandbox without its server: the imitated service, its keys, limits, faults, class and past requests."""

from __future__ import annotations

import json
from collections import deque
from threading import Event, Lock
from typing import Any, cast

from flask import current_app

from incidentio_magic.sandbox.classroom.drills import Drills
from incidentio_magic.sandbox.classroom.presence import Presence
from incidentio_magic.sandbox.classroom.roster import Roster, Trainee
from incidentio_magic.sandbox.history import seed
from incidentio_magic.sandbox.http.access import ROLES, TRAINEE_ROLES, Key, key_from
from incidentio_magic.sandbox.http.faults import Fault, Faults
from incidentio_magic.sandbox.http.rates import Rates
from incidentio_magic.sandbox.incidentio import organisation
from incidentio_magic.sandbox.incidentio.clock import Clock, parsed, this_hour, written
from incidentio_magic.sandbox.incidentio.identifiers import identifier
from incidentio_magic.sandbox.incidentio.state import State
from incidentio_magic.sandbox.incidentio.store import TABLES, Store
from incidentio_magic.sandbox.settings import SANDBOX_KEY, Settings

Record = dict[str, Any]

REMEMBERED_REQUESTS = 10_000
TOO_MANY = 429


class Service(State):
    """One sandbox, without its server.

    Args:
        settings: its settings.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.requests: deque[Record] = deque(maxlen=REMEMBERED_REQUESTS)
        self._counting = Lock()
        self._stopping = Event()
        self._counted = 0
        self.rates = Rates(
            settings.rate,
            {
                "GET /v2/incidents": ("incidents_list", settings.list_rate),
                "POST /v2/escalations": ("escalations_create", settings.list_rate),
            },
            window=settings.window,
        )
        self.presence = Presence()
        self.roster = Roster()
        self.new_trainees: tuple[Trainee, ...] = ()
        self.full_key = settings.key
        self._changes_at_reset = -1
        super().__init__(Store(settings.database))
        try:
            self._open()
        except BaseException:
            self.store.close()
            raise

    def _open(self) -> None:
        if self.store.setting("epoch") is None:
            self.epoch = parsed(self.settings.epoch) if self.settings.epoch else this_hour()
            self.seed = self.settings.seed
            self.incidents = self.settings.incidents
            self.clock = Clock(self.epoch, frozen=self.settings.frozen)
            self.faults = Faults(self.seed, keep=self._keep_faults)
            with self.store.writing():
                self._fill()
        else:
            # A database that is already there knows its own past: the seed and the epoch are its own.
            self.epoch = parsed(self.store.setting("epoch"))
            self.seed = self.store.setting("seed")
            self.incidents = self.store.setting("incidents")
            now = parsed(self.store.setting("now"))
            speed = self.store.setting("speed")
            self.clock = Clock(now, frozen=self.settings.frozen, speed=1.0 if speed is None else speed)
            if not self.clock.frozen:
                self.clock.resume(now, self.store.setting("real"))
            waiting = [Fault(**fault) for fault in self.store.setting("faults") or ()]
            self.faults = Faults(self.seed, waiting, self._keep_faults)
            # Kept objects stay as they are; kinds that an earlier version did not know are added.
            self.organisation = organisation.build(self.seed, self.epoch) | self.store.setting("organisation")
            self.roster = Roster.of(self.store.setting("roster"))
            self._ready()
            with self.store.writing():
                self._admit()

    def _ready(self) -> None:
        self.ready()
        self.drills = Drills(self)
        self.declared = self.drills.declared

    def _fill(self) -> None:
        """Write the seeded state, and keep it to go back to, inside the caller's transaction."""
        self.store.clear()
        self.organisation = organisation.build(self.seed, self.epoch)
        self.store.set("organisation", self.organisation)
        self.store.set("epoch", written(self.epoch))
        self.store.set("seed", self.seed)
        self.store.set("incidents", self.incidents)
        self._ready()
        seed.fill(self.journal, self.epoch, self.incidents)
        self._admit()
        self.keep()
        self._keep_faults([])
        self.store.keep()

    def _admit(self) -> None:
        """Make the keys: the full one, and one for each trainee; a class that was there keeps its own."""
        before = len(self.roster.trainees)
        self.roster = self.roster.grown(self.settings.trainees)
        self.new_trainees = self.roster.trainees[before:] or self.new_trainees
        self.store.set("roster", self.roster.document())
        full = self.roster.facilitator or self.settings.key
        if self.settings.key != Settings.key:
            full = self.settings.key
        self.full_key = full
        if self.roster.trainees:
            self.store.remove_key(SANDBOX_KEY)  # everybody knows it: it would make each trainee the facilitator
        self.put_key(full, "Facilitator" if self.roster.trainees else "Sandbox", list(ROLES))
        for trainee in self.roster.trainees:
            self.put_key(trainee.key, trainee.name, TRAINEE_ROLES)
        self.trainee_ids = frozenset(trainee["id"] for trainee in self.trainees())

    def _keep_faults(self, faults: list[Record]) -> None:
        self.store.set("faults", faults)

    def reset(self) -> None:
        """Go back to the seeded state: rows, keys, clock, limits and faults."""
        with self.store.reading():
            self.clock.set(self.epoch)
            self.clock.speed = 0.0 if self.settings.frozen else 1.0
            used = self.journal.counter
            with self.store.writing():
                is_seeded = self.store.changes == self._changes_at_reset  # nothing was written since
                self._ready() if is_seeded or self.store.go_back() else self._fill()
                self.journal.counter = used  # ledgers and open forms remember what was: no identifier comes twice
                self._admit()
                self.keep()
                self._changes_at_reset = self.store.changes
        with self._counting:
            self._counted = 0
        self.rates.clear()
        self.faults.clear()
        self.requests.clear()
        self.presence.clear()

    def advance(self, seconds: float) -> None:
        """Move the clock on by so many seconds."""
        with self.store.writing():
            self.clock.advance(seconds)
            self.keep()

    def run(self, speed: float) -> None:
        """Let the clock run so many times as fast as real time; 0 lets it stand still."""
        with self.store.writing():
            self.clock.run(speed)
            self.keep()

    def wait(self, seconds: float) -> None:
        """Let an answer wait, but not longer than the sandbox runs."""
        self._stopping.wait(seconds)

    def stop(self) -> None:
        """Let no answer wait any longer."""
        self._stopping.set()

    def request_id(self) -> str:
        """Return the next request's identifier."""
        with self._counting:
            self._counted += 1
            return identifier(self.epoch, self.seed, self._counted).lower()

    def key(self, secret: str) -> Key | None:
        """Return the key with this secret, or None."""
        row = self.store.row("SELECT * FROM keys WHERE key = ?", (secret,))
        return key_from(row) if row else None

    def put_key(self, secret: str, name: str, roles: list[str], scopes: list[str] | None = None) -> None:
        """Make a key, or change it.

        Args:
            secret: what a client sends.
            name: what it is called.
            roles: what it may do.
            scopes: the scopes it has in place of its roles' own.
        """
        identity = identifier(self.epoch, self.seed, 1_000_000 + self.store.count("SELECT count(*) FROM keys"))
        found = self.store.row("SELECT id FROM keys WHERE key = ?", (secret,))
        columns = {
            "key": secret,
            "id": found["id"] if found else identity,
            "name": name,
            "roles": json.dumps(roles),
            "scopes": None if scopes is None else json.dumps(scopes),
        }
        self.store.put("keys", columns)

    def people(self) -> list[Record]:
        """Return who has a key: its identifier and name, the facilitator first."""
        secrets = [self.full_key, *(trainee.key for trainee in self.roster.trainees)]
        found = [self.key(secret) for secret in secrets]
        return [{"id": key.id, "name": key.name} for key in found if key]

    def trainees(self) -> list[Record]:
        """Return the trainees among the people, each with the name of its team."""
        teams = {trainee.name: trainee.team for trainee in self.roster.trainees}
        return [person | {"team": teams[person["name"]]} for person in self.people()[1:]]

    def state(self) -> Record:
        """Describe the sandbox to its administrator."""
        notified = self.store.rows("SELECT number, notifications FROM incidents WHERE notifications > 0")
        return {
            "clock": {
                "now": written(self.clock.now()),
                "epoch": written(self.epoch),
                "frozen": self.clock.frozen,
                "speed": self.clock.speed,
            },
            "seed": self.seed,
            "counts": {table: self.store.count(f"SELECT count(*) FROM {table}") for table in TABLES},  # noqa: S608  ours
            "notifications": {f"INC-{row['number']}": row["notifications"] for row in notified},
            "faults": [fault.document() for fault in self.faults.waiting()],
            "requests": len(self.requests),
            "refused": sum(request["status"] == TOO_MANY for request in list(self.requests)),
        }


def running() -> Service:
    """Return the whole sandbox that serves this request."""
    return cast("Service", current_app.extensions["sandbox"])
