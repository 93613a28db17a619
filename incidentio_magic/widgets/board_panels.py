"""The forms that were opened from a board, under it; what is typed in one is never lost to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from incidentio_magic.errors import IncidentioError
from incidentio_magic.widgets.board_table import note
from incidentio_magic.widgets.form import Form

if TYPE_CHECKING:
    from collections.abc import Callable


class Panels(widgets.VBox):  # ipywidgets has no types
    """Forms, the newest first; one of a kind for an incident.

    Args:
        open_form: Returns the form of a kind for a reference; None if there is none.
        sent: Called when one has written something.
    """

    def __init__(
        self, open_form: Callable[[str, str], widgets.Widget | None], sent: Callable[[], None] = lambda: None
    ) -> None:
        self._open_form = open_form
        self._sent = sent
        self._opened: dict[tuple[str, str], widgets.VBox] = {}
        self._problem = widgets.HTML()
        super().__init__([self._problem])

    def show_form(self, kind: str, reference: str) -> None:
        """Open a form, unless it is open already.

        Args:
            kind: Which form, such as `update`.
            reference: The incident.
        """
        self._problem.value = ""
        if (kind, reference) in self._opened:
            self._problem.value = note(f"The form {kind} {reference} is open below.")
            return
        try:
            form = self._open_form(kind, reference)
        except IncidentioError as error:
            self._problem.value = note(" ".join(line.strip() for line in error.lines()), "stale")
            return
        if form is None:
            self._problem.value = note(f"It cannot be opened here; run %incidents {kind} {reference} in a cell.")
            return
        hide = widgets.Button(
            description="Hide",
            tooltip=f"Take the form {kind} {reference} away",
            layout=widgets.Layout(width="auto"),
        )
        hide.on_click(lambda _button: self.hide(kind, reference))
        title = widgets.HTML(note(f"{kind.capitalize()} {reference}", "title"))
        panel = widgets.VBox([widgets.HBox([title, hide]), form])
        self._opened[kind, reference] = panel
        self._arrange()
        if isinstance(form, Form):
            form.follow(lambda _outcome: self._sent())
            form.load()

    def hide(self, kind: str, reference: str) -> None:
        """Close a form, and everything that was typed in it."""
        panel = self._opened.pop((kind, reference))
        self._problem.value = ""
        self._arrange()
        close_all(panel)

    def _arrange(self) -> None:
        self.children = (self._problem, *reversed(self._opened.values()))


def close_all(widget: widgets.Widget) -> None:
    """Close a widget with all it consists of: its children, its layout and its style."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for part in ("layout", "style"):
        if isinstance(owned := getattr(widget, part, None), widgets.Widget):
            owned.close()
    widget.close()
