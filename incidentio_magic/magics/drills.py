"""%incidents drill: scripted incidents to practise on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import Subcommand, nearest
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from incidentio_magic.api.models.drill import Drill
    from incidentio_magic.drills.practice import Practice
    from incidentio_magic.drills.scenario import Scenario
    from incidentio_magic.drills.scoring import Result
    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

ACTIONS: Final = (
    "list", "start", "status", "metrics", "report", "pause", "resume", "stop", "decline", "cancel", "merge", "new",
    "check",
)  # fmt: skip
_HELP: Final = """Training mode is on. Declare, update, page and close as usual. %incidents drill shows what happened,
%incidents drill metrics shows your times, %incidents drill report your score, %incidents drill stop ends it."""


def _add_drill(grammar: Grammar) -> None:
    grammar.add_argument(
        "action", nargs="?", default="status", metavar="ACTION", help=f"{', '.join(ACTIONS)}; status if left out"
    )
    grammar.add_argument(
        "name",
        nargs="?",
        default="",
        metavar="NAME",
        help="a drill's name, or a file; with decline, cancel and merge: the incident",
    )
    grammar.add_argument("--into", default="", metavar="REF", help="with merge: the incident to merge it into")
    grammar.add_argument("--speed", type=float, metavar="N", help="run the sandbox's clock N times as fast")
    grammar.add_argument("--everyone", action="store_true", help="for the whole class; needs the facilitator's key")
    grammar.add_argument(
        "--for",
        dest="trainees",
        action="append",
        default=[],
        metavar="NAME",
        help="with start: only for these trainees, separated by commas; may be repeated",
    )
    grammar.add_argument("--to", default="", metavar="FILE", help="with report: add the scores to this CSV file")
    add_out(grammar)


def _drill(session: Session, args: Namespace) -> Any:
    if args.action not in ACTIONS:
        raise nearest("drill action", args.action, ACTIONS)
    if args.action == "list":
        return _list()
    if args.action == "new":
        return _new(session, args)
    if args.action == "check":
        return _check(session, args)
    from incidentio_magic.drills.practice import Practice  # noqa: PLC0415  requests and pandas load on first use

    practice = Practice(session.client)
    return _DOES[args.action](session, args, practice)


def _new(session: Session, args: Namespace) -> Any:
    if not args.name:
        raise InputError("No file name was given.", hint="%incidents drill new my-drill.toml")
    from incidentio_magic.drills.reading import new_scenario  # noqa: PLC0415

    path = str(new_scenario(args.name))
    text = f"{path} is written: edit it, then %incidents drill check {path} and %incidents drill start {path}"
    return session.state(text, path=path)


def _check(session: Session, args: Namespace) -> Any:
    if not args.name:
        raise InputError(
            "No drill name was given.", hint="give the name of your file; %incidents drill new my-drill.toml writes one"
        )
    if session.settings.key is not None and session.client.api.is_sandbox():
        from incidentio_magic.drills.practice import Practice  # noqa: PLC0415

        chosen = Practice(session.client).check(args.name)
        where = "every name in it exists here"
    else:
        from incidentio_magic.drills.reading import scenario  # noqa: PLC0415

        chosen = scenario(args.name)
        where = "its names were not checked: %incidents sandbox starts an organisation to check them against"
    events, expectations = len(chosen.events), len(chosen.expectations)
    text = f"{args.name}: no mistakes: {events} events in {chosen.minutes:g} min, {expectations} expectations; {where}."
    return session.state(text, drill=chosen.name, events=events, expectations=expectations)


def _list() -> Any:
    from incidentio_magic.drills.reading import known, scenario  # noqa: PLC0415
    from incidentio_magic.drills.report import scenarios_frame  # noqa: PLC0415

    return scenarios_frame([scenario(name) for name in known()])


def _start(session: Session, args: Namespace, practice: Practice) -> Any:
    if not args.name:
        raise InputError("No drill name was given.", hint="%incidents drill list shows them")
    trainees = tuple(names for names in args.trainees if names.strip(", "))
    chosen, drills = practice.start(args.name, speed=args.speed, everyone=args.everyone, trainees=trainees)
    if args.everyone or trainees:
        players = sum(len(drill.members) for drill in drills)
        how = f", together in {len(drills)} drill{'s' * (len(drills) > 1)}" if chosen.shared else ""
        started = f"{chosen.title}: started for {_trainees(players)}{how}."
        text = f"{started} %incidents drill, %incidents drill report --everyone"
        return session.state(text, drill=chosen.title, trainees=players, running=True)
    session.set_training(True)
    session.current = ""
    session.say(f"{chosen.title}\n{chosen.briefing}")
    session.say(_HELP)
    for entry in drills[0].feed:
        session.say(f"[{entry.kind}] {entry.who}: {entry.title}")
    from incidentio_magic.drills.report import feed_frame  # noqa: PLC0415

    return session.runs.hide(feed_frame(drills[0], session.settings.timezone))


def _meant(args: Namespace, practice: Practice) -> tuple[list[Drill], bool]:
    """Return the selected drills, and whether they are the class's (without the facilitator's own).

    The option selects the class's drills; so does a class's drill that is newer than the facilitator's own.
    """
    of_class = practice.newest_of_all() if args.everyone else practice.for_class()
    if args.everyone and not of_class:
        raise InputError("Nobody in the class has a drill.", hint="%incidents drill start NAME --everyone")
    return (of_class, True) if of_class else ([practice.present()], False)


def _trainees(count: int) -> str:
    return f"{count} trainee{'s' * (count != 1)}"


def _status(session: Session, args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.played import declared, scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import feed_frame, progress_frame  # noqa: PLC0415

    drills, of_class = _meant(args, practice)
    if of_class:
        frame = progress_frame(drills)
        counts = frame["state"].value_counts()
        session.say("The class: " + ", ".join(f"{count} {state}" for state, count in counts.items()) + ".")
        return frame
    (drill,) = drills
    minutes = practice.played(drill).elapsed
    incidents = [session.client.incident(incident_id) for incident_id in drill.incident_ids]
    references = ", ".join(incident.reference for incident in incidents) or "no incident yet"
    state = "ended after" if drill.ended_at else "paused after" if drill.paused_at else "running for"
    scenario = scenario_of(drill)
    session.say(f"{scenario.title}: {state} {minutes:.0f} min, {references}.")
    if drill.ended_at is None and not declared(drill, incidents):
        # The facilitator started the drill, and the trainee has not seen the briefing yet.
        session.say(scenario.briefing)
    return feed_frame(drill, session.settings.timezone)


def _metrics(session: Session, _args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.played import scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import metrics_frame  # noqa: PLC0415

    drill = practice.present()
    return metrics_frame(scenario_of(drill), drill, session.settings.timezone)


def _stop(session: Session, args: Namespace, practice: Practice) -> Any:
    drills, of_class = _meant(args, practice)
    running = [practice.stop(drill) for drill in drills if drill.ended_at is None]
    if not running:
        return session.state("No drill is running.", trainees=0, running=False)
    trainees = sum(len(drill.members) for drill in running) if of_class else 1
    audience = f" for {_trainees(trainees)}" if of_class else ""
    text = f"The drill has ended{audience}; %incidents drill report{' --everyone' if of_class else ''}"
    return session.state(text, trainees=trainees, running=False)


def _wait(session: Session, args: Namespace, practice: Practice) -> Any:
    drills, of_class = _meant(args, practice)
    running = [drill for drill in drills if drill.ended_at is None]
    if not running:
        raise InputError(
            "No drill is running.", hint="%incidents drill start NAME; %incidents drill list shows the names"
        )
    for drill in running:
        (practice.pause if args.action == "pause" else practice.resume)(drill)
    trainees = sum(len(drill.members) for drill in running) if of_class else 1
    audience = f" for {_trainees(trainees)}" if of_class else ""
    paused = args.action == "pause"
    text = (
        f"The drill is paused{audience}; %incidents drill resume continues it"
        if paused
        else f"The drill has resumed{audience}."
    )
    return session.state(text, trainees=trainees, running=not paused)


def _report(session: Session, args: Namespace, practice: Practice) -> Any:
    from incidentio_magic.drills.played import scenario_of  # noqa: PLC0415
    from incidentio_magic.drills.report import Card, class_frame, results_frame  # noqa: PLC0415
    from incidentio_magic.drills.scoring import score  # noqa: PLC0415
    from incidentio_magic.writes.guard import BANNER  # noqa: PLC0415

    drills, of_class = _meant(args, practice)
    rows = []
    references: dict[str, str] = {}
    for drill in drills:
        try:
            scenario = scenario_of(drill)
        except InputError as error:
            if not of_class:
                raise
            session.say(f"{error.message} It is left out.")
            continue
        played = practice.played(drill)
        references |= {incident.id: incident.reference for incident in played.incidents}
        rows.append((drill, scenario, played, score(scenario.expectations, played)))
    if args.to:
        _save(session, args.to, [(drill, scenario, results) for drill, scenario, _played, results in rows])
    if of_class:
        return class_frame([(drill, results) for drill, _scenario, _played, results in rows], references)
    ((drill, scenario, played, results),) = rows
    if not args.out:
        banner = BANNER if session.client.training else ""
        session.show(Card(scenario.title, drill.key.name, played.elapsed, played.over, tuple(results), banner))
    return results_frame(results, session.settings.timezone)


def _save(session: Session, path: str, rows: list[tuple[Drill, Scenario, list[Result]]]) -> None:
    from incidentio_magic.drills.saving import save  # noqa: PLC0415

    ended = [row for row in rows if row[0].ended_at is not None]
    added = save(ended, path)
    running = len(rows) - len(ended)
    left_out = f"; {running} still running left out" if running else ""
    session.say(f"{path}: {added} rows added{left_out}.")


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
    "pause": _wait,
    "resume": _wait,
    "stop": _stop,
    "decline": _end,
    "cancel": _end,
    "merge": _end,
}
SUBCOMMANDS = (Subcommand("drill", "scripted incidents to practise on, and how they went", _add_drill, _drill),)
