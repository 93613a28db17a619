"""Understands references to incidents in every form that people write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from incidentio_magic import errors

if TYPE_CHECKING:
    from incidentio_magic.api import models

_REFERENCE: Final = re.compile(r"(?P<hash>#?)(?:(?P<prefix>[a-z][\w-]*?)[-_ ]?)?(?P<number>\d+)", re.IGNORECASE)
_CHANNEL: Final = re.compile(r"#?[a-z][\w-]*?-(?P<number>\d+)-[\w-]+", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PERMALINK: Final = re.compile(r"https?://[^/\s]+/(?:[^?#\s]*/)?incidents/([^/?#\s]+)", re.IGNORECASE)
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")  # chats and office programs turn a hyphen into one of these
_AROUND: Final = re.compile(r"^[^\w#]+|[^\w/=&-]+$")  # often copied together with a reference


def reference_path(text: str) -> str:
    """Return the number or ID for the API's path of the incident that `text` names.

    Args:
        text: `INC-123`, `inc-123`, `INC 123`, `inc_123`, `INC123`, `#INC-123`, `#inc-123-its-channel`, `123`, a
            permalink or a full ID. Brackets, quotes and punctuation around it are ignored.

    Raises:
        InputError: If it is not a reference.
    """
    text = bare(text)
    if link := _PERMALINK.match(text):
        text = link[1]
    found = _REFERENCE.fullmatch(text) or _CHANNEL.fullmatch(text)
    if found and not _UUID.fullmatch(text):
        return found["number"].lstrip("0") or "0"
    if not text.strip("#"):
        raise errors.InputError("No incident was given.", hint="give a reference like INC-123")
    return text


def bare(text: str) -> str:
    """Return a reference without the brackets, quotes and punctuation around it, and with a plain hyphen."""
    return _AROUND.sub("", _DASHES.sub("-", text))


def is_numbered(text: str) -> bool:
    """Return whether `text` has the form of a numbered reference: INC-123, inc 123, #123."""
    return bool(_REFERENCE.fullmatch(bare(text)))


def is_near(typed: str, reference: str) -> bool:
    """Return whether a mistyped reference may mean this reference: they differ by a slip in one digit.

    Args:
        typed: The typed text.
        reference: The reference of an incident seen before.
    """
    wanted, known = _digits(typed), _digits(reference)
    if abs(len(wanted) - len(known)) > 1 or wanted == known:
        return False  # the same number with another prefix would have been found
    start = 0
    while start < min(len(wanted), len(known)) and wanted[start] == known[start]:
        start += 1
    ends = (wanted[start:], known[start:])
    swapped = ends[0][:2] == ends[1][:2][::-1] and ends[0][2:] == ends[1][2:]
    return swapped or ends[0][1:] == ends[1][1:] or ends[0][1:] == ends[1] or ends[0] == ends[1][1:]


def _digits(text: str) -> str:
    return text[len(text.rstrip("0123456789")) :].lstrip("0") or "0"


def names_incident(text: str, incident: models.Incident) -> bool:
    """Return whether the typed text means this incident, not one of another organisation or prefix.

    Args:
        text: The typed text.
        incident: The incident that the service found by the number in it.
    """
    text = bare(text)
    if link := _PERMALINK.match(text):
        page = urlsplit(incident.permalink or "")
        typed = urlsplit(text[: link.start(1)])
        return not page.netloc or (page.netloc == typed.netloc.lower() and page.path.startswith(typed.path))
    found = _REFERENCE.fullmatch(text)
    if found is None or not found["prefix"] or found["hash"]:
        return True  # a number, an ID, or a channel, whose name is not the reference
    return found["prefix"].casefold() == incident.reference.rpartition("-")[0].casefold()
