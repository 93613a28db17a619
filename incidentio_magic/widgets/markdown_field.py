"""A Markdown field with a preview of the text as it will be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import HTML, Box

from incidentio_magic import errors
from incidentio_magic.widgets import markup
from incidentio_magic.widgets._shared import shared
from incidentio_magic.widgets.fields import Field, TextField

if TYPE_CHECKING:
    from collections.abc import Callable


class MarkdownField(TextField):
    """A Markdown field with templates that use the notebook's variables, and a preview of the result.

    Args:
        name: Its name in the draft.
        label: The label above it.
        render: Renders the templates.
        placeholder: An example, shown while it is empty.
        hint: Help text.
        changed: Called with the field when the user changes it.
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        render: Callable[[str], str],
        changed: Callable[[Field], None],
        placeholder: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(name, label, lines=True, placeholder=placeholder, hint=hint, changed=changed)
        self._render = render
        self.seen = ""
        self.preview = HTML(**shared("html")).add_class("incidentio-preview")
        pair = Box([self.control, self.preview], **shared()).add_class("incidentio-grid")
        self.children = (pair, self._note)
        self._show_preview()

    def read(self) -> str:
        """Return the text with its templates rendered, and show it in the preview.

        Raises:
            TemplateError: If a template cannot be rendered.
        """
        try:
            self.seen = self._render(super().read())
        except errors.TemplateError:
            self.seen = ""
            self._show_preview()
            raise
        self._show_preview()
        return self.seen

    def clear(self) -> None:
        """Empty the field and its preview."""
        super().clear()
        self.seen = ""
        self._show_preview()

    def _show_preview(self) -> None:
        self.preview.value = markup.line("caption", "Preview") + markup.markdown(self.seen)
