"""How well a drill went: pure, from what was expected and what was recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.drills.scenario import Expectation

IN_TIME: Final = "in time"
LATE: Final = "late"
PARTLY: Final = "partly"
NO: Final = "no"
PENDING: Final = "pending"

_HALF: Final = 0.5
_KEPT: Final = 0.9  # of the time an update was recent enough: counts half as well
_LATE: Final = 2.0  # twice as long as expected still counts half
_ENDED: Final = ("declined", "canceled", "merged", "closed", "learning")
_OVER: Final = ("closed", "learning")
_ADVICE: Final = {
    "declared": "declare early and grade by impact: %%incident_declare --severity …; a severity can be changed later",
    "updated": "share a first update soon, even if it only says what is being looked at: %%incident_update",
    "cadence": "say when the next update comes, and share one then, also without news",
    "escalated": "raise the severity when it gets worse: %incidents escalate, or %%incident_update --severity …",
    "paged": "page the team that owns the service: %incidents page REF --path …",
    "closed": "close with a message that says what was wrong and what was done: %%incident_update --status Closed",
    "ended": "end what is no incident: %incidents drill decline REF, or merge REF --into OTHER",
    "quiet": "look before waking people: a false alarm needs no page and no incident of its own",
}


@dataclass(frozen=True)
class Played:
    """What was recorded of a drill.

    Args:
        started: When it began.
        until: When it ended, or now.
        over: Whether it has ended.
        incidents: Its incidents, the oldest first; what is expected is expected of the first.
        declared: The IDs of those that the trainee declared.
        updates: The updates by incident ID, oldest first.
        pages: When whom was paged: an escalation path's name, or people's names.
        ranks: The severities' ranks by name, the least severe lowest.
    """

    started: datetime
    until: datetime
    over: bool
    incidents: Sequence[models.Incident] = ()
    declared: frozenset[str] = frozenset()
    updates: Mapping[str, Sequence[models.IncidentUpdate]] = field(default_factory=dict)
    pages: Sequence[tuple[datetime, frozenset[str]]] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)

    def minutes(self, moment: datetime) -> float:
        """Return the minutes from the start to a moment."""
        return (moment - self.started).total_seconds() / 60

    @property
    def elapsed(self) -> float:
        """The minutes it has taken."""
        return self.minutes(self.until)

    def status(self, incident: models.Incident) -> models.IncidentStatus:
        """Return the status that an incident had when the drill ended, or has now."""
        updates = self.updates.get(incident.id, ())
        return updates[-1].new_incident_status if updates else incident.incident_status

    def shared(self, incident: models.Incident) -> list[models.IncidentUpdate]:
        """Return an incident's updates that say something."""
        return [one for one in self.updates.get(incident.id, ()) if one.message and one.message.strip()]


@dataclass(frozen=True)
class Result:
    """What became of one expectation.

    Args:
        expected: What was expected, in words.
        done: `in time`, `late`, `partly`, `no` or `pending`.
        found: What was found, in words.
        at: When it was done.
        score: The points it got.
        of: The points it could get.
        practise: What to practise, if it fell short.
    """

    expected: str
    done: str
    found: str
    at: datetime | None
    score: float
    of: float
    practise: str


@dataclass(frozen=True)
class _Mark:
    share: float
    found: str
    at: datetime | None = None
    due: float = 0.0  # minutes after the start until which it may still be done


def score(expectations: Sequence[Expectation], played: Played) -> list[Result]:
    """Return what became of each expectation."""
    return [_result(one, _MARKS[one.kind](one, played), played) for one in expectations]


def _result(expectation: Expectation, mark: _Mark, played: Played) -> Result:
    pending = not played.over and mark.share < 1 and mark.at is None and played.elapsed < mark.due
    done = IN_TIME if mark.share >= 1 else PARTLY if mark.share else NO
    if pending:
        done = PENDING
    elif mark.found.startswith(LATE):
        done = LATE if mark.share else NO
    return Result(
        expected=expected(expectation),
        done=done,
        found=mark.found.removeprefix(f"{LATE}: "),
        at=mark.at,
        score=0.0 if pending else round(expectation.points * mark.share, 2),
        of=expectation.points,
        practise="" if mark.share >= 1 or pending else expectation.practise or _ADVICE[expectation.kind],
    )


def expected(one: Expectation) -> str:
    """Return an expectation in words."""
    within = f"within {one.within:g} min"
    since = f" of minute {one.after:g}" if one.after else ""
    words = {
        "declared": f"declared {within} as {' or '.join(one.severity)}",
        "updated": f"first update {within} of the declaration",
        "cadence": f"an update every {one.every:g} min",
        "escalated": f"raised to {''.join(one.severity[:1])} {within}{since}",
        "paged": f"paged {one.path or ', '.join(one.people)} {within}{since}",
        "closed": f"closed with a message {within}",
        "ended": f"ended as {' or '.join(one.status)} {within}",
        "quiet": "nobody paged, nothing more declared",
    }
    return words[one.kind]


def _timely(minutes: float, within: float) -> float:
    whole = round(minutes)  # nobody counts seconds, and whole minutes are what is shown
    return 1.0 if whole <= within else _HALF if whole <= within * _LATE else 0.0


def _lateness(minutes: float, within: float) -> str:
    return "" if round(minutes) <= within else f"{LATE}: "


def _first(played: Played) -> models.Incident | None:
    return played.incidents[0] if played.incidents else None


