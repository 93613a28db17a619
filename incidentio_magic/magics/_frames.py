"""Prints below a frame whether it is complete, and which parts could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from incidentio_magic.magics.session import Session


def say_completeness(session: Session, frame: pd.DataFrame) -> None:
    """Print why a frame is incomplete and which parts of the responses could not be read; nothing if it is complete.

    Args:
        session: The notebook's session.
        frame: A frame whose `attrs` say so.
    """
    from incidentio_magic.api.decoding import describe_unreadable  # noqa: PLC0415  loads on first use

    if not frame.attrs["complete"]:
        session.say(f"Incomplete: {frame.attrs['why_incomplete']}.")
    if line := describe_unreadable(frame.attrs.get("unreadable", {})):
        session.say(f"{line}.")
