"""Shows a form in a cell: the widget, its keyboard, and an ordinary output for notebooks that are opened later."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from IPython.display import display

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidentio_magic.writes.outcome import Outcome

_SAVED: Final = "Run this cell again to use the form; a saved notebook cannot show it."


def show(bundle: Mapping[str, Any]) -> None:
    """Display a widget with its keyboard script, so that typing in it does not trigger JupyterLab's shortcuts."""
    display(dict(bundle), raw=True)  # type: ignore[no-untyped-call]
    # The empty text replaces the warning that an untrusted notebook shows when it is opened again.
    display({"application/javascript": script("forms.js"), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]


def script(name: str) -> str:
    """Return one of this package's scripts without comments and indentation, because each form saves a copy."""
    lines = map(str.strip, files("incidentio_magic.widgets").joinpath(name).read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


class Display:
    """A form's place in a cell. Its ordinary output is hidden while the form is live, and shown in a saved notebook."""

    def __init__(self) -> None:
        self._id = ""

    def show(self, bundle: Mapping[str, Any]) -> None:
        """Display the form."""
        show(bundle)
        self._id = uuid4().hex
        display(_saved(_SAVED, ""), raw=True, display_id=self._id)  # type: ignore[no-untyped-call]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Replace the ordinary output with the receipt of what was written."""
        if self._id:
            sentences = [outcome.sentence for outcome in outcomes]
            links = [
                f'<div>{escape(outcome.sentence)} <a href="{escape(outcome.permalink)}" target="_blank" '
                f'rel="noopener noreferrer">open ↗</a></div>'
                if outcome.permalink.startswith("https://")
                else f"<div>{escape(outcome.sentence)}</div>"
                for outcome in outcomes
            ]
            bundle = _saved("\n".join(sentences), "".join(links))
            display(bundle, raw=True, display_id=self._id, update=True)  # type: ignore[no-untyped-call]


def _saved(text: str, html: str) -> dict[str, str]:
    return {"text/plain": text, "text/html": f'<div class="incidentio-saved">{html or escape(text)}</div>'}
