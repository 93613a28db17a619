"""%incidents severities, statuses, types, roles, fields, timestamps, users: the organisation's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from incidentio_magic.magics.session import Session

_WORDS = {
    "severities": "the severities, most severe first",
    "statuses": "the statuses, in the order incidents go through them",
    "types": "the incident types, the default first",
    "roles": "the roles people take",
    "fields": "the custom fields and their options",
    "timestamps": "the moments that are recorded",
    "users": "the people, by name",
}


def _reader(name: str) -> Callable[[Session, Namespace], Any]:
    def run(session: Session, _args: Namespace) -> Any:
        session.client.vocabulary.refresh()  # typed by hand: read it again
        frame = getattr(session.client, name)()
        if not frame.attrs.get("complete", True):
            session.say(f"Incomplete: {frame.attrs['why_incomplete']}.")
        if frame.empty:
            session.say(f"The organisation has no {name}, or this key may not see them.")
        return frame

    return run


SUBCOMMANDS = tuple(Subcommand(name, summary, add_out, _reader(name)) for name, summary in _WORDS.items())
