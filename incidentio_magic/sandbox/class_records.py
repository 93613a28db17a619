"""What a class keeps and shows: the types of its drills, scores, people and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

from incidentio_magic.sandbox.records import NamedKey

if TYPE_CHECKING:
    from incidentio_magic.sandbox.answers import ShownIncident, ShownUpdate
    from incidentio_magic.sandbox.attached_answers import ShownEscalation
    from incidentio_magic.sandbox.records import JsonObject, NamedAlert
    from incidentio_magic.sandbox.vocabulary import Severity


class Act(TypedDict):
    """What an alert or a simulated colleague does; `after` are seconds since the drill's start."""

    after: float
    kind: str
    who: str
    title: str
    text: str
    opens: bool


class PastAct(Act):
    """An act that has been performed."""

    at: str


@dataclass(frozen=True)
class Plan:
    """A drill before it starts.

    Args:
        name: its name.
        document: kept for the client that starts it.
        acts: what happens in it.
    """

    name: str
    document: JsonObject
    acts: list[Act]


class KeptDrill(TypedDict):
    """A drill as it is kept: `document` is its client's; databases of earlier versions lack what is not required."""

    name: str
    document: JsonObject
    opened: list[str]
    alerts: list[NamedAlert]
    fired: NotRequired[list[str]]
    pauses: NotRequired[list[list[str]]]
    members: NotRequired[list[str]]
    team: NotRequired[str]
    practice: NotRequired[bool]
    names: NotRequired[dict[str, str]]
    paused_at: NotRequired[str]


class Drill(TypedDict):
    """A drill as it is shown: who plays it, its incidents, and what has happened so far."""

    id: str
    name: str
    key: NamedKey
    members: list[NamedKey]
    team: str
    practice: bool
    names: dict[str, str]
    started_at: str
    ended_at: str | None
    paused_at: str | None
    pauses: list[list[str]]
    now: str
    document: JsonObject
    incident_ids: list[str]
    feed: list[PastAct]


class DrillRecord(TypedDict):
    """A drill for the rules that score it: its updates and escalations by incident ID, and the paths' names by ID."""

    drill: Drill
    incidents: list[ShownIncident]
    updates: dict[str, list[ShownUpdate]]
    escalations: dict[str, list[ShownEscalation]]
    paths: dict[str, str]
    severities: list[Severity]


class ScenarioTitle(TypedDict):
    """A scenario to choose from; `minutes` is its length."""

    name: str
    title: str
    minutes: float
    shared: bool


class Score(TypedDict):
    """The points so far, how many there are, and how many still can be got."""

    score: float
    of: float
    pending: float


class Person(NamedKey):
    """The holder of a key."""

    team: str


class DrillSummary(TypedDict):
    """A drill on the facilitator's page."""

    name: str
    state: str
    seconds: int
    shared: bool
    practice: bool
    score: Score | None


class PresentPerson(Person):
    """A person on the facilitator's page; `ago` and `silence` are seconds."""

    connected: bool
    ago: int | None
    requests: int
    last: str
    action: str
    silence: int | None
    drill: DrillSummary | None


class IncidentSummary(TypedDict):
    """An incident on the facilitator's page; `minutes` is its age."""

    reference: str
    name: str
    severity: str
    status: str
    mode: str
    by: str
    created_at: str
    minutes: int


class RosterEntry(TypedDict):
    """A trainee as the database keeps them."""

    name: str
    team: str
    digest: str
    key_id: str


class KeptRoster(TypedDict, total=False):
    """What the database keeps of the roster: no key."""

    full_id: str
    trainees: list[RosterEntry]


class Secrets(TypedDict, total=False):
    """What the key file holds: the keys."""

    full: str
    admin: str
    trainees: dict[str, str]
