"""What a board shows, as values: its rows, their order, what changed since the last refresh, and what is overdue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError
from incidentio_magic.frames import lead
from incidentio_magic.names.vocabulary import named
from incidentio_magic.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Incident, Severity

# From the most severe down; every further severity has the last span, and so has none.
_SPANS: Final = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
_SPAN: Final = re.compile(r"(\d{1,5})\s*(m|min|h|d)", re.IGNORECASE)
_UNITS: Final = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_NEVER: Final = frozenset({"none", "never", "-"})
NO_SEVERITY: Final = "no severity"


@dataclass(frozen=True)
class Row:
    """One open incident.

    Args:
        incident: Its record.
        last_update: When the last update was shared; when it was declared, if none was.
    """

    incident: Incident
    last_update: datetime

    @property
    def severity(self) -> str:
        """The severity's name."""
        return self.incident.severity.name if self.incident.severity else NO_SEVERITY

    @property
    def rank(self) -> int:
        """The severity's rank; below all others without one."""
        return self.incident.severity.rank if self.incident.severity else -1

    @property
    def status(self) -> str:
        """The status's name."""
        return self.incident.incident_status.name

    @property
    def lead(self) -> str:
        """The name of the person who leads it, or an empty text."""
        return lead(self.incident) or ""

    def name(self, *, show_private: bool) -> str:
        """Return the name, masked where only invited people may see it."""
        return self.incident.shown_name(show_private=show_private)


@dataclass(frozen=True)
class Change:
    """What is different about an incident since the last refresh.

    Args:
        new: Whether it was not there.
        severity: The severity it had, if that is another now.
        status: The status it had, if that is another now.
    """

    new: bool = False
    severity: str = ""
    status: str = ""


@dataclass(frozen=True)
class Gone:
    """An incident that was there at the refresh before and is not any more.

    Args:
        row: As it was.
        where: Where it went, in a word or two.
        status: The status it has now; empty if that is not known, or the same.
    """

    row: Row
    where: str = "gone"
    status: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What one refresh found.

    Args:
        rows: The incidents in the order they are shown.
        severities: The organisation's severities, least severe first.
        at: When it was read, by the service's clock.
        incomplete: Why it is not everything; empty if it is.
        changes: What changed since the refresh before, by incident ID.
        gone: The incidents that were there at the refresh before and are not any more, and where they went.
    """

    rows: tuple[Row, ...]
    severities: tuple[Severity, ...]
    at: datetime
    incomplete: str
    changes: Mapping[str, Change]
    gone: tuple[Gone, ...]


def ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows from the most to the least severe, and within a severity the oldest first."""
    return tuple(sorted(rows, key=lambda one: (-one.rank, one.incident.created_at, one.incident.id)))


def changes(before: Sequence[Row], after: Sequence[Row]) -> tuple[dict[str, Change], tuple[Row, ...]]:
    """Return what changed, by incident ID, and the rows that are gone.

    Args:
        before: The rows of the refresh before.
        after: The rows now.
    """
    known = {one.incident.id: one for one in before}
    found = {}
    for row in after:
        old = known.pop(row.incident.id, None)
        if old is None:
            change = Change(new=True)
        else:
            change = Change(
                severity=old.severity if old.severity != row.severity else "",
                status=old.status if old.status != row.status else "",
            )
        if change != Change():
            found[row.incident.id] = change
    return found, tuple(known.values())


class Overdue:
    """How long an incident may go without an update, by severity. Paused incidents are never overdue.

    Args:
        severities: The organisation's severities, least severe first.
        given: Other spans than the usual ones, by severity name; None for never.

    Raises:
        UnknownName: If a name is no severity's.
    """

    def __init__(self, severities: Sequence[Severity], given: Mapping[str, timedelta | None]) -> None:
        downwards = sorted(severities, key=lambda one: -one.rank)
        self._spans: dict[str, timedelta | None] = {
            one.name: _SPANS[min(place, len(_SPANS) - 1)] for place, one in enumerate(downwards)
        }
        self._spans[NO_SEVERITY] = _SPANS[-1]
        for name, span in given.items():
            if name.strip().casefold() == NO_SEVERITY:
                self._spans[NO_SEVERITY] = span
            else:
                self._spans[named("severity", name, severities, lambda one: one.name).name] = span

    def marks(self, row: Row, now: datetime) -> bool:
        """Return whether `row` has gone without an update for too long."""
        span = self._spans.get(row.severity)
        paused = row.incident.incident_status.category == "paused"
        return span is not None and not paused and now - row.last_update > span

    def rule(self) -> str:
        """Return the rule in a sentence."""
        named_by: dict[str, list[str]] = {}
        for name, span in self._spans.items():
            named_by.setdefault("any time" if span is None else ago(span), []).append(one_line(name))
        spans = ", ".join(f"{span} ({', '.join(names)})" for span, names in named_by.items())
        return f"Overdue: no update shared for longer than {spans}. Paused incidents are never overdue."


def span_of(text: str) -> timedelta | None:
    """Return the span that `text` names, such as `45m`, `2h` or `1d`; None for `never`.

    Raises:
        InputError: If it cannot be read.
    """
    text = text.strip()
    if text.casefold() in _NEVER:
        return None
    if found := _SPAN.fullmatch(text):
        return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
    raise InputError(f"{text!r} is not a span of time.", hint="write it like 45m, 2h, 1d or never")


def ago(span: timedelta) -> str:
    """Return a span in its two largest units."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "< 1 min"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days} d"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts[:2])
