"""%incidents pages, alerts: who was paged, who acknowledged, and what is firing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_everyone, add_out, add_private, say_whose

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def add_bounds(grammar: Grammar) -> None:
    """Add the options that limit when something began."""
    grammar.add_argument("--since", default="", metavar="TIME", help="since 12h ago, 2026-01-31 or 2026-01-31T14:05")
    grammar.add_argument("--until", default="", metavar="TIME", help="until then; a date includes its whole day")


def _add_pages(grammar: Grammar) -> None:
    grammar.add_argument("reference", nargs="?", default="", metavar="REF", help="only the pages about this incident")
    grammar.add_argument(
        "--status", default="", metavar="NAMES", help="waiting, acknowledged, snoozed, resolved, expired, cancelled …"
    )
    add_bounds(grammar)
    add_everyone(grammar)
    add_private(grammar)
    add_out(grammar)


def _pages(session: Session, args: Namespace) -> Any:
    frame = session.client_for(args).pages(
        args.reference, status=args.status, since=args.since, until=args.until, show_private=args.show_private
    )
    say_completeness(session, frame)
    say_limits(session, frame, "page")
    say_whose(session, args)
    waiting = int(frame["waiting"].sum())
    if waiting:
        session.say(f"{waiting} page{'s are' if waiting > 1 else ' is'} still waiting.")
    return frame


def _add_alerts(grammar: Grammar) -> None:
    grammar.add_argument("--firing", action="store_true", help="only alerts that are firing now")
    grammar.add_argument("--source", default="", metavar="NAMES", help="only these alert sources")
    add_bounds(grammar)
    add_everyone(grammar)
    add_private(grammar)
    add_out(grammar)


def _alerts(session: Session, args: Namespace) -> Any:
    frame = session.client_for(args).alerts(
        firing=args.firing, source=args.source, since=args.since, until=args.until, show_private=args.show_private
    )
    say_completeness(session, frame)
    say_limits(session, frame, "alert")
    say_whose(session, args)
    return frame


def say_limits(session: Session, frame: Any, noun: str, *, more: str = "--since 30d") -> None:
    """Print the default limits of a frame, or that nothing matches.

    Args:
        session: The notebook's session.
        frame: A frame whose `attrs` say so.
        noun: What its rows are.
        more: The option that shows more.
    """
    if limited := frame.attrs["limited_to"]:
        session.say(f"Limited to {limited}; {more} shows more.")
    elif frame.empty and frame.attrs["complete"]:
        session.say(f"No {noun} matches.")


SUBCOMMANDS = (
    Subcommand("pages", "who was paged, who acknowledged, which pages are waiting", _add_pages, _pages),
    Subcommand("alerts", "alerts, and the incidents they belong to", _add_alerts, _alerts),
)
