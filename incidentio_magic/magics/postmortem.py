"""%incidents postmortem: a draft of what will be learned from an incident."""

from __future__ import annotations

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
    grammar.add_argument("--save", default="", metavar="FILE", help="write it to a file, unless somebody edited that")
    grammar.add_argument("--overwrite", action="store_true", help="with --save: replace an edited file as well")
    grammar.add_argument("--template", default="", metavar="FILE", help="your own Jinja template, over draft.facts")
    group = grammar.add_argument_group("handing it to incident.io")
    group.add_argument(
        "--import", dest="imported", action="store_true", help="import it as a document, unless there is one"
    )
    group.add_argument("--text", default="", metavar="FILE", help="import this edited draft in place of a new one")
    group.add_argument("--again", action="store_true", help="import one more although there is a document")
    group.add_argument("--dry-run", action="store_true", help="show what would be imported, send nothing")
    add_private(grammar)
    add_out(grammar)


def _postmortem(session: Session, args: Namespace) -> Any:
    if (args.text or args.again or args.dry_run) and not args.imported:
        raise InputError("--text, --again and --dry-run are about importing.", hint="add --import")
    if args.overwrite and not args.save:
        raise InputError("--overwrite is about saving.", hint="add --save FILE")
    client = session.client
    draft = client.postmortem(session.reference(args.reference), template=args.template, show_private=args.show_private)
    if args.text:
        draft = draft.reworded(args.text)
    for one in draft.facts.unread:
        session.say(f"Incomplete: {one['source']} {one['why']}.")
    if args.save:
        session.say(f"Saved to {draft.save(args.save, overwrite=args.overwrite)}.")
    if not args.imported:
        if client.training and not args.out:
            from incidentio_magic.writes.guard import BANNER  # noqa: PLC0415  loads msgspec

            session.say(BANNER)
        return draft
    return client.import_postmortem(draft, again=args.again, dry_run=args.dry_run)


SUBCOMMANDS = (Subcommand("postmortem", "a draft in Markdown, from everything that is known", _add, _postmortem),)
