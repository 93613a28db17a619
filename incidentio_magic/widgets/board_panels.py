"""The forms opened from a board's rows, each under its row; hiding a form keeps what was typed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from incidentio_magic.errors import IncidentioError
from incidentio_magic.widgets._shared import close
from incidentio_magic.widgets.board_table import note
from incidentio_magic.widgets.form import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Panel(widgets.VBox):  # ipywidgets has no types
    """One form under a row, with the buttons that keep it open and hide it.

    Args:
        kind: Which form, such as `update`.
        reference: The incident.
        form: The form.
        hide: Called when the user hides it.
    """

    def __init__(self, kind: str, reference: str, form: widgets.Widget, hide: Callable[[], None]) -> None:
        self.reference = reference
        self.form = form
        self.visible = True
        self.keep = widgets.ToggleButton(
            description="Keep open",
            tooltip=f"Keep the {kind} form of {reference} open when another opens",
            layout=widgets.Layout(width="auto"),
        ).add_class("ib-keep")
        hide_button = widgets.Button(
            description="Hide",
            tooltip=f"Hide the {kind} form of {reference}; what you typed stays",
            layout=widgets.Layout(width="auto"),
        ).add_class("ib-hide")
        hide_button.on_click(lambda _button: hide())
        body = widgets.VBox([widgets.HBox([self.keep, hide_button]), form])
        super().__init__([body.add_class("ib-panel-body")])
        self.add_class("ib-panel")

    @property
    def done(self) -> bool:
        """Whether the form has sent everything, so that nothing typed can be lost."""
        return isinstance(self.form, Form) and self.form.done


class Panels:
    """The forms of a board; opening one hides the others, unless they are kept open.

    Args:
        open_form: Returns the form of a kind for a reference; None if it cannot be opened here.
        sent: Called after a form has written something.
        arrange: Called when the forms to show have changed.
    """

    def __init__(
        self,
        open_form: Callable[[str, str], widgets.Widget | None],
        sent: Callable[[], None],
        arrange: Callable[[], None],
    ) -> None:
        self._open_form = open_form
        self._sent = sent
        self._arrange = arrange
        self._panels: dict[tuple[str, str], Panel] = {}
        self._message = widgets.HTML()
        self._about = ""

    def show_form(self, kind: str, reference: str) -> None:
        """Open a form, or show it again as it was left.

        Args:
            kind: Which form, such as `update`.
            reference: The incident.
        """
        self._about = ""
        panel = self._panels.get((kind, reference))
        opened = None
        if panel is None or (panel.done and not panel.visible):
            if panel is not None:
                close(self._panels.pop((kind, reference)))
            panel = opened = self._new(kind, reference)
        if panel is not None:
            for other in self._panels.values():
                other.visible = other is panel or (other.visible and other.keep.value)
        self._arrange()
        if opened is not None and isinstance(opened.form, Form):
            opened.form.follow(lambda _outcome: self._sent())
            opened.form.load()

    def hide(self, kind: str, reference: str) -> None:
        """Hide a form; what was typed in it stays."""
        self._panels[kind, reference].visible = False
        self._about = ""
        self._arrange()

    def below(self, reference: str) -> list[widgets.Widget]:
        """Return what stands under an incident's row."""
        shown: list[widgets.Widget] = [self._message] if reference == self._about else []
        return shown + [panel for panel in self._panels.values() if panel.visible and panel.reference == reference]

    def without_row(self, references: Sequence[str]) -> list[widgets.Widget]:
        """Return the visible forms of incidents that are not among `references`; close the hidden ones."""
        for key, panel in list(self._panels.items()):
            if not panel.visible and panel.reference not in references:
                close(self._panels.pop(key))
        return [panel for panel in self._panels.values() if panel.reference not in references]

    def close(self) -> None:
        """Close all forms."""
        for panel in self._panels.values():
            close(panel)
        self._panels = {}
        close(self._message)

    def _new(self, kind: str, reference: str) -> Panel | None:
        try:
            form = self._open_form(kind, reference)
        except IncidentioError as error:
            message = note(" ".join(line.strip() for line in error.lines()), "stale")
        else:
            if form is not None:
                panel = Panel(kind, reference, form, lambda: self.hide(kind, reference))
                self._panels[kind, reference] = panel
                return panel
            message = note(f"This form cannot open here. Run %incidents {kind} {reference} in a cell.")
        self._message.value = message
        self._about = reference
        return None
