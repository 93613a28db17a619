"""%incidents oncall: who is on call at a moment, until when, and who is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

_BOUNDS: Final = ("starts_at", "ends_at")


def _add(grammar: Grammar) -> None:
    grammar.add_argument("schedule", nargs="*", metavar="SCHEDULE", help="the schedules; all if left out")
    for name, metavar, text in (
        ("--at", "TIME", "a time instead of now: 18:00, tomorrow, 2026-12-24T18:00, +4h; INC-291 for its declaration"),
        ("--until", "TIME", "every shift until then: +7d, 2026-12-31"),
    ):
        grammar.add_argument(name, default="", metavar=metavar, help=text)
    grammar.add_argument("--mine", action="store_true", help="only your shifts; IncidentMagics.user says who you are")
    grammar.add_argument("--person", default="", metavar="NAME", help="only this person's shifts")
    add_out(grammar)


def _on_call(session: Session, args: Namespace) -> Any:
    frame = session.client.oncall(*args.schedule, at=args.at, until=args.until, mine=args.mine, person=args.person)
    say_completeness(session, frame)
    if frame.empty:
        session.say(
            "No shift in this period." if args.mine or args.person else "There is no schedule that this key may see."
        )
    for line in uncovered(frame, session.settings.timezone):
        session.say(line)
    return frame


def uncovered(frame: Any, timezone: str) -> list[str]:
    """Return a line for each gap in a schedule.

    Args:
        frame: A frame of `oncall`.
        timezone: The time zone of its times.
    """
    import pandas as pd  # noqa: PLC0415  loaded by now: there is a frame

    from incidentio_magic.on_call.shifts import NOBODY  # noqa: PLC0415

    lines = []
    for row in frame[frame["state"] == NOBODY].to_dict("records"):
        starts, ends = (None if pd.isna(row[name]) else f"{row[name]:%a %Y-%m-%d %H:%M}" for name in _BOUNDS)
        first = f" from {starts}" if starts else ""
        last = f" until {ends}" if ends else ", and no later shift is known"
        lines.append(f"Nobody is on call in {row['schedule']}{first}{last} ({timezone}).")
    return lines


SUBCOMMANDS = (Subcommand("oncall", "who is on call, until when, and who is next", _add, _on_call),)
