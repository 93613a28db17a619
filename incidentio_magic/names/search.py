"""Searches incidents by the words in their texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.names.comparison import comparable

if TYPE_CHECKING:
    from incidentio_magic.api.models import Incident

_TERM: Final = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True)
class Search:
    """The terms that an incident must contain; private incidents are searched only on request.

    Args:
        terms: The terms, as `comparable` writes them; without terms every incident matches.
        private: Whether to search private incidents too; a match reveals part of their text.
        skipped: The IDs of the private incidents that were not searched.
    """

    terms: tuple[str, ...] = ()
    private: bool = False
    skipped: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, text: str, *, private: bool) -> Search:
        """Return the search that a text means: words in any order, and phrases in double quotes.

        Raises:
            InputError: If the text has no word.
        """
        terms = tuple(term for found in _TERM.findall(text) if (term := comparable(found[0] or found[1])))
        if text and not terms:
            raise errors.InputError(f"{text!r} contains no word to search for.", hint='write --search "queue draining"')
        return cls(terms, private)

    def admits(self, incident: Incident) -> bool:
        """Return whether an incident's reference, name, summary and field values contain all terms."""
        if not self.terms:
            return True
        if incident.is_private and not self.private:
            self.skipped.add(incident.id)
            return False
        texts = [incident.reference, incident.name, getattr(incident, "summary", None) or ""]
        for entry in getattr(incident, "custom_field_entries", None) or ():
            texts += entry.texts
        return self.matches(texts)

    def matches(self, texts: list[str]) -> bool:
        """Return whether each term occurs in at least one text."""
        searched = "\n".join(map(comparable, texts))
        return all(term in searched for term in self.terms)

    @property
    def incomplete(self) -> str:
        """How many private incidents were not searched, as a sentence; "" if none."""
        count = len(self.skipped)
        verb = "s were" if count > 1 else " was"
        return f"{count} private incident{verb} not searched (--show-private searches them)" if count else ""


EVERYTHING: Final = Search()
