"""%incidents board: the open incidents, live."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import IncidentioError
from incidentio_magic.magics import forms
from incidentio_magic.magics.grammar import Grammar, Subcommand
from incidentio_magic.magics.reading import add_filters, add_private, filters

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from datetime import timedelta

    from incidentio_magic.client import Incidents
    from incidentio_magic.magics.session import Session
    from incidentio_magic.widgets.board_reader import Reader
    from incidentio_magic.widgets.poller import Poller

_FORMS: Final = frozenset({"update", "escalate", "close"})  # the forms a row's buttons open
_FIRST_READ: Final = 5.0  # seconds the cell waits for the list, so that a mistyped name stops the cell
_TIMEOUT: Final = 10.0  # seconds for one response; after that the board is marked stale
_MAX_WAIT: Final = 20.0


def _add_board(grammar: Grammar) -> None:
    add_filters(grammar)
    group = grammar.add_argument_group("the board")
    group.add_argument(
        "--overdue",
        action="append",
        default=[],
        metavar='"SEVERITY=SPAN"',
        help="how long an incident may go without an update: Major=45m, Minor=never",
    )
    add_private(group)


def _board(session: Session, args: Namespace) -> Any:
    from incidentio_magic.names.lists import pairs  # noqa: PLC0415  loads on first use
    from incidentio_magic.widgets.board_rows import Overdue, span_of  # noqa: PLC0415  loads pandas

    wanted = {**filters(args), "open": not args.all}
    if args.everyone:
        session.client_for(args)  # a refusal stops the cell
        wanted["everyone"] = True
    given = {**session.overdue(), **pairs(args.overdue, "severity", equals="last")}
    spans = {name: span_of(span) for name, span in given.items()}
    settings = session.settings
    show_private = settings.show_private if args.show_private is None else args.show_private
    if getattr(session.shell, "kernel", None) is None:
        _print(session, session.client_for(args), wanted, spans, show_private=show_private)
        return None
    from incidentio_magic.widgets.board import Board  # noqa: PLC0415  ipywidgets loads on first use

    openers = {form.name: form for form in forms.SUBCOMMANDS if form.name in _FORMS}
    cell = _cell(session)
    if cell in session.boards:
        session.boards.pop(cell).close()  # the board has stopped, but its widgets are still open
    board = Board(
        _poller(session),
        wanted,
        zone=settings.zone,
        overdue=spans,
        show_private=show_private,
        training=settings.training,
        kinds=tuple(openers),
        open_form=lambda kind, reference: _open_form(session, openers[kind], reference),
        cell=cell,
    )
    board.feed.tried.wait(_FIRST_READ)
    try:
        if board.feed.error is not None and not board.feed.error.retryable:
            raise board.feed.error
        if board.feed.snapshot is not None:
            Overdue(board.feed.snapshot.severities, spans)  # the rule knows every severity that was named
    except IncidentioError:
        board.close()
        raise
    if cell:
        session.boards[cell] = board
    return board


def _print(
    session: Session,
    client: Incidents,
    wanted: dict[str, Any],
    spans: dict[str, timedelta | None],
    *,
    show_private: bool,
) -> None:
    """Print the table once, for a terminal."""
    from incidentio_magic.widgets.board_reader import Reader  # noqa: PLC0415  pandas loads on first use
    from incidentio_magic.widgets.board_rows import MOST_ROWS, Overdue, Snapshot  # noqa: PLC0415
    from incidentio_magic.widgets.board_table import as_text, nothing  # noqa: PLC0415

    reader = Reader(client)
    reading = reader.read({name: value for name, value in wanted.items() if name != "everyone"})
    completed, error = reader.complete(reading.rows[:MOST_ROWS])
    if error is not None:
        raise error
    rows = tuple(completed.get(row.incident.id, row) for row in reading.rows)
    on_call = reader.on_call(rows[:MOST_ROWS])
    snapshot = Snapshot(
        rows, reading.severities, reader.now(), reading.incomplete, {}, (), on_call=on_call, own_only=reading.own_only
    )
    overdue = Overdue(reading.severities, spans)
    if session.settings.training:
        session.say("Training: only test incidents are shown.")
    if not snapshot.rows:
        session.say(nothing(wanted, training=session.settings.training))
    session.say(as_text(snapshot, overdue, show_private=show_private, zone=session.settings.zone))
    session.say("It does not refresh here: a live board needs Jupyter.")


def _poller(session: Session) -> Poller:
    """Return the kernel's poller; a new poller if there is none or it has stopped."""
    from incidentio_magic.widgets.poller import Poller  # noqa: PLC0415  loads pandas

    if session.poller is None or session.poller.stopped:
        events = session.shell.events
        leave = functools.partial(_leave_cell, session)
        session.poller = Poller(
            functools.partial(_reader, session), at_end=lambda: events.unregister("pre_run_cell", leave)
        )
        events.register("pre_run_cell", leave)
    return session.poller


def _reader(session: Session, announce: Callable[[str], None], sleep: Callable[[float], None]) -> Reader:
    """Return a reader with its own connection. Its waits end with the poller; only boards show its messages."""
    from dataclasses import replace  # noqa: PLC0415

    from incidentio_magic.client import Incidents  # noqa: PLC0415  pandas and requests load on first use
    from incidentio_magic.widgets.board_reader import Reader  # noqa: PLC0415

    settings = session.settings
    settings = replace(settings, timeout=min(settings.timeout, _TIMEOUT), max_wait=min(settings.max_wait, _MAX_WAIT))
    return Reader(Incidents(settings, announce=announce, sleep=sleep))


def _leave_cell(session: Session, info: Any) -> None:
    """Close the boards of a cell that runs again."""
    cell = getattr(info, "cell_id", None)
    if cell and session.poller is not None:
        for board in session.poller.watchers:
            if getattr(board, "cell", "") == cell:
                board.close()  # type: ignore[attr-defined]


def _cell(session: Session) -> str:
    """Return the ID of the running cell; empty if the front end does not send it."""
    shell: Any = session.shell
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return str(parent.get("metadata", {}).get("cellId") or "")


def _open_form(session: Session, form: Subcommand, reference: str) -> Any:
    """Return the widget from a form's subcommand; None if it returns none."""
    from ipywidgets import Widget  # noqa: PLC0415

    grammar = Grammar(f"%incidents {form.name}", form.summary)
    form.add(grammar)
    args = grammar.parse([reference])
    opened = form.run(session, args) if args is not None else None
    return opened if isinstance(opened, Widget) else None


SUBCOMMANDS = (Subcommand("board", "the open incidents, live; most severe first", _add_board, _board),)
