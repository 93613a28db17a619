"""%incidents severities, teams, schedules …: the organisation's lists, one subcommand for each row of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics._frames import say_completeness
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_out
from incidentio_magic.names.resources import RESOURCES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from incidentio_magic.magics.session import Session
    from incidentio_magic.names.resources import Resource


def _reader(resource: Resource) -> Callable[[Session, Namespace], Any]:
    def run(session: Session, _args: Namespace) -> Any:
        session.client.vocabulary.refresh()  # the user typed the command, so read the list again
        frame = getattr(session.client, resource.name)()
        say_completeness(session, frame)
        if frame.empty:
            session.say(f"The organisation has no {resource.words}, or this key may not see them.")
        return frame

    return run


SUBCOMMANDS = tuple(
    Subcommand(resource.name, resource.summary, add_out, _reader(resource)) for resource in RESOURCES.values()
)
