"""%incidents follow_ups, actions: lists tasks with their owners, and counts what is done and overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.pages import add_bounds
from incidentio_magic.magics.reading import add_everyone, add_out, add_private, say_whose

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    grammar.add_argument("reference", nargs="?", default="", metavar="REF", help="only those of this incident")
    grammar.add_argument(
        "--status", default="outstanding", metavar="NAMES", help="outstanding (the default), completed, not_doing, all"
    )
    grammar.add_argument(
        "--owner", default="", metavar="PERSON", help="only this person's; none for those without an owner"
    )
    add_bounds(grammar)
    grammar.add_argument(
        "--mode", default="", metavar="NAMES", help="only of incidents with this mode: test; all for every mode"
    )


def _add_follow_ups(grammar: Grammar) -> None:
    _add(grammar)
    grammar.add_argument("--team", default="", metavar="NAME", help="only this team's")
    grammar.add_argument(
        "--due",
        action="append",
        default=[],
        metavar='"PRIORITY=TIME"',
        help="how long each may take: 30d, or Urgent=7d for a priority",
    )
    grammar.add_argument(
        "--by", default="", metavar="NAMES", help="count by owner, team, priority, month, quarter, severity …"
    )
    add_everyone(grammar)
    add_private(grammar)
    add_out(grammar)


def _add_actions(grammar: Grammar) -> None:
    _add(grammar)
    grammar.add_argument("--due", default="", metavar="TIME", help="how long each may take, such as 2h")
    grammar.add_argument("--by", default="", metavar="NAMES", help="count by owner, incident, month, severity …")
    add_everyone(grammar)
    add_private(grammar)
    add_out(grammar)


def _options(args: Namespace) -> dict[str, Any]:
    names = ("status", "owner", "since", "until", "mode", "by", "show_private")
    return {name: getattr(args, name) for name in names}


def _follow_ups(session: Session, args: Namespace) -> Any:
    frame = session.client_for(args).follow_ups(
        args.reference, team=args.team, due=due_rule(args.due), **_options(args)
    )
    return _said(session, frame, args, "follow-up")


def _actions(session: Session, args: Namespace) -> Any:
    frame = session.client_for(args).actions(args.reference, due=args.due, **_options(args))
    return _said(session, frame, args, "action")


def due_rule(texts: list[str]) -> dict[str, str] | None:
    """Return how long a follow-up may take, by the name of its priority; None if nothing was typed.

    Args:
        texts: `Urgent=7d`, or `30d` for all other priorities.
    """
    pairs = [text.rpartition("=") for text in texts]
    return {name.strip(): span.strip() for name, _equals, span in pairs} or None


def _said(session: Session, frame: Any, args: Namespace, noun: str) -> Any:
    say_completeness(session, frame)
    say_whose(session, args)
    if frame.empty and frame.attrs["complete"]:
        session.say(f"No {noun} matches.")
    elif not args.by and frame["overdue"].any():
        session.say(f"{int(frame['overdue'].sum())} of {len(frame)} overdue.")
    elif args.by:
        session.say("; ".join(f"{name}: {meaning}" for name, meaning in frame.attrs["definitions"].items()) + ".")
    return frame


SUBCOMMANDS = (
    Subcommand("follow_ups", "what is left to do after incidents, and how much is done", _add_follow_ups, _follow_ups),
    Subcommand("actions", "what is left to do in incidents, and how much is done", _add_actions, _actions),
)
