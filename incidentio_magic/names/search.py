"""Incidents by their words: which texts are searched, and what matches."""

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
    """Terms that an incident must all contain; a private incident is searched only on request.

    Args:
        terms: The terms, as `comparable` writes them; none admits every incident.
        private: Whether private incidents are searched, too: to be found would reveal their words.
        skipped: The IDs of the private incidents that were not searched.
    """

    terms: tuple[str, ...] = ()
    private: bool = False
    skipped: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, text: str, *, private: bool) -> Search:
        """Return the search that a text means: words anywhere, and phrases in double quotes.

        Raises:
            InputError: If the text has no word.
        """
        terms = tuple(term for found in _TERM.findall(text) if (term := comparable(found[0] or found[1])))
        if text and not terms:
            raise errors.InputError(f"{text!r} has no word to search for.", hint='write --search "queue draining"')
        return cls(terms, private)

    def admits(self, incident: Incident) -> bool:
        """Return whether an incident contains all terms in its reference, name, summary and field values."""
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
        """Return whether each term occurs in some text."""
        searched = "\n".join(map(comparable, texts))
        return all(term in searched for term in self.terms)

    @property
    def incomplete(self) -> str:
        """Say how many private incidents were not searched; "" if none."""
        count = len(self.skipped)
        verb = "s were" if count > 1 else " was"
        return f"{count} private incident{verb} not searched (--show-private searches them)" if count else ""


EVERYTHING: Final = Search()
