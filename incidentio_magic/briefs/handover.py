"""Writes the handover of a shift: what happened, what is open, and what the next shift must know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from incidentio_magic.moments import between, local
from incidentio_magic.postmortem.markdown import cell, inline, link
from incidentio_magic.spans import span_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

OPEN: Final = "open"
OPENED: Final = "opened"
CHANGED: Final = "changed"
CLOSED: Final = "closed"
PAGED: Final = "paged"
OVERDUE: Final = "overdue"
_HEADINGS: Final = {
    OPENED: "Opened in this shift",
    CHANGED: "Changed in this shift",
    CLOSED: "Closed in this shift",
    PAGED: "Pages",
    OVERDUE: "Overdue follow-ups",
}
_LONGEST: Final = 200


@dataclass(frozen=True)
class Item:
    """A line of a handover; private texts are already masked.

    Args:
        section: open, opened, changed, closed, paged or overdue.
        reference: The incident's reference; None if unknown.
        name: The incident's name.
        severity: Its severity now.
        status: Its status now.
        lead: Who leads it.
        at: When it happened; for an open incident, when its last update was shared.
        what: What happened; for an open incident, its last update.
        permalink: The incident's page.
        needs_update: Whether an open incident has gone without an update for too long.
        is_waiting: Whether a page is still waiting.
    """

    section: str
    reference: str | None = None
    name: str | None = None
    severity: str | None = None
    status: str | None = None
    lead: str | None = None
    at: datetime | None = None
    what: str | None = None
    permalink: str | None = None
    needs_update: bool = False
    is_waiting: bool = False


@dataclass(frozen=True)
class Handover:
    """The content of a handover.

    Args:
        start: The beginning of the shift.
        end: Its end, the current time.
        zone: The time zone of all times in the text.
        items: Everything that happened or is open, in order.
        on_call: Who is on call in each schedule, and who is next, as text.
        notes: Further things that the next shift must know.
        not_read: Why each source that is missing could not be read.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    items: Sequence[Item]
    on_call: Sequence[str] = ()
    notes: Sequence[str] = ()
    not_read: Mapping[str, str] = field(default_factory=dict)

    def of(self, section: str) -> list[Item]:
        """Return the items of a section."""
        return [item for item in self.items if item.section == section]

    def markdown(self) -> str:
        """Return the handover as Markdown."""
        start, end = self._moment(self.start), self._moment(self.end)
        parts = [f"# Handover: {start} to {end} ({self.zone.key})", self._for_the_next(), self._open()]
        parts += [self._section(section, heading) for section, heading in _HEADINGS.items() if self.of(section)]
        if quiet := [name for name in (OPENED, CHANGED, CLOSED, PAGED) if not self.of(name)]:
            parts.append(f"Nothing was {', '.join(quiet[:-1])}{' or ' * (len(quiet) > 1)}{quiet[-1]} in this shift.")
        if self.not_read:
            lines = [f"- {inline(source)}: {inline(why)}" for source, why in self.not_read.items()]
            parts.append("\n".join(["## Not read", "", *lines]))
        return "\n\n".join(parts) + "\n"

    def _for_the_next(self) -> str:
        """Return the notes for the next shift, the most urgent first."""
        open_incidents, waiting = self.of(OPEN), [item for item in self.of(PAGED) if item.is_waiting]
        lines = [f"- A page is still waiting: {self._named(item)}: {inline(item.what)}" for item in waiting]
        lines += [
            f"- {self._named(item)} needs an update: {self._ago(item)}." for item in open_incidents if item.needs_update
        ]
        lines += [f"- {self._named(item)} has no lead." for item in open_incidents if not item.lead]
        if overdue := len(self.of(OVERDUE)):
            lines.append(f"- {overdue} follow-up{'s are' if overdue > 1 else ' is'} overdue.")
        lines += [f"- {inline(note)}" for note in self.notes]
        lines += [f"- {inline(line)}" for line in self.on_call]
        count = f"{len(open_incidents)} incident{'s are' if len(open_incidents) != 1 else ' is'} open."
        return "\n".join(["## For the next shift", "", f"- {count}", *lines])

    def _open(self) -> str:
        rows = ["| Incident | Severity | Status | Lead | Last update |", "| --- | --- | --- | --- | --- |"]
        for item in self.of(OPEN):
            update = f"{self._moment(item.at)}: {cell(shortened(item.what))}" if item.at else "none"
            state = f"{inline(item.severity)} | {inline(item.status)} | {inline(item.lead) or 'nobody'}"
            rows.append(f"| {self._named(item)} | {state} | {update} |")
        return "\n".join(["## Open now", "", *(rows if self.of(OPEN) else ["No incident is open."])])

    def _section(self, section: str, heading: str) -> str:
        lines = [
            f"- {f'{self._moment(item.at)} ' if item.at else ''}{self._named(item)}: {cell(shortened(item.what))}"
            for item in self.of(section)
        ]
        return "\n".join([f"## {heading}", "", *lines])

    def _named(self, item: Item) -> str:
        reference = link(item.reference or "unknown incident", item.permalink)
        return f"{reference} {inline(item.name)}".strip()

    def _ago(self, item: Item) -> str:
        if item.at is None:
            return "it has none"
        span = between(item.at, self.end)
        return (
            "it is unknown when the last one was shared" if span is None else f"the last one is {span_text(span)} old"
        )

    def _moment(self, at: datetime) -> str:
        here = local(at, self.zone)
        return f"{here:%Y-%m-%d %H:%M}" if here else "at an unknown time"


def shortened(text: str | None) -> str:
    """Return a text as one line of bounded length."""
    line = " ".join((text or "").split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
