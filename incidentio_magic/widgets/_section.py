"""Fields that are collapsed until the user expands them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import HTML, Box, VBox

from incidentio_magic.widgets._shared import shared, show_widget, small_button

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from incidentio_magic.widgets.fields import Field


class Section:
    """Fields behind a button that expands them.

    Args:
        title: The button's label.
        unfolding: Called before they are expanded for the first time.
    """

    def __init__(self, title: str, unfolding: Callable[[], None] = lambda: None) -> None:
        self._title = title
        self._unfolding = unfolding
        self._opened = self.unfolded = False
        self.button = small_button(title, "").add_class("incidentio-disclose")
        self.button.on_click(lambda _button: self.unfold(not self.unfolded))
        self.note = HTML(**shared("html"))
        self.grid = Box(**shared()).add_class("incidentio-grid")
        self.inside = VBox([self.note, self.grid], **shared()).add_class("incidentio-part")
        self.whole = VBox([self.button, self.inside], **shared())
        self.unfold(unfolded=False)

    def unfold(self, unfolded: bool) -> None:
        """Expand or collapse the fields."""
        self.unfolded = unfolded
        if unfolded and not self._opened:
            self._opened = True
            self._unfolding()
        show_widget(self.inside, unfolded)
        self.button.description = f"{'▾' if unfolded else '▸'} {self._title}"
        if unfolded:
            self.button.add_class("incidentio-open")
        else:
            self.button.remove_class("incidentio-open")

    def hold(self, fields: Iterable[Field]) -> None:
        """Hold these fields."""
        self.grid.children = tuple(fields)
