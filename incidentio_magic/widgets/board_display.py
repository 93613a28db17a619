"""Displays what a board needs besides its widget: the page's script, and a sentence for saved notebooks."""

from __future__ import annotations

from typing import Final

from IPython.display import display

from incidentio_magic.widgets.display import script

_SAVED: Final = "This board is not live. Run this cell again for a fresh board."


def show_extras() -> None:
    """Display the script, and an ordinary output that is hidden by the live widget and shown in a saved notebook."""
    # The empty text replaces the warning that a notebook shows if it is opened later and not trusted.
    display({"application/javascript": script("board.js"), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]
    saved = {"text/plain": _SAVED, "text/html": f'<div class="incidents-board-saved">{_SAVED}</div>'}
    display(saved, raw=True)  # type: ignore[no-untyped-call]
