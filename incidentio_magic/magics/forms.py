"""%incidents declare, update, escalate, close: opens forms; %incidents page: pages people without a form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import Subcommand, add_reference
from incidentio_magic.magics.reading import add_everyone
from incidentio_magic.magics.writing import add_dry_run, add_properties, properties

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session

_OPTIONS: Final = {
    "name": ("TEXT", "what is wrong, in one line"),
    "summary": ("TEXT", "details, in Markdown"),
    "message": ("TEXT", "the message, in Markdown"),
    "severity": ("NAME", "its severity"),
    "type": ("NAME", "its type"),
    "status": ("NAME", "its status"),
    "mode": ("NAME", "standard, retrospective, test or tutorial"),
    "path": ("NAME", "the escalation path to page"),
}
_PAIRED: Final = ("role", "field", "timestamp")
_DECLARE: Final = ("name", "summary", "severity", "type", "status", "mode")
_INSTEAD: Final = "Forms need a notebook that shows widgets. Copy and edit this cell instead:"
_SAY_WHAT: Final = "What is new, in Markdown."

_shown: WeakKeyDictionary[Session, dict[str, Any]] = WeakKeyDictionary()


def _add(grammar: Grammar, *names: str, reference: bool = True) -> None:
    if reference:
        add_reference(grammar)
    for name in names:
        metavar, text = _OPTIONS[name]
        grammar.add_argument(f"--{name}", default="", metavar=metavar, help=text)


def _add_people(grammar: Grammar) -> None:
    grammar.add_argument(
        "--to", nargs="+", action="extend", default=[], metavar="PERSON", help="people to page, by name or email"
    )


def _add_picker(grammar: Grammar, *names: str) -> None:
    """Add the options of a form about an incident that can be chosen in it."""
    _add(grammar, *names)
    add_everyone(grammar)


def _add_all_fields(grammar: Grammar) -> None:
    grammar.add_argument(
        "--all-fields", action="store_true", help="show every field, not only those of your organisation's own form"
    )


def _add_declare(grammar: Grammar) -> None:
    _add(grammar, *_DECLARE, reference=False)
    grammar.add_argument("--private", action="store_true", default=None, help="only invited people may see it")
    _add_all_fields(grammar)
    add_properties(grammar)


def _declare(session: Session, args: Namespace) -> Any:
    options = [*_typed(args, "severity", "type", "status", "mode"), *(["--private"] if args.private else [])]
    options += [part for name in _PAIRED for pair in getattr(args, name) for part in (f"--{name}", pair)]
    body = f"{args.name or 'What is wrong, in one line'}\n{args.summary or 'Details, in Markdown.'}"
    instead = f"{_INSTEAD}\n\n{_line('%%incident_declare', options)}\n{body}"
    if not _clickable(session):
        return session.say(instead)
    from incidentio_magic.widgets.declare import DeclareForm  # noqa: PLC0415  ipywidgets loads on first use

    def use(outcome: Any) -> None:
        session.current = outcome.reference or session.current

    given = {name: getattr(args, name) for name in _DECLARE}
    given["summary"] = _literal(args.summary)
    return _show(
        session,
        DeclareForm(
            lambda: session.client,
            render=session.render,
            on_sent=use,
            private=args.private,
            all_fields=args.all_fields,
            lazy=True,
            **given,
            **properties(args),
        ),
        instead,
    )


def _add_update(grammar: Grammar) -> None:
    _add_picker(grammar, "message", "status", "severity")
    _add_all_fields(grammar)


def _update(session: Session, args: Namespace) -> Any:
    instead = _cell_of(session, args, "status", "severity")
    if not _clickable(session):
        return session.say(instead)
    from incidentio_magic.widgets.update import UpdateForm  # noqa: PLC0415

    return _about(session, args, UpdateForm, instead, status=args.status, severity=args.severity)


def _add_escalate(grammar: Grammar) -> None:
    _add_picker(grammar, "message", "severity", "path")
    _add_people(grammar)


def _escalate(session: Session, args: Namespace) -> Any:
    options = [*_typed(args, "path"), *(["--to", *args.to] if args.to else [])]
    line = _line(f"%incidents page {shlex.quote(_meant(session, args))}", options or ["--path", "NAME"])
    instead = f"{_cell_of(session, args, 'severity')}\n\nand to page somebody:\n\n{line}"
    if not _clickable(session):
        return session.say(instead)
    from incidentio_magic.widgets.escalate import EscalateForm  # noqa: PLC0415

    return _about(session, args, EscalateForm, instead, severity=args.severity, path=args.path, to=args.to)


def _add_close(grammar: Grammar) -> None:
    _add_picker(grammar, "message", "status")
    _add_all_fields(grammar)


def _close(session: Session, args: Namespace) -> Any:
    line = _line("%%incident_update", [_meant(session, args), "--status", args.status or "Closed"])
    instead = f"{_INSTEAD}\n\n{line}\n{args.message or _SAY_WHAT}"
    if not _clickable(session):
        return session.say(instead)
    from incidentio_magic.widgets.close import CloseForm  # noqa: PLC0415

    return _about(session, args, CloseForm, instead, status=args.status)


def _add_page(grammar: Grammar) -> None:
    _add(grammar, "path")
    _add_people(grammar)
    grammar.add_argument(
        "--title", default="", metavar="TEXT", help="the page's title; the incident's reference and name if left out"
    )
    grammar.add_argument("--description", default="", metavar="TEXT", help="details for the people who are paged")
    grammar.add_argument("--again", action="store_true", help="page again, even if they were already paged")
    add_dry_run(grammar)


def _page(session: Session, args: Namespace) -> Any:
    if not args.path and not args.to:
        raise InputError(
            "The people to page are missing.", hint='add --path "Search on-call" or --to alice@example.com'
        )
    return session.client.page(
        session.reference(args.reference),
        args.title,
        path=args.path,
        to=args.to,
        description=args.description,
        again=args.again,
        dry_run=args.dry_run,
    )


def _about(session: Session, args: Namespace, kind: Any, instead: str, **given: Any) -> Any:
    reference = args.reference or session.current
    message = _literal(args.message)
    if args.everyone:
        session.client_for(args)  # a refusal stops the cell
    form = kind(
        lambda: session.client_for(args),
        reference,
        render=session.render,
        message=message,
        lazy=True,
        fixed=bool(reference) and _is_click(session),
        all_fields=getattr(args, "all_fields", False),
        **given,
    )
    return _show(session, form, instead)


def _clickable(session: Session) -> bool:
    """Return whether there is a front end that can show widgets; a terminal has no kernel."""
    return getattr(session.shell, "kernel", None) is not None


def _show(session: Session, form: Any, instead: str) -> Any:
    """Return the form; a front end without widgets shows `instead`.

    The cell's previous form is closed, because the page no longer shows it.
    """
    form.instead = instead
    shell: Any = session.shell
    parent = shell.get_parent()
    cell = (parent.get("metadata") or {}).get("cellId", "")
    if cell and not _is_click(session):
        shown = _shown.setdefault(session, {})
        if cell in shown:
            shown[cell].close()
        shown[cell] = form
    return form


def _is_click(session: Session) -> bool:
    """Return whether a button was clicked, such as in a board's row; otherwise a cell is running."""
    shell: Any = session.shell
    parent: dict[str, Any] = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return (parent.get("header") or {}).get("msg_type") == "comm_msg"


