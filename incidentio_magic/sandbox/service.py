"""The whole sandbox without its server: state, keys, rate limits, faults, class and recorded requests."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import replace
from itertools import count
from threading import Event, Lock
from typing import TYPE_CHECKING, cast

from flask import current_app

from incidentio_magic.sandbox.classroom.drills import Drills
from incidentio_magic.sandbox.classroom.key_file import KeyFile
from incidentio_magic.sandbox.classroom.presence import Presence
from incidentio_magic.sandbox.classroom.records import record_of
from incidentio_magic.sandbox.classroom.roster import Roster, Trainee
from incidentio_magic.sandbox.history import large, seed
from incidentio_magic.sandbox.http.access import ROLES, TRAINEE_ROLES, Key, hashed, key_from
from incidentio_magic.sandbox.http.faults import Fault, Faults
from incidentio_magic.sandbox.http.rates import Rates
from incidentio_magic.sandbox.incidentio import organisation
from incidentio_magic.sandbox.incidentio.clock import Clock, parsed, this_second, written
from incidentio_magic.sandbox.incidentio.identifiers import identifier
from incidentio_magic.sandbox.incidentio.state import State
from incidentio_magic.sandbox.incidentio.store import Store

if TYPE_CHECKING:
    from incidentio_magic.sandbox.bookkeeping import RecordedRequest, SandboxState
    from incidentio_magic.sandbox.class_records import Drill, KeptRoster, Person, Score
    from incidentio_magic.sandbox.classroom.records import Library
    from incidentio_magic.sandbox.settings import Settings

REMEMBERED_REQUESTS = 10_000
TOO_MANY = 429
LARGE = 2000  # incidents; more take more memory than a notebook can spare


class Service(State):
    """One sandbox, without its server.

    Args:
        settings: its settings.
        library: provides scenarios and scores; None for neither.
    """

    def __init__(self, settings: Settings, library: Library | None = None) -> None:
        self.settings = settings
        self.library = library
        # By drill: the state that was scored, and the score.
        self._scores: dict[str, tuple[tuple[int, int], Score | None]] = {}
        self.requests: deque[RecordedRequest] = deque(maxlen=REMEMBERED_REQUESTS)
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
        self.new_trainees: tuple[Trainee, ...] = ()
        self._changes_at_reset = -1
        super().__init__(Store(settings.database, is_large=settings.incidents > LARGE))
        try:
            key_file = KeyFile(settings.database)
            kept_roster: KeptRoster | None = self.store.setting("roster")
            self.roster = Roster.opened(settings.key, kept_roster or {}, key_file.read())
            if settings.new_keys:
                self.roster = self.roster.with_new_keys()
            self._open()
            if settings.new_keys:
                self.new_trainees = self.roster.trainees
            key_file.write(self.roster.secret())
        except BaseException:
            self.store.close()
            raise

    def _open(self) -> None:
        if self.store.setting("epoch") is None:
            self.epoch = parsed(self.settings.epoch) if self.settings.epoch else this_second()
            self.seed = self.settings.seed
            self.incidents = self.settings.incidents
            self.clock = Clock(self.epoch, frozen=self.settings.frozen)
            self.faults = Faults(self.seed, keep=self._keep_faults)
            with self.store.writing():
                self._fill()
        else:
            # An existing database keeps its seed and epoch.
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
            # Stored objects stay as they are; tables that an earlier version did not have are added.
            self.organisation = organisation.build(self.seed, self.epoch) | self.store.setting("organisation")
            self._ready()
            with self.store.writing():
                self._admit()

    def _ready(self) -> None:
        self.ready()
        self.drills = Drills(self)
        self.declared = self.drills.declared

    def _fill(self) -> None:
        """Write the seeded state and keep a copy for `reset`, inside the caller's transaction."""
        self.store.clear()
        self.organisation = organisation.build(self.seed, self.epoch)
        large.grow(self.organisation, self.seed, self.epoch, self.settings.directory, self.settings.options)
        self.store.set("organisation", self.organisation)
        self.store.set("epoch", written(self.epoch))
        self.store.set("seed", self.seed)
        self.store.set("incidents", self.incidents)
        self._ready()
        with self.store.batching():
            seed.fill(self.journal, self.epoch, self.incidents, self.settings.open_incidents)
        self._admit()
        self.keep()
        self._keep_faults([])
        self.store.keep()

    def _admit(self) -> None:
        """Make the full key and a key for each trainee; an existing class keeps its keys."""
        known = {trainee.digest for trainee in self.roster.trainees}
        self.roster = self.roster.grown(self.settings.trainees, self.settings.people)
        name = "Facilitator" if self.roster.trainees else "Sandbox"
        self.store.remove_key(self.roster.full_id)
        full_id = self.put_key(self.roster.full, name, list(ROLES), identity=self.roster.full_id)
        trainees = []
        for trainee in self.roster.trainees:
            self.store.remove_key(trainee.key_id)
            key_id = self.put_digest(trainee.digest, trainee.name, TRAINEE_ROLES, identity=trainee.key_id)
            trainees.append(replace(trainee, key_id=key_id))
        self.roster = replace(self.roster, full_id=full_id, trainees=tuple(trainees))
        self.new_trainees = tuple(trainee for trainee in trainees if trainee.digest not in known) or self.new_trainees
        self.store.set("roster", self.roster.document())
        self.trainee_ids = frozenset(trainee.key_id for trainee in trainees)
        self.facilitator_id = full_id if trainees else ""

    def _keep_faults(self, faults: list[dict[str, object]]) -> None:
        self.store.set("faults", faults)

    def reset(self) -> None:
        """Return to the seeded state: rows, keys, clock, rate limits and faults."""
        with self.store.reading():
            self.clock.set(self.epoch)
            self.clock.speed = 0.0 if self.settings.frozen else 1.0
            self.faults.clear()
            used = self.journal.counter
            with self.store.writing():
                is_seeded = self.store.changes == self._changes_at_reset  # nothing was written since
                self._ready() if is_seeded or self.store.go_back() else self._fill()
                self.journal.counter = used  # ledgers and open forms remember identifiers: none is used twice
                self._admit()
                self.keep()
                self._changes_at_reset = self.store.changes
        with self._counting:
            self._counted = 0
        self.rates.clear()
        self.requests.clear()
        self.presence.clear()
        self._scores.clear()

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds."""
        with self.store.writing():
            self.clock.advance(seconds)
            self.keep()

    def run(self, speed: float) -> None:
        """Run the clock at a multiple of real time; 0 freezes it."""
        with self.store.writing():
            self.clock.run(speed)
            self.keep()

    def wait(self, seconds: float) -> None:
        """Delay a response, at most until the sandbox stops."""
        self._stopping.wait(seconds)

    def stop(self) -> None:
        """End every delay."""
        self._stopping.set()

    def request_id(self) -> str:
        """Return the next request's identifier."""
        with self._counting:
            self._counted += 1
            return identifier(self.epoch, self.seed, self._counted).lower()

    def key(self, secret: str) -> Key | None:
        """Return the key with this secret, or None."""
        row = self.store.row("SELECT * FROM keys WHERE key = ?", (hashed(secret),))
        return key_from(row) if row else None

    def put_key(
        self, secret: str, name: str, roles: list[str], scopes: list[str] | None = None, identity: str = ""
    ) -> str:
        """Make a key, or change it, and return its identifier.

        Args:
            secret: the key as a client sends it.
            name: its name.
            roles: its roles.
            scopes: its scopes, if they are not those of its roles.
            identity: its identifier; if empty, the present identifier is kept or a new one made.
        """
        return self.put_digest(hashed(secret), name, roles, scopes, identity)

    def put_digest(
        self, digest: str, name: str, roles: list[str], scopes: list[str] | None = None, identity: str = ""
    ) -> str:
        """Make or change a key of which only the hash is known; otherwise like `put_key`."""
        found = self.store.row("SELECT id FROM keys WHERE key = ?", (digest,))
        columns = {
            "key": digest,
            "id": identity or (found["id"] if found else self._key_id()),
            "name": name,
            "roles": json.dumps(roles),
            "scopes": None if scopes is None else json.dumps(scopes),
        }
        self.store.put("keys", columns)
        return str(columns["id"])

    def _key_id(self) -> str:
        used = {row["id"] for row in self.store.rows("SELECT id FROM keys")}
        used |= {self.roster.full_id, *(trainee.key_id for trainee in self.roster.trainees)}
        numbers = count(1_000_000 + self.store.count("SELECT count(*) FROM keys"))
        found = (identifier(self.epoch, self.seed, number) for number in numbers)
        return next(identity for identity in found if identity not in used)

    def people(self) -> list[Person]:
        """Return everybody with a key, the facilitator first."""
        name = "Facilitator" if self.roster.trainees else "Sandbox"
        return [{"id": self.roster.full_id, "name": name, "team": ""}, *self.trainees()]

    def trainees(self) -> list[Person]:
        """Return the trainees, each with the name of their team."""
        return [{"id": trainee.key_id, "name": trainee.name, "team": trainee.team} for trainee in self.roster.trainees]

    def score(self, drill: Drill) -> Score | None:
        """Return a drill's score so far; None if the drill has no rules."""
        if self.library is None:
            return None
        moment = (self.store.changes, round(self.drills.elapsed(drill)) // 30)
        kept = self._scores.get(drill["id"])
        if kept is None or kept[0] != moment:
            kept = (moment, self.library.score(record_of(self, drill)))
            self._scores[drill["id"]] = kept
        return kept[1]

    def state(self) -> SandboxState:
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
            "counts": self.store.counts(),
            "notifications": {f"INC-{row['number']}": row["notifications"] for row in notified},
            "faults": [fault.document() for fault in self.faults.waiting()],
            "requests": len(self.requests),
            "refused": sum(request["status"] == TOO_MANY for request in list(self.requests)),
        }


def running() -> Service:
    """Return the whole sandbox that serves this request."""
    return cast("Service", current_app.extensions["sandbox"])
