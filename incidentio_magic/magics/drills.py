"""%incidents drill: scripted incidents to practise on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import Subcommand, nearest
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from incidentio_magic.drills.practice import Practice
    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

ACTIONS: Final = ("list", "start", "status", "metrics", "report", "stop", "decline", "cancel", "merge")
_HELP: Final = """Training mode is on. Declare, update, page and close as ever. %incidents drill shows what happened,
%incidents drill metrics what is measured, %incidents drill report how it goes, %incidents drill stop ends it."""


def _add_drill(grammar: Grammar) -> None:
    grammar.add_argument(
        "action", nargs="?", default="status", metavar="ACTION", help=f"{', '.join(ACTIONS)}; status if left out"
    )
    grammar.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="the drill, or the path of your own; the incident to end"
    )
    grammar.add_argument("--into", default="", metavar="REF", help="of merge: the incident that it is part of")
    grammar.add_argument("--speed", type=float, metavar="N", help="let the sandbox's clock run N times as fast")
    grammar.add_argument("--everyone", action="store_true", help="start, stop or report for the whole class")
    add_out(grammar)


def _drill(session: Session, args: Namespace) -> Any:
    if args.action not in ACTIONS:
        raise nearest("drill action", args.action, ACTIONS)
    if args.action == "list":
        return _list()
    from incidentio_magic.drills.practice import Practice  # noqa: PLC0415  requests and pandas load on first use

    practice = Practice(session.client)
    return _DOES[args.action](session, args, practice)


def _list() -> Any:
    from incidentio_magic.drills.reading import known, scenario  # noqa: PLC0415
    from incidentio_magic.drills.report import scenarios_frame  # noqa: PLC0415

    return scenarios_frame([scenario(name) for name in known()])


def _start(session: Session, args: Namespace, practice: Practice) -> Any:
    if not args.name:
        raise InputError("No drill was named.", hint="%incidents drill list shows them")
    chosen, drills = practice.start(args.name, speed=args.speed, everyone=args.everyone)
    if args.everyone:
        text = f"{chosen.title}: started for {len(drills)} trainees. %incidents drill report --everyone"
        return session.state(text, drill=chosen.title, trainees=len(drills), running=True)
    session.set_training(True)
    session.current = ""
    session.say(f"{chosen.title}\n{chosen.briefing}")
    session.say(_HELP)
    for entry in drills[0].feed:
        session.say(f"[{entry.kind}] {entry.who}: {entry.title}")
    from incidentio_magic.drills.report import feed_frame  # noqa: PLC0415

    return session.runs.hide(feed_frame(drills[0], session.settings.timezone))


def _status(session: Session, _args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.practice import declared, scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import feed_frame  # noqa: PLC0415

    drill = practice.present()
    until = drill.ended_at or drill.now
    minutes = (until - drill.started_at).total_seconds() / 60
    incidents = [session.client.incident(incident_id) for incident_id in drill.incident_ids]
    references = ", ".join(incident.reference for incident in incidents) or "no incident yet"
    state = "ended after" if drill.ended_at else "running for"
    scenario = scenario_of(drill)
    session.say(f"{scenario.title}: {state} {minutes:.0f} min, {references}.")
    if drill.ended_at is None and not declared(drill, incidents):
        session.say(scenario.briefing)  # a trainee whose drill the facilitator started has not read it yet
    return feed_frame(drill, session.settings.timezone)


def _metrics(session: Session, _args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.practice import scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import metrics_frame  # noqa: PLC0415

    drill = practice.present()
    return metrics_frame(scenario_of(drill), drill, session.settings.timezone)


def _stop(session: Session, args: Namespace, practice: Practice) -> Any:
    drills = practice.newest_of_all() if args.everyone else [practice.present()]
    running = [practice.stop(drill) for drill in drills if drill.ended_at is None]
    audience = f" for {len(running)} trainees" if args.everyone else ""
    if not running:
        return session.state("No drill runs.", trainees=0, running=False)
    text = f"The drill has ended{audience}; %incidents drill report{' --everyone' if args.everyone else ''}"
    return session.state(text, trainees=len(running), running=False)


def _report(session: Session, args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.practice import scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import Card, class_frame, results_frame  # noqa: PLC0415
    from incidentio_magic.drills.scoring import score  # noqa: PLC0415
    from incidentio_magic.writes.guard import BANNER  # noqa: PLC0415

    if args.everyone:
        rows = []
        references: dict[str, str] = {}
        for drill in practice.newest_of_all():
            played = practice.played(drill)
            references |= {incident.id: incident.reference for incident in played.incidents}
            rows.append((drill, score(scenario_of(drill).expectations, played)))
        return class_frame(rows, references)
    drill = practice.present()
    scenario, played = scenario_of(drill), practice.played(drill)
    results = score(scenario.expectations, played)
    if not args.out:
        banner = BANNER if session.client.training else ""
        session.show(Card(scenario.title, drill.key.name, played.elapsed, played.over, tuple(results), banner))
    return results_frame(results, session.settings.timezone)


def _end(session: Session, args: Namespace, practice: Practice) -> Any:
    if args.action == "merge" and not args.into:
        raise InputError("merge needs the incident to merge into.", hint="%incidents drill merge REF --into OTHER")
    reference = session.reference(args.name)
    text = practice.end_incident(practice.present(), args.action, reference, args.into)
    return session.state(text, reference=reference, action=args.action, into=args.into or None)


_DOES: Final[dict[str, Callable[[Session, Namespace, Practice], Any]]] = {
    "start": _start,
    "status": _status,
    "metrics": _metrics,
    "report": _report,
    "stop": _stop,
    "decline": _end,
    "cancel": _end,
    "merge": _end,
}
SUBCOMMANDS = (Subcommand("drill", "scripted incidents to practise on, and how they went", _add_drill, _drill),)
