"""How well a drill went: pure, from what was expected and what was recorded.

Points need the right thing at the right time for a reason. What comes before there was a reason, a text that says
nothing and a page to everyone earn little. Texts are judged by what can be checked; `NOT_JUDGED` says what is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from incidentio_magic.drills.played import Played
from incidentio_magic.drills.wording import says_something

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidentio_magic.api import models
    from incidentio_magic.drills.scenario import Expectation

__all__ = ["IN_TIME", "LATE", "NO", "NOT_JUDGED", "PARTLY", "PENDING", "VERSION", "Played", "Result", "score"]

VERSION: Final = 2  # of these rules: only scores of one version can be compared
NOT_JUDGED: Final = (
    "Not judged: whether messages are true, clear and meant for their readers, and what was said elsewhere. Read those"
    " together."
)
IN_TIME: Final = "in time"
LATE: Final = "late"
PARTLY: Final = "partly"
NO: Final = "no"
PENDING: Final = "pending"

_HALF: Final = 0.5
_LITTLE: Final = 0.25
_KEPT: Final = 0.9  # of the time an update was recent enough: counts half as well
_LATE: Final = 2.0  # twice as long as expected still counts half
_GRACE: Final = 2.0  # minutes before the last event that count as after it
_MANY: Final = 2  # pages to people who are not needed
_ENDED: Final = ("declined", "canceled", "merged", "closed", "learning")
_OVER: Final = ("closed", "learning")
_ADVICE: Final = {
    "declared": "declare early and grade by impact: %%incident_declare --severity …; a severity can be changed later",
    "updated": "share a first update soon, even if it only says what is being looked at: %%incident_update",
    "cadence": "say when the next update comes, and share one then, also without news",
    "escalated": "raise the severity when it gets worse: %incidents escalate, or %%incident_update --severity …",
    "paged": "page the team that owns the service: %incidents page REF --path …",
    "closed": "close with a message that says what was wrong and what was done: %%incident_update --status Closed",
    "ended": "end what is not an incident: %incidents drill decline REF, or merge REF --into OTHER",
    "quiet": "look before waking people: a false alarm needs no page and no incident of its own",
}


@dataclass(frozen=True)
class Result:
    """The result of an expectation.

    Args:
        expected: What was expected, as text.
        done: `in time`, `late`, `partly`, `no` or `pending`.
        found: What was found, as text.
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
    """Return the result of each expectation."""
    return [_result(expectation, _MARKS[expectation.kind](expectation, played), played) for expectation in expectations]


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


def expected(expectation: Expectation) -> str:
    """Return an expectation as text."""
    within = f"within {expectation.within:g} min"
    since = f" of minute {expectation.after:g}" if expectation.after else ""
    private = f"{expectation.visibility} " if expectation.visibility else ""
    words = {
        "declared": f"declared {private}{within} as {' or '.join(expectation.severity)}",
        "updated": f"first update {within} of the declaration",
        "cadence": f"an update every {expectation.every:g} min",
        "escalated": f"raised to {''.join(expectation.severity[:1])} {within}{since}",
        "paged": f"paged {expectation.path or ', '.join(expectation.people)} {within}{since}",
        "closed": f"closed with a message {within}",
        "ended": f"ended as {' or '.join(expectation.status)} {within}",
        "quiet": "nobody paged, nothing more declared",
    }
    return words[expectation.kind]


def _timely(minutes: float, within: float) -> float:
    whole = round(minutes)  # the report shows whole minutes
    return 1.0 if whole <= within else _HALF if whole <= within * _LATE else 0.0


def _lateness(minutes: float, within: float) -> str:
    return "" if round(minutes) <= within else f"{LATE}: "


def _first(played: Played) -> models.Incident | None:
    return played.incidents[0] if played.incidents else None


