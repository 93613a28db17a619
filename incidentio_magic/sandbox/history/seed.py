"""The seeded history: a year of incidents that ends at the epoch, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.history._cast import Cast
from incidentio_magic.sandbox.history.life import REVIEWED, UNREVIEWED, Plan, Story

if TYPE_CHECKING:
    from datetime import datetime

    from incidentio_magic.sandbox.incidentio.journal import Journal

HISTORY_DAYS = 365
QUIET_DAYS = 2
REVIEWED_SHARE = 0.75
# Monday to Sunday, and midnight to midnight (UTC): incidents come with deploys and with traffic.
WEEKDAYS = (18, 20, 19, 18, 14, 6, 5)
BUSIEST = max(WEEKDAYS)
HOURS = tuple(accumulate((2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 13, 11, 13, 15, 14, 12, 10, 8, 7, 6, 5, 4, 3)))
SEVERITIES = ("Minor", "Moderate", "Major", "Critical")
SEVERITY_WEIGHTS = tuple(accumulate((45, 30, 18, 7)))
# What is open at the epoch: hours since it was declared, statuses so far, mode, private, severity.
OPEN: tuple[tuple[float, tuple[str, ...], str, bool, str | None], ...] = (
    (0.4, ("Triage",), "standard", False, None),
    (0.7, ("Investigating",), "standard", False, "Critical"),
    (1.5, ("Investigating",), "standard", False, "Minor"),
    (2.2, ("Investigating",), "standard", True, "Major"),
    (4.0, ("Investigating",), "test", False, "Minor"),
    (5.0, ("Investigating", "Fixing"), "standard", False, "Major"),
    (7.5, ("Triage",), "standard", False, "Minor"),
    (9.0, ("Investigating", "Fixing", "Monitoring"), "standard", False, "Moderate"),
    (12.0, ("Investigating", "Fixing"), "standard", False, "Moderate"),
    (20.0, ("Investigating", "Fixing", "Monitoring"), "standard", False, "Major"),
    (41.0, ("Investigating", "Paused"), "standard", False, "Minor"),
)

LATELY = 10 * 24.0  # hours over which further open incidents are spread
PATHS = (
    ("Investigating",),
    ("Investigating", "Fixing"),
    ("Investigating", "Fixing", "Monitoring"),
    ("Investigating", "Paused"),
)


def fill(journal: Journal, epoch: datetime, count: int, still_open: int | None = None) -> None:
    """Write the history, inside the caller's transaction.

    Args:
        journal: writes it.
        epoch: when it ends.
        count: the number of incidents, including the open ones.
        still_open: the number of open incidents; None for a few.
    """
    dice = Random(f"{journal.seed}")  # noqa: S311  dice, not secrets
    cast = Cast(journal.organisation)
    opened = OPEN[:count] if still_open is None else opened_lately(journal.seed, min(still_open, count))
    target: str | None = None
    ended = sorted(moment(dice, epoch) for _ in range(count - len(opened)))
    for number, start in enumerate(ended, 1):
        plan = past(dice, number, start, target)
        with journal.together():
            incident = Story(journal, cast, plan, dice, epoch).replay()
        if plan.mode == "standard" and not plan.private and plan.merged_into is None:
            target = incident["id"]
    for number, (hours, path, mode, private, severity) in enumerate(reversed(opened), len(ended) + 1):
        plan = Plan(number, epoch - timedelta(hours=hours), path, mode, private, severity)
        with journal.together():
            Story(journal, cast, plan, dice, epoch).replay()


def opened_lately(seed: int, count: int) -> tuple[tuple[float, tuple[str, ...], str, bool, str | None], ...]:
    """Return a number of open incidents, newest first: the usual few, then more from the last days."""
    dice = Random(f"open {seed}")  # noqa: S311  dice, not secrets
    oldest = OPEN[-1][0]
    more = [
        (
            oldest + number * LATELY / max(1, count),
            PATHS[dice.randrange(len(PATHS))],
            "standard",
            False,
            dice.choices(SEVERITIES, cum_weights=SEVERITY_WEIGHTS)[0],
        )
        for number in range(1, count - len(OPEN) + 1)
    ]
    return (*OPEN[:count], *more)


def moment(dice: Random, epoch: datetime) -> datetime:
    """Choose a time, more often one at which incidents are likely."""
    last = epoch - timedelta(days=QUIET_DAYS)
    while True:
        day = last - timedelta(days=dice.randint(0, HISTORY_DAYS - QUIET_DAYS - 1))
        if dice.random() * BUSIEST < WEEKDAYS[day.weekday()]:
            break
    hour = dice.choices(range(24), cum_weights=HOURS)[0]
    chosen = day.replace(hour=hour, minute=dice.randint(0, 59), second=dice.randint(0, 59), microsecond=0)
    return min(chosen, last)


@dataclass(frozen=True)
class Kind:
    """A kind of incident that recurs at a fixed interval of numbers.

    Args:
        every: how far apart its numbers are.
        first: its first number.
        path: the statuses it goes through; None for the usual ones.
        mode: its mode.
        private: whether it is private.
        triaged: whether it begins in triage.
        ungraded: whether it never gets a severity.
    """

    every: int
    first: int
    path: tuple[str, ...] | None = None
    mode: str = "standard"
    private: bool = False
    triaged: bool = False
    ungraded: bool = False


KINDS = (
    Kind(23, 9, ("Investigating", "Merged")),
    Kind(29, 4, ("Triage", "Declined"), ungraded=True),
    Kind(31, 6, ("Triage", "Canceled")),
    Kind(20, 5, private=True),
    Kind(25, 3, mode="test"),
    Kind(60, 7, UNREVIEWED, mode="tutorial"),
    Kind(30, 11, ("Documenting", "Closed"), mode="retrospective"),
    Kind(12, 2, triaged=True),
)
USUAL_KIND = Kind(1, 0)


def past(dice: Random, number: int, start: datetime, target: str | None) -> Plan:
    """Plan the course of a past incident; every kind occurs."""
    severity = dice.choices(SEVERITIES, cum_weights=SEVERITY_WEIGHTS)[0]
    usual = REVIEWED if dice.random() < REVIEWED_SHARE else UNREVIEWED
    kind = next((kind for kind in KINDS if number % kind.every == kind.first), USUAL_KIND)
    path = kind.path or usual
    merged = path[-1] == "Merged"
    if merged and target is None:
        path, merged = usual, False
    return Plan(
        number,
        start,
        ("Triage", *path) if kind.triaged else path,
        kind.mode,
        kind.private,
        None if kind.ungraded else severity,
        target if merged else None,
    )
