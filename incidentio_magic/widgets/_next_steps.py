"""Buttons shown after a form has succeeded, which open the next form below it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ipywidgets import Box, VBox

from incidentio_magic.widgets._shared import close, shared, show_widget, small_button

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_STEPS: Final = {
    "update": ("Post an update", "update", "UpdateForm"),
    "page": ("Page people", "escalate", "EscalateForm"),
    "close": ("Close it", "close", "CloseForm"),
}


def next_form(step: str) -> Any:
    """Return the class of the form for a next step."""
    _label, module, name = _STEPS[step]
    return getattr(import_module(f"incidentio_magic.widgets.{module}"), name)


class NextSteps(VBox):
    """Buttons for the next steps, and the form that was last opened with them.

    Args:
        open_form: Returns the form for a step and an incident's reference.
        others: Further buttons of the form, shown after those of the steps.
    """

    def __init__(self, open_form: Callable[[str, str], Any], others: Sequence[Any]) -> None:
        self._open_form = open_form
        self._others = tuple(others)
        self.buttons: dict[str, Any] = {}
        self.form: Any = None
        self._row = Box(self._others, **shared()).add_class("incidentio-actions")
        super().__init__([self._row], **shared())
        self.add_class("incidentio-next")
        show_widget(self, False)

    def offer(self, reference: str, *, closed: bool) -> None:
        """Show the buttons.

        Args:
            reference: The incident.
            closed: Whether it is closed, so that it cannot be closed again.
        """
        self.withdraw()
        for step, (label, *_form) in _STEPS.items():
            if reference and not (closed and step in {"page", "close"}):
                self.buttons[step] = button = small_button(label, f"{label}: {reference}")
                button.on_click(lambda _button, step=step: self._open(step, reference))
        self._row.children = (*self.buttons.values(), *self._others)
        show_widget(self, True)

    def withdraw(self) -> None:
        """Remove the buttons of the steps and the form, and hide the others."""
        for part in (*self.buttons.values(), *([self.form] if self.form is not None else ())):
            close(part)
        self._row.children = self._others
        self.children = [self._row]
        self.buttons, self.form = {}, None
        show_widget(self, False)

    def _open(self, step: str, reference: str) -> None:
        if self.form is not None:
            close(self.form)
        self.form = self._open_form(step, reference)
        self.children = [self._row, self.form]