def _declared(expectation: Expectation, played: Played) -> _Mark:
    own = [incident for incident in played.incidents if incident.id in played.declared]
    due = expectation.within * _LATE
    if not own:
        return _Mark(0.0, "nothing was declared", due=due)
    incident = own[0]
    minutes = played.minutes(incident.created_at)
    updates = played.updates.get(incident.id, ())
    severity = updates[0].new_severity if updates else incident.severity
    name = severity.name if severity else "no severity"
    right = not expectation.severity or name.casefold() in {wanted.casefold() for wanted in expectation.severity}
    share = _timely(minutes, expectation.within) * (1.0 if right else _HALF)
    found = f"{_lateness(minutes, expectation.within)}{name} at {minutes:.0f} min"
    if expectation.visibility and incident.visibility != expectation.visibility:
        share, found = share * _LITTLE, f"{found}, {incident.visibility}"
    if not says_something(incident.name, "name"):
        share, found = share * _LITTLE, f"{found}; its name says nothing"
    return _Mark(share, found, incident.created_at, due)


def _updated(expectation: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=float("inf"))
    shared = played.shared(incident)
    begun = played.minutes(incident.created_at)
    if not shared:
        return _Mark(0.0, f"no update was shared{_empty(played, incident)}", due=begun + expectation.within * _LATE)
    minutes = played.minutes(shared[0].created_at) - begun
    found = f"{_lateness(minutes, expectation.within)}after {minutes:.0f} min"
    return _Mark(_timely(minutes, expectation.within), found, shared[0].created_at)


def _empty(played: Played, incident: models.Incident) -> str:
    count = played.empty_words(incident)
    return f"; {count} said nothing new" if count else ""


def _cadence(expectation: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=float("inf"))
    over = _ended(incident, played, _ENDED)
    begun, shared = played.minutes(incident.created_at), played.shared(incident)
    # What is closed too early still wants updates, until it is over or the drill is.
    wanted_until = min(played.elapsed, max(expectation.after, begun))
    end = max(played.minutes(over.created_at), wanted_until) if over else played.elapsed
    moments = [begun, *(played.minutes(update.created_at) for update in shared), end]
    moments = sorted(moment for moment in moments if moment <= end)
    gaps = [after - before for before, after in pairwise(moments)]
    longest = max(gaps, default=0.0)
    at = over.created_at if over else played.until
    early = over is not None and round(played.minutes(over.created_at) + _GRACE) < round(wanted_until)
    worth, closed = (_HALF, "; closed before it was over") if early else (1.0, "")
    going = not over and not played.over
    if round(longest) <= expectation.every:
        if not shared and not going:
            return _Mark(0.0, f"no update was shared{_empty(played, incident)}", at)
        return _Mark(0.0 if going else worth, f"at most {longest:.0f} min apart{closed}", due=float("inf"))
    kept = sum(min(gap, expectation.every) for gap in gaps) / sum(gaps)
    tolerable = round(longest) <= expectation.every * _LATE or kept >= _KEPT
    share = _HALF if shared and tolerable else 0.0
    return _Mark(share * worth, f"{longest:.0f} min without one{closed}{_empty(played, incident)}", at)


def _escalated(expectation: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    due = expectation.after + expectation.within * _LATE
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=due)
    least = played.ranks.get(expectation.severity[0].casefold(), 0)
    high = [
        update
        for update in played.updates.get(incident.id, ())
        if update.new_severity and update.new_severity.rank >= least
    ]
    if not high:
        return _Mark(0.0, "never raised", due=due)
    minutes = played.minutes(high[0].created_at) - expectation.after
    name = high[0].new_severity.name if high[0].new_severity else ""
    if round(minutes) < 0:
        found = f"{name} {-minutes:.0f} min before it got worse: there was no reason yet"
        return _Mark(_LITTLE, found, high[0].created_at)
    found = f"{_lateness(minutes, expectation.within)}{name} after {minutes:.0f} min"
    return _Mark(_timely(minutes, expectation.within), found, high[0].created_at)