def _declared(one: Expectation, played: Played) -> _Mark:
    mine = [incident for incident in played.incidents if incident.id in played.declared]
    due = one.within * _LATE
    if not mine:
        return _Mark(0.0, "nothing was declared", due=due)
    incident = mine[0]
    minutes = played.minutes(incident.created_at)
    updates = played.updates.get(incident.id, ())
    severity = updates[0].new_severity if updates else incident.severity
    name = severity.name if severity else "no severity"
    right = not one.severity or name.casefold() in {wanted.casefold() for wanted in one.severity}
    share = _timely(minutes, one.within) * (1.0 if right else _HALF)
    return _Mark(share, f"{_lateness(minutes, one.within)}{name} at {minutes:.0f} min", incident.created_at, due)


def _updated(one: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=float("inf"))
    shared = played.shared(incident)
    begun = played.minutes(incident.created_at)
    if not shared:
        return _Mark(0.0, "no update was shared", due=begun + one.within * _LATE)
    minutes = played.minutes(shared[0].created_at) - begun
    found = f"{_lateness(minutes, one.within)}after {minutes:.0f} min"
    return _Mark(_timely(minutes, one.within), found, shared[0].created_at)


def _cadence(one: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=float("inf"))
    over = _ended(incident, played, _ENDED)
    end = over.created_at if over else played.until
    moments = [incident.created_at, *(update.created_at for update in played.shared(incident)), end]
    moments = sorted(moment for moment in moments if moment <= end)
    gaps = [(after - before).total_seconds() / 60 for before, after in pairwise(moments)]
    longest = max(gaps, default=0.0)
    if round(longest) <= one.every:
        going = not over and not played.over
        return _Mark(0.0 if going else 1.0, f"at most {longest:.0f} min apart", due=float("inf"))
    kept = sum(min(gap, one.every) for gap in gaps) / sum(gaps)
    share = _HALF if round(longest) <= one.every * _LATE or kept >= _KEPT else 0.0
    return _Mark(share, f"{longest:.0f} min without one", end)


def _escalated(one: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    due = one.after + one.within * _LATE
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=due)
    least = played.ranks.get(one.severity[0].casefold(), 0)
    high = [
        update
        for update in played.updates.get(incident.id, ())
        if update.new_severity and update.new_severity.rank >= least
    ]
    if not high:
        return _Mark(0.0, "never raised", due=due)
    minutes = played.minutes(high[0].created_at) - one.after
    name = high[0].new_severity.name if high[0].new_severity else ""
    if minutes <= 0:
        return _Mark(1.0, f"{name} before it got worse", high[0].created_at)
    found = f"{_lateness(minutes, one.within)}{name} after {minutes:.0f} min"
    return _Mark(_timely(minutes, one.within), found, high[0].created_at)


def _paged(one: Expectation, played: Played) -> _Mark:
    wanted = {name.casefold() for name in ([one.path] if one.path else one.people)}
    due = one.after + one.within * _LATE
    reached: set[str] = set()
    for moment, names in sorted(played.pages, key=lambda page: page[0]):
        reached |= wanted & {name.casefold() for name in names}
        if reached == wanted:
            minutes = played.minutes(moment) - one.after
            found = f"{_lateness(minutes, one.within)}at {played.minutes(moment):.0f} min"
            return _Mark(_timely(minutes, one.within), found, moment)
    if reached:
        return _Mark(_HALF * len(reached) / len(wanted), "not everybody was paged", due=due)
    return _Mark(0.0, "others were paged" if played.pages else "nobody was paged", due=due)


def _closed(one: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    due = one.within * _LATE
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=due)
    last = _ended(incident, played, _OVER)
    if last is None:
        return _Mark(0.0, f"still {played.status(incident).name}", due=due)
    minutes = played.minutes(last.created_at)
    told = bool(last.message and last.message.strip())
    share = _timely(minutes, one.within) * (1.0 if told else _HALF)
    words = "with a message" if told else "without a message"
    return _Mark(share, f"{_lateness(minutes, one.within)}{words} at {minutes:.0f} min", last.created_at)


def _ended(incident: models.Incident, played: Played, categories: tuple[str, ...]) -> models.IncidentUpdate | None:
    """Return the update that ended an incident for good, if one did."""
    found = None
    for update in played.updates.get(incident.id, ()):
        if update.new_incident_status.category not in categories:
            found = None
        elif found is None:
            found = update
    return found


def _ended_as(one: Expectation, played: Played) -> _Mark:
    opened = [incident for incident in played.incidents if incident.id not in played.declared]
    due = one.within * _LATE
    if not opened:
        return _Mark(0.0, "no alarm was raised", due=due)
    wanted = {name.casefold() for name in one.status}
    shares, moments, words = [], [], []
    for incident in opened:
        last = _ended(incident, played, _ENDED)
        name = played.status(incident).name
        words.append(f"{incident.reference} {name}")
        if last is not None:
            right = name.casefold() in wanted
            shares.append(_timely(played.minutes(last.created_at), one.within) * (1.0 if right else _HALF))
            moments.append(last.created_at)
        else:
            shares.append(0.0)
    whole = len(moments) == len(opened)
    at = max(moments) if whole else None
    late = _lateness(played.minutes(at), one.within) if at else ""
    return _Mark(sum(shares) / len(shares), late + ", ".join(words), at, due)


def _quiet(_one: Expectation, played: Played) -> _Mark:
    if played.pages:
        return _Mark(0.0, "somebody was paged", min(moment for moment, _names in played.pages))
    if played.declared:
        first = next(one for one in played.incidents if one.id in played.declared)
        return _Mark(0.0, f"{first.reference} was declared", first.created_at)
    return _Mark(1.0 if played.over else 0.0, "nobody was woken", due=float("inf"))


_MARKS: Final = {
    "declared": _declared,
    "updated": _updated,
    "cadence": _cadence,
    "escalated": _escalated,
    "paged": _paged,
    "closed": _closed,
    "ended": _ended_as,
    "quiet": _quiet,
}
