"""The values a board shows: its rows, their order, the changes since the last refresh, and the overdue rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError
from incidentio_magic.frames import lead
from incidentio_magic.names.declaration import declared_at
from incidentio_magic.on_call.overdue import NO_SEVERITY, UpdateRule
from incidentio_magic.printable import one_line
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from incidentio_magic.api.models import Incident, Severity
    from incidentio_magic.widgets.board_on_call import OnCall

_SPAN: Final = re.compile(r"(\d{1,5})\s*(m|min|h|d)", re.IGNORECASE)
_UNITS: Final = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_NEVER: Final = frozenset({"none", "never", "-"})
MOST_ROWS: Final = 50  # a board shows at most this many rows; details are read for these only


@dataclass(frozen=True)
class Row:
    """One open incident.

    Args:
        incident: Its record.
        last_update: When the last update was shared, else when the incident was declared; None if not read yet.
        timestamp: The ID of the timestamp that means declared; empty if there is none.
    """

    incident: Incident
    last_update: datetime | None
    timestamp: str = ""

    @property
    def declared_at(self) -> datetime:
        """When the incident was declared."""
        return declared_at(self.incident, self.timestamp)

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
        """The incident lead's name; empty if there is no lead."""
        return lead(self.incident) or ""

    def name(self, *, show_private: bool) -> str:
        """Return the name, masked if the incident is private and `show_private` is false."""
        return self.incident.shown_name(show_private=show_private)


@dataclass(frozen=True)
class Change:
    """How an incident differs from the last refresh.

    Args:
        new: Whether the incident was not listed before.
        severity: The previous severity, if it changed.
        status: The previous status, if it changed.
    """

    new: bool = False
    severity: str = ""
    status: str = ""


@dataclass(frozen=True)
class Gone:
    """An incident that the previous refresh listed and this one does not.

    Args:
        row: The previous row.
        where: Why it is no longer listed, in one or two words.
        status: The current status; empty if it is unknown or unchanged.
    """

    row: Row
    where: str = "gone"
    status: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The result of one refresh.

    Args:
        rows: The incidents in the order they are shown.
        severities: The organisation's severities, least severe first.
        at: When the list was read, by the service's clock.
        incomplete: Why rows are missing; empty if none are.
        changes: The changes since the previous refresh, by incident ID.
        gone: The incidents that are no longer listed.
        training: Whether only test incidents were listed.
        on_call: Who is on call, and which pages are open; None until that is read.
        own_only: Whether a class's sandbox left out what belongs to its trainees.
    """

    rows: tuple[Row, ...]
    severities: tuple[Severity, ...]
    at: datetime
    incomplete: str
    changes: Mapping[str, Change]
    gone: tuple[Gone, ...]
    training: bool = False
    on_call: OnCall | None = None
    own_only: bool = False


def ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows from the most to the least severe, and within a severity the oldest first."""
    return tuple(sorted(rows, key=lambda row: (-row.rank, row.declared_at, row.incident.id)))


def changes(before: Sequence[Row], after: Sequence[Row]) -> tuple[dict[str, Change], tuple[Row, ...]]:
    """Return the changes by incident ID, and the rows that are no longer listed.

    Args:
        before: The rows of the previous refresh.
        after: The current rows.
    """
    known = {row.incident.id: row for row in before}
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


class Overdue(UpdateRule):
    """The longest time without an update, by severity, applied to a board's rows."""

    def marks(self, row: Row, now: datetime) -> bool:
        """Return whether `row` is overdue for an update."""
        return self.is_overdue(row.incident, row.last_update, now)

    def rule(self) -> str:
        """Return a sentence that states the rule."""
        named_by: dict[str, list[str]] = {}
        for name, span in self.spans.items():
            named_by.setdefault("any time" if span is None else ago(span), []).append(one_line(name))
        spans = ", ".join(f"{span} ({', '.join(names)})" for span, names in named_by.items())
        return f"Overdue: no update shared for longer than {spans}. Paused incidents are never overdue."


def span_of(text: str) -> timedelta | None:
    """Parse a span such as `45m`, `2h` or `1d`; `never` returns None.

    Raises:
        InputError: If `text` is not a span.
    """
    text = text.strip()
    if text.casefold() in _NEVER:
        return None
    if found := _SPAN.fullmatch(text):
        return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
    raise InputError(f"{text!r} is not a duration.", hint="write it like 45m, 2h, 1d or never")


def ago(span: timedelta | None) -> str:
    """Format a span in whole minutes, hours or days; an unknown one is `unknown`."""
    if span is None:
        return "unknown"
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "< 1 min"
    return span_text(timedelta(minutes=minutes))
