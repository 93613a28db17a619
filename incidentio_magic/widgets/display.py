"""Showing a widget such that the keys pressed in it are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from IPython.display import display

if TYPE_CHECKING:
    from collections.abc import Mapping

# JupyterLab takes letters and arrows for itself while a list or a radio button has the focus: arrows would leave the
# form, and typing "dd" would delete the cell. Its own attribute, on what has the focus, says that they are not meant
# for it. Widgets have no other way to set one; where scripts do not run, nothing is lost but this.
_OWN_KEYS: Final = """setTimeout(() => element?.closest?.('.jp-OutputArea-child')?.previousElementSibling
  ?.addEventListener('focusin', event => event.target.setAttribute('data-lm-suppress-shortcuts', 'true')));"""


def show(bundle: Mapping[str, Any]) -> None:
    """Display a widget's MIME bundle, and keep JupyterLab's shortcuts away from what is typed into it."""
    display(dict(bundle), raw=True)  # type: ignore[no-untyped-call]
    # The empty text is what a notebook that is opened again, and not trusted, shows instead of a warning.
    display({"application/javascript": _OWN_KEYS, "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]
