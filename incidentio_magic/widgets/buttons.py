"""The buttons of a form, each shown only while it applies."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ipywidgets import Box, Button

from incidentio_magic.widgets._shared import shared, show_widget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Buttons(Box):
    """The buttons to submit and to refresh or retry; `after` holds those below the receipt.

    Args:
        action: The label of the first button.
        another: The label of the button that starts a new form.
        submit: The action of the first button.
        again: The action of the button for a deliberate repeat.
        renew: The action of the button that starts a new form.
        reload: The action of the last button.
    """

    def __init__(
        self,
        action: str,
        another: str,
        *,
        submit: Callable[[], None],
        again: Callable[[], None],
        renew: Callable[[], None],
        reload: Callable[[], None],
    ) -> None:
        self.submit = _button(action, "incidentio-submit", submit, "primary")
        self.again = _button("Send it once more", "incidentio-again", again)
        self.renew = _button(another, "incidentio-new", renew)
        self.reload = _button("Refresh lists", "incidentio-reload", reload)
        self.after = (self.again, self.renew)
        super().__init__([self.submit, self.reload], **shared())
        self.add_class("incidentio-actions")

    def show(self, *, connected: bool, failed: bool, done: bool, replayed: bool) -> None:
        """Show the buttons that apply now.

        Args:
            connected: Whether the lists have been read.
            failed: Whether reading them failed.
            done: Whether everything is written.
            replayed: Whether some of it had been written before.
        """
        self.submit.disabled = done
        self.reload.description = "Refresh lists" if connected else "Try again"
        for button, needed in (
            (self.submit, connected and not done),
            (self.again, connected and done and replayed),
            (self.renew, connected and done),
            (self.reload, (connected and not done) or failed),
        ):
            show_widget(button, needed)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Disable all buttons inside this block."""
        buttons = (*self.children, *self.after)
        for button in buttons:
            button.disabled = True
        try:
            yield
        finally:
            for button in buttons:
                button.disabled = False


def _button(label: str, kind: str, act: Callable[[], None], style: str = "") -> Button:
    button = Button(description=label, button_style=style, **shared("button")).add_class(kind)
    button.on_click(lambda _button: act())
    return button
