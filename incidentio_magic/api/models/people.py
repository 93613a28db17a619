"""People, and whoever else does something."""

from __future__ import annotations

from incidentio_magic.api.models.record import Named, Record


class User(Named, frozen=True):
    """A person. Source: `GET /v2/users` and wherever people appear."""

    email: str | None = None
    slack_user_id: str | None = None
    is_active: bool | None = None
    base_role: Named | None = None


class Actor(Record, frozen=True):
    """Who did something: exactly one of these is set."""

    user: User | None = None
    api_key: Named | None = None
    workflow: Named | None = None
    alert: AlertActor | None = None


class AlertActor(Record, frozen=True):
    """An alert that did something."""

    id: str
    title: str


class Participant(Record, frozen=True):
    """Somebody who took part in an incident."""

    user: User
    participant_type: str


class Participants(Record, frozen=True):
    """Who took part, helping or watching. Source: `GET /v2/incident_participants`."""

    active: list[Participant]
    passive: list[Participant]
