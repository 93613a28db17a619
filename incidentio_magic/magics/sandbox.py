"""%incidents sandbox: a place to practise without doing harm."""

from __future__ import annotations

import sqlite3
from argparse import SUPPRESS
from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import Subcommand, nearest

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session
    from incidentio_magic.sandbox import Sandbox

ACTIONS = ("start", "stop", "status", "reset", "advance", "fault")
FAULTS = ("lose_answer", "drop", "status", "rate_limited", "slow", "malformed", "truncated", "none")


def _add_sandbox(grammar: Grammar) -> None:
    grammar.add_argument(
        "action", nargs="?", default="start", metavar="ACTION", help=f"{', '.join(ACTIONS)}; start if left out"
    )
    grammar.add_argument(
        "value", nargs="?", default="", metavar="VALUE", help=f"minutes to advance, or a fault: {', '.join(FAULTS)}"
    )
    start = grammar.add_argument_group("start")
    start.add_argument("--seed", type=int, default=SUPPRESS, metavar="N", help="the organisation's seed")
    start.add_argument("--epoch", default=SUPPRESS, metavar="TIME", help="when its history ends; now if left out")
    start.add_argument("--incidents", type=int, default=SUPPRESS, metavar="N", help="how many incidents it has")
    start.add_argument("--people", type=int, default=SUPPRESS, metavar="N", help="how many people it has, at least")
    start.add_argument(
        "--options", type=int, default=SUPPRESS, metavar="N", help="how many components it has, at least"
    )
    start.add_argument("--open", type=int, default=SUPPRESS, metavar="N", help="how many incidents are open")
    start.add_argument(
        "--db",
        default=SUPPRESS,
        metavar="FILE",
        help="keep it in this file, so that it survives a restart of the kernel",
    )
    start.add_argument("--frozen", action="store_true", default=SUPPRESS, help="its clock stops between writes")
    fault = grammar.add_argument_group("fault")
    fault.add_argument(
        "--endpoint", default="", metavar="ENDPOINT", help='such as "POST /v2/incidents"; all if left out'
    )
    fault.add_argument("--times", type=int, metavar="N", help="how often; until cleared if left out")


def _sandbox(session: Session, args: Namespace) -> Any:
    if args.action not in ACTIONS:
        raise nearest("sandbox action", args.action, ACTIONS)
    if args.action == "start":
        text = _start(session, args)
    elif session.sandbox is None:
        raise InputError(
            "No sandbox is running in this notebook.",
            hint="%incidents sandbox starts one; control a class's sandbox on the facilitator's page",
        )
    elif args.action == "stop":
        session.stop_sandbox()
        text = "The sandbox has stopped, its incidents are gone; the notebook is connected as configured again."
    else:
        session.require_sandbox()
        text = _steer(session, session.sandbox, args)
    return session.state(text, sandbox=session.sandbox is not None, url=session.settings.base_url)


def _steer(session: Session, sandbox: Sandbox, args: Namespace) -> str:
    if args.action == "status":
        return f"A sandbox runs on {sandbox.url}; this notebook is connected to it."
    if args.action == "reset":
        sandbox.reset()
        session.forget()
        return "The sandbox is back in its initial state."
    return _advance(sandbox, args.value) if args.action == "advance" else _fault(sandbox, args)


def _start(session: Session, args: Namespace) -> str:
    given = vars(args)
    options: dict[str, Any] = {name: given[name] for name in ("seed", "epoch", "incidents", "frozen") if name in given}
    for name, option in (
        ("db", "database"),
        ("people", "directory"),
        ("options", "options"),
        ("open", "open_incidents"),
    ):
        if name in given:
            options[option] = given[name]
    before = session.sandbox
    try:
        session.start_sandbox(**options)
    except (ValueError, OverflowError, OSError, sqlite3.Error) as error:
        raise InputError(
            f"The sandbox cannot start: {error}.", hint="such as --seed 1 --epoch 2026-01-15T14:00:00Z --incidents 300"
        ) from None
    if before is not None:
        session.say("The previous sandbox has stopped; a new one replaces it.")
    return "Connected to a sandbox on this machine: everything you do stays here."


def _advance(sandbox: Sandbox, value: str) -> str:
    try:
        minutes = float(value)
        sandbox.advance(minutes * 60)
    except (ValueError, OverflowError):
        what = f"{value!r} is not a number of minutes." if value else "No number of minutes was given."
        raise InputError(what, hint="%incidents sandbox advance 30") from None
    return f"The sandbox's clock has advanced by {minutes:g} minutes."


def _fault(sandbox: Sandbox, args: Namespace) -> str:
    if args.value not in FAULTS:
        if not args.value:
            raise InputError("No fault was given.", hint=f"there are: {', '.join(FAULTS)}")
        raise nearest("fault", args.value, FAULTS)
    if args.value == "none":
        sandbox.clear_faults()
        return "The sandbox has no faults now."
    options: dict[str, Any] = {"kind": args.value, "times": args.times}
    if args.endpoint:
        options["endpoint"] = args.endpoint
    try:
        sandbox.fault(**options)
    except (ValueError, TypeError) as error:
        raise InputError(f"The sandbox cannot fail like that: {error}.", hint="%incidents sandbox --help") from None
    often = f"{args.times} times" if args.times else "until %incidents sandbox fault none"
    return f"The sandbox now fails with {args.value} on {args.endpoint or 'every endpoint'}, {often}."


SUBCOMMANDS = (Subcommand("sandbox", "a small incident.io on this machine, to practise on", _add_sandbox, _sandbox),)
