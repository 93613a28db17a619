"""The holders of keys: the facilitator (or the only user) and the trainees; the database keeps hashes only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.access import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.sandbox.class_records import KeptRoster, RosterEntry, Secrets


@dataclass(frozen=True)
class Trainee:
    """One trainee.

    Args:
        name: the trainee's name.
        key: the API key; empty if only its hash is still known.
        team: the team that shares some drills; empty for none.
        digest: the key's hash.
        key_id: the key's identifier; empty until it has one.
    """

    name: str
    key: str = ""
    team: str = ""
    digest: str = ""
    key_id: str = ""

    @classmethod
    def made(cls, name: str, team: str = "") -> Trainee:
        """Return a trainee with a new key."""
        key = f"sandbox-{secrets.token_urlsafe(12)}"
        return cls(name, key, team, hashed(key))


@dataclass(frozen=True)
class Roster:
    """All holders of keys.

    Args:
        full: the key that may do everything.
        admin: the token that opens the facilitator's page and the admin routes.
        full_id: the identifier of the full key; empty until it has one.
        trainees: the trainees; empty if the sandbox is not a class.
    """

    full: str
    admin: str
    full_id: str = ""
    trainees: tuple[Trainee, ...] = ()

    @classmethod
    def opened(cls, key: str, document: KeptRoster, secret: Secrets) -> Roster:
        """Return the roster as it is when a sandbox starts.

        Args:
            key: the requested full key; empty keeps the previous key, or makes a new key.
            document: how the roster was kept in the database; empty if there is none.
            secret: what the key file holds; empty if there is none.

        Raises:
            ValueError: an earlier version made the database.
        """
        if "admin" in document:
            raise ValueError("an earlier version made the database, which holds its keys in clear: name a new file")
        known = {hashed(trainee): trainee for trainee in secret.get("trainees", {}).values()}
        return cls(
            key or secret.get("full") or f"sandbox-{secrets.token_urlsafe(18)}",
            secret.get("admin") or secrets.token_urlsafe(18),
            document.get("full_id", ""),
            tuple(
                Trainee(entry["name"], known.get(entry["digest"], ""), entry["team"], entry["digest"], entry["key_id"])
                for entry in document.get("trainees", ())
            ),
        )

    def document(self) -> KeptRoster:
        """Return what the database keeps: no key."""
        entries: list[RosterEntry] = [
            {"name": trainee.name, "team": trainee.team, "digest": trainee.digest, "key_id": trainee.key_id}
            for trainee in self.trainees
        ]
        return {"full_id": self.full_id, "trainees": entries}

    def secret(self) -> Secrets:
        """Return what the key file keeps: the keys."""
        known = {
            f"{place:03} {trainee.name}": trainee.key for place, trainee in enumerate(self.trainees, 1) if trainee.key
        }
        return {"full": self.full, "admin": self.admin, "trainees": known}

    @property
    def digests(self) -> set[str]:
        """The hashes of all these keys."""
        return {hashed(self.full), *(trainee.digest for trainee in self.trainees)}

    def grown(self, count: int, people: Sequence[tuple[str, str]] = ()) -> Roster:
        """Return the roster with at least a number of trainees; existing trainees keep their keys.

        Args:
            count: the number; if `people` has more names, their number.
            people: names with their teams. A trainee of that name stays as they are; other names go to the trainees
                that are there, in order, then to new ones. A trainee without a name is called by number.
        """
        teams, present = dict(people), {trainee.name for trainee in self.trainees}
        new = iter([name for name in teams if name not in present])
        made = []
        for trainee in self.trainees:
            name = trainee.name if trainee.name in teams else next(new, trainee.name)
            made.append(replace(trainee, name=name, team=teams.get(name, trainee.team)))
        made += [Trainee.made(name, teams[name]) for name in new]
        digits = max(2, len(str(count)))
        made += [Trainee.made(f"Trainee {number:0{digits}}") for number in range(len(made) + 1, count + 1)]
        return replace(self, trainees=tuple(made))

    def with_new_keys(self) -> Roster:
        """Return the roster with a new key for each trainee, who stays the same otherwise."""
        new = [replace(Trainee.made(trainee.name, trainee.team), key_id=trainee.key_id) for trainee in self.trainees]
        return replace(self, trainees=tuple(new))
