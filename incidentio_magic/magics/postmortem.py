"""%incidents postmortem: drafts a postmortem, and imports it into incident.io."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError
from incidentio_magic.magics.grammar import Subcommand, add_reference
from incidentio_magic.magics.reading import add_out, add_private

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    add_reference(grammar)
    grammar.add_argument("--save", default="", metavar="FILE", help="save it to a file; an edited file is not replaced")
    grammar.add_argument("--overwrite", action="store_true", help="with --save: replace the file even if it was edited")
    grammar.add_argument(
        "--template", default="", metavar="NAME", help="sre, howie, short, or a file of your own that uses draft.facts"
    )
    grammar.add_argument("--write-template", default="", metavar="FILE", help="save the template to a file, to edit it")
    grammar.add_argument("--plot", action="store_true", help="add a picture of the timeline to the draft")
    grammar.add_argument("--kind", default="", metavar="KINDS", help="the kinds of the key events: status,page")
    grammar.add_argument("--curated", action="store_true", help="only the curated timeline counts as key events")
    group = grammar.add_argument_group("importing it into incident.io")
    group.add_argument(
        "--import", dest="imported", action="store_true", help="import it as a document, unless there already is one"
    )
    group.add_argument("--text", default="", metavar="FILE", help="import this edited draft instead of a new draft")
    group.add_argument("--again", action="store_true", help="import it even if there already is a document")
    group.add_argument("--dry-run", action="store_true", help="show what would be imported, send nothing")
    group.add_argument("--quiet", action="store_true", help="do not show how the import ended; the receipt shows it")
    add_private(grammar)
    add_out(grammar)


def _postmortem(session: Session, args: Namespace) -> Any:
    if (args.text or args.again or args.dry_run) and not args.imported:
        raise InputError("--text, --again and --dry-run are about importing.", hint="add --import")
    if args.overwrite and not (args.save or args.write_template):
        raise InputError("--overwrite is about saving.", hint="add --save FILE")
    if args.write_template:
        return _write_template(session, args)
    client = session.client
    draft = client.postmortem(
        session.reference(args.reference),
        template=args.template,
        kind=args.kind,
        curated=args.curated,
        plot=args.plot,
        show_private=args.show_private,
    )
    if args.text:
        draft = draft.reworded(args.text)
    for source in draft.facts.unread:
        session.say(f"Incomplete: {source['source']} {source['why']}.")
    if args.save:
        session.say(f"Saved to {draft.save(args.save, overwrite=args.overwrite)}.")
    if not args.imported:
        if client.training and not args.out:
            from incidentio_magic.writes.guard import BANNER  # noqa: PLC0415  loads msgspec

            session.say(BANNER)
        return draft
    return client.import_postmortem(draft, again=args.again, dry_run=args.dry_run)


def _write_template(session: Session, args: Namespace) -> None:
    """Save one of the extension's templates; an existing file is replaced only with --overwrite."""
    from incidentio_magic.postmortem.draft import template_text  # noqa: PLC0415  loads jinja2
    from incidentio_magic.postmortem.saving import replace_file  # noqa: PLC0415  beside the rest

    path = Path(args.write_template).expanduser()
    if path.exists() and not args.overwrite:
        raise InputError(
            f"{str(path)!r} exists, so it was not overwritten.", hint="name another file, or add --overwrite"
        )
    replace_file(path, template_text(args.template).encode())
    session.say(f"Saved to {path}. Edit it, then: %incidents postmortem --template {path}")


SUBCOMMANDS = (
    Subcommand("postmortem", "a postmortem draft in Markdown, with what is known filled in", _add, _postmortem),
)
