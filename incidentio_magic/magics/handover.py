"""%incidents handover: what happened in a shift, as a draft and as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Grammar, Subcommand
from incidentio_magic.magics.reading import add_everyone, add_out, add_private, say_whose
from incidentio_magic.magics.task_lists import due_rule

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.session import Session


def add_saving(grammar: Grammar) -> None:
    """Add the options that save a text to a file."""
    grammar.add_argument("--save", default="", metavar="FILE", help="save it to a file; an edited file is not replaced")
    grammar.add_argument("--overwrite", action="store_true", help="with --save: replace the file even if it was edited")


def _add(grammar: Grammar) -> None:
    grammar.add_argument("--since", default="", metavar="TIME", help="when the shift began: 12h (the default), 08:00")
    grammar.add_argument(
        "--schedule", default="", metavar="NAME", help="hand over the current shift of this schedule instead"
    )
    grammar.add_argument(
        "--due", action="append", default=[], metavar='"PRIORITY=TIME"', help="how long a follow-up may take: 30d"
    )
    add_saving(grammar)
    add_everyone(grammar)
    add_private(grammar)
    add_out(grammar)


def _handover(session: Session, args: Namespace) -> Any:
    brief = session.client_for(args).handover(
        since=args.since,
        schedule=args.schedule,
        overdue=_overdue(session),
        due=due_rule(args.due),
        show_private=args.show_private,
    )
    assert brief.frame is not None  # noqa: S101  a handover is always made of rows
    say_completeness(session, brief.frame)
    say_whose(session, args)
    if args.save:
        session.say(f"Saved to {brief.save(args.save, overwrite=args.overwrite)}.")
    if not args.out:
        session.show(brief)
    return session.runs.hide(brief.frame)


def _overdue(session: Session) -> Any:
    """Return how long an incident may go without an update, as configured for boards."""
    from incidentio_magic.widgets.board_rows import span_of  # noqa: PLC0415  pandas loads on first use

    return {name: span_of(text) for name, text in session.overdue().items()}


SUBCOMMANDS = (
    Subcommand("handover", "a shift's handover: what happened, what is open, what to know next", _add, _handover),
)