def _paged(expectation: Expectation, played: Played) -> _Mark:
    wanted = {name.casefold() for name in ([expectation.path] if expectation.path else expectation.people)}
    due = expectation.after + expectation.within * _LATE
    others = sum(not wanted & {name.casefold() for name in names} for _moment, names in played.pages)
    crowd = f"; {others} others were paged, too" if others >= _MANY else ""
    reached: set[str] = set()
    for moment, names in sorted(played.pages, key=lambda page: page[0]):
        reached |= wanted & {name.casefold() for name in names}
        if reached == wanted:
            minutes = played.minutes(moment) - expectation.after
            found = f"{_lateness(minutes, expectation.within)}at {played.minutes(moment):.0f} min{crowd}"
            share = _timely(minutes, expectation.within) * (_LITTLE if crowd else 1.0)
            if expectation.after and round(minutes) < 0:
                return _Mark(share * _LITTLE, f"{found}, before there was a reason", moment)
            return _Mark(share, found, moment)
    if reached:
        return _Mark(_HALF * len(reached) / len(wanted), "not everyone was paged", due=due)
    return _Mark(0.0, "others were paged" if played.pages else "nobody was paged", due=due)


def _closed(expectation: Expectation, played: Played) -> _Mark:
    incident = _first(played)
    due = expectation.within * _LATE
    if incident is None:
        return _Mark(0.0, "nothing was declared", due=due)
    last = _ended(incident, played, _OVER)
    if last is None:
        return _Mark(0.0, f"still {played.status(incident).name}", due=due)
    minutes = played.minutes(last.created_at)
    informs = last in played.shared(incident)
    empty = "with a message that says nothing new" if last.message and last.message.strip() else "without a message"
    words = "with a message" if informs else empty
    share = _timely(minutes, expectation.within) * (1.0 if informs else _HALF)
    if expectation.after and round(minutes + _GRACE) < expectation.after:
        found = f"{words} at {minutes:.0f} min, {expectation.after - minutes:.0f} min before it was over"
        return _Mark(share * _LITTLE, found, last.created_at)
    return _Mark(share, f"{_lateness(minutes, expectation.within)}{words} at {minutes:.0f} min", last.created_at)


def _ended(incident: models.Incident, played: Played, categories: tuple[str, ...]) -> models.IncidentUpdate | None:
    """Return the update that ended an incident for good, if one did."""
    found = None
    for update in played.updates.get(incident.id, ()):
        if update.new_incident_status.category not in categories:
            found = None
        elif found is None:
            found = update
    return found


def _ended_as(expectation: Expectation, played: Played) -> _Mark:
    opened = [incident for incident in played.incidents if incident.id not in played.declared]
    due = expectation.within * _LATE
    if not opened:
        return _Mark(0.0, "no alarm was raised", due=due)
    wanted = {name.casefold() for name in expectation.status}
    shares, moments, words = [], [], []
    for incident in opened:
        last = _ended(incident, played, _ENDED)
        name = played.status(incident).name
        words.append(f"{incident.reference} {name}")
        if last is not None:
            timely = _timely(played.minutes(last.created_at), expectation.within)
            shares.append(timely * (1.0 if name.casefold() in wanted else _HALF))
            moments.append(last.created_at)
        else:
            shares.append(0.0)
    whole = len(moments) == len(opened)
    at = max(moments) if whole else None
    late = _lateness(played.minutes(at), expectation.within) if at else ""
    return _Mark(sum(shares) / len(shares), late + ", ".join(words), at, due)


def _quiet(_expectation: Expectation, played: Played) -> _Mark:
    if played.pages:
        return _Mark(0.0, "somebody was paged", min(moment for moment, _names in played.pages))
    if played.declared:
        first = next(incident for incident in played.incidents if incident.id in played.declared)
        return _Mark(0.0, f"{first.reference} was declared", first.created_at)
    if played.over and played.incidents and not any(_ended(incident, played, _ENDED) for incident in played.incidents):
        return _Mark(0.0, "nobody was woken, and nobody looked: every alarm was left open", played.until)
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
