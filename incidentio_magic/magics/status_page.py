"""%incidents status-page: reads what customers see on the status pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.pages import add_bounds, say_limits
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    grammar.add_argument("page", nargs="?", default="", metavar="PAGE", help="only this status page; all if left out")
    add_bounds(grammar)
    add_out(grammar)


def _status_page(session: Session, args: Namespace) -> Any:
    frame = session.client.status_page(args.page, since=args.since, until=args.until)
    say_completeness(session, frame)
    say_limits(session, frame, "published incident", more="--since 365d")
    return frame


SUBCOMMANDS = (
    Subcommand("status-page", "what your status pages say, and which components are affected", _add, _status_page),
)
