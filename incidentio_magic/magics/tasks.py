"""Cells that add follow-ups and actions, the subcommands that change them, and %incidents attach."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import CellMagic, Subcommand, add_reference
from incidentio_magic.magics.writing import add_cell, add_dry_run, first_line

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

FAMILIES: Final = {"follow_ups": "follow-up", "actions": "action"}
"""The name of each kind in subcommands, and of one record in messages."""


def _add_assignee(grammar: Grammar) -> None:
    add_reference(grammar)
    grammar.add_argument("--assignee", default="", metavar="PERSON", help="the assignee, by name or email")


def add_followup(grammar: Grammar) -> None:
    """Add the arguments of %%incident_followup."""
    _add_assignee(grammar)
    grammar.add_argument(
        "--priority", default="", metavar="NAME", help="a priority that another follow-up already has, by name"
    )
    add_cell(grammar)


def add_action(grammar: Grammar) -> None:
    """Add the arguments of %%incident_action."""
    _add_assignee(grammar)
    add_cell(grammar)


def followup(session: Session, args: Namespace, body: str) -> Any:
    """Add a follow-up; the first line of `body` is its title, the rest its description."""
    title, description = first_line(body)
    return session.client.add_follow_up(
        session.reference(args.reference),
        title,
        description,
        assignee=args.assignee,
        priority=args.priority,
        again=args.again,
        dry_run=args.dry_run,
    )


def action(session: Session, args: Namespace, body: str) -> Any:
    """Add an action with `body` as its text."""
    return session.client.add_action(
        session.reference(args.reference), body, assignee=args.assignee, again=args.again, dry_run=args.dry_run
    )


def _add_task(grammar: Grammar, family: str) -> None:
    noun = FAMILIES[family]
    grammar.add_argument("task", metavar="REF#N", help=f"the {noun}, by its number in its incident, or its ID")
    add_dry_run(grammar)


def _add_reassign(grammar: Grammar, family: str) -> None:
    _add_task(grammar, family)
    grammar.add_argument(
        "--to", required=True, metavar="PERSON", help="the new assignee, by name or email; none for nobody"
    )


def _change(session: Session, args: Namespace, family: str, status: str) -> Any:
    change = session.client.change_follow_up if family == "follow_ups" else session.client.change_action
    return change(args.task, status=status, assignee=getattr(args, "to", ""), dry_run=args.dry_run)


def _add_attach(grammar: Grammar) -> None:
    grammar.add_argument(
        "places", nargs="*", metavar="REF URL", help="the incident (the current incident if left out), then the address"
    )
    grammar.add_argument("--title", default="", metavar="TEXT", help="the link's text; the address if left out")
    grammar.add_argument("--again", action="store_true", help="attach it even if the incident already has it")
    add_dry_run(grammar)


def _attach(session: Session, args: Namespace) -> Any:
    if len(args.places) not in {1, 2}:
        raise InputError(
            "The incident and the address to attach are missing.",
            hint='%incidents attach INC-123 https://example.com/graph --title "Graph"',
        )
    *reference, url = sorted(args.places, key=lambda place: "://" in place)  # in either order
    return session.client.attach(
        session.reference("".join(reference)), url, title=args.title, again=args.again, dry_run=args.dry_run
    )


def _family(family: str) -> tuple[Subcommand, ...]:
    noun, add = FAMILIES[family], partial(_add_task, family=family)
    task = f"an {noun}" if noun == "action" else f"a {noun}"
    return (
        *(
            Subcommand(f"{family} {name}", summary, add, partial(_change, family=family, status=status))
            for name, status, summary in (
                ("done", "completed", f"mark {task} as completed"),
                ("drop", "not_doing", f"mark {task} as not doing"),
                ("reopen", "outstanding", f"mark {task} as outstanding again"),
            )
        ),
        Subcommand(
            f"{family} reassign",
            f"reassign {task}",
            partial(_add_reassign, family=family),
            partial(_change, family=family, status=""),
        ),
    )


CELLS = {
    "incident_followup": CellMagic(
        "add a follow-up; the first line is the title, the rest the description",
        add_followup,
        followup,
    ),
    "incident_action": CellMagic("add an action; the cell's text says what to do", add_action, action),
}
SUBCOMMANDS = (
    *_family("follow_ups"),
    *_family("actions"),
    Subcommand("attach", "attach a link to an incident, unless it already has it", _add_attach, _attach),
)
