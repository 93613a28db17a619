"""%incidents list, show, updates, use, log: reads incidents, and the ledger of writes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError
from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand, add_reference

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

_FILTERS = (
    ("--status", "NAMES", "statuses, such as Investigating,Fixing"),
    ("--category", "NAMES", "triage, active, post-incident, paused, closed, declined, canceled, merged"),
    ("--severity", "NAMES", 'severities: Major, Major,Critical or ">=Major"'),
    ("--type", "NAMES", "incident types"),
    ("--mode", "NAMES", "standard, retrospective, test, tutorial"),
    ("--since", "TIME", "declared since: 4h, 7d, 2026-01-31, 2026-01-31T14:05"),
    ("--until", "TIME", "declared until; a date includes its whole day"),
    ("--search", "WORDS", 'words of the name, summary or a field: "queue draining"'),
    ("--updated-since", "TIME", "last updated since"),
    ("--updated-until", "TIME", "last updated until"),
    ("--not-status", "NAMES", "statuses to leave out"),
    ("--not-category", "NAMES", "categories to leave out"),
    ("--not-severity", "NAMES", "severities to leave out"),
    ("--not-type", "NAMES", "types to leave out"),
)
_PAIRS = (
    ("--role", '"ROLE=PERSON"', "who holds a role; none for nobody"),
    ("--field", '"FIELD=VALUE"', "the value of a custom field; none for empty"),
    ("--not-field", '"FIELD=VALUE"', "a value to leave out"),
)


_URGENT = "-severity,-created_at"


def add_filters(grammar: Grammar) -> None:
    """Add the options that filter incidents."""
    group = grammar.add_argument_group("which incidents")
    for name, metavar, text in _FILTERS:
        group.add_argument(name, default="", metavar=metavar, help=text)
    for name, metavar, text in _PAIRS:
        group.add_argument(name, action="append", default=[], metavar=metavar, help=text)
    group.add_argument("--any", action="store_true", help="match any filter instead of all")
    group.add_argument("--all", action="store_true", help="every category and every mode")
    add_everyone(group)


def add_everyone(group: Any) -> None:
    """Add the option that shows a facilitator the incidents of all trainees."""
    group.add_argument(
        "--everyone",
        action="store_true",
        help="in a class: everyone's, not only your own; needs the facilitator's key",
    )


def say_whose(session: Session, args: Namespace) -> None:
    """Print for a facilitator that a list leaves out the trainees' records.

    Args:
        session: The notebook's session.
        args: What was typed for the list.
    """
    if not args.everyone and not getattr(args, "folder", "") and session.client.transport.shows_own_only:
        session.say("The trainees' records are left out; --everyone shows them.")


def add_table(grammar: Grammar) -> None:
    """Add the options that shape the frame."""
    group = grammar.add_argument_group("the frame")
    group.add_argument("--limit", type=int, metavar="N", help="at most N rows")
    group.add_argument(
        "--sort", default="", metavar="COLUMNS", help="sort by columns; -created_at sorts in descending order"
    )
    group.add_argument("--columns", default="", metavar="COLUMNS", help="only these columns")
    group.add_argument("--wide", action="store_true", help="all columns: roles, fields, timestamps, durations")
    add_private(group)


def add_private(group: Any) -> None:
    """Add the option that shows private names."""
    group.add_argument("--show-private", action="store_true", default=None, help="show names of private incidents")


def add_from(group: Any) -> None:
    """Add the option that reads an export."""
    group.add_argument(
        "--from", dest="folder", default="", metavar="FOLDER", help="read an export, not incident.io; 7d counts from it"
    )


def source(session: Session, args: Namespace) -> Any:
    """Return the source of incidents: an export if a folder is named, else the connection."""
    folder, everyone = getattr(args, "folder", ""), getattr(args, "everyone", False)
    if folder and everyone:
        raise InputError("--everyone has no effect on an export.", hint="leave out --everyone")
    if not folder:
        return session.client_for(args) if everyone else session.client
    from incidentio_magic.client.archive import open_export  # noqa: PLC0415  loads on first use

    settings = session.settings
    return open_export(folder, timezone=settings.timezone, show_private=settings.show_private)


def add_out(grammar: Grammar) -> None:
    """Add the option that assigns the result to a variable."""
    grammar.add_argument("--out", default="", metavar="NAME", help="assign the result to a variable, display nothing")


def filters(args: Namespace) -> dict[str, Any]:
    """Return the typed filters in the client's form."""
    from incidentio_magic.names.lists import pairs  # noqa: PLC0415  loads on first use

    found = {name[2:].replace("-", "_"): getattr(args, name[2:].replace("-", "_")) for name, _, _ in _FILTERS}
    found |= {"role": pairs(args.role, "role", equals="known"), "any": args.any, "all": args.all}
    for name in ("field", "not_field"):
        found[name] = pairs(getattr(args, name), "field", equals="known")
    return found


