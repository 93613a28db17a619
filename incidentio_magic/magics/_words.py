"""Splits a magic's line into words: quotes, templates and comments, as typed or as pasted from a chat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

# Patterns are compiled on first use, so that the extension loads at once.
_TEMPLATE: Final = r"(?s:\{\{.*?\}\}|\{%.*?%\})"
_LINK: Final = r"<(?P<url>(?:https?://|mailto:)[^|>\s]+)(?:\|(?P<label>[^>]*))?>"  # as Slack copies a link
_REFERENCE: Final = r"[A-Za-z]+-\d+"
_CHANNEL: Final = r"#[\w-]*\d[\w-]*"  # such as #inc-293-its-channel
_DASHES: Final = r"[\u2012-\u2015\u2212](?P<name>[A-Za-z][\w-]*)"  # a chat makes one of two hyphens
_APOSTROPHE: Final = r"(?<=[^\W_])'(?=[^\W_])"  # O'Brien, in a word that has no quotes
_SPACES: Final = " \t\r\n\f\v\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_NOTHING: Final = "\u200b\u200c\u200d\u2060\ufeff"  # zero-width and invisible
_SINGLE: Final = "'\u2018\u201a"
_CLOSES: Final = {
    '"': '"',
    "'": "'",
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
    "\u2018": "\u2019",
    "\u201a": "\u2018\u2019",
}
"""The closing quotes for each opening quote: straight quotes, and the curly ones of chats and office programs."""


class Words:
    """The words of a line.

    Attributes:
        words: The words, with templates rendered.
        is_quiet: Whether the line ends in a semicolon, which hides its value.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self.is_quiet = False


def read(line: str, render: Callable[[str], str]) -> Words:
    """Return the words of a line. Each is rendered after splitting, so a value can never become an option.

    Quotes and a template's braces protect spaces. A backslash is literal, as in a Windows path, but escapes a quote or
    a space. A `#` before a space begins a comment.

    Args:
        line: The line as typed or pasted.
        render: Renders the templates in one word.

    Raises:
        InputError: If a quote is not closed.
    """
    found = Words()
    at = 0
    while at < len(line):
        if line[at] in _SPACES or line[at] in _NOTHING:
            at += 1
        elif line[at] == "#" and _is_comment(line[at:]):
            break
        elif link := re.compile(_LINK).match(line, at):
            found.words.append(_linked(link))
            at = link.end()
        else:
            word, at, has_template = _word(line, at)
            if ends_in_semicolon := line[at - 1] == ";":  # inside quotes it would not be the last character
                word = word[:-1]
            found.is_quiet = ends_in_semicolon and not _more(line[at:])
            if ends_in_semicolon and not found.is_quiet:
                word += ";"
            if word or not found.is_quiet:
                found.words.append(render(word) if has_template else word)
    return found


def _more(rest: str) -> bool:
    """Return whether anything but a comment follows."""
    rest = rest.lstrip(_SPACES + _NOTHING)
    return bool(rest) and not (rest[0] == "#" and _is_comment(rest))


def _is_comment(rest: str) -> bool:
    word = re.split(f"[{re.escape(_SPACES)}]", rest, maxsplit=1)[0]
    return re.match(_CHANNEL, word) is None


def _linked(link: re.Match[str]) -> str:
    """Return the meaning of a pasted link: the reference or address it shows, else its target."""
    label = (link["label"] or "").strip()
    return label if re.fullmatch(_REFERENCE, label) else link["url"].removeprefix("mailto:")


def _word(line: str, at: int) -> tuple[str, int, bool]:
    """Return the word at a position, where it ends, and whether it contains a template."""
    parts: list[str] = []
    has_template = has_quotes = False
    start = at
    while at < len(line) and line[at] not in _SPACES:
        if template := re.compile(_TEMPLATE).match(line, at):
            parts.append(template[0])
            at = template.end()
            has_template = True
        elif line[at] == "\\" and at + 1 < len(line) and line[at + 1] in "\"' ":
            parts.append(line[at + 1])
            at += 2
        elif not has_quotes and at > start and re.compile(_APOSTROPHE).match(line, at):
            parts.append("'")
            at += 1
        elif line[at] in _CLOSES and (line[at] in "\"'" or at == start or line[at - 1] == "="):
            text, at, within = _quoted(line, at)
            parts.append(text)
            has_template = has_template or within
            has_quotes = True
        else:
            parts.append(line[at] if line[at] not in _NOTHING else "")
            at += 1
    word = "".join(parts)
    if (dashed := re.match(_DASHES, word)) and word[0] == line[start]:
        word = f"{'-' if len(dashed['name']) == 1 else '--'}{word[1:]}"
    return word, at, has_template


def _quoted(line: str, at: int) -> tuple[str, int, bool]:
    """Return the quoted text at a position, where it ends, and whether it contains a template."""
    quote = line[at]
    parts: list[str] = []
    has_template = False
    at += 1
    while at < len(line):
        if template := re.compile(_TEMPLATE).match(line, at):
            parts.append(template[0])
            at = template.end()
            has_template = True
        elif quote == '"' and line[at] == "\\" and line[at + 1 : at + 2] == '"' and '"' in line[at + 2 :]:
            parts.append('"')
            at += 2
        elif line[at] in _CLOSES[quote]:
            return "".join(parts), at + 1, has_template
        else:
            parts.append(line[at])
            at += 1
    name = """; put a name with an apostrophe in double quotes: "O'Brien\""""
    raise InputError(
        f"The line cannot be split into words: {quote} is not closed.",
        hint=f"close it with {_CLOSES[quote][0]}{name * (quote in _SINGLE)}",
    )
