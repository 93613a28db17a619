"""Makes text from outside safe in a Markdown document, so that it cannot affect the rest of the document."""

from __future__ import annotations

import re
from typing import Final

from incidentio_magic.printable import printable

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~#$])")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE: Final = re.compile(r"!\[")
# A link to anything except a web page or an email address.
_STRANGE_LINK: Final = re.compile(r"\](?=\s*(?:\(|:)\s*<?\s*(?!https?:|mailto:)[\w.+&#;%\\-]*\s*:)", re.IGNORECASE)
_LEADING: Final = re.compile(r"^(\d*)([-+=.)])")  # characters that would begin a list, a rule or a heading
_SAFE_LINK: Final = re.compile(r"https?://[^\s<>\"'()\[\]|\\`]+\Z", re.IGNORECASE)


def inline(text: str | None) -> str:
    """Return text as one line without any Markdown; safe in a table's cell, a heading and a list.

    Args:
        text: Plain text, or None.
    """
    line = " ".join(printable(text or "").split())
    return _LEADING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line)).replace("&", "&amp;")


def quoted(text: str | None) -> str:
    """Return somebody's Markdown as a quotation: its formatting stays, HTML and pictures become plain text.

    Args:
        text: Markdown, or None.
    """
    lines = printable(text or "").strip().splitlines()
    return "\n".join(f"> {harmless(line)}".rstrip() for line in lines)


def harmless(text: str) -> str:
    """Return Markdown without HTML, pictures, and links other than web pages and email addresses."""
    text = _PICTURE.sub(r"!\\[", _TAG.sub("&lt;", text))
    return _STRANGE_LINK.sub(r"\\]", text)


def cell(text: str | None) -> str:
    """Return somebody's Markdown as one line for a table's cell: formatted, but unable to leave the cell."""
    line = " ".join(printable(text or "").split())
    return harmless(line).replace("\\|", "|").replace("|", "\\|")


def link(text: str, address: str | None) -> str:
    """Return a link, or only the text if the address is not a web page.

    Args:
        text: Plain text.
        address: The address, or None.
    """
    return f"[{inline(text)}]({address})" if address and _SAFE_LINK.match(address) else inline(text)
