"""Text from outside inside a Markdown document: it can neither break out of its place nor do anything."""

from __future__ import annotations

import re
from typing import Final

from incidentio_magic.printable import printable

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~#$])")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE: Final = re.compile(r"!\[")
# A link that leads anywhere but to a web page or an address of mail.
_STRANGE_LINK: Final = re.compile(r"\](?=\s*(?:\(|:)\s*<?\s*(?!https?:|mailto:)[\w.+&#;%\\-]*\s*:)", re.IGNORECASE)
_LEADING: Final = re.compile(r"^(\d*)([-+=.)])")  # would begin a list, a rule or a heading
_SAFE_LINK: Final = re.compile(r"https?://[^\s<>\"'()\[\]|\\`]+\Z", re.IGNORECASE)


def inline(text: str | None) -> str:
    """Return text as one line in which nothing is Markdown; safe in a table's cell, a heading and a list.

    Args:
        text: Plain text; None for none.
    """
    line = " ".join(printable(text or "").split())
    return _LEADING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line)).replace("&", "&amp;")


def quoted(text: str | None) -> str:
    """Return Markdown that somebody wrote as a quotation: its formatting stays, HTML and pictures are only text.

    Args:
        text: Markdown; None for none.
    """
    lines = printable(text or "").strip().splitlines()
    return "\n".join(f"> {harmless(line)}".rstrip() for line in lines)


def harmless(text: str) -> str:
    """Return Markdown without HTML, pictures, and links that are neither web pages nor addresses of mail."""
    text = _PICTURE.sub(r"!\\[", _TAG.sub("&lt;", text))
    return _STRANGE_LINK.sub(r"\\]", text)


def cell(text: str | None) -> str:
    """Return Markdown that somebody wrote as one line of a table's cell: formatted, but unable to leave it."""
    line = " ".join(printable(text or "").split())
    return harmless(line).replace("\\|", "|").replace("|", "\\|")


def link(text: str, address: str | None) -> str:
    """Return a link, or the text alone where the address is not that of a web page.

    Args:
        text: Plain text.
        address: Where it leads; None for nowhere.
    """
    return f"[{inline(text)}]({address})" if address and _SAFE_LINK.match(address) else inline(text)
