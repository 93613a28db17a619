"""Layouts and styles that widgets of the forms share; separate ones would each cost a message, and 1 kB when saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Button, Checkbox, Dropdown, Layout, Text, Widget

if TYPE_CHECKING:
    from collections.abc import Collection


def _kept_open(kind: type[Any]) -> type[Any]:
    """Return `kind` as a class whose instances stay open when a widget that uses them is closed."""
    return type(kind.__name__, (kind,), {"close": lambda _self: None})


_made: dict[type[Any], Any] = {}


def _shared(kind: type[Any]) -> Any:
    if kind not in _made or _made[kind].comm is None:
        _made[kind] = _kept_open(kind)()
    return _made[kind]


def shared_layout() -> Any:
    """Return the layout for widgets without their own layout; a CSS class shows or hides each widget."""
    return _shared(Layout)


def shared(style: str = "") -> dict[str, Any]:
    """Return the layout and style to make a widget with.

    Args:
        style: The kind of style: text, html, check, description or button; empty for boxes, which have none.
    """
    widgets = {"text": Text, "html": HTML, "check": Checkbox, "description": Dropdown, "button": Button}
    # The style class depends on the widget and on the version of ipywidgets, so the widget is asked.
    kind = widgets[style].class_traits()["style"].klass if style else None
    return {"layout": shared_layout(), **({"style": _shared(kind)} if kind else {})}


def small_button(label: str, hint: str) -> Button:
    """Return a button with a label and a tooltip, which names it to screen readers too."""
    return Button(description=label, tooltip=hint, **shared("button"))


def show_widget(widget: Any, shown: bool) -> None:
    """Show a widget, or hide it by a class."""
    if shown:
        widget.remove_class(HIDDEN)
    else:
        widget.add_class(HIDDEN)


def close(widget: Any, *, keep: Collection[Any] = ()) -> None:
    """Close a widget and everything inside it, so that neither the kernel nor the page keeps any of it.

    Args:
        widget: The widget.
        keep: Layouts and styles that other widgets use, too.
    """
    for child in getattr(widget, "children", ()):
        close(child, keep=keep)
    for part in ("layout", "style"):
        owned = getattr(widget, part, None)
        if isinstance(owned, Widget) and owned not in keep:
            owned.close()
    widget.close()


def is_shown(widget: Any) -> bool:
    """Return whether a widget can be seen."""
    return HIDDEN not in widget._dom_classes  # noqa: SLF001  ipywidgets has no other way to ask


HIDDEN = "incidentio-hidden"
