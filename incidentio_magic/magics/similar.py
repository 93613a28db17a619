"""%incidents similar: similar earlier incidents, and how they were fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import Subcommand, add_reference
from incidentio_magic.magics.reading import add_from, add_out, add_private, source

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    add_reference(grammar)
    grammar.add_argument("--limit", type=int, default=10, metavar="N", help="at most N rows (10)")
    grammar.add_argument("--since", default="365d", metavar="TIME", help="only incidents declared since then (365d)")
    add_from(grammar)
    add_private(grammar)
    add_out(grammar)


def _similar(session: Session, args: Namespace) -> Any:
    from incidentio_magic.client.similar import similar_lines  # noqa: PLC0415  loads on first use

    frame = source(session, args).similar(
        session.reference(args.reference), limit=args.limit, since=args.since, show_private=args.show_private
    )
    for line in similar_lines(frame.attrs):
        session.say(line)
    if frame.empty:
        session.say("No similar incident was found.")
    return frame


SUBCOMMANDS = (Subcommand("similar", "similar earlier incidents, why, and how they were fixed", _add, _similar),)
