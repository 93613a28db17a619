"""%incidents load: how much time people spend on incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_filters, add_from, add_out, filters, say_whose, source

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    add_filters(grammar)
    group = grammar.add_argument_group("the figures")
    group.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="NAMES",
        help="group by month (if left out), team, quarter, week, severity, type, lead, custom fields",
    )
    group.add_argument("--per-person", action="store_true", help="list people instead; one request per incident")
    group.add_argument("--define", action="store_true", help="explain each column")
    add_from(group)
    add_out(grammar)


def _load(session: Session, args: Namespace) -> Any:
    frame = source(session, args).load(by=",".join(args.by) or "month", per_person=args.per_person, **filters(args))
    if not frame.attrs["complete"]:
        session.say(f"Incomplete: {frame.attrs['why_incomplete']}.")
    say_whose(session, args)
    for note in frame.attrs["notes"]:
        session.say(note)
    if not frame.attrs["incidents"]:
        session.say("No incident matches.")
    elif args.define:
        for name, meaning in frame.attrs["definitions"].items():
            session.say(f"{name}: {meaning}.")
    return frame


SUBCOMMANDS = (Subcommand("load", "how much time people spent on incidents, also at night and weekends", _add, _load),)
