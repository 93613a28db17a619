"""Turns text from outside into harmless HTML."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from incidentio_magic.printable import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def text(content: str, *, limit: int = 200) -> str:
    """Return `content` as one line of escaped HTML."""
    return escape(one_line(content, limit=limit))


def line(kind: str, content: str, *, role: str = "") -> str:
    """Return a line with its own CSS class, in the direction of its script.

    Args:
        kind: The kind of line; its class is `incidentio-` followed by this.
        content: Plain text.
        role: An ARIA role, such as `alert`.
    """
    role_attribute = f' role="{role}"' if role else ""
    return f'<div class="incidentio-{kind}" dir="auto"{role_attribute}>{text(content, limit=600)}</div>'


def state(seen: str) -> str:
    """Return the hidden mark beside a field, which tells the page which state the kernel has received."""
    return f'<span hidden data-incidentio-state="{escape(seen)}"></span>'


def heading(content: str) -> str:
    """Return a form's heading, and the text that replaces the form if its kernel is gone."""
    gone = '<div class="incidentio-gone">The kernel is gone. Run this cell again to use the form.</div>'
    return f'<h3 class="incidentio-head" dir="auto">{text(content)}</h3>{gone}'


def warning(content: str, hint: str = "") -> str:
    """Return a warning, and below it what to do."""
    below = line("note", hint) if hint else ""
    return f'<div class="incidentio-warning" dir="auto">{text(content, limit=600)}{below}</div>'


def recap(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return names and values in one line, below a title."""
    pairs = " · ".join(f"<span dir='auto'><i>{text(name)}</i> {text(value)}</span>" for name, value in rows)
    return f'<div class="incidentio-recap"><b>{text(title)}</b> {pairs}</div>'


@cache
def _parser() -> MarkdownIt:
    # No raw HTML and no pictures: a preview sends no request to other machines.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").enable("strikethrough")
    parser.disable("image")
    parser.add_render_rule("link_open", _outside)
    return parser


def _outside(renderer: Any, tokens: Any, index: int, options: Any, environment: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, index, options, environment))


def markdown(source: str) -> str:
    """Return Markdown as HTML; HTML in the source becomes plain text."""
    return f'<div class="incidentio-markdown" dir="auto">{_parser().render(printable(source))}</div>'


def plain(source: str) -> str:
    """Return Markdown as one line of plain text, for places that show no markup."""
    words = [
        child.content or " "
        for token in _parser().parse(source)
        for child in token.children or ()
        if child.content or child.type in {"softbreak", "hardbreak"}
    ]
    return one_line("".join(words))
