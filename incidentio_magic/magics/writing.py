"""%incidents edit, and the cell magics that declare, update and record."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import CellMagic, Subcommand, add_reference

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def add_dry_run(grammar: Grammar) -> None:
    """Add the options that show a write without sending it, and that keep its receipt."""
    grammar.add_argument("--dry-run", action="store_true", help="show what would be sent, send nothing")
    grammar.add_argument("--out", default="", metavar="NAME", help="assign the receipt to a variable")
    grammar.add_argument("--quiet", action="store_true", help="do not show how it ended; the receipt shows it")


def add_cell(grammar: Grammar) -> None:
    """Add the options of every cell that writes."""
    grammar.add_argument("--again", action="store_true", help="deliberately repeat what was sent before")
    grammar.add_argument("--raw", action="store_true", help="send the text as it is, {{ }} included")
    add_dry_run(grammar)


def add_properties(grammar: Grammar) -> None:
    """Add the options that give roles, custom fields and timestamps by name."""
    for name, metavar, text in (
        ("--role", '"ROLE=PERSON"', "a role's assignee, by name or email"),
        ("--field", '"FIELD=VALUE"', "the value of a custom field; several values with commas"),
        ("--timestamp", '"NAME=TIME"', "a time to record, such as 14:05 or 20m"),
    ):
        grammar.add_argument(name, action="append", default=[], metavar=metavar, help=text)


def properties(args: Namespace) -> dict[str, Any]:
    """Return the typed roles, custom fields and timestamps in the client's form."""
    from incidentio_magic.names.lists import pairs  # noqa: PLC0415  loads on first use

    return {name: pairs(getattr(args, name), name, equals="known") for name in ("role", "field", "timestamp")}


def _add_edit(grammar: Grammar) -> None:
    add_reference(grammar)
    for name, text in (
        ("--name", "a new name"),
        ("--summary", "a new summary, in Markdown"),
        ("--call-url", "where the call is"),
    ):
        grammar.add_argument(name, metavar="TEXT", help=text)
    grammar.add_argument("--severity", default="", metavar="NAME", help="a new severity")
    grammar.add_argument("--status", default="", metavar="NAME", help="a new status")
    add_properties(grammar)
    grammar.add_argument(
        "--notify",
        action=BooleanOptionalAction,
        default=False,
        help="post the change to the incident's channel (off by default)",
    )
    add_dry_run(grammar)


def _edit(session: Session, args: Namespace) -> Any:
    return session.client.edit(
        session.reference(args.reference),
        name=args.name,
        summary=args.summary,
        call_url=args.call_url,
        severity=args.severity,
        status=args.status,
        notify=args.notify,
        dry_run=args.dry_run,
        **properties(args),
    )


def add_update(grammar: Grammar) -> None:
    """Add the arguments of %%incident_update."""
    add_reference(grammar)
    grammar.add_argument("--status", default="", metavar="NAME", help="the new status")
    grammar.add_argument("--severity", default="", metavar="NAME", help="the new severity")
    add_cell(grammar)


def update(session: Session, args: Namespace, body: str) -> Any:
    """Share an update with `body` as its message."""
    return session.client.update(
        session.reference(args.reference),
        body,
        status=args.status,
        severity=args.severity,
        again=args.again,
        dry_run=args.dry_run,
    )


def add_declare(grammar: Grammar) -> None:
    """Add the arguments of %%incident_declare."""
    for name, text in (
        ("--severity", "its severity"),
        ("--type", "its type; the default if left out"),
        ("--status", "its initial status; the service chooses if left out"),
        ("--mode", "standard, retrospective, test or tutorial"),
    ):
        grammar.add_argument(name, default="", metavar="NAME", help=text)
    grammar.add_argument("--private", action="store_true", default=None, help="only invited people may see it")
    add_properties(grammar)
    add_cell(grammar)


def declare(session: Session, args: Namespace, body: str) -> Any:
    """Declare an incident; the first line of `body` is its name, the rest its summary."""
    name, summary = first_line(body)
    outcome = session.client.declare(
        name,
        summary,
        severity=args.severity,
        type=args.type,
        status=args.status,
        mode=args.mode,
        private=args.private,
        again=args.again,
        dry_run=args.dry_run,
        **properties(args),
    )
    if outcome.reference:
        session.current = outcome.reference
    return outcome


def add_event(grammar: Grammar) -> None:
    """Add the arguments of %%incident_event."""
    add_reference(grammar)
    grammar.add_argument(
        "--at", default="", metavar="TIME", help="when it happened: 14:05, 20m, 2026-01-31T14:05; now if left out"
    )
    add_cell(grammar)


def event(session: Session, args: Namespace, body: str) -> Any:
    """Add a timeline item; the first line of `body` is its title, the rest its description."""
    title, description = first_line(body)
    return session.client.event(
        session.reference(args.reference), title, description, at=args.at, again=args.again, dry_run=args.dry_run
    )


def first_line(body: str) -> tuple[str, str]:
    """Return the first line of a cell's text, and the rest."""
    first, _, rest = body.strip().partition("\n")
    return first.strip(), rest


CELLS = {
    "incident_update": CellMagic("post an update; the text is the message, in Markdown", add_update, update),
    "incident_declare": CellMagic(
        "declare an incident: name on the first line, then its summary", add_declare, declare
    ),
    "incident_event": CellMagic("add to the timeline: title on the first line, then details", add_event, event),
}
SUBCOMMANDS = (Subcommand("edit", "change properties of an incident", _add_edit, _edit),)
