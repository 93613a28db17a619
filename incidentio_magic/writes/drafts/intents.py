"""Shared by all drafts: the key of an intent, and the rows of its preview."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidentio_magic.api import models


Row = tuple[str, str, str]
"""A row of a preview: the field, its new value in words, and the value's ID."""

PRIVATE: Final = "private"
PUBLIC: Final = "public"

_LONGEST_NAME: Final = 500
_CODE: Final = " " * 4  # in Markdown


def intent_key(verb: str, organisation: str, payload: Mapping[str, Any]) -> str:
    """Return the idempotency key of an intent: the same for the same content, in every kernel and on every day."""
    text = _canonical([verb, organisation, _in_order(payload)])
    return f"{verb}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _in_order(value: Any) -> Any:
    """Return a payload with sorted lists (fields, roles and options are sets) and in composed Unicode form.

    An ü may be one character or two; both are the same text.
    """
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _in_order(entry) for name, entry in value.items()}
    return sorted(map(_in_order, value), key=_canonical) if isinstance(value, list) else value


def chained_key(key: str, result: str) -> str:
    """Return the key for a deliberate repeat of the write that had the key `key` and created `result`."""
    verb = key.partition("-")[0]
    return f"{verb}-{hashlib.sha256(f'{key} {result}'.encode()).hexdigest()[:40]}"


def tidy(text: str) -> str:
    """Return `text` with uniform line ends and without surrounding white space, because these must not change a key."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def tidy_markdown(text: str) -> str:
    """Return a longer text like `tidy`, but keep the indentation of a first line that is indented as code."""
    tidied = tidy(text)
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    before = unified[: unified.find(tidied)].rpartition("\n")[2]
    return before + tidied if before.expandtabs(4).startswith(_CODE) else tidied


def name_problem(name: str) -> str:
    """Return the problem of an incident's name, or ""."""
    if not tidy(name):
        return "a name is needed: one line that says what is wrong"
    if len(tidy(name)) > _LONGEST_NAME or "\n" in tidy(name):
        return f"a name is one line of at most {_LONGEST_NAME} characters"
    return ""


def rfc3339(moment: datetime) -> str:
    """Return a moment as the API writes it, in UTC and whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def reference_of(draft: Any) -> str:
    """Return the reference of a draft's incident; "" if it has none yet."""
    incident = getattr(draft, "incident", None)
    return incident.reference if incident else ""


def incident_row(incident: models.Incident) -> Row:
    """Return the preview's row for the incident."""
    return ("incident", incident.reference, incident.id)


def named_rows(**named: models.Named | None) -> list[Row]:
    """Return the preview's rows for the given records that have a name."""
    return [(name, entry.name, entry.id) for name, entry in named.items() if entry]
