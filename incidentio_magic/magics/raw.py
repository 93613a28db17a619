"""%incidents api GET PATH: reads any endpoint as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.errors import InputError
from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand, looks_like_a_key, may_be_a_key
from incidentio_magic.magics.reading import add_out, add_private

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add(grammar: Grammar) -> None:
    grammar.add_argument("method", metavar="GET", help="only GET: this command reads, it never writes")
    grammar.add_argument("path", nargs="?", default="", metavar="PATH", help="the endpoint, such as /v2/workflows")
    grammar.add_argument(
        "--param", action="append", default=[], metavar='"NAME=VALUE"', help="a parameter; repeat it for several values"
    )
    add_private(grammar)
    add_out(grammar)


def _get(session: Session, args: Namespace) -> Any:
    method, path = ("GET", args.method) if args.method.startswith("/") and not args.path else (args.method, args.path)
    if looks_like_a_key(method):
        raise may_be_a_key("%incidents api")
    if method.upper() != "GET":
        raise InputError(
            f"%incidents api only reads: {method!r} is not GET.",
            hint="write it like %incidents api GET /v2/workflows; %incidents --help lists the commands that write",
        )
    frame = session.client.get(path, parameters(args.param), show_private=args.show_private)
    say_completeness(session, frame)
    if hidden := frame.attrs["hidden"]:
        session.say(f"The text of {hidden} of {len(frame)} records is hidden: their incidents are private or unknown.")
    if frame.empty and frame.attrs["complete"]:
        session.say("The response is empty.")
    return frame


def parameters(texts: list[str]) -> dict[str, list[str]]:
    """Return the typed parameters, with the values of each in order.

    Args:
        texts: `NAME=VALUE` each.

    Raises:
        InputError: If one has no name or no equals sign.
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError(f"{text!r} is not a parameter with a value.", hint="write it like --param page_size=50")
        found.setdefault(name.strip(), []).append(value)
    return found


SUBCOMMANDS = (Subcommand("api", "any GET endpoint of the API as a DataFrame", _add, _get),)
