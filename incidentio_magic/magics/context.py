"""%incidents context: everything known about one incident, as one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand, add_reference
from incidentio_magic.magics.handover import add_saving
from incidentio_magic.magics.reading import add_out, add_private

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    add_reference(grammar)
    grammar.add_argument("--size", type=int, metavar="N", help="at most N characters (16000)")
    add_saving(grammar)
    add_private(grammar)
    add_out(grammar)


def _context(session: Session, args: Namespace) -> Any:
    size = {} if args.size is None else {"size": args.size}
    brief = session.client.context(session.reference(args.reference), **size, show_private=args.show_private)
    assert brief.frame is not None  # noqa: S101  the timeline it was written from
    say_completeness(session, brief.frame)
    if args.save:
        session.say(f"Saved to {brief.save(args.save, overwrite=args.overwrite)}.")
    return brief


SUBCOMMANDS = (
    Subcommand("context", "everything known about an incident, as one text of bounded size", _add, _context),
)
