"""A scenario: what happens when, and what is expected of the person on call."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

EVENT_KINDS: Final = ("alert", "report", "message", "status_page")
EXPECTED: Final = ("declared", "updated", "cadence", "escalated", "paged", "closed", "ended", "quiet")


@dataclass(frozen=True)
class Event:
    """Something that simulated colleagues or alerts do.

    Args:
        at: Minutes after the start.
        kind: `alert`, `report` (a customer's), `message` (a colleague's) or `status_page` (a provider's).
        by: The alert source's, the person's or the provider's name.
        title: What it is, in one line.
        text: More about it.
        opens: Whether an alert opens an incident in triage by itself.
        number: Its place among the file's events, from 0.
    """

    at: float
    kind: str
    by: str
    title: str
    text: str = ""
    opens: bool = False
    number: int = 0

    def act(self) -> dict[str, Any]:
        """Return what the sandbox plans."""
        return {
            "after": self.at * 60,
            "kind": self.kind,
            "who": self.by,
            "title": self.title,
            "text": self.text,
            "opens": self.opens,
        }


@dataclass(frozen=True)
class Metric:
    """A measured value over time, straight between its points.

    Args:
        name: What is measured.
        unit: In what, such as `%` or `ms`; may be empty.
        points: Minutes after the start (negative ones before it) and the value there, in order.
    """

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]

    @property
    def label(self) -> str:
        """The name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def value(self, minute: float) -> float:
        """Return the value at a minute after the start."""
        before = self.points[0]
        for after in self.points:
            if after[0] >= minute:
                width = after[0] - before[0]
                share = (minute - before[0]) / width if width > 0 else 1.0
                return before[1] + (after[1] - before[1]) * max(0.0, share)
            before = after
        return before[1]


@dataclass(frozen=True)
class Expectation:
    """Something that should be done.

    Args:
        kind: One of `EXPECTED`.
        within: Minutes: of the start (`declared`, `closed`, `ended`), of the declaration (`updated`), else of `after`.
        after: Minutes after the start at which there is a reason for it; earlier it earns little. Of `cadence`, until
            when updates are wanted, although the incident may be closed.
        every: The longest time between two updates, in minutes, for `cadence`.
        severity: The right severities, by name, for `declared`; the least one for `escalated`.
        path: The escalation path to page.
        people: The people to page, by name or email address.
        status: How it should end, by status name, for `ended`.
        visibility: How it should be declared, `public` or `private`; empty if that does not matter.
        points: How much it counts.
        practise: What to practise if it is missed; a usual piece of advice if empty.
        number: Its place among the file's expectations, from 0.
    """

    kind: str
    within: float = 0.0
    after: float = 0.0
    every: float = 0.0
    severity: tuple[str, ...] = ()
    path: str = ""
    people: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    visibility: str = ""
    points: float = 10.0
    practise: str = ""
    number: int = 0


@dataclass(frozen=True)
class Scenario:
    """A scripted incident.

    Args:
        name: The name with which it is started.
        title: What it is, in one line.
        briefing: What a trainee reads at the start.
        minutes: Its approximate length.
        events: What happens.
        metrics: What can be measured.
        expectations: What is expected.
        shared: Whether a team, or a class without teams, plays it together.
    """

    name: str
    title: str
    briefing: str
    minutes: float
    events: tuple[Event, ...]
    metrics: tuple[Metric, ...]
    expectations: tuple[Expectation, ...]
    shared: bool = False

    @property
    def digest(self) -> str:
        """A short text that differs where another scenario, or another version of it, was played."""
        return sha256(repr(self).encode()).hexdigest()[:8]
