"""The status line of a form: working, sent, not sent, or unknown."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from ipywidgets import HTML

from incidentio_magic import errors
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._shared import shared

if TYPE_CHECKING:
    from incidentio_magic.writes.outcome import Outcome

IDLE: Final = "idle"
WORKING: Final = "working"
SENT: Final = "sent"
ALREADY: Final = "already sent"
NOT_SENT: Final = "not sent"
UNKNOWN: Final = "unknown"

_CLASSES: Final = {WORKING: "working", SENT: "sent", ALREADY: "already", NOT_SENT: "failed", UNKNOWN: "unknown"}
_MARKS: Final = {WORKING: "…", SENT: "✓", ALREADY: "○", NOT_SENT: "✗ Not sent:", UNKNOWN: "? Unknown:"}


class Status(HTML):
    """Shows the status of a form; for a form that writes twice, the status of each write."""

    def __init__(self) -> None:
        super().__init__(**shared("html"))
        self.state = self._ended = IDLE
        self._lines: list[str] = []
        self._focus = ""
        self._turn = 0
        self.add_class("incidentio-outcomes")

    def clear(self) -> None:
        """Clear the status."""
        self.state = self._ended = IDLE
        self._lines = []
        self.value = ""

    def focus(self, wanted: str) -> None:
        """Move the page's focus.

        Args:
            wanted: The CSS class of the part of the form that gets the focus.
        """
        self._turn += 1
        self._focus = f'<span hidden data-incidentio-focus=".{wanted}" data-incidentio-turn="{self._turn}"></span>'
        self._show()

    def _show(self) -> None:
        self.value = _block(self._lines) + self._focus if self._lines else ""

    def working(self, what: str) -> None:
        """Show the current activity below the earlier messages."""
        self.state = WORKING
        self.value = _block([*self._lines, _line(WORKING, what)])

    def rest(self) -> None:
        """Show only outcomes, without the activity."""
        self.state = self._ended
        self._show()

    def outcome(self, outcome: Outcome) -> None:
        """Show how a write ended."""
        state = SENT if outcome.sent else ALREADY
        self._add(state, outcome.sentence, link=outcome.permalink)

    def error(self, error: errors.IncidentioError) -> None:
        """Show why a write did not happen, or that its outcome is unknown."""
        state = UNKNOWN if isinstance(error, errors.OutcomeUnknown) else NOT_SENT
        request = f"request_id {error.request_id}" if error.request_id else ""
        self._add(state, error.message, hint="; ".join(part for part in (error.hint, request) if part))

    def say(self, state: str, sentence: str, hint: str = "") -> None:
        """Show a status with a custom text."""
        self._add(state, sentence, hint=hint)

    def _add(self, state: str, sentence: str, *, hint: str = "", link: str = "") -> None:
        self.state = self._ended = state
        self._lines.append(_line(state, sentence, hint=hint, link=link))
        self._focus = ""
        self._show()


def _line(state: str, sentence: str, *, hint: str = "", link: str = "") -> str:
    content = f"{_MARKS[state]} {markup.text(sentence, limit=600)}"
    if link.startswith("https://"):
        content += f' <a href="{escape(link)}" target="_blank" rel="noopener noreferrer">open ↗</a>'
    if hint:
        content += f'<div class="hint">{markup.text(hint, limit=600)}</div>'
    return f'<div class="incidentio-outcome {_CLASSES[state]}" dir="auto">{content}</div>'


def _block(lines: list[str]) -> str:
    return f'<div role="status" tabindex="-1">{"".join(lines)}</div>'
