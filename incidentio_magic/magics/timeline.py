"""%incidents timeline: what happened, merged from everything the service records about an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.charts import add_plot, add_series, series
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_from, add_out, add_private, source

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

_OPTIONS: Final = (
    ("--sources", "NAMES", "only these sources; all adds transcripts and workflow runs"),
    ("--since", "TIME", "since 14:05 (near the declaration), a date and time, or 4h ago"),
    ("--until", "TIME", "until then"),
    ("--kind", "NAMES", "only these kinds of events, such as status,page"),
)


def _add(grammar: Grammar) -> None:
    grammar.add_argument(
        "reference", nargs="*", metavar="REF", help="one or several incidents; the current incident if left out"
    )
    for name, metavar, text in _OPTIONS:
        grammar.add_argument(name, default="", metavar=metavar, help=text)
    grammar.add_argument("--curated", action="store_true", help="only the curated timeline")
    add_plot(grammar)
    add_series(grammar)
    add_from(grammar)
    add_private(grammar)
    add_out(grammar)


def _timeline(session: Session, args: Namespace) -> Any:
    options: dict[str, Any] = {
        name: getattr(args, name) for name in ("sources", "since", "until", "curated", "kind", "show_private")
    }
    references = [session.reference(reference) for reference in args.reference or [""]]
    client = source(session, args)
    drawn = args.plot or args.series
    shown = client.plot_timeline(*references, series=series(session, args.series), **options) if drawn else None
    frame = shown.frame if shown else client.timeline(*references, **options)
    say_completeness(session, frame)
    for line in summary_lines(frame.attrs):
        session.say(line)
    if frame.empty:
        session.say("No event matches.")
    return shown or frame


def summary_lines(attrs: Mapping[Any, Any]) -> list[str]:
    """Return lines that name the sources of a timeline, and what to be careful about.

    Args:
        attrs: The `attrs` of a timeline.
    """
    found = attrs["sources"]
    read = [f"{name} ({source['records']})" for name, source in found.items() if source["state"] == "read"]
    empty = [name for name, source in found.items() if source["state"] == "empty"]
    nothing = f"; empty: {', '.join(empty)}" if empty else ""
    lines = [f"Read: {', '.join(read) or 'nothing'}{nothing}."]
    if late := len(attrs["backdated"]):
        lines.append(f"Backdated: {late}, recorded more than 5 minutes after they happened (see recorded_at).")
    if attrs["streams"]:
        lines.append(f"Also from its streams: {', '.join(attrs['streams'])}.")
    return lines


SUBCOMMANDS = (Subcommand("timeline", "everything that happened in an incident, from all sources", _add, _timeline),)