def _literal(text: str) -> str:
    """Return a text that a form shows unchanged, because its templates are already rendered."""
    return f"{{% raw %}}{text}{{% endraw %}}" if any(mark in text for mark in ("{{", "{%")) else text


def _typed(args: Namespace, *names: str) -> list[str]:
    return [part for name in names if getattr(args, name) for part in (f"--{name}", getattr(args, name))]


def _line(command: str, options: list[str]) -> str:
    return " ".join([command, *map(shlex.quote, options)])


def _meant(session: Session, args: Namespace) -> str:
    return str(args.reference or session.current or "REF")


def _cell_of(session: Session, args: Namespace, *names: str) -> str:
    """Return the cell that shares the same update as the form, to copy."""
    line = _line("%%incident_update", [_meant(session, args), *_typed(args, *names)])
    return f"{_INSTEAD}\n\n{line}\n{args.message or _SAY_WHAT}"


SUBCOMMANDS = (
    Subcommand("declare", "a form that declares an incident", _add_declare, _declare),
    Subcommand("update", "a form that posts an update", _add_update, _update),
    Subcommand("escalate", "a form that raises the severity and pages people", _add_escalate, _escalate),
    Subcommand("close", "a form that ends an incident", _add_close, _close),
    Subcommand("page", "page an escalation path or people", _add_page, _page),
)
