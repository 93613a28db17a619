"""%incidents metrics, export: measures how long incidents take, and exports incidents to files."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError
from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.charts import add_plot
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_filters, add_from, add_out, add_private, filters, say_whose, source

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add_metrics(grammar: Grammar) -> None:
    add_filters(grammar)
    add_from(grammar)
    group = grammar.add_argument_group("the figures")
    group.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="NAMES",
        help="group by severity, type, lead, team, month, quarter, week, custom fields",
    )
    group.add_argument(
        "--as-of",
        default="ended",
        choices=("ended", "declaration"),
        help="which severity counts: the last one, or the one at declaration",
    )
    group.add_argument(
        "--business-hours",
        default="",
        metavar="HOURS",
        help='count only "Mon-Fri 09:00-12:30,13:30-18:00; Sat 22:00-06:00"',
    )
    group.add_argument("--out-of-hours", action="store_true", help="count the time outside the business hours instead")
    group.add_argument(
        "--holidays", default="", metavar="REGION", help="no business hours on public holidays: DE, DE-BY, US-CA"
    )
    group.add_argument(
        "--pair",
        action="append",
        default=[],
        metavar='"FROM..TO"',
        help="also measure the time between these two timestamps",
    )
    group.add_argument(
        "--meaning",
        action="append",
        default=[],
        metavar='"fixed=TIMESTAMP"',
        help="which timestamp means declared, acknowledged, fixed or closed",
    )
    group.add_argument(
        "--pages", action="store_true", help="add page to acknowledgement (MTTA) and alert to declared (detection)"
    )
    group.add_argument("--each", action="store_true", help="return one row for each duration of each incident")
    group.add_argument(
        "--with-open", action="store_true", help="add Kaplan-Meier estimates, which also count open incidents"
    )
    group.add_argument(
        "--compare",
        default="",
        metavar="A,B",
        help="compare the medians of two values of --by: 2025-Q3,2025-Q4",
    )
    group.add_argument(
        "--counts", action="store_true", help="count incidents per month (or --by quarter, week), with control limits"
    )
    add_plot(group)
    group.add_argument("--define", action="store_true", help="explain each duration and each column")
    add_private(group)
    add_out(grammar)


def _metrics(session: Session, args: Namespace) -> Any:
    shown = _measured(session, args)
    say_whose(session, args)
    return shown


def _measured(session: Session, args: Namespace) -> Any:
    from incidentio_magic.names.lists import pairs  # noqa: PLC0415  loads on first use

    options: dict[str, Any] = {
        **filters(args),
        "by": list(args.by),
        "as_of": args.as_of,
        "business_hours": args.business_hours,
        "out_of_hours": args.out_of_hours,
        "holidays": args.holidays,
        "pairs": args.pair,
        "meaning": pairs(args.meaning, "meaning"),
        "pages": args.pages,
    }
    if sum(map(bool, (args.each, args.compare, args.counts, args.plot))) > 1:
        raise InputError("--each, --compare, --counts and --plot show different things.", hint="choose one of them")
    client = source(session, args)
    if args.counts:
        return _counts(session, client.counts(by=",".join(options["by"]) or "month", **filters(args)))
    if args.compare:
        return _compared(session, client, args.compare, options)
    if args.each:
        return _shown(session, client.durations(**options, show_private=args.show_private), args)
    if args.plot:
        chart = client.plot_metrics(**options if args.by else _without(options, "by"))
        _shown(session, chart.frame, args)
        return chart
    return _shown(session, client.metrics(**options, with_open=args.with_open), args)


def _without(options: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key != name}


def _shown(session: Session, frame: Any, args: Namespace) -> Any:
    """Return a frame of durations, and print the basis of its figures."""
    _noted(session, frame)
    if not frame.attrs["incidents"]:
        session.say("No incident matches.")
    elif args.define:
        for name, meaning in frame.attrs["definitions"].items():
            session.say(f"{name}: {meaning}.")
    else:
        session.say(_summary(frame, each=args.each))
    return frame


def _compared(session: Session, client: Any, names: str, options: dict[str, Any]) -> Any:
    """Return how the medians of two groups differ."""
    first, comma, second = names.partition(",")
    if not comma:
        raise InputError(f"{names!r} names one group.", hint="write --by quarter --compare 2025-Q3,2025-Q4")
    by = ",".join(options["by"])
    return _noted(session, client.compare(first.strip(), second.strip(), **_without(options, "by"), by=by))


def _noted(session: Session, frame: Any) -> Any:
    """Return a frame, and print the notes needed to judge it."""
    say_completeness(session, frame)
    for note in frame.attrs["notes"]:
        session.say(note)
    return frame


def _counts(session: Session, frame: Any) -> Any:
    """Return the counts, and print which of them are too unusual to be chance."""
    _noted(session, frame)
    outside = ", ".join(frame.loc[frame["outside"].astype(bool), "period"])
    if frame["mean"].isna().all():
        session.say("Too few whole periods for control limits: at least 6 are needed.")
    elif outside:
        session.say(f"Outside the control limits: {outside}.")
    else:
        session.say("Every whole period lies within the control limits.")
    return frame


def _summary(frame: Any, *, each: bool) -> str:
    """Return a line about the basis of the figures."""
    from incidentio_magic.metrics import SMALL  # noqa: PLC0415  loads pandas
    from incidentio_magic.printable import printable  # noqa: PLC0415

    meanings = ", ".join(f"{meaning} is {name!r}" for meaning, name in frame.attrs["timestamps"].items())
    small = not each and bool(((frame["n"] > 0) & (frame["n"] < SMALL)).any())
    count = frame.attrs["incidents"]
    parts = [
        f"Of {count} incident{'s' if count > 1 else ''}",
        *([printable(meanings)] if meanings else []),
        *([f"p90 is the longest if n is below {SMALL}"] if small else []),
        "--define explains every figure",
    ]
    return f"{parts[0]}: {'; '.join(parts[1:])}."


def _add_export(grammar: Grammar) -> None:
    grammar.add_argument("path", metavar="PATH", help="a new folder, or the folder of an earlier export")
    add_filters(grammar)
    group = grammar.add_argument_group("the files")
    group.add_argument("--format", default="parquet", choices=("parquet", "csv"), help="parquet (the default) or csv")
    group.add_argument(
        "--updates", action=BooleanOptionalAction, default=True, help="also the incidents' updates (the default)"
    )
    group.add_argument(
        "--with",
        dest="parts",
        default="",
        metavar="NAMES",
        help="pages, alerts, actions, follow_ups, or all of these; timelines (ten requests per incident)",
    )
    add_private(group)
    add_out(grammar)


def _export(session: Session, args: Namespace) -> Any:
    frame = session.client_for(args).export(
        args.path,
        format=args.format,
        updates=args.updates,
        parts=args.parts,
        show_private=args.show_private,
        **filters(args),
    )
    say_completeness(session, frame)
    say_whose(session, args)
    session.say(f"Complete as of {frame.attrs['as_of'][:19].replace('T', ' ')} UTC; run it again to update it.")
    return frame


SUBCOMMANDS = (
    Subcommand("metrics", "how long incidents take: median, p90, and what was excluded", _add_metrics, _metrics),
    Subcommand(
        "export", "incidents and updates as Parquet or CSV files; run it again to update them", _add_export, _export
    ),
)
