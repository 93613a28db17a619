"""%incidents acknowledge, cancel and snooze: responses to a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.writing import add_dry_run

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add_page(grammar: Grammar) -> None:
    grammar.add_argument(
        "page",
        nargs="?",
        default="",
        metavar="PAGE",
        help="INC-123 if one of its pages is waiting, INC-123#2 for its second page, or the page's ID;"
        " the current incident if left out",
    )
    add_dry_run(grammar)


def _add_snooze(grammar: Grammar) -> None:
    _add_page(grammar)
    grammar.add_argument("--for", dest="duration", required=True, metavar="TIME", help="how long: 30m, 2h")
    grammar.add_argument("--reason", default="", metavar="TEXT", help="why, shown with the page")
    grammar.add_argument("--again", action="store_true", help="snooze it again, even if it is already snoozed")


def _acknowledge(session: Session, args: Namespace) -> Any:
    return session.client.acknowledge(session.reference(args.page), dry_run=args.dry_run)


def _cancel(session: Session, args: Namespace) -> Any:
    return session.client.cancel(session.reference(args.page), dry_run=args.dry_run)


def _snooze(session: Session, args: Namespace) -> Any:
    return session.client.snooze(
        session.reference(args.page), args.duration, reason=args.reason, again=args.again, dry_run=args.dry_run
    )


SUBCOMMANDS = (
    Subcommand("acknowledge", "acknowledge a page, so that nobody else is paged", _add_page, _acknowledge),
    Subcommand("cancel", "cancel a page, so that nobody else is paged", _add_page, _cancel),
    Subcommand("snooze", "silence a page for a while", _add_snooze, _snooze),
)