def _list(session: Session, args: Namespace, *, only_open: bool = False) -> Any:
    wanted = filters(args)
    query = wanted | {"open": only_open and not args.all}
    is_elsewhere = getattr(args, "folder", "") or args.everyone
    with nullcontext() if is_elsewhere else session.listing_early(query, args.limit):
        frame = source(session, args).incidents(
            **query,
            limit=args.limit,
            sort=args.sort or (_URGENT if only_open else ""),
            columns=args.columns,
            wide=args.wide,
            show_private=args.show_private,
        )
    say_completeness(session, frame)
    say_whose(session, args)
    if frame.empty and frame.attrs["complete"]:
        what = "open test incidents" if only_open and session.settings.training else "open incidents"
        plain = only_open and not any(wanted.values())
        session.say(f"No {what}." if plain else "No incident matches.")
    return frame


def open_incidents(session: Session, args: Namespace) -> Any:
    """Return the open incidents, most severe first."""
    return _list(session, args, only_open=True)


def _show(session: Session, args: Namespace) -> Any:
    references = args.reference or [session.reference("")]
    frame = session.client.show(*references, show_private=args.show_private)
    say_completeness(session, frame)
    return frame


def _updates(session: Session, args: Namespace) -> Any:
    frame = session.client.updates(session.reference(args.reference), show_private=args.show_private)
    say_completeness(session, frame)
    if frame.empty and frame.attrs["complete"]:
        session.say("No updates yet.")
    return frame


def _use(session: Session, args: Namespace) -> Any:
    if not args.reference:
        text = f"In use: {session.current}." if session.current else "No incident is in use."
        return session.state(text, reference=session.current or None, name=None, status=None, permalink=None)
    incident = session.client.incident(args.reference)
    session.current = incident.reference
    name = incident.shown_name(show_private=session.settings.show_private)
    status = incident.incident_status.name
    return session.state(
        f"In use: {incident.reference}, {name} ({status}).",
        reference=incident.reference,
        name=name,
        status=status,
        permalink=incident.permalink,
    )


def _log(session: Session, args: Namespace) -> Any:
    from incidentio_magic.frames import Frames  # noqa: PLC0415  pandas loads on first use
    from incidentio_magic.writes.ledger import Ledger  # noqa: PLC0415

    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit must be at least 1, not {args.limit}.", hint="leave it out to get everything")
    settings = session.settings
    entries = Ledger(settings.ledger).outcomes()
    if not entries:
        session.say("Nothing has been written from this machine yet.")
    return Frames(timezone=settings.timezone).ledger(entries[-args.limit :] if args.limit else entries)


def _add_open(grammar: Grammar) -> None:
    add_filters(grammar)
    add_table(grammar)
    add_out(grammar)


def _add_list(grammar: Grammar) -> None:
    _add_open(grammar)
    add_from(grammar)


def _add_show(grammar: Grammar) -> None:
    grammar.add_argument("reference", nargs="*", metavar="REF", help="INC-123, 123, a permalink or an ID")
    add_private(grammar)
    add_out(grammar)


def _add_updates(grammar: Grammar) -> None:
    add_reference(grammar)
    add_private(grammar)
    add_out(grammar)


def _add_use(grammar: Grammar) -> None:
    grammar.add_argument(
        "reference", nargs="?", default="", metavar="REF", help="the incident; if left out, shows the current incident"
    )


def _add_log(grammar: Grammar) -> None:
    grammar.add_argument("--limit", type=int, metavar="N", help="only the newest N")
    add_out(grammar)


OPEN = Subcommand("", "the open incidents, most severe first", _add_open, open_incidents)
SUBCOMMANDS = (
    Subcommand("list", "incidents as rows, newest first, filtered by name", _add_list, _list),
    Subcommand("show", "one incident, or several side by side", _add_show, _show),
    Subcommand("updates", "the updates of an incident, oldest first", _add_updates, _updates),
    Subcommand("use", "choose the current incident, for cells that name none", _add_use, _use),
    Subcommand("log", "what was written from this machine, and how it ended", _add_log, _log),
)
