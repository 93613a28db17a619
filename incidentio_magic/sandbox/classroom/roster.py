"""A class: a key for each trainee, one for the facilitator, and the secret of the facilitator's page."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Trainee:
    """One trainee.

    Args:
        name: what the trainee is called.
        key: the API key.
        team: the team that shares some drills; empty for none.
    """

    name: str
    key: str
    team: str = ""


@dataclass(frozen=True)
class Roster:
    """Who is in the class; nobody, if the sandbox is no class's.

    Args:
        trainees: the trainees.
        facilitator: the key that may do everything.
        admin: the secret that opens the facilitator's page.
    """

    trainees: tuple[Trainee, ...] = ()
    facilitator: str = ""
    admin: str = ""

    @classmethod
    def of(cls, document: dict[str, Any] | None) -> Roster:
        """Read a roster from how it was kept."""
        if not document:
            return cls()
        return cls(
            tuple(Trainee(**trainee) for trainee in document["trainees"]), document["facilitator"], document["admin"]
        )

    def document(self) -> dict[str, Any]:
        """Return the roster as it is kept."""
        return asdict(self)

    def grown(self, count: int) -> Roster:
        """Return the roster with at least so many trainees; those that are there keep their keys."""
        if count <= len(self.trainees):
            return self
        digits = max(2, len(str(count)))
        more = tuple(
            Trainee(f"Trainee {number:0{digits}}", f"sandbox-{secrets.token_urlsafe(12)}")
            for number in range(len(self.trainees) + 1, count + 1)
        )
        return Roster(
            self.trainees + more,
            self.facilitator or f"sandbox-{secrets.token_urlsafe(18)}",
            self.admin or secrets.token_urlsafe(18),
        )
