"""People and other actors."""

from __future__ import annotations

from msgspec import field

from incidentio_magic.api.models.record import Named, Present, Record


class User(Named, frozen=True):
    """A person. Source: `GET /v2/users` and wherever people appear."""

    email: str | None = None
    slack_user_id: str | None = None
    is_active: bool | None = None
    base_role: Named | None = None

    @property
    def state(self) -> str:
        """Whether the account is in use: "active", "inactive", or "" if the service does not say."""
        return "" if self.is_active is None else "active" if self.is_active else "inactive"


class Team(Named, frozen=True):
    """A team of the organisation. Source: `GET /v3/teams`."""

    members: list[User] | None = None


class Actor(Record, frozen=True):
    """Who did something: exactly one member is set."""

    user: User | None = None
    api_key: Named | None = None
    workflow: Named | None = None
    alert: AlertActor | None = None


def actor_text(actor: Actor | None) -> tuple[str | None, str | None]:
    """Return the name and the kind (user, api_key, workflow, alert) of an actor; None for both if unknown."""
    for kind in ("user", "api_key", "workflow"):
        if (acting := getattr(actor, kind, None)) is not None:
            return acting.name, kind
    return (actor.alert.title, "alert") if actor and actor.alert else (None, None)


class AlertActor(Record, frozen=True):
    """An alert that did something."""

    id: Present
    title: Present


class Participant(Record, frozen=True):
    """Somebody who took part in an incident."""

    user: User
    participant_type: str = ""


class Participants(Record, frozen=True):
    """Who took part, helping or watching. Source: `GET /v2/incident_participants`."""

    active: list[Participant] = field(default_factory=list)
    passive: list[Participant] = field(default_factory=list)


class Workload(Record, frozen=True):
    """The minutes that a person spent on an incident, by kind of hour."""

    minutes_spent_on_incident: float | None = None
    minutes_spent_on_incident_in_working_hours: float | None = None
    minutes_spent_on_incident_in_late_hours: float | None = None
    minutes_spent_on_incident_in_sleeping_hours: float | None = None


class ParticipantWorkload(Record, frozen=True):
    """The workload of a participant in an incident. Source: `GET /v2/incident_participant_workloads`."""

    user: User
    workload: Workload = Workload()
    participant_type: str | None = None
